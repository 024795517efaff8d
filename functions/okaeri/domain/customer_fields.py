"""What a condition may ask of a customer: `customer.<name>` in journeys, segments and broadcasts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from math import log
from typing import Any

from okaeri.domain.customers import Customer
from okaeri.domain.local_time import find_zone
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel, Purpose
from okaeri.domain.yearly import find_next_day

# Each field with a word on it, for documents, editors and the mistakes that name them.
CUSTOMER_FIELDS: Mapping[str, str] = {
    "orders_count": "orders so far, a number",
    "is_first_order": "whether they have ordered once at most",
    "spent": "what they paid, refunds taken off, in the store's currency",
    "average_order": "`spent` by order; nothing where they have not ordered",
    "first_order_at": "when they first ordered",
    "last_order_at": "when they last ordered",
    "days_since_order": "whole days since the last order; nothing where they have not ordered",
    "created_at": "when the shop's system first saw them",
    "country": "two letters, such as JP",
    "language": "the language they asked for, else the store's word on it, such as ja or pt_BR",
    "tags": "a list: what journeys and the shop tagged them with",
    "attributes.<name>": "what journeys and the shop set under this name, a text",
    "segments": "a list: the life cycle's one name, big_spender, and the shop's own segments",
    "has_whatsapp": "whether a phone number or WhatsApp user id is known that is not dead",
    "has_email": "whether an e-mail address is known that does not bounce",
    "whatsapp_order": "whether order messages on WhatsApp are agreed to",
    "whatsapp_marketing": "whether marketing on WhatsApp is agreed to",
    "email_marketing": "whether marketing by e-mail is agreed to",
    "last_heard_at": "when they last wrote on WhatsApp",
    "last_told_at": "when marketing last reached for them, in the latest 30 days",
    "surveyed_at": "when a survey last asked them something",
    "next_survey_at": "from when on one may ask them again; nothing where none has asked",
    "has_open_ticket": "whether the shop's people still owe them an answer",
    "journeys": "a list: the journeys that they are in now",
    "told_today": "whether anything was said to them on this day of theirs",
    "birthday": "as the shop knows it; nothing where it does not",
    "next_birthday": "their next birthday, at its first hour by their own clock",
    "next_anniversary": "the next anniversary of their first order, at its first hour by their own clock",
    "churn_at": "when nine of ten who order as they do would have ordered again; nothing where they have not ordered",
    "is_registered": "whether they are known to have an account in the store",
    "company": "the business that they buy for",
    "points": "loyalty points that they can spend",
    "points_pending": "loyalty points that wait until their order can no longer be sent back",
    "tier": "the tier of the loyalty programme that they stand on; nothing where on none",
    "points_to_next": "points until the next tier; nothing on the highest",
    "points_worth": "what the points that they can spend give back, in the store's currency",
    "rewarded.<kind>": "when a code of this id was last given to them, such as gift",
    "shared": "whether their identifiers name more than one person",
}
_NINE_OF_TEN = log(10)
_SHORTEST_PAUSE, _LONGEST_PAUSE = timedelta(days=30), timedelta(days=400)
LISTS = ("tags", "segments", "journeys")


def is_customer_field(name: str) -> bool:
    """Whether a condition may ask for it: one of `CUSTOMER_FIELDS`, or any attribute."""
    root, _, attribute = name.partition(".")
    return bool(attribute) if root in ("attributes", "rewarded") else name in CUSTOMER_FIELDS


def read_customer_field(customer: Customer, store: Store, name: str, now: datetime) -> Any:
    """The value, None where nothing is known. `now` is the customer's own time."""
    root, _, attribute = name.partition(".")
    match root:
        case "is_first_order":
            return customer.orders_count <= 1
        case "spent":
            return read_spent(customer, store)
        case "average_order":
            return read_spent(customer, store) / customer.orders_count if customer.orders_count else None
        case "days_since_order":
            return (now - customer.last_order_at) // timedelta(days=1) if customer.last_order_at else None
        case "language":
            return customer.asked_locale or customer.locale
        case "attributes":
            return customer.attributes.get(attribute)
        case "rewarded":
            return customer.rewarded.get(attribute)
        case "points" | "points_pending" | "tier" | "points_to_next" | "points_worth":
            return _read_loyalty(customer, store, name, now)
        case "segments":
            from okaeri.domain.segments import list_segments  # which reads the fields above for the shop's own ones

            return list_segments(customer, store, now)
        case "has_whatsapp":
            return _has_address(customer, Channel.WHATSAPP, (*customer.phones, *customer.wa_user_ids))
        case "has_email":
            return _has_address(customer, Channel.EMAIL, customer.emails)
        case "whatsapp_order":
            return _agrees(customer, Channel.WHATSAPP, Purpose.ORDER)
        case "whatsapp_marketing":
            return _agrees(customer, Channel.WHATSAPP, Purpose.MARKETING)
        case "email_marketing":
            return _agrees(customer, Channel.EMAIL, Purpose.MARKETING)
        case "last_heard_at":
            return customer.window_opened_at
        case "last_told_at":
            return max((entry.at for entry in customer.attention), default=None)
        case "next_survey_at":
            return customer.surveyed_at + store.settings.survey_gap if customer.surveyed_at else None
        case "has_open_ticket":
            return bool(customer.open_tickets)
        case "told_today":
            zone = find_zone(customer, store)
            told = customer.told_at
            return told is not None and told.astimezone(zone).date() == now.astimezone(zone).date()
        case "next_birthday":
            return find_next_day(customer.birthday, now, find_zone(customer, store))
        case "next_anniversary":
            first = customer.first_order_at
            day = first.astimezone(find_zone(customer, store)).date().isoformat() if first else None
            return find_next_day(day, now, find_zone(customer, store))
        case "churn_at":
            return find_churn(customer, store)
        case "is_registered":
            return customer.registered_at is not None
        case "journeys":
            return tuple(dict.fromkeys(run.journey for run in customer.runs))
    return getattr(customer, name, None) if name in CUSTOMER_FIELDS else None


