"""`okaeri journeys backtest`: a store's own records, read from the table and replayed; nothing is written or sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from command_line import commands, seeing_commands
from command_line.backtest import run_backtest
from command_line.publish import load_catalogue, publish_catalogue
from command_line.stack import Stack
from command_line.stores import add_store
from okaeri.adapters.companions import DynamoCompanions
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.prices import DynamoPrices
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.stores import DynamoStores
from okaeri.adapters.touch_book import DynamoTouchBook
from okaeri.domain.evidence import Envelope, Evidence, OrderSeen, ShipmentSeen
from okaeri.domain.journeys import Definition
from okaeri.domain.orders import Shipment, ShipmentStatus
from okaeri.domain.pace import Pace
from okaeri.domain.prices import PriceList, Rate
from okaeri.domain.stores import Platform
from okaeri.domain.values import make_id
from okaeri.use_cases.advance_journeys import AdvanceJourneys
from simulator.clock import StandingClock
from tests.fakes import FakeInterests, FakeInterpreter, FakeKnowledge, FakeQueues, FakeShelf, FakeTimers
from tests.world import AIKO, BOTH_OPT_INS, make_order

NOW = datetime.now(UTC)
OWN = """
journey: how-is-it
version: 1
purpose: marketing
trigger: {event: order.delivered, key: order.id}
steps: [{wait: {for: P3D, at: "11:00"}}, {send: review_request}]
"""


def find_journey(name: str) -> Definition:
    return next(definition for definition in load_catalogue().journeys if definition.journey == name)


@pytest.fixture
def shop(stack: Stack) -> Stack:
    """Three weeks of a shop with two customers whose parcels arrived; only one agreed to marketing."""
    choices = {
        "name": "Kinari",
        "domain": "kinari.example",
        "locale": "ja",
        "country": "JP",
        "time-zone": "Asia/Tokyo",
        "contact-person": "Aya",
        "phone-number-id": "106540352242922",
        "waba-id": "102290129340398",
        "from-email": "hello@kinari.example",
    }
    add_store(stack, "kinari", choices, platform=Platform.STANDARD)
    publish_catalogue(stack, ["kinari"])
    rate = Rate(market="JP", category="marketing", amount="0.05", since=date(2026, 1, 1))
    DynamoPrices(stack.dynamodb, stack.table_name).put(PriceList(markets={"81": "JP"}, rates=(rate,)))
    hear = open_engine(stack)
    other = AIKO.model_copy(update={"store_customer_id": "7002", "email": "ben@example.jp", "phone": "+819087654321"})
    for number, buyer, opt_ins in ((1, AIKO, BOTH_OPT_INS), (2, other, BOTH_OPT_INS[:1])):
        placed = NOW - timedelta(days=20)
        order = make_order(f"500{number}", buyer=buyer, opt_ins=opt_ins, created_at=placed, updated_at=placed)
        hear(OrderSeen(order=order), placed)
        for status, days in ((ShipmentStatus.SHIPPED, 18), (ShipmentStatus.DELIVERED, 16)):
            at = NOW - timedelta(days=days)
            hear(
                ShipmentSeen(
                    order_id=order.order_id, shipment=Shipment(shipment_id=f"f{number}", status=status, at=at)
                ),
                at,
            )
    return stack


def open_engine(stack: Stack) -> Callable[[Evidence, datetime], None]:
    """The engine on the table; timers never ring and nothing is sent, as if all journeys had been off."""
    parts, clock = (stack.dynamodb, stack.table_name), StandingClock(NOW)
    engine = AdvanceJourneys(
        stores=DynamoStores(*parts),
        definitions=DynamoDefinitions(*parts),
        customers=DynamoCustomers(*parts),
        records=DynamoRecords(*parts, lambda: NOW),
        messages=DynamoMessages(*parts, lambda: NOW),
        interpreter=FakeInterpreter(),
        knowledge=FakeKnowledge(DynamoStores(*parts)),
        shelf=FakeShelf(),
        interests=FakeInterests(),
        companions=DynamoCompanions(*parts, clock),
        touches=DynamoTouchBook(*parts, clock),
        queues=FakeQueues(),
        timers=FakeTimers(),
        clock=clock,
        pace=Pace(),
    )

    def hear(evidence: Evidence, at: datetime) -> None:
        clock.now = at
        key = make_id(evidence.model_dump_json())
        engine(Envelope(id=key, store_id="kinari", source="standard test", received_at=at, evidence=evidence))

    return hear


def dump(stack: Stack) -> list[Any]:
    return sorted((item["pk"], item["sk"], str(item.get("version"))) for item in stack.table.scan()["Items"])


def test_a_shipped_journey_is_tried_on_what_was_recorded_and_the_table_stays_as_it_is(shop: Stack) -> None:
    before = dump(shop)
    result = run_backtest(shop, "kinari", find_journey("review-request"), days=30)
    tally = result.tally
    assert (tally.customers, tally.runs, tally.people) == (2, 2, 1)
    assert dict(tally.messages) == {("whatsapp", "review_request"): 1}
    assert tally.refused["whatsapp review_request", "no_marketing_consent"] == 1
    assert dump(shop) == before


def test_it_looks_back_only_as_far_as_it_is_told(shop: Stack) -> None:
    assert run_backtest(shop, "kinari", find_journey("review-request"), days=10).tally.runs == 0
    assert run_backtest(shop, "kinari", find_journey("order-confirmation"), days=19).tally.runs == 0
    assert run_backtest(shop, "kinari", find_journey("order-confirmation"), days=21).tally.runs == 2


def test_the_command_tries_a_file_that_was_never_published(
    shop: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(seeing_commands, "open_stack", lambda name: shop)
    path = tmp_path / "how-is-it.yaml"
    path.write_text(OWN, "utf-8")

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(commands.app, ["journeys", "backtest", str(path), "--store", "kinari", *arguments])
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    report = run()
    assert "2 runs, 1 messages to 1 of 2 customers" in report
    assert "whatsapp review_request 1" in report
    assert "cost: 0.05 USD" in report
    customers = DynamoCustomers(shop.dynamodb, shop.table_name)
    (refused,) = (
        customer for customer in customers.list_page("kinari", after=None, limit=9).customers
        if "ben@example.jp" in customer.emails
    )  # fmt: skip
    assert "review_request" in run("--explain", refused.customer_id[:10])
