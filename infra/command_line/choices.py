"""What a shop may choose about its store: one table of keys for `stores add` and `stores set`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from command_line import checks
from command_line.failures import CommandFailure
from okaeri.domain.cart_links import ITEMS
from okaeri.domain.consent_copies import TARGETS
from okaeri.domain.order_mail import AUTO, KINDS
from okaeri.domain.stores import Store, StoreSettings, Transport

type Read = Callable[[str, str], Any]

REVIEW_KINDS = ("product", "sku_prefix", "vendor", "type", "tag")
_DELIVERY_UPDATES = StoreSettings().delivery_updates
_QUIET_SOURCES = StoreSettings().quiet_sources
_SELF_SERVICE = StoreSettings().self_service


def _read_text(text: str, at: str) -> str:
    return text.strip()


def _read_lines(text: str, at: str) -> str:
    """Lines with ` / ` between them, as one types them on a command line."""
    return "\n".join(line.strip() for line in text.split(" / ") if line.strip())


def _read_words(allowed: Collection[str]) -> Read:
    """A list with commas, each word one of `allowed`; an empty text is an empty list."""
    return lambda text, at: tuple(checks.check_one_of(word, at, allowed) for word in _split(text))


def _read_list(text: str, at: str) -> tuple[str, ...]:
    return _split(text)


def _read_one_of(*allowed: str) -> Read:
    return lambda text, at: checks.check_one_of(text, at, allowed)


def _read_page(text: str, at: str) -> str:
    """An address; an empty text takes it away."""
    return checks.check_url(text, at) if text.strip() else ""


def _read_cart_link(text: str, at: str) -> str:
    """The address of a filled cart; an empty text takes it away."""
    address = text.strip()
    if address:
        checks.check_url(address.replace(ITEMS, "1:1"), at)
    if address and ITEMS not in address:
        fix = f"Write {ITEMS} where they go: https://shop.example/cart?items={ITEMS}"
        raise CommandFailure("the address does not say where the items go", at=at, fix=fix)
    return address


def _split(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


# Key → where it stands in the store, how it is read. Locales are checked apart: they need the catalogue.
CHOICES: dict[str, tuple[tuple[str, ...], Read]] = {
    "name": (("name",), _read_text),
    "domain": (("domain",), checks.check_host),
    "site-url": (("site_url",), checks.check_url),
    "locale": (("locale",), _read_text),
    "languages": (("settings", "languages"), _read_list),
    "country": (("country",), checks.check_country),
    "time-zone": (("time_zone",), checks.check_time_zone),
    "currency": (("currency",), checks.check_currency),
    "from-email": (("from_email",), checks.check_email),
    "phone-number-id": (("phone_number_id",), checks.check_meta_id),
    "waba-id": (("waba_id",), checks.check_meta_id),
    "whatsapp-transport": (("whatsapp_transport",), _read_one_of(*(transport.value for transport in Transport))),
    "whatsapp-catalog-id": (("settings", "whatsapp_catalog_id"), checks.check_meta_id),
    "aws-phone-number-id": (("aws_phone_number_id",), _read_text),
    "whatsapp-per-second": (("whatsapp_per_second",), checks.check_rate),
    "contact-person": (("contact", "person"), _read_text),
    "contact-email": (("contact", "email"), checks.check_email),
    "contact-phone": (("contact", "phone"), checks.check_phone),
    "contact-url": (("contact", "url"), checks.check_url),
    "contact-address": (("contact", "address"), _read_text),
    "phone-field-is-opt-in": (("settings", "phone_field_is_opt_in"), checks.check_yes_or_no),
    "phone-field-wording": (("settings", "phone_field_wording"), _read_text),
    "marketing-hours": (("settings", "marketing_hours"), checks.check_hours),
    "marketing-days": (("settings", "marketing_days"), checks.check_days),
    "marketing-per-day": (("settings", "attention", "per_day"), checks.check_count),
    "marketing-per-week": (("settings", "attention", "per_week"), checks.check_count),
    "burst-s": (("settings", "burst_s"), checks.check_count),
    "waiting-per-piece": (("settings", "waiting_per_piece"), checks.check_count),
    "survey-gap": (("settings", "survey_gap"), checks.check_duration),
    "attribution-window": (("settings", "attribution_window"), checks.check_duration),
    "learn": (("settings", "learn"), _read_one_of("on", "off")),
    "asks-to-confirm": (("settings", "asks_to_confirm"), checks.check_yes_or_no),
    "confirmation": (("settings", "confirmation"), _read_one_of(AUTO, *KINDS)),
    "delivery-updates": (("settings", "delivery_updates"), _read_words(_DELIVERY_UPDATES)),
    "quiet-sources": (("settings", "quiet_sources"), _read_words(_QUIET_SOURCES)),
    "self-service": (("settings", "self_service"), _read_words(_SELF_SERVICE)),
    "write-consent": (("settings", "write_consent"), _read_words(TARGETS)),
    "shared-identifiers": (("settings", "shared_identifiers"), _read_list),
    "loyal-orders": (("settings", "segment_rules", "loyal_orders"), checks.check_count),
    "at-risk-days": (("settings", "segment_rules", "at_risk_days"), checks.check_count),
    "lost-days": (("settings", "segment_rules", "lost_days"), checks.check_count),
    "big-spender-from": (("settings", "segment_rules", "big_spender_from"), checks.check_amount),
    "invoice": (("settings", "invoice", "on"), checks.check_yes_or_no),
    "invoice-is-legal": (("settings", "invoice", "is_legal"), checks.check_yes_or_no),
    "invoice-number-prefix": (("settings", "invoice", "number_prefix"), _read_text),
    "invoice-name": (("settings", "invoice", "legal_name"), _read_text),
    "invoice-address": (("settings", "invoice", "address"), _read_lines),
    "invoice-tax-id": (("settings", "invoice", "tax_id"), _read_text),
    "community-name": (("settings", "community", "name"), _read_text),
    "community-url": (("settings", "community", "url"), _read_page),
    "community-handle": (("settings", "community", "handle"), _read_text),
    "cart-link": (("settings", "cart_link"), _read_cart_link),
    "account-url": (("settings", "account_url"), _read_page),
    "completed-means": (("settings", "completed_means"), _read_one_of("shipped", "delivered", "nothing")),
}
# An empty text takes these away.
CLEARABLE = frozenset(
    {"country", "from-email", "phone-number-id", "waba-id", "aws-phone-number-id", "whatsapp-per-second"}
    | {"big-spender-from", "whatsapp-catalog-id"}
    | {key for key in CHOICES if key.startswith("contact-")}
)
KEYS = (
    *CHOICES,
    "review.<product|sku_prefix|vendor|type|tag>.<value>",
    "confirmation.<segment>",
    "return-promise.<language>",
    "invoice-footer.<language>",
    "payment-instructions.<payment method>",
)


def apply_choices(store: Store, choices: Mapping[str, str], *, spoken: Collection[str]) -> Store:
    """The store with `choices` (key → text) made. `spoken`: the catalogue's languages. Raises CommandFailure."""
    data = store.model_dump(by_alias=True)
    for key, text in choices.items():
        if key.startswith("review."):
            data["settings"]["review_rules"] = _change_review_rules(data["settings"]["review_rules"], key, text)
        elif key.startswith("confirmation."):
            kind = checks.check_one_of(text.strip(), key, (AUTO, *KINDS)) if text.strip() else ""
            _put_or_drop(data["settings"]["confirmations"], key.removeprefix("confirmation."), kind)
        elif key.startswith("return-promise."):
            language = checks.check_language(key.removeprefix("return-promise."), key, spoken)
            _put_or_drop(data["settings"]["return_promise"], language, text.strip())
        elif key.startswith("invoice-footer."):
            language = checks.check_language(key.removeprefix("invoice-footer."), key, spoken)
            _put_or_drop(data["settings"]["invoice"]["footer"], language, _read_lines(text, key))
        elif key.startswith("payment-instructions."):
            method = key.removeprefix("payment-instructions.").strip()
            _put_or_drop(data["settings"]["payment_instructions"], method, text.strip())
        else:
            _make_choice(data, key, text, spoken)
    changed = Store.model_validate(data)
    if changed.settings.phone_field_is_opt_in and not changed.settings.phone_field_wording:
        raise CommandFailure(
            "the phone field counts as consent only with the wording that stands beside it",
            at="phone-field-wording",
            fix='Give the words that shoppers read: "We send order news to this number on WhatsApp."',
        )
    return changed


