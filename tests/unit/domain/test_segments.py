"""Segments: the life cycle, the shop's own, and what moves a customer from one to another."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from okaeri.catalogue.compile_journeys import hash_definition
from okaeri.domain.conditions import Condition
from okaeri.domain.customer_fields import CUSTOMER_FIELDS, is_customer_field, read_customer_field
from okaeri.domain.customers import Attention, Consent, Customer, OpenTicket
from okaeri.domain.events import make_event
from okaeri.domain.evidence import OrderChanged
from okaeri.domain.journeys import Definition, TagStep
from okaeri.domain.orders import Payment, Refund
from okaeri.domain.segments import LIFE_CYCLE, find_mistakes, list_segments, make_entries
from okaeri.domain.stores import PublishedJourney, SegmentRules, Store
from okaeri.domain.values import Purpose
from tests.world import MONDAY, World, make_order, make_settings, make_store

STORE = make_store({})


def make_customer(**fields: Any) -> Customer:
    return Customer(store_id="kinari", customer_id="c1", version=1, created_at=MONDAY, **fields)


def make_segment_store(**settings: Any) -> Store:
    return make_store({}, settings=make_settings(**settings))


# ── The life cycle ──


@pytest.mark.parametrize(
    ("orders", "days_ago", "segment"),
    [
        (0, None, "prospect"),
        (1, 0, "new"),
        (1, 89, "new"),
        (2, 10, "second_time"),
        (3, 10, "loyal"),
        (40, 89, "loyal"),
        (1, 90, "at_risk"),
        (40, 179, "at_risk"),
        (1, 180, "lost"),
        (40, 4_000, "lost"),
        (4, None, "loyal"),  # the days of their orders are not known
    ],
)
def test_everybody_is_in_one_stage_of_the_life_cycle(orders: int, days_ago: int | None, segment: str) -> None:
    last = MONDAY - timedelta(days=days_ago) if days_ago is not None else None
    found = list_segments(make_customer(orders_count=orders, last_order_at=last), STORE, MONDAY)
    assert found == (segment,)
    assert segment in LIFE_CYCLE


def test_the_shop_draws_the_lines() -> None:
    store = make_segment_store(segment_rules=SegmentRules(loyal_orders=2, at_risk_days=10, lost_days=20))
    twice = make_customer(orders_count=2, last_order_at=MONDAY)
    assert [list_segments(twice, store, MONDAY + timedelta(days=d))[0] for d in (9, 10, 20)] == [
        "loyal",
        "at_risk",
        "lost",
    ]


def test_who_paid_as_much_as_the_shop_says_is_a_big_spender() -> None:
    store = make_segment_store(segment_rules=SegmentRules(big_spender_from=Decimal(20000)))
    assert "big_spender" in list_segments(make_customer(spent={"JPY": "20000"}), store, MONDAY)
    assert "big_spender" not in list_segments(make_customer(spent={"JPY": "19999.99"}), store, MONDAY)
    assert "big_spender" not in list_segments(make_customer(spent={"USD": "90000"}), store, MONDAY)


def test_the_shops_own_segments_come_after_and_may_build_on_the_shipped_ones() -> None:
    own = {
        "vip": Condition(
            all=(
                Condition(field="customer.segments", has="loyal"),
                Condition(field="customer.country", equals="JP"),
            )
        ),
        "linen_lovers": Condition(field="customer.tags", has="linen"),
    }
    store = make_segment_store(segments=own)
    customer = make_customer(orders_count=5, last_order_at=MONDAY, country="JP", tags=("linen",))
    assert list_segments(customer, store, MONDAY) == ("loyal", "linen_lovers", "vip")
    assert list_segments(customer.model_copy(update={"country": "DE"}), store, MONDAY) == ("loyal", "linen_lovers")


# ── The fields ──


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("orders_count", 3),
        ("is_first_order", False),
        ("spent", Decimal(9000)),
        ("average_order", Decimal(3000)),
        ("days_since_order", 12),
        ("country", "JP"),
        ("language", "de"),
        ("tags", ("linen",)),
        ("attributes.size", "M"),
        ("attributes.colour", None),
        ("has_whatsapp", True),
        ("has_email", False),
        ("whatsapp_marketing", True),
        ("whatsapp_order", False),
        ("email_marketing", False),
        ("last_heard_at", MONDAY),
        ("last_told_at", MONDAY),
        ("has_open_ticket", True),
        ("shared", False),
        ("segments", ("loyal",)),
        ("journeys", ()),
        ("nothing_of_the_kind", None),
    ],
)
def test_a_condition_reads_a_customers_field(name: str, value: Any) -> None:
    agreed = Consent(given=True, at=MONDAY, source="signup")
    customer = make_customer(
        orders_count=3,
        spent={"JPY": "9000"},
        last_order_at=MONDAY - timedelta(days=12, hours=5),
        country="JP",
        locale="ja",
        asked_locale="de",
        tags=("linen",),
        attributes={"size": "M"},
        phones=("+819012345678",),
        emails=("a@example.jp",),
        dead_addresses={"email:a@example.jp": "bounced"},
        consents={
            "whatsapp:marketing": agreed,
            "email:marketing": agreed,
            "email:all": agreed.model_copy(update={"given": False}),
        },
        window_opened_at=MONDAY,
        attention=(Attention(at=MONDAY, purpose="marketing"),),
        open_tickets=(OpenTicket(ticket_id="t1", queue="q", opened_at=MONDAY),),
    )
    assert read_customer_field(customer, STORE, name, MONDAY) == value


def test_every_field_has_a_word_on_it_and_is_read() -> None:
    for name, word in CUSTOMER_FIELDS.items():
        assert word
        assert is_customer_field(name.replace("<name>", "size"))
        read_customer_field(make_customer(), STORE, name, MONDAY)
    assert not is_customer_field("pending")
    assert not is_customer_field("attributes")


# ── Mistakes ──


@pytest.mark.parametrize(
    ("condition", "mistake"),
    [
        (Condition(field="customer.colour", equals="red"), "customer.colour is nothing to ask of a customer"),
        (Condition(field="order.total", at_least=3), "order.total is nothing to ask of a customer"),
        (Condition(field="customer.tags", equals="a"), "customer.tags is a list: ask with has or exists"),
        (Condition(all=(Condition(field="customer.x", exists=True),)), "customer.x is nothing to ask of a customer"),
    ],
)
def test_a_condition_that_asks_for_something_else_is_refused_in_words(condition: Condition, mistake: str) -> None:
    assert list(find_mistakes(condition)) == [mistake]


def test_a_segment_may_not_be_made_of_another_one_of_the_shops() -> None:
    assert not list(find_mistakes(Condition(field="customer.segments", has="loyal"), is_own_segment=True))
    [mistake] = find_mistakes(Condition(field="customer.segments", has="vip"), is_own_segment=True)
    assert mistake.startswith("vip is no segment that a segment can be made of")
    assert not list(find_mistakes(Condition(field="customer.segments", has="vip")))


# ── What moves a customer ──


def test_the_second_order_makes_a_new_customer_a_second_time_one() -> None:
    world = World()
    seen = []
    for number in range(1, 5):
        world.order(make_order(str(number)))
        seen.append(list_segments(world.customer(), world.store, MONDAY)[0])
    assert seen == ["new", "second_time", "loyal", "loyal"]


def listen_for(segment: str) -> World:
    """A shop with a journey for whoever enters a segment."""
    definition = Definition(
        journey="welcome-back",
        version=1,
        purpose=Purpose.MARKETING,
        events=("segment.entered",),
        key="customer",
        when=Condition(field="event.segment", equals=segment),
        again="after_end",
        steps=(TagStep(add=(f"was_{segment}",)),),
    )
    key = hash_definition(definition)
    triggers = {"segment.entered": (PublishedJourney(journey="welcome-back", definition=key),)}
    return World(store=make_store({}, triggers=triggers), definitions={key: definition})


def test_a_journey_may_begin_when_somebody_enters_a_segment() -> None:
    world = listen_for("second_time")
    world.order(make_order("1"))
    assert world.customer().tags == ()
    world.order(make_order("2"))
    assert world.customer().tags == ("was_second_time",)


def test_the_same_order_twice_enters_a_segment_once() -> None:
    world = listen_for("new")
    first = world.order(make_order("1"))
    world.give(first, redelivered=True)
    entered = [record for record in world.records.decisions.values() if record.event == "segment.entered"]
    assert len(entered) == 1


def test_nobody_works_out_segments_where_no_journey_listens() -> None:
    customer = make_customer(orders_count=1)
    cause = make_event("kinari", "order.placed", MONDAY, "1")
    assert make_entries(customer, customer.model_copy(update={"orders_count": 2}), STORE, MONDAY, cause) == ()


# ── What they spent ──


def spent(world: World) -> dict[str, str]:
    return world.customer().spent


def test_an_order_counts_once_it_is_paid_and_once_only() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    assert spent(world) == {}
    paid = world.order(make_order(payment=Payment.PAID, updated_at=MONDAY + timedelta(hours=1)))
    world.hear(OrderChanged(order_id="5001", change="paid", at=MONDAY))
    world.give(paid, redelivered=True)
    assert spent(world) == {"JPY": "9600"}


def test_what_is_given_back_is_taken_off() -> None:
    world = World()
    world.order(make_order())
    refund = Refund(refund_id="r1", amount=Decimal(1600), at=MONDAY)
    for _ in range(2):
        world.hear(OrderChanged(order_id="5001", change="refunded", at=MONDAY, refund=refund))
    assert spent(world) == {"JPY": "8000"}
    rest = Refund(refund_id="r2", amount=Decimal(8000), at=MONDAY)
    world.hear(OrderChanged(order_id="5001", change="refunded", at=MONDAY, refund=rest))
    assert spent(world) == {}


def test_a_cancelled_order_and_a_test_order_bring_nothing() -> None:
    world = World()
    world.order(make_order("1"))
    world.order(make_order("2", quiet="test"))
    world.hear(OrderChanged(order_id="1", change="cancelled", at=MONDAY))
    assert spent(world) == {}


def test_currencies_are_not_added_up() -> None:
    world = World()
    world.order(make_order("1"))
    world.order(make_order("2", currency="USD", total=Decimal("12.50")))
    assert spent(world) == {"JPY": "9600", "USD": "12.50"}


def test_first_and_last_order_are_those_of_the_calendar_not_of_the_queue() -> None:
    world = World()
    world.order(make_order("2"))
    world.order(make_order("1", created_at=MONDAY - timedelta(days=300), quiet="old"))
    customer = world.customer()
    assert (customer.first_order_at, customer.last_order_at) == (MONDAY - timedelta(days=300), MONDAY)


def test_two_records_that_are_one_person_add_up_and_a_shared_order_counts_once() -> None:
    from okaeri.domain.profile import unite_customers

    one = make_customer(orders=("1", "2"), spent={"JPY": "300"}, paid={"1": "100 JPY", "2": "200 JPY"})
    other = make_customer(orders=("2", "3"), spent={"JPY": "250", "USD": "5"}, paid={"2": "200 JPY", "3": "50 JPY"})
    united, _ = unite_customers(one, other.model_copy(update={"customer_id": "c2"}))
    assert united.spent == {"JPY": "350", "USD": "5"}
    assert united.paid == {"1": "100 JPY", "2": "200 JPY", "3": "50 JPY"}
