"""A store's loyalty programme: what it gives, and where a customer stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from shlex import quote

from command_line import records
from command_line.checks import check_count
from command_line.explain import open_explainer
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table
from okaeri.adapters.item_body import decode_body
from okaeri.domain.customers import Customer
from okaeri.domain.loyalty import has_programme
from okaeri.domain.records import PointsEntry
from okaeri.domain.stores import Loyalty, Store, Tier

TIER = "tier:"
PAIRS = "per_unit=1, worth=0.01, hold_days=14 or tier:Gold=500; tier:Gold= takes it away"
_MOST_TIERS, _LONGEST_NAME = 8, 30
_LONGEST_HOLD = 365  # days


def read_clock() -> datetime:
    """Real time, UTC."""
    return datetime.now(UTC)


def change_programme(stack: Stack, store_id: str, pairs: Sequence[str]) -> Store:
    """Writes the programme. Raises CommandFailure."""

    def change(store: Store) -> Store:
        loyalty = apply_pairs(store.settings.loyalty, pairs)
        return store.model_copy(update={"settings": store.settings.model_copy(update={"loyalty": loyalty})})

    return records.change_store(stack, store_id, change)


def apply_pairs(loyalty: Loyalty, pairs: Iterable[str]) -> Loyalty:
    """The programme with what was typed. Raises CommandFailure."""
    tiers = {tier.name: tier for tier in loyalty.tiers}
    changes: dict[str, Decimal | int] = {}
    for pair in pairs:
        name, sign, value = (part.strip() for part in pair.partition("="))
        if sign and name in ("per_unit", "worth"):
            changes[name] = _read_amount(value, name)
        elif sign and name == "hold_days":
            changes[name] = _read_days(value, name)
        elif sign and name.startswith(TIER) and 0 < len(name.removeprefix(TIER)) <= _LONGEST_NAME:
            tier = name.removeprefix(TIER)
            tiers.pop(tier, None)
            if value:
                tiers[tier] = Tier(name=tier, from_points=check_count(value, name))
        else:
            raise CommandFailure(f"{pair!r} is no part of a programme", at="NAME=VALUE", fix=PAIRS)
    in_order = tuple(sorted(tiers.values(), key=lambda tier: tier.from_points))
    if len(in_order) > _MOST_TIERS or len({tier.from_points for tier in in_order}) < len(in_order):
        fix = f"At most {_MOST_TIERS} levels, each from another number of points on."
        raise CommandFailure("the levels do not follow each other", at="tier:NAME=POINTS", fix=fix)
    return loyalty.model_copy(update={**changes, "tiers": in_order})


def find_customer(stack: Stack, store: Store, text: str) -> Customer:
    """By e-mail, phone, order or customer id. CommandFailure where nobody is meant."""
    found = open_explainer(stack).find(store, text)
    if found is None:
        raise CommandFailure(
            f"nobody in {store.store_id} is known by {text}",
            at="CUSTOMER",
            fix=f"okaeri explain {store.store_id} --order {quote(text)} looks for an order of that name.",
        )
    return found.customer


def list_entries(stack: Stack, customer: Customer, *, most: int) -> list[PointsEntry]:
    """The latest lines of the ledger, newest first, of all records that became this customer."""
    table = Table(stack.dynamodb, stack.table_name)
    found = [
        decode_body(PointsEntry, item["body"])
        for holder in (customer.customer_id, *customer.absorbed)
        for item in table.query_prefix(
            keys.customer_key(customer.store_id, holder), keys.POINTS, most=most, newest_first=True
        )
    ]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:most]


def describe_programme(store: Store) -> list[tuple[str, str]]:
    """What the programme gives, as rows; none where there is none."""
    loyalty = store.settings.loyalty
    if not has_programme(loyalty):
        return []
    rows = [
        ("points for each whole unit paid", f"{loyalty.per_unit:f} for 1 {store.currency}"),
        ("what a point gives back", f"{loyalty.worth:f} {store.currency}" if loyalty.worth else "nothing"),
        ("days after delivery until it can be spent", f"{loyalty.hold_days}"),
    ]
    return [*rows, *((f"level {tier.name}", f"from {tier.from_points:,} points on") for tier in loyalty.tiers)]


def _read_days(text: str, at: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= _LONGEST_HOLD):
        raise CommandFailure(
            f"{text!r} is no number of days up to {_LONGEST_HOLD}", at=at, fix=f"{at}=14, or 0: at once"
        )
    return int(text)


def _read_amount(text: str, at: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount <= 1_000_000):
        raise CommandFailure(f"{text!r} is no number from 0 on", at=at, fix=f"{at}=0.01")
    return amount
