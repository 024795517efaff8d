"""What payloads of all platforms have in common: who bought, what they agreed to, and which orders say nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from okaeri.domain.contact_data import normalise_email, normalise_phone
from okaeri.domain.orders import Buyer, OptIn
from okaeri.domain.stores import Store
from okaeri.domain.time_zones import find_place_zone
from receive_store_event.payload import to_text

OLD_AFTER = timedelta(hours=48)
_YES = frozenset({"true", "yes", "1", "on", "y", "checked"})
# Not the shopper's own checkout: a phone number there was not typed under the shop's WhatsApp wording.
_NOT_CHECKOUT = frozenset({"draft", "point_of_sale", "marketplace"})
# Words in the name of a sales channel that stand for somebody else's shop, whose buyers are not ours to write to.
_MARKETPLACES = frozenset(
    {
        "allegro", "aliexpress", "amazon", "bol", "bonanza", "cdiscount", "channable", "codisto", "ebay", "emag",
        "etsy", "facebook", "faire", "flipkart", "fruugo", "instagram", "kaufland", "kroger", "lazada", "linnworks",
        "magalu", "manomano", "marketplace", "meesho", "mercadolibre", "mercadolivre", "mercari", "newegg", "noon",
        "otto", "poshmark", "qoo10", "rakuten", "shopee", "takealot", "target", "temu", "tiktok", "trendyol",
        "walmart", "wayfair", "wish", "yahoo", "zalando",
    }
)  # fmt: skip


def make_buyer(
    store: Store,
    *,
    country: str | None,
    customer_id: str | None = None,
    emails: Iterable[str | None] = (),
    phones: Iterable[str | None] = (),
    first_name: str | None = None,
    last_name: str | None = None,
    locale: str | None = None,
    region: str | None = None,
    postcode: str | None = None,
    time_zone: str | None = None,
    company: str | None = None,
    is_registered: bool | None = None,
) -> Buyer:
    """The buyer by the first e-mail and phone that can be read; numbers without a country code are the country's.

    `region` and `postcode` are of the same address as `country`: they tell the time zone
    where the store does not. `is_registered` is None where the store does not tell guests from accounts.
    """
    home = clean_country(country)
    found_email = next((found for raw in emails if (found := normalise_email(raw))), None)
    dialled_from = home or store.country
    found_phone = next((found for raw in phones if (found := normalise_phone(raw, dialled_from))), None)
    return Buyer(
        store_customer_id=customer_id or None,
        email=found_email,
        phone=found_phone,
        first_name=(first_name or "").strip() or None,
        last_name=(last_name or "").strip() or None,
        locale=(locale or "").strip() or None,
        country=home,
        time_zone=time_zone or (find_place_zone(home, region, postcode) if home else None),
        company=(company or "").strip() or None,
        is_registered=is_registered,
    )


def clean_country(country: str | None) -> str | None:
    """ISO 3166-1 alpha-2 in capitals, None for anything else."""
    code = (country or "").strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def collect_opt_ins(
    store: Store,
    buyer: Buyer,
    attributes: Iterable[tuple[str | None, Any]],
    *,
    accepts_email_marketing: bool = False,
    has_confirmed: bool = False,
    quiet: str | None = None,
) -> tuple[OptIn, ...]:
    """The consents that came with an order or a cart. What was not ticked says nothing.

    `has_confirmed` where the store had the address for its e-mails confirmed (double opt-in).
    """
    found: list[OptIn] = []
    if accepts_email_marketing:
        source = "checkout box for e-mail marketing"
        found.append(OptIn(channel="email", purpose="marketing", source=source, confirmed=has_confirmed))
    if any(name in ("whatsapp_opt_in", "_whatsapp_opt_in") and _is_yes(value) for name, value in attributes):
        source = "checkout attribute whatsapp_opt_in"
        found += [
            OptIn(channel="whatsapp", purpose=purpose, source=source, explicit=True)
            for purpose in ("order", "marketing")
        ]
    elif store.settings.phone_field_is_opt_in and buyer.phone and quiet not in _NOT_CHECKOUT:
        wording = store.settings.phone_field_wording
        found.append(OptIn(channel="whatsapp", purpose="order", source="checkout phone field", wording=wording))
    return tuple(found)


def is_cash_on_delivery(method: str) -> bool:
    """Whether a way to pay, by the name that platform or shop gave it, is cash at the door."""
    words = method.lower().replace("_", " ")
    return words in ("cod", "代引") or any(
        word in words for word in ("cash on delivery", "(cod)", "代金引換", "(代引)")
    )


def _is_yes(value: Any) -> bool:
    return value is True or (to_text(value) or "").lower() in _YES


def is_marketplace(channel: str) -> bool:
    """Whether a sales channel's name says that it is somebody else's shop."""
    words = channel.lower().replace("_", "-").replace(" ", "-").replace(".", "-").split("-")
    return not _MARKETPLACES.isdisjoint(words)


def choose_quiet(store: Store, created_at: datetime, now: datetime, reasons: Mapping[str, bool]) -> str | None:
    """Why this order says nothing: the first true reason that the shop has not switched off, then its age."""
    everything = {**reasons, "old": now - created_at > OLD_AFTER}
    return next((word for word, holds in everything.items() if holds and word in store.settings.quiet_sources), None)
