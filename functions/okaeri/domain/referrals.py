"""Who came by a friend's code, and whether that counts. Pure.

A code that a customer may pass on has an owner. An order that uses it is told to the owner; their own order, and one
of their household, earns them nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from okaeri.domain.customers import Customer
from okaeri.domain.events import Event, make_event
from okaeri.domain.evidence import Envelope, ReferralUsed
from okaeri.domain.orders import Address, Order
from okaeri.domain.values import make_id

# Why a referral earns nothing.
REFUSALS = ("same_customer", "same_email", "same_phone", "same_address", "not_first_order")
_GOOGLE = ("gmail.com", "googlemail.com")
_MIN_ADDRESS = 6  # characters: less is no address by which two people could be told to be one household


def tell_referral(order: Order, friend: Customer, owner_id: str, code: str, store_id: str) -> Envelope:
    """What the code's owner is told of an order that used it; the same however often it is told."""
    used = ReferralUsed(
        customer_id=owner_id,
        code=code,
        order_id=order.order_id,
        at=order.created_at,
        friend_id=friend.customer_id,
        is_first=friend.orders_count <= 1,
        emails=friend.emails,
        phones=friend.phones,
        address=order.shipping_address,
    )
    return Envelope(
        id=make_id("referral", store_id, order.order_id, code),
        store_id=store_id,
        source="okaeri referral.used",
        received_at=order.created_at,
        evidence=used,
    )


def make_referral_event(store_id: str, used: ReferralUsed, refused: str) -> Event:
    """A friend ordered with the owner's code; `refused` says why that earns nothing, empty where it does."""
    return make_event(
        store_id,
        "referral.used",
        used.at,
        used.order_id,
        used.code,
        # Not as `order.id`: the order is somebody else's, and no message to the owner may be about it.
        refs={"friend.order": (used.order_id,), "coupon.code": (used.code,)},
        data={"refused": refused},
    )


def find_refusal(owner: Customer, used: ReferralUsed, addresses: Iterable[Address]) -> str:
    """Why it earns nothing, empty where it does. `addresses` are those that the owner's own orders went to."""
    if used.friend_id in (owner.customer_id, *owner.absorbed):
        return "same_customer"
    if {fold_email(email) for email in used.emails} & {fold_email(email) for email in owner.emails}:
        return "same_email"
    if set(used.phones) & set(owner.phones):
        return "same_phone"
    theirs = fold_address(used.address)
    if theirs and theirs in {fold_address(address) for address in addresses}:
        return "same_address"
    return "" if used.is_first else "not_first_order"


def fold_email(email: str) -> str:
    """An address as its owner's one mailbox: without a +tag; at Google's also without dots."""
    local, _, domain = email.strip().casefold().rpartition("@")
    local = local.partition("+")[0]
    if domain in _GOOGLE:
        return f"{local.replace('.', '')}@{_GOOGLE[0]}"
    return f"{local}@{domain}"


def fold_address(address: Address | None) -> str:
    """A delivery address as it is compared: street, postcode and country, letters and digits alone; "" for none.

    Who lives there is left out, and so is the city, which the postcode says; without one it is part of it.
    """
    if address is None or not address.line1:
        return ""
    place = address.postcode or address.city
    text = " ".join(part for part in (address.line1, address.line2, place, address.country) if part)
    plain = unicodedata.normalize("NFKD", text.casefold())
    folded = re.sub(r"[\W_]+", "", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    return folded if len(folded) >= _MIN_ADDRESS else ""
