"""How much of what is decided is said: off, shadow, test, a share, on; per store and per journey (G12). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from itertools import chain

from okaeri.domain.customers import Customer
from okaeri.domain.stores import Mode, PublishedJourney, Sending, Store
from okaeri.domain.values import Purpose

# The stricter of the store's mode and the journey's counts.
_STRICTEST_FIRST = (Mode.OFF, Mode.SHADOW, Mode.TEST, Mode.SHARE, Mode.ON)


def find_published(store: Store, journey: str | None, likely: Iterable[str] = ()) -> PublishedJourney | None:
    """The journey as it stands published, None where it is no more. `likely` are events that may begin it."""
    likeliest = (store.triggers.get(event, ()) for event in likely)
    candidates = chain.from_iterable(chain(likeliest, store.triggers.values()))
    return next((candidate for candidate in candidates if candidate.journey == journey), None)


def find_mode(store: Store, published: PublishedJourney | None) -> Mode:
    """The mode in force for a journey; one that is published no more goes on as the store does."""
    if published is None:
        own = Mode.ON
    elif published.mode is None:
        own = Mode.ON if published.on else Mode.OFF
    else:
        own = published.mode
    return min(own, store.mode, key=_STRICTEST_FIRST.index)


def is_in_share(store: Store, published: PublishedJourney, customer: Customer) -> bool:
    """Whether the customer is among the share that the journey is tried on, and the store's: always the same ones."""
    if store.mode is Mode.SHARE and draw_percent(store.store_id, "store", customer.customer_id) >= store.share:
        return False
    drawn = draw_percent(store.store_id, published.journey, customer.customer_id)
    return published.mode is not Mode.SHARE or drawn < published.share


def find_silence(mode: Mode, store: Store, customer: Customer) -> str | None:
    """Why what is decided in this mode is recorded and not sent; None where it is sent."""
    if mode is Mode.OFF:
        return "switched_off"
    if mode is Mode.SHADOW:
        return "shadow"
    if mode is Mode.TEST and not is_tester(store, customer):
        return "not_a_test_address"
    return None


def is_tester(store: Store, customer: Customer) -> bool:
    """Whether one of the customer's addresses is on the shop's list of test phones and mailboxes."""
    phones, emails = set(store.settings.test_phones), {email.lower() for email in store.settings.test_emails}
    return bool(phones & set(customer.phones) or emails & set(customer.emails))


def is_switched_off(store: Store, purpose: Purpose) -> bool:
    """Whether the store's one switch holds back messages of this purpose."""
    return store.sending is Sending.OFF or (store.sending is Sending.ORDERS_ONLY and purpose is Purpose.MARKETING)


def draw_percent(*parts: str) -> int:
    """0–99 by a stable hash: the same customer falls on the same side for ever."""
    return int(sha256("\x1f".join(parts).encode()).hexdigest()[:8], 16) % 100
