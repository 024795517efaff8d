"""Pools of coupons: codes from a file, and how many are left."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from command_line import records
from command_line.failures import CommandFailure
from command_line.journeys import list_journeys
from command_line.stack import Stack
from okaeri.adapters.budgets import DynamoBudgets
from okaeri.adapters.coupons import DynamoCoupons
from okaeri.domain.coupons import (
    ENOUGH_CODES,
    MAX_PREFIX,
    Coupon,
    CouponsInvalid,
    PoolCount,
    is_pool_name,
    make_code,
    name_prefix,
    read_coupons,
)
from okaeri.domain.local_time import find_store_zone, name_month
from okaeri.domain.stores import Store


def import_coupons(stack: Stack, store_id: str, pool: str, path: Path) -> tuple[int, int]:
    """Puts a file's codes into a pool: how many were new to the store, and how many there are in the file."""
    if not is_pool_name(pool):
        raise CommandFailure(
            f"{pool!r} is no name of a pool", at="POOL", fix="Small letters, digits, - and _, at most 60: thanks-10."
        )
    store = records.read_store(stack, store_id)
    coupons = read_file(path)
    pools = _open_pools(stack)
    pools.open_pool(store.store_id, pool)
    return pools.add(store.store_id, pool, coupons), len(coupons)


def set_prefix(stack: Stack, store_id: str, prefix: str) -> Store:
    """What codes begin with that are made in the store; empty for the store's id."""
    if prefix and not (prefix.isascii() and prefix.isalnum() and len(prefix) <= MAX_PREFIX):
        fix = f"Letters and digits, at most {MAX_PREFIX}: KINARI."
        raise CommandFailure(f"{prefix!r} cannot begin a code", at="PREFIX", fix=fix)

    def change(store: Store) -> Store:
        return store.model_copy(
            update={"settings": store.settings.model_copy(update={"coupon_prefix": prefix.upper()})}
        )

    return records.change_store(stack, store_id, change)


def make_example(store: Store) -> str:
    """A code as the store's look; nobody gets this one."""
    return make_code(name_prefix(store.store_id, store.settings.coupon_prefix), lambda below: 0)


def read_file(path: Path) -> list[Coupon]:
    """The codes of a CSV file, each once. CommandFailure names the line that is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            found = {coupon.code: coupon for coupon in read_coupons(csv.reader(lines))}
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailure(str(error), at=str(path), fix="Name a CSV file in UTF-8.") from error
    except CouponsInvalid as error:
        raise CommandFailure(error.what, at=f"{path}:{error.line}", fix=error.fix) from error
    return list(found.values())


def count_pools(stack: Stack, store_id: str) -> list[PoolCount]:
    """How each pool of the store stands."""
    store = records.read_store(stack, store_id)
    pools = _open_pools(stack)
    now = datetime.now(UTC)
    return [pools.count(store.store_id, pool, now) for pool in pools.list_pools(store.store_id)]


def list_spent(stack: Stack, store_id: str) -> list[tuple[str, str]]:
    """What the codes of each published journey have cost in this month, by the store's clock; only those that did."""
    store = records.read_store(stack, store_id)
    now = datetime.now(UTC)
    month = name_month(now, find_store_zone(store))
    budgets = DynamoBudgets(stack.dynamodb, stack.table_name, lambda: now)
    spent = {entry.journey: budgets.read_spent(store_id, entry.journey, month) for entry in list_journeys(store)}
    return [(journey, f"{amount:f} {store.currency}") for journey, amount in sorted(spent.items()) if amount]


def find_low_pools(stack: Stack, store_id: str) -> dict[str, int] | None:
    """Pools with fewer than 50 codes left, and how many those are; None where the store has no pools."""
    pools = _open_pools(stack)
    names = pools.list_pools(store_id)
    now = datetime.now(UTC)
    left = {pool: pools.count_left(store_id, pool, now, at_most=ENOUGH_CODES) for pool in names}
    return {pool: number for pool, number in left.items() if number < ENOUGH_CODES} if names else None


def _open_pools(stack: Stack) -> DynamoCoupons:
    return DynamoCoupons(stack.dynamodb, stack.table_name)
