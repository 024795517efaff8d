"""One contract for the fakes and for DynamoDB: what unit tests believe of the fakes holds for the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from okaeri import ports, wiring
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.due_index import DynamoDueIndex
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.customers import Customer, Identity, IdentityKind, IdentityRecord
from okaeri.domain.evidence import Envelope, ShipmentSeen
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.orders import Buyer, Cart, Order, Product, Shipment, ShipmentStatus
from okaeri.domain.records import CartRecord, DecisionRecord, DueItem, OrderRecord, ProductRecord
from okaeri.domain.tracking import Tracked, TrackedParcel
from okaeri.domain.values import Channel, Purpose
from okaeri.domain.visits import Visit
from okaeri.errors import Conflict, GiveUp
from tests.fakes import START, FakeClock, FakeCustomers, FakeDueIndex, FakeMessages, FakeRecords
from tests.functional.aws_from_template import MadeStack

PHONE = Identity(kind=IdentityKind.PHONE, value="+819012345678")
EMAIL = Identity(kind=IdentityKind.EMAIL, value="hanako@example.jp")


@dataclass
class Ports:
    """The ports that keep state, all fake or all real, and the clock that they read."""

    customers: ports.Customers
    records: ports.Records
    messages: ports.Messages
    due: ports.DueIndex
    clock: FakeClock


@pytest.fixture(params=["fake", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Ports]:
    clock = FakeClock()
    if request.param == "fake":
        customers, messages = FakeCustomers(), FakeMessages()
        yield Ports(customers, FakeRecords(), messages, FakeDueIndex(customers, messages), clock)
    else:
        stack: MadeStack = request.getfixturevalue("made_stack")
        client, table = wiring.connect_dynamodb(), stack.table_name
        yield Ports(
            DynamoCustomers(client, table),
            DynamoRecords(client, table, clock),
            DynamoMessages(client, table, clock),
            DynamoDueIndex(client, table),
            clock,
        )


def make_customer(customer_id: str = "c1", version: int = 1, **fields: Any) -> Customer:
    return Customer(store_id="s1", customer_id=customer_id, version=version, created_at=START, **fields)


def make_message(message_id: str = "m1", **fields: Any) -> Message:
    return Message(
        message_id=message_id,
        store_id="s1",
        customer_id="c1",
        channel=Channel.WHATSAPP,
        purpose=Purpose.ORDER,
        template="order_confirmed",
        locale="ja",
        decided_at=START,
        **fields,
    )


def make_order(order_id: str = "o1", **fields: Any) -> Order:
    return Order(
        order_id=order_id,
        name="#1001",
        created_at=START,
        updated_at=START,
        buyer=Buyer(),
        currency="JPY",
        total="1200",
        **fields,
    )


def make_parcel(envelope_id: str, received_at: datetime = START) -> Envelope:
    shipment = Shipment(shipment_id="p1", status=ShipmentStatus.SHIPPED, at=START)
    return Envelope(
        id=envelope_id,
        store_id="s1",
        source="shopify:fulfillments/create",
        received_at=received_at,
        evidence=ShipmentSeen(order_id="o1", shipment=shipment),
    )


# ── Customers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_saved_customer_is_loaded_as_it_was(kept: Ports) -> None:
    saved = make_customer(first_name="花子", phones=("+819012345678",), ahead_s=3.5)
    kept.customers.save(saved, sweep_at=None)
    assert kept.customers.load("s1", "c1") == saved


def test_an_unknown_customer_is_none_and_so_is_one_of_another_store(kept: Ports) -> None:
    kept.customers.save(make_customer(), sweep_at=None)
    assert kept.customers.load("s1", "c2") is None
    assert kept.customers.load("s2", "c1") is None


@pytest.mark.parametrize("version", [1, 3])
def test_who_did_not_see_the_latest_version_loses(kept: Ports, version: int) -> None:
    kept.customers.save(make_customer(first_name="first"), sweep_at=None)
    with pytest.raises(Conflict):
        kept.customers.save(make_customer(version=version, first_name="second"), sweep_at=None)
    loaded = kept.customers.load("s1", "c1")
    assert loaded is not None
    assert loaded.first_name == "first"


def test_a_customer_that_is_gone_is_not_written_back_to_life(kept: Ports) -> None:
    with pytest.raises(Conflict):
        kept.customers.save(make_customer(version=2), sweep_at=None)
    assert kept.customers.load("s1", "c1") is None


def test_fields_of_a_later_version_survive_this_one(kept: Ports) -> None:
    later = make_customer(loyalty_points=7, runs=({**RUN, "mood": "calm"},))
    kept.customers.save(later, sweep_at=None)
    loaded = kept.customers.load("s1", "c1")
    assert loaded is not None
    kept.customers.save(loaded.model_copy(update={"version": 2}), sweep_at=None)
    again = kept.customers.load("s1", "c1")
    assert again is not None
    assert again.model_extra == {"loyalty_points": 7}
    assert again.runs[0].model_extra == {"mood": "calm"}


def list_roster(kept: Ports, limit: int) -> list[str]:
    found: list[str] = []
    after: str | None = None
    for _ in range(100):
        page = kept.customers.list_page("s1", after=after, limit=limit)
        assert len(page.customers) <= limit
        found += [customer.customer_id for customer in page.customers]
        after = page.after
        if after is None:
            return found
    raise AssertionError("the roster has no end")


@pytest.mark.parametrize("limit", [1, 3, 4, 100])
def test_the_roster_names_every_customer_of_the_store_once_in_pages_of_any_size(kept: Ports, limit: int) -> None:
    for number in range(12):
        kept.customers.save(make_customer(f"c{number}"), sweep_at=None)
    kept.customers.save(Customer(store_id="s2", customer_id="c1", version=1, created_at=START), sweep_at=None)
    kept.customers.save(make_customer("c3", 2, first_name="花子"), sweep_at=START)
    found = list_roster(kept, limit)
    assert sorted(found) == sorted(f"c{number}" for number in range(12))
    assert list_roster(kept, 5) == found  # the order does not depend on the pages


def test_who_was_joined_to_another_record_leaves_the_roster(kept: Ports) -> None:
    kept.customers.save(make_customer("old"), sweep_at=None)
    kept.customers.save(make_customer("new"), sweep_at=None)
    kept.customers.merge(make_customer("new", 2), make_customer("old", 2, merged_into="new"), sweep_at=None)
    assert list_roster(kept, 1) == ["new"]


def test_a_store_without_customers_has_an_empty_roster(kept: Ports) -> None:
    assert list_roster(kept, 10) == []


def test_a_merged_customer_is_found_under_the_survivor(kept: Ports) -> None:
    kept.customers.save(make_customer("old"), sweep_at=START)
    kept.customers.save(make_customer("new"), sweep_at=None)
    survivor = make_customer("new", 2, emails=("a@example.com",))
    kept.customers.merge(survivor, make_customer("old", 2, merged_into="new"), sweep_at=START)
    assert kept.customers.load("s1", "old") == survivor
    assert [item.customer_id for item in kept.due.list_due(START)] == ["new"]


def test_a_merge_that_loses_its_race_changes_neither(kept: Ports) -> None:
    kept.customers.save(make_customer("old"), sweep_at=None)
    kept.customers.save(make_customer("new"), sweep_at=None)
    kept.customers.save(make_customer("old", 2), sweep_at=None)
    with pytest.raises(Conflict):
        kept.customers.merge(make_customer("new", 2), make_customer("old", 2, merged_into="new"), sweep_at=None)
    assert kept.customers.load("s1", "new") == make_customer("new")
    assert kept.customers.load("s1", "old") == make_customer("old", 2)


def test_three_tombstones_are_followed_and_a_circle_ends(kept: Ports) -> None:
    for customer_id, target in (("a", "b"), ("b", "c"), ("c", "d"), ("x", "y"), ("y", "x")):
        kept.customers.save(make_customer(customer_id, merged_into=target), sweep_at=None)
    kept.customers.save(make_customer("d"), sweep_at=None)
    loaded = kept.customers.load("s1", "a")
    assert loaded is not None
    assert loaded.customer_id == "d"
    with pytest.raises(GiveUp):
        kept.customers.load("s1", "x")


# ── Identities ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_claim_of_an_identifier_wins(kept: Ports) -> None:
    owned = IdentityRecord(identity=PHONE, customer_id="c1")
    assert kept.customers.claim("s1", PHONE, "c1") == owned
    assert kept.customers.claim("s1", PHONE, "c2") == owned
    assert kept.customers.find("s1", [PHONE, EMAIL, PHONE]) == {PHONE: owned}
    assert kept.customers.find("s2", [PHONE]) == {}


def test_others_who_carry_an_identifier_are_noted_once_and_never_its_owner(kept: Ports) -> None:
    kept.customers.add_bearer("s1", PHONE, "c2")
    assert kept.customers.find("s1", [PHONE]) == {}
    kept.customers.claim("s1", PHONE, "c1")
    for customer_id in ("c3", "c2", "c2", "c1"):
        kept.customers.add_bearer("s1", PHONE, customer_id)
    assert kept.customers.find("s1", [PHONE])[PHONE].others == ("c2", "c3")


def test_an_identifier_moves_to_the_survivor_of_a_merge(kept: Ports) -> None:
    kept.customers.claim("s1", PHONE, "c1")
    kept.customers.add_bearer("s1", PHONE, "c2")
    kept.customers.move_identity("s1", PHONE, "c2")
    kept.customers.move_identity("s1", EMAIL, "c2")
    found = kept.customers.find("s1", [PHONE, EMAIL])
    assert {record.customer_id for record in found.values()} == {"c2"}
    assert found[PHONE].others == ()


def test_a_released_identifier_names_its_next_bearer_then_nobody(kept: Ports) -> None:
    kept.customers.claim("s1", PHONE, "c1")
    kept.customers.add_bearer("s1", PHONE, "c3")
    kept.customers.add_bearer("s1", PHONE, "c2")
    kept.customers.release_identity("s1", PHONE, "c3")
    assert kept.customers.find("s1", [PHONE])[PHONE].others == ("c2",)
    for heir in ("c2", "c2"):  # the second time it is not theirs to release
        kept.customers.release_identity("s1", PHONE, "c1")
        record = kept.customers.find("s1", [PHONE])[PHONE]
        assert (record.customer_id, record.others) == (heir, ())
    kept.customers.release_identity("s1", PHONE, "c2")
    kept.customers.release_identity("s1", PHONE, "c2")
    assert kept.customers.find("s1", [PHONE]) == {}
    assert kept.customers.claim("s1", PHONE, "c9").customer_id == "c9"


def test_known_identifiers_are_marked_shared(kept: Ports) -> None:
    kept.customers.claim("s1", PHONE, "c1")
    kept.customers.mark_shared("s1", [PHONE, EMAIL])
    found = kept.customers.find("s1", [PHONE, EMAIL])
    assert list(found) == [PHONE]
    assert found[PHONE].shared


# ── Orders, carts, products ────────────────────────────────────────────────────────────────────────────────────────


def test_evidence_of_an_unknown_order_waits_under_its_key(kept: Ports) -> None:
    assert kept.records.get_order("s1", "o1") is None
    late, early = make_parcel("e2", START + timedelta(minutes=1)), make_parcel("e1")
    for envelope in (late, early, late):
        kept.records.park_evidence(envelope, "o1")
    record = kept.records.get_order("s1", "o1")
    assert record is not None
    assert (record.version, record.order, record.parked) == (0, None, (early, late))


def test_an_order_and_its_parked_evidence_come_in_one_read(kept: Ports) -> None:
    kept.records.park_evidence(make_parcel("e1"), "o1")
    kept.records.put_order(OrderRecord(store_id="s1", order_id="o1", order=make_order(), version=1))
    record = kept.records.get_order("s1", "o1")
    assert record is not None
    assert record.order == make_order()
    assert [envelope.id for envelope in record.parked] == ["e1"]
    kept.records.unpark_evidence("s1", "o1", ["e1", "never parked"])
    applied = kept.records.get_order("s1", "o1")
    assert applied is not None
    assert applied.parked == ()


def test_a_tracking_number_leads_to_its_parcels_and_to_what_waits_for_them(kept: Ports) -> None:
    assert kept.records.find_tracked("s1", "4811") == Tracked()
    late, early = make_parcel("e2", START + timedelta(minutes=1)), make_parcel("e1")
    for envelope in (late, early, late):
        kept.records.park_tracking(envelope, "4811")
    parcels = TrackedParcel("4811", "o1", "p1"), TrackedParcel("4811", "o2", "p#2")
    for parcel in (*parcels, parcels[0]):
        kept.records.track_parcel("s1", parcel)
    assert kept.records.find_tracked("s1", "4811") == Tracked(parcels, (early, late))
    assert kept.records.find_tracked("s2", "4811") == Tracked()


@pytest.mark.parametrize("kind", ["order", "cart", "product"])
def test_a_record_is_written_only_over_the_version_that_was_read(kept: Ports, kind: str) -> None:
    def put(version: int) -> None:
        if kind == "order":
            kept.records.put_order(OrderRecord(store_id="s1", order_id="o1", version=version))
        elif kind == "cart":
            kept.records.put_cart(CartRecord(store_id="s1", token="t1", version=version))
        else:
            product = Product(product_id="p1", updated_at=START)
            kept.records.put_product(ProductRecord(store_id="s1", product=product, version=version))

    put(1)
    put(2)
    for version in (1, 2, 4):
        with pytest.raises(Conflict):
            put(version)


def make_cart(version: int = 1, **fields: Any) -> CartRecord:
    cart = Cart(token="t1", cart_token="k1", buyer=Buyer(), currency="EUR", updated_at=START)
    return CartRecord(store_id="s1", token="t1", cart=cart, version=version, **fields)


def test_a_cart_is_found_by_checkout_token_and_by_cart_token(kept: Ports) -> None:
    kept.records.put_cart(make_cart())
    assert kept.records.get_cart("s1", "t1") == make_cart()
    assert kept.records.get_cart("s1", "k1") == make_cart()
    assert kept.records.get_cart("s2", "k1") is None
    kept.records.put_cart(make_cart(2, order_id="o1"))
    assert kept.records.get_cart("s1", "k1") == make_cart(2, order_id="o1")


def test_a_cart_bought_under_its_cart_token_stays_bought(kept: Ports) -> None:
    bought = CartRecord(store_id="s1", token="k1", order_id="o1", version=1)
    kept.records.put_cart(bought)
    kept.records.put_cart(make_cart())
    assert kept.records.get_cart("s1", "k1") == bought
    assert kept.records.get_cart("s1", "t1") == make_cart()


def test_products_are_read_together(kept: Ports) -> None:
    records = [
        ProductRecord(store_id="s1", product=Product(product_id=str(number), title="茶", updated_at=START), version=1)
        for number in range(120)
    ]
    for record in records:
        kept.records.put_product(record)
    wanted = [*(str(number) for number in range(5, 115)), "unknown", "5"]
    found = kept.records.get_products("s1", wanted)
    assert found == {record.product.product_id: record for record in records[5:115]}
    assert kept.records.get_product("s1", "7") == records[7]
    assert kept.records.get_product("s1", "unknown") is None


def test_a_decision_is_remembered_by_its_event(kept: Ports) -> None:
    assert not kept.records.has_decision("s1", "c1", "e1")
    kept.records.put_decision(
        DecisionRecord(
            store_id="s1",
            customer_id="c1",
            event_id="e1",
            event="order.placed",
            occurred_at=START,
            decided_at=START,
        )
    )
    assert kept.records.has_decision("s1", "c1", "e1")
    assert not kept.records.has_decision("s1", "c2", "e1")


# ── Messages ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_is_created_once_and_says_how_far_it_is(kept: Ports) -> None:
    message = make_message(data={"name": "花子"})
    assert kept.messages.create(message) is MessageState.DECIDED
    assert kept.messages.get("s1", "c1", "m1") == message
    moved = kept.messages.move(message, MessageState.QUEUED, expected=[MessageState.DECIDED], at=START)
    assert moved is not None
    assert kept.messages.create(message) is MessageState.QUEUED
    assert kept.messages.get("s1", "c1", "m1") == moved
    assert kept.messages.get("s1", "c1", "m2") is None


def test_a_message_created_in_a_later_state_is_read_as_it_was(kept: Ports) -> None:
    queued = make_message(state=MessageState.QUEUED, state_at=START, attempt=2, reason="again", repeated=True)
    assert kept.messages.create(queued) is MessageState.QUEUED
    assert kept.messages.get("s1", "c1", "m1") == queued


def test_only_one_of_two_workers_takes_a_message(kept: Ports) -> None:
    message = make_message(state=MessageState.QUEUED)
    kept.messages.create(message)
    first = kept.messages.move(message, MessageState.SENDING, expected=[MessageState.QUEUED], at=START)
    second = kept.messages.move(message, MessageState.SENDING, expected=[MessageState.QUEUED], at=START)
    assert first is not None
    assert first.state is MessageState.SENDING
    assert second is None


def test_a_worker_of_an_earlier_attempt_moves_nothing(kept: Ports) -> None:
    first = make_message(state=MessageState.SENDING)
    kept.messages.create(first)
    again = kept.messages.move(
        first, MessageState.QUEUED, expected=[MessageState.SENDING], at=START, attempt=1, reason="busy"
    )
    assert again is not None
    assert (again.attempt, again.reason) == (1, "busy")
    assert kept.messages.move(first, MessageState.SENDING, expected=[MessageState.QUEUED], at=START) is None
    assert kept.messages.move(again, MessageState.SENDING, expected=[MessageState.QUEUED], at=START)


def test_what_a_move_does_not_name_stays(kept: Ports) -> None:
    message = make_message()
    kept.messages.create(message)
    accepted = kept.messages.move(
        message,
        MessageState.ACCEPTED,
        expected=[MessageState.DECIDED],
        at=START,
        provider_id="wamid.1",
        address="+819012345678",
        repeated=True,
    )
    assert accepted is not None
    sent = kept.messages.report("s1", "c1", "m1", MessageState.SENT, at=START + timedelta(seconds=2))
    assert sent == accepted.model_copy(update={"state": MessageState.SENT, "state_at": START + timedelta(seconds=2)})


def test_a_providers_word_moves_a_message_forward_only(kept: Ports) -> None:
    kept.messages.create(make_message(state=MessageState.ACCEPTED))
    later = START + timedelta(seconds=1)
    read = kept.messages.report("s1", "c1", "m1", MessageState.READ, at=later, details={"code": 1})
    assert read is not None
    assert (read.state, read.state_at) == (MessageState.READ, later)
    for state in (MessageState.DELIVERED, MessageState.READ, MessageState.FAILED):
        assert kept.messages.report("s1", "c1", "m1", state, at=later, reason="late") is None
    assert kept.messages.get("s1", "c1", "m1") == read
    assert kept.messages.report("s1", "c1", "unknown", MessageState.READ, at=later) is None


def test_a_late_word_on_an_earlier_attempt_leaves_a_waiting_message_alone(kept: Ports) -> None:
    parked = make_message(state=MessageState.PARKED)
    kept.messages.create(parked)
    for state in (MessageState.SENT, MessageState.FAILED):
        assert kept.messages.report("s1", "c1", "m1", state, at=START) is None
    read = kept.messages.report("s1", "c1", "m1", MessageState.READ, at=START)
    assert read is not None


# ── The due index ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_visit_is_kept_once_and_all_of_them_say_who_was_there(kept: Ports) -> None:
    assert kept.messages.note_visit("s1", "c1", "m1", Visit(START, "abc")) is None, "there is no such message"
    kept.messages.create(make_message(state=MessageState.SENT, state_at=START))
    kept.messages.report("s1", "c1", "m1", MessageState.DELIVERED, at=START)
    later = START + timedelta(hours=1)
    for visit, visitor in (
        (Visit(START, "abc"), "machine"),  # at the moment of the delivery
        (Visit(later, "abc"), "person"),
        (Visit(later, "abc"), "person"),
        (Visit(later, "def"), "machine"),
        (Visit(later + timedelta(hours=1), "def", "crawler"), "machine"),
    ):
        assert kept.messages.note_visit("s1", "c1", "m1", visit) == visitor
        message = kept.messages.get("s1", "c1", "m1")
        assert message and message.clicked == visitor


def test_that_a_program_opened_a_mail_is_kept_and_moves_nothing(kept: Ports) -> None:
    kept.messages.note_machine_open("s1", "c1", "m1")
    assert kept.messages.get("s1", "c1", "m1") is None
    kept.messages.create(make_message(state=MessageState.SENT, state_at=START))
    for _ in range(2):
        kept.messages.note_machine_open("s1", "c1", "m1")
    message = kept.messages.get("s1", "c1", "m1")
    assert message and (message.machine_opened, message.state) == (True, MessageState.SENT)


def test_a_parked_message_is_due_until_it_moves_on(kept: Ports) -> None:
    message = make_message(state=MessageState.QUEUED)
    kept.messages.create(message)
    until = START + timedelta(hours=1)
    parked = kept.messages.move(
        message,
        MessageState.PARKED,
        expected=[MessageState.QUEUED],
        at=START,
        reason="template_paused",
        parked_until=until,
    )
    assert parked is not None
    assert parked.parked_until == until
    assert list(kept.due.list_due(until - timedelta(seconds=1))) == []
    due = DueItem(store_id="s1", customer_id="c1", message_id="m1", sweep_at=until)
    assert list(kept.due.list_due(until)) == [due]
    queued = kept.messages.move(parked, MessageState.QUEUED, expected=[MessageState.PARKED], at=until)
    assert queued is not None
    assert queued.parked_until is None
    assert list(kept.due.list_due(until)) == []


def test_one_sweeper_claims_what_is_due(kept: Ports) -> None:
    kept.customers.save(make_customer(), sweep_at=START)
    [item] = kept.due.list_due(START)
    later = START + timedelta(minutes=30)
    assert kept.due.postpone(item, later)
    assert not kept.due.postpone(item, later)
    assert list(kept.due.list_due(START)) == []
    assert [item.sweep_at for item in kept.due.list_due(later)] == [later]


def test_a_commit_takes_a_customer_out_of_the_due_index(kept: Ports) -> None:
    kept.customers.save(make_customer(), sweep_at=START)
    [item] = kept.due.list_due(START)
    kept.customers.save(make_customer(version=2), sweep_at=None)
    assert list(kept.due.list_due(START)) == []
    assert not kept.due.postpone(item, START + timedelta(minutes=30))
    assert kept.customers.load("s1", "c1") == make_customer(version=2)


RUN = {"journey": "review-request", "definition": "d" * 40, "key": "o1", "started_at": START}