def _make_choice(data: dict[str, Any], key: str, text: str, spoken: Collection[str]) -> None:
    if key not in CHOICES:
        raise CommandFailure(f"{key!r} is nothing that can be set", at=key, fix=f"Choose one of {', '.join(KEYS)}.")
    path, read = CHOICES[key]
    value: object
    if not text.strip() and key in CLEARABLE:
        value = None
    elif key == "locale":
        value = checks.check_language(text, key, spoken)
    elif key == "languages":
        value = tuple(dict.fromkeys(checks.check_language(word, key, spoken) for word in _split(text)))
    else:
        value = read(text, key)
        if key in ("name", "domain") and not value:
            raise CommandFailure("it may not be empty", at=key, fix="Give one.")
    home = data
    for name in path[:-1]:
        home = home[name]
    home[path[-1]] = value


def _change_review_rules(rules: Collection[dict[str, Any]], key: str, text: str) -> list[dict[str, Any]]:
    """`review.tag.experience=PT0S` adds or changes a rule, an empty text takes it away."""
    found = re.fullmatch(r"review\.([a-z_]+)\.(.+)", key)
    if not found:
        raise CommandFailure(f"{key!r} names no products", at=key, fix="Write it as review.tag.experience=PT0S.")
    by, value = checks.check_one_of(found[1], key, REVIEW_KINDS), found[2]
    others = [rule for rule in rules if (rule["by"], rule["value"]) != (by, value)]
    return [*others, {"by": by, "value": value, "after": checks.check_duration(text, key)}] if text.strip() else others


def _put_or_drop(home: dict[str, str], key: str, text: str) -> None:
    if text:
        home[key] = text
    else:
        home.pop(key, None)


def read_pairs(pairs: Collection[str]) -> dict[str, str]:
    """`key=value` arguments as a mapping."""
    choices = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise CommandFailure(f"{pair!r} has no =", at="KEY=VALUE", fix="Write it as confirmation=plain.")
        choices[key.strip().lower() if not key.startswith("review.") else key.strip()] = text
    return choices
