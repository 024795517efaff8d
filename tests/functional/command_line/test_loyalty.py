"""`okaeri loyalty` and `okaeri coupons prefix`: what a programme gives, and where a customer stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import boto3
import pytest
from typer.testing import CliRunner

from command_line import coupon_commands, loyalty, loyalty_commands, records
from command_line.commands import app
from command_line.failures import CommandFailure
from command_line.loyalty import apply_pairs
from command_line.stack import Stack
from okaeri.adapters.budgets import DynamoBudgets
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.customers import Customer, Identity, IdentityKind
from okaeri.domain.records import PointsEntry
from okaeri.domain.stores import Loyalty, Platform, PublishedJourney, Store

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def open_it(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (loyalty_commands, coupon_commands):
        monkeypatch.setattr(module, "open_stack", lambda name: stack)
    monkeypatch.setattr(loyalty, "read_clock", lambda: NOW)
    store = Store(
        store_id="aya",
        name="Aya",
        platform=Platform.STANDARD,
        domain="aya.example",
        site_url="https://aya.example",
        currency="EUR",
        time_zone="Asia/Tokyo",
    )
    records.create_store(stack, store)


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_a_programme_is_set_piece_by_piece_and_shown() -> None:
    assert "No programme" in run("loyalty", "set", "aya")
    run("loyalty", "set", "aya", "per_unit=1", "worth=0.01", "tier:Gold=500", "tier:Silver=100")
    shown = run("loyalty", "set", "aya", "tier:Silver=")
    assert "1 for 1 EUR" in shown and "0.01 EUR" in shown
    assert "level Gold" in shown and "Silver" not in shown
    assert "days after delivery until it can be spent 14" in shown
    assert "can be spent 0" in run("loyalty", "set", "aya", "hold_days=0")


def test_levels_are_kept_in_their_order() -> None:
    made = apply_pairs(Loyalty(), ["tier:Gold=500", "tier:Silver=100", "per_unit=0.5"])
    assert [tier.name for tier in made.tiers] == ["Silver", "Gold"]
    assert made.per_unit == Decimal("0.5")


@pytest.mark.parametrize(
    "pair",
    ["points=3", "per_unit", "worth=much", "per_unit=-1", "hold_days=-1", "hold_days=1e3", "tier:=5", "tier:Gold=many"],
)
def test_what_is_no_part_of_a_programme_is_refused(pair: str) -> None:
    with pytest.raises(CommandFailure):
        apply_pairs(Loyalty(), [pair])


def test_two_levels_from_the_same_number_on_are_refused() -> None:
    with pytest.raises(CommandFailure):
        apply_pairs(Loyalty(), ["tier:Gold=500", "tier:Silver=500"])


def test_a_customer_s_ledger_is_shown_with_its_latest_line_first(stack: Stack) -> None:
    run("loyalty", "set", "aya", "per_unit=1", "worth=0.05", "tier:Gold=100")
    customer = Customer(
        **{"store_id": "aya", "customer_id": "c1", "created_at": NOW, "version": 1, "points": 60, "absorbed": ("c0",)},
        emails=("aiko@example.jp",),
        earned={"2026-11": 80},
    )
    customers = DynamoCustomers(boto3.client("dynamodb"), stack.table_name)
    customers.save(customer, sweep_at=None)
    customers.claim("aya", Identity(kind=IdentityKind.EMAIL, value="aiko@example.jp"), "c1")
    ledger = DynamoRecords(boto3.client("dynamodb"), stack.table_name, lambda: NOW)
    for number, (holder, points, balance) in enumerate((("c0", 80, 80), ("c1", -20, 60))):
        ledger.put_points(
            PointsEntry(
                store_id="aya",
                customer_id=holder,
                entry_id=f"e{number}",
                points=points,
                balance=balance,
                reason="purchase" if points > 0 else "redeemed",
                at=NOW.replace(hour=number),
            )
        )
    shown = run("loyalty", "show", "aya", "aiko@example.jp")
    assert "3.00 EUR" in shown and "until Gold 20" in " ".join(shown.split())
    assert shown.index("redeemed") < shown.index("purchase")
    assert "2026-11-22 10:00" in shown  # the shop's own clock


def test_points_that_wait_are_shown_beside_those_that_can_be_spent(stack: Stack) -> None:
    run("loyalty", "set", "aya", "per_unit=1", "worth=0.05")
    free_at = NOW + timedelta(days=5)
    customer = Customer(
        **{"store_id": "aya", "customer_id": "c1", "created_at": NOW, "version": 1, "points": 160},
        orders=("1", "2"),
        order_points={"1": 120, "2": 40},
        points_free_at={"2": free_at},
    )
    DynamoCustomers(boto3.client("dynamodb"), stack.table_name).save(customer, sweep_at=None)
    entry = PointsEntry(
        **{"store_id": "aya", "customer_id": "c1", "entry_id": "e1", "points": 40, "balance": 160, "at": NOW},
        reason="purchase",
        free_at=free_at,
    )
    DynamoRecords(boto3.client("dynamodb"), stack.table_name, lambda: NOW).put_points(entry)
    shown = run("loyalty", "show", "aya", "c1")
    assert "points 120" in shown and "more that wait 40, until 2026-11-27" in shown
    assert "6.00 EUR" in shown  # what can be spent now
    assert "purchase 2026-11-27" in shown


def test_nobody_is_shown_for_a_name_that_is_not_known() -> None:
    result = CliRunner().invoke(app, ["loyalty", "show", "aya", "nobody@example.jp"])
    assert isinstance(result.exception, CommandFailure)


def test_what_budgets_have_cost_this_month_is_shown(stack: Stack) -> None:
    gifts = PublishedJourney(journey="surprise-gift", definition="d1")
    records.change_store(
        stack, "aya", lambda store: store.model_copy(update={"triggers": {"order.delivered": (gifts,)}})
    )
    assert "surprise-gift" not in run("coupons", "show", "aya")
    now = datetime.now(UTC)
    month = f"{now.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m}"
    budgets = DynamoBudgets(boto3.client("dynamodb"), stack.table_name, lambda: now)
    assert budgets.take("aya", "surprise-gift", month, action_id="a", worth=Decimal("7.50"), limit=Decimal(100))
    assert "surprise-gift 7.5 EUR" in run("coupons", "show", "aya").replace("7.50", "7.5")


def test_a_shop_chooses_what_its_codes_begin_with(stack: Stack) -> None:
    assert "LINEN-CCCC-CCCC" in run("coupons", "prefix", "aya", "linen")
    assert records.read_store(stack, "aya").settings.coupon_prefix == "LINEN"
    refused = CliRunner().invoke(app, ["coupons", "prefix", "aya", "Linen & Co"])
    assert isinstance(refused.exception, CommandFailure)