def _read_loyalty(customer: Customer, store: Store, name: str, now: datetime) -> Any:
    from okaeri.domain import loyalty  # few shops have a programme, and a condition that asks for it

    programme, standing = store.settings.loyalty, loyalty.find_standing(customer, now)
    match name:
        case "points":
            return standing.points
        case "points_pending":
            return standing.pending
        case "points_worth":
            return loyalty.find_worth(programme, standing.points, store.currency)
    earned = loyalty.count_earned(customer, now)
    if name == "points_to_next":
        return loyalty.count_missing(programme, earned)
    tier = loyalty.find_tier(programme, earned)
    return tier.name if tier else None


def find_churn(customer: Customer, store: Store) -> datetime | None:
    """When the customer's own pause becomes longer than nine of ten of their pauses should be.

    Pauses that come by chance are longer than 2.3 times their mean once in ten times (ln 10). The mean is that of the
    customer's own gaps, with one gap more that stands for the shop: who ordered once is at risk when the shop says so
    (`at_risk_days`), who orders each month long before. Never within 30 days, never after 400.
    """
    if customer.last_order_at is None:
        return None
    first, count = customer.first_order_at or customer.last_order_at, max(customer.orders_count, 1)
    shops_gap = timedelta(days=store.settings.segment_rules.at_risk_days) / _NINE_OF_TEN
    mean = (customer.last_order_at - first + shops_gap) / count
    pause = min(max(mean * _NINE_OF_TEN, _SHORTEST_PAUSE), _LONGEST_PAUSE)
    return customer.last_order_at + pause


def read_spent(customer: Customer, store: Store) -> Decimal:
    """What the customer paid in the store's currency; other currencies are kept and not converted."""
    return Decimal(customer.spent.get(store.currency, "0"))


def _has_address(customer: Customer, channel: Channel, addresses: tuple[str, ...]) -> bool:
    return any(f"{channel}:{address}" not in customer.dead_addresses for address in addresses)


def _agrees(customer: Customer, channel: Channel, purpose: Purpose) -> bool:
    """As the gates ask: agreed to, and nothing stopped on the channel since."""
    agreed, all_of_it = customer.consents.get(f"{channel}:{purpose}"), customer.consents.get(f"{channel}:all")
    return agreed is not None and agreed.counts and (all_of_it is None or all_of_it.given)
