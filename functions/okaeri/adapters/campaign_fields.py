"""What a template may say in campaigns: where customers meet, help with what was bought, carts that are filled."""

from __future__ import annotations

from collections.abc import Mapping

from okaeri.adapters.locale_formats import LocaleFormats, clean_text, clean_url
from okaeri.adapters.message_fields import CommunityFields, GuideFields
from okaeri.domain.guides import MOST_GUIDES
from okaeri.domain.stores import Platform, Store

_LINK = "link."
_ACCOUNT_PAGES = {Platform.SHOPIFY: "/account/register", Platform.WOOCOMMERCE: "/my-account/"}


def describe_community(store: Store, formats: LocaleFormats) -> CommunityFields:
    """The shop's own place; its name is the shop's where it has none."""
    community = store.settings.community
    return {
        "name": formats.isolate(clean_text(community.name) or clean_text(store.name)),
        "url": clean_url(community.url),
        "handle": formats.isolate(clean_text(community.handle)),
    }


def describe_guides(data: Mapping[str, str], formats: LocaleFormats) -> dict[str, GuideFields]:
    """The guides that the run found for the reader, by `guide_1` to `guide_3`; blank where there are fewer."""
    return {name: _describe_guide(data, name, formats) for name in list_guide_names()}


def list_guide_names() -> tuple[str, ...]:
    """`guide_1`, `guide_2`, …"""
    return tuple(f"guide_{number}" for number in range(1, MOST_GUIDES + 1))


def describe_cart_links(data: Mapping[str, str], formats: LocaleFormats) -> dict[str, dict[str, str]]:
    """What the filled carts hold, and what they had to leave out, by the id of the step that made them."""
    links = [name.removeprefix(_LINK) for name in data if name.startswith(_LINK) and name.count(".") == 1]
    return {
        "filled": {link: _join_lines(data.get(f"{_LINK}{link}.items", ""), formats) for link in links},
        "missing": {link: _join_lines(data.get(f"{_LINK}{link}.missing", ""), formats) for link in links},
    }


def find_account_url(store: Store, site: str) -> str:
    """Where a shopper opens an account: the shop's own choice, else its platform's page, else the shop."""
    return clean_url(store.settings.account_url) or f"{site.rstrip('/')}{_ACCOUNT_PAGES.get(store.platform, '')}"


def _describe_guide(data: Mapping[str, str], name: str, formats: LocaleFormats) -> GuideFields:
    return {
        "title": formats.isolate(clean_text(data.get(f"{name}.title"))),
        "url": clean_url(data.get(f"{name}.url")),
        "item": formats.isolate(clean_text(data.get(f"{name}.item"))),
    }


def _join_lines(text: str, formats: LocaleFormats) -> str:
    separator: str = formats.words["list_separator"]
    return separator.join(formats.isolate(clean_text(line)) for line in text.splitlines())
