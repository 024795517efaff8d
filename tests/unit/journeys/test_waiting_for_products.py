"""Back in stock, launches, lower prices, wish lists: who waits is told in turn, once, and only while it is so."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from okaeri.catalogue.compile_journeys import JOURNEYS_FOLDER, compile_journey, hash_definition
from okaeri.domain.evidence import CustomersMerged, Envelope, InterestSeen, ProductSeen, ProductTold, WaitingDue
from okaeri.domain.journeys import Definition
from okaeri.domain.orders import Buyer, OptIn, OrderLine, Product, Variant
from okaeri.domain.stores import Store
from okaeri.errors import TryAgain
from okaeri.use_cases.advance_journeys import AdvanceJourneys
from okaeri.use_cases.tell_waiting import TellWaiting
from tests.world import AIKO, World, make_order, make_settings, make_store

CAMPAIGNS = ("back-in-stock", "launch-alert", "price-drop", "browse-reminder", "wishlist-reminder")
WORDING = "Tell me, and send me your news"
NEWS = (OptIn(channel="whatsapp", purpose="marketing", source="notify me", wording=WORDING, explicit=True),)


@cache
def load_campaigns() -> dict[str, Definition]:
    """The five by content hash."""
    texts = {f"{name}.yaml": (JOURNEYS_FOLDER / f"{name}.yaml").read_text("utf-8") for name in CAMPAIGNS}
    compiled = [compile_journey(text, file) for file, text in texts.items()]
    return {hash_definition(definition): definition for definition in compiled}


def make_world(*, on: bool = True, **changes: Any) -> World:
    """A shop with the five campaigns, switched on."""
    store = make_store(load_campaigns(), **changes)
    triggers = {
        event: tuple(entry.model_copy(update={"on": on or entry.on}) for entry in published)
        for event, published in store.triggers.items()
    }
    return World(store=store.model_copy(update={"triggers": triggers}), definitions=load_campaigns())


@pytest.fixture
def world() -> World:
    return make_world()


def make_shopper(number: int) -> Buyer:
    return Buyer(email=f"s{number}@example.jp", phone=f"+8190123{number:05d}", first_name=f"S{number}", country="JP")


def ask(world: World, buyer: Buyer = AIKO, wish: str = "stock", **details: Any) -> Envelope:
    seen = {"product_id": "p1", "variant_id": "v1", "opt_ins": NEWS, "at": world.clock()} | details
    return world.hear(InterestSeen.model_validate({"wish": wish, "buyer": buyer} | seen))


def stock(world: World, *quantities: int | None, price: str = "4800", status: str = "active", **details: Any) -> None:
    """The store tells of the apron with so many of each of its variants."""
    variants = tuple(
        Variant(
            variant_id=f"v{number}",
            price=Decimal(price),
            quantity=quantity,
            in_stock=None if quantity is None else quantity > 0,
        )
        for number, quantity in enumerate(quantities, 1)
    )
    product = {"product_id": "p1", "title": "Linen Apron", "url": "https://kinari.example/p1", "status": status}
    seen = Product.model_validate(product | {"updated_at": world.clock(), "variants": variants} | details)
    world.hear(ProductSeen(product=seen))
    world.wait(seconds=10)


def list_told(world: World) -> list[str]:
    """Whom messages went to, by their first names, in order."""
    names = {customer.customer_id: customer.first_name or "" for customer in world.customers.customers.values()}
    return [names[message.customer_id] for message in world.list_messages()]


# ── Back in stock ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_asked_is_told_once_when_it_is_back(world: World) -> None:
    stock(world, 0)
    ask(world)
    assert world.told() == []
    world.wait(days=2)
    stock(world, 5)
    assert world.told() == ["back_in_stock"]
    [message] = world.list_messages()
    assert message.data["product.title"] == "Linen Apron"
    assert message.data["product.price"] == "4800"
    stock(world, 4)
    world.wait(days=30)
    assert world.told() == ["back_in_stock"]


def test_nobody_is_told_of_another_size(world: World) -> None:
    stock(world, 0, 0)
    ask(world)
    world.wait(days=1)
    stock(world, 0, 3)
    assert world.told() == []
    stock(world, 1, 3)
    assert world.told() == ["back_in_stock"]


def test_who_takes_any_size_hears_of_the_first_that_is_back(world: World) -> None:
    stock(world, 0, 0)
    ask(world, variant_id=None)
    world.wait(days=1)
    stock(world, 0, 3)
    assert world.told() == ["back_in_stock"]


def test_first_come_first_served_three_for_each_piece_and_the_rest_the_next_day(world: World) -> None:
    stock(world, 0)
    for number in range(8):
        world.wait(minutes=1)
        ask(world, make_shopper(number))
    world.wait(days=1)
    stock(world, 1)
    assert list_told(world) == ["S0", "S1", "S2"]
    world.wait(hours=20)
    assert list_told(world) == ["S0", "S1", "S2"]
    world.wait(hours=6)
    assert list_told(world) == ["S0", "S1", "S2", "S3", "S4", "S5"]
    world.wait(days=3)
    assert list_told(world) == [f"S{number}" for number in range(8)]


def test_how_many_are_told_for_a_piece_is_the_shop_s_choice() -> None:
    world = make_world(settings=make_settings(waiting_per_piece=1))
    stock(world, 0)
    for number in range(3):
        world.wait(minutes=1)
        ask(world, make_shopper(number))
    world.wait(days=1)
    stock(world, 2)
    assert list_told(world) == ["S0", "S1"]


def test_the_rest_is_not_told_once_it_is_sold_out_and_is_told_when_it_is_back(world: World) -> None:
    stock(world, 0)
    for number in range(5):
        world.wait(minutes=1)
        ask(world, make_shopper(number))
    world.wait(days=1)
    stock(world, 1)
    world.wait(hours=2)
    stock(world, 0)
    world.wait(days=5)
    assert list_told(world) == ["S0", "S1", "S2"]
    stock(world, 9)
    assert list_told(world) == ["S0", "S1", "S2", "S3", "S4"]


def test_each_size_has_pieces_of_its_own(world: World) -> None:
    stock(world, 0, 0)
    for number in range(6):
        world.wait(minutes=1)
        ask(world, make_shopper(number), variant_id="v1")
    ask(world, make_shopper(9), variant_id="v2")
    world.wait(days=1)
    stock(world, 1, 50)
    assert list_told(world) == ["S0", "S1", "S2", "S9"]


def test_where_nobody_counts_all_are_told_at_once(world: World) -> None:
    stock(world, 0)
    for number in range(10):
        ask(world, make_shopper(number))
    world.wait(days=1)
    variants = (Variant(variant_id="v1", price=Decimal(1), in_stock=True),)
    stock(world, variants=variants)
    assert sorted(list_told(world)) == sorted(f"S{number}" for number in range(10))


def test_a_crowd_is_told_in_goes_of_two_hundred_a_minute_apart(world: World) -> None:
    stock(world, 0)
    for number in range(230):
        world.wait(seconds=1)
        ask(world, make_shopper(number))
    world.wait(days=1)
    stock(world, 100)
    assert len(world.told()) == 200
    world.wait(minutes=2)
    assert len(world.told()) == 230


def test_who_was_passed_over_in_an_early_go_is_told_the_next_day(world: World) -> None:
    stock(world, 0, 0)
    for number in range(5):
        world.wait(seconds=1)
        ask(world, make_shopper(number), variant_id="v1")
    for number in range(100, 310):
        world.wait(seconds=1)
        ask(world, make_shopper(number), variant_id="v2")
    world.wait(days=1)
    stock(world, 1, 100)
    world.wait(minutes=3)
    assert len(world.told()) == 213
    world.wait(days=1, hours=1)
    assert list_told(world)[213:] == ["S3", "S4"]


def test_who_asks_twice_keeps_their_place(world: World) -> None:
    stock(world, 0)
    ask(world, make_shopper(0))
    world.wait(hours=1)
    ask(world, make_shopper(1))
    world.wait(hours=1)
    ask(world, make_shopper(0))
    world.wait(days=1)
    stock(world, 9)
    assert list_told(world) == ["S0", "S1"]


def test_who_takes_it_back_is_not_told(world: World) -> None:
    stock(world, 0)
    ask(world)
    ask(world, gone=True)
    world.wait(days=1)
    stock(world, 9)
    assert world.told() == []


def test_who_bought_it_meanwhile_is_not_told(world: World) -> None:
    stock(world, 0)
    ask(world)
    world.wait(days=1)
    line = OrderLine(line_id="1", product_id="p1", title="Linen Apron", quantity=1, price=Decimal(4800))
    world.order(make_order(lines=(line,), created_at=world.clock(), updated_at=world.clock()))
    before = world.told()
    stock(world, 9)
    assert world.told() == before


def test_without_consent_nothing_is_said(world: World) -> None:
    stock(world, 0)
    ask(world, opt_ins=())
    world.wait(days=1)
    stock(world, 9)
    assert world.told() == []
    assert "whatsapp:back_in_stock refused no_marketing_consent" in world.why()


def test_who_asked_goes_before_who_only_saved_it(world: World) -> None:
    stock(world, 0)
    ask(world, make_shopper(0), "wishlist")
    world.wait(hours=1)
    ask(world, make_shopper(1))
    world.wait(days=1)
    stock(world, 9)
    assert list_told(world) == ["S1", "S0"]


def test_two_records_that_turn_out_to_be_one_person_are_told_once(world: World) -> None:
    stock(world, 0)
    ask(world, Buyer(store_customer_id="1", email="s1@example.jp"))
    ask(world, Buyer(store_customer_id="2", phone="+819012300009"), variant_id=None)
    world.hear(CustomersMerged(kept="1", lost="2", at=world.clock()))
    world.wait(days=1)
    stock(world, 9)
    assert len(world.told()) == 1


def test_an_address_typed_there_displaces_nothing(world: World) -> None:
    world.order(make_order())
    known = world.customer().phones
    ask(world, AIKO.model_copy(update={"phone": "+819099999999"}))
    assert world.customer().phones[0] == known[0]


# ── Nothing twice, nothing lost ──────────────────────────────────────────────────────────────────────────────────────


def test_whatever_comes_twice_tells_nobody_twice(world: World) -> None:
    stock(world, 0)
    envelopes = [ask(world, make_shopper(number)) for number in range(7)]
    world.wait(days=1)
    original = AdvanceJourneys.__call__
    seen: list[Envelope] = []

    def twice(self: AdvanceJourneys, envelope: Envelope, *, redelivered: bool = False) -> None:
        original(self, envelope, redelivered=redelivered)
        original(self, envelope, redelivered=True)
        seen.append(envelope)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AdvanceJourneys, "__call__", twice)
        stock(world, 2)
        for envelope in envelopes:
            world.give(envelope)
        world.wait(days=3)
    assert any(isinstance(envelope.evidence, ProductTold) for envelope in seen)
    assert sorted(list_told(world)) == sorted(f"S{number}" for number in range(7))


@pytest.mark.parametrize("step", ["keep_round", "mark_told", "list_waiting", "send_evidence"])
def test_a_go_that_died_half_way_is_done_again_with_the_same_people(world: World, step: str) -> None:
    stock(world, 0)
    for number in range(6):
        world.wait(minutes=1)
        ask(world, make_shopper(number))
    world.wait(days=1)
    broken = world.queues if step == "send_evidence" else world.interests
    real, failures = getattr(broken, step), [2]  # it fails at the second call of the first try

    def fail_once(*args: Any, **kwargs: Any) -> Any:
        failures[0] -= 1
        if failures[0] == 0:
            raise TryAgain("broken")
        return real(*args, **kwargs)

    failed: list[Envelope] = []
    original = AdvanceJourneys.__call__

    def again(self: AdvanceJourneys, envelope: Envelope, *, redelivered: bool = False) -> None:
        try:
            original(self, envelope, redelivered=redelivered)
        except TryAgain:
            failed.append(envelope)
            original(self, envelope, redelivered=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AdvanceJourneys, "__call__", again)
        patch.setattr(broken, step, fail_once)
        stock(world, 1)
        assert list_told(world) == ["S0", "S1", "S2"]
        world.wait(days=2)
    assert list_told(world) == [f"S{number}" for number in range(6)]


def test_who_stands_behind_a_go_that_came_twice_is_not_passed_over(world: World) -> None:
    stock(world, 0)
    for number in range(230):
        world.wait(seconds=1)
        ask(world, make_shopper(number))
    world.wait(days=1)
    original = TellWaiting.__call__

    def twice(self: TellWaiting, due: WaitingDue, store: Store) -> None:
        original(self, due, store)
        original(self, due, store)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TellWaiting, "__call__", twice)
        stock(world, 100)
        world.wait(minutes=3)
    assert len(world.told()) == 230


def test_news_are_not_lost_where_the_product_could_not_be_written(world: World) -> None:
    stock(world, 0)
    ask(world)
    world.wait(days=1)
    real = world.records.put_product
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.records, "put_product", lambda record: (_ for _ in ()).throw(TryAgain("table_throttled")))
        with pytest.raises(TryAgain):
            stock(world, 9)
    assert world.records.put_product == real
    stock(world, 9)
    assert world.told() == ["back_in_stock"]


# ── Launches, prices, wish lists, looks ──────────────────────────────────────────────────────────────────────────────


def test_a_launch_is_confirmed_and_told_on_its_day_in_order(world: World) -> None:
    stock(world, 5, status="draft")
    for number in range(3):
        world.wait(minutes=1)
        ask(world, make_shopper(number), "launch", variant_id=None)
    assert world.told() == ["launch_listed"] * 3
    world.wait(days=20)
    stock(world, 5)
    assert world.told()[3:] == ["launch_alert"] * 3
    assert list_told(world)[3:] == ["S0", "S1", "S2"]


def test_a_product_that_comes_new_to_the_store_is_a_launch(world: World) -> None:
    ask(world, wish="launch", variant_id=None)
    world.wait(days=20)
    stock(world, 5)
    assert world.told() == ["launch_listed", "launch_alert"]


def test_a_lower_price_is_told_to_who_saved_it_once_a_fortnight(world: World) -> None:
    stock(world, 5)
    ask(world, wish="wishlist")
    world.wait(days=1)
    stock(world, 5, price="3900")
    assert world.told() == ["price_drop"]
    assert world.list_messages()[0].data["product.price"] == "3900"
    world.wait(days=2)
    stock(world, 5, price="3500")
    assert world.told() == ["price_drop"]
    world.wait(days=15)
    stock(world, 5, price="3000")
    assert world.told() == ["price_drop", "price_drop"]


def test_a_higher_price_is_no_news(world: World) -> None:
    stock(world, 5)
    ask(world, wish="wishlist")
    world.wait(days=1)
    stock(world, 5, price="5900")
    assert world.told() == []


def test_a_wish_is_remembered_after_a_fortnight_once(world: World) -> None:
    stock(world, 5)
    ask(world, wish="wishlist")
    world.wait(days=13)
    assert world.told() == []
    world.wait(days=3)
    assert world.told() == ["wishlist_reminder"]
    ask(world, wish="wishlist")
    world.wait(days=60)
    assert world.told() == ["wishlist_reminder"]


@pytest.mark.parametrize("why", ["taken off", "bought", "sold out"])
def test_a_wish_that_is_none_any_more_is_not_remembered(world: World, why: str) -> None:
    stock(world, 5)
    ask(world, wish="wishlist")
    world.wait(days=3)
    if why == "taken off":
        ask(world, wish="wishlist", gone=True)
    elif why == "bought":
        world.order(make_order(created_at=world.clock(), updated_at=world.clock()))
    else:
        stock(world, 0)
    world.wait(days=30)
    assert "wishlist_reminder" not in world.told()


def test_a_product_that_was_looked_at_twice_is_shown_once_more(world: World) -> None:
    stock(world, 5)
    ask(world, wish="viewed")
    world.wait(days=2)
    assert world.told() == []
    ask(world, wish="viewed")
    world.wait(days=2)
    assert world.told() == ["browse_reminder"]
    for _ in range(5):
        world.wait(hours=1)
        ask(world, wish="viewed")
    world.wait(days=10)
    assert world.told() == ["browse_reminder"]


def test_the_same_look_told_twice_is_one_look(world: World) -> None:
    stock(world, 5)
    envelope = ask(world, wish="viewed")
    world.give(envelope, redelivered=True)
    world.wait(days=3)
    assert world.told() == []


def test_looks_cost_nothing_where_no_journey_begins_by_them() -> None:
    world = make_world(on=False)
    for _ in range(3):
        world.wait(minutes=1)
        ask(world, wish="viewed")
    assert world.customers.customers == {}
    assert world.interests.looks == {}


def test_who_buys_is_not_shown_what_they_looked_at(world: World) -> None:
    stock(world, 5)
    ask(world, wish="viewed")
    world.wait(minutes=5)
    ask(world, wish="viewed")
    world.wait(hours=1)
    world.order(make_order(created_at=world.clock(), updated_at=world.clock()))
    world.wait(days=5)
    assert "browse_reminder" not in world.told()


def test_nothing_of_it_is_said_before_the_shop_switches_it_on() -> None:
    world = make_world(on=False)
    stock(world, 0)
    ask(world)
    ask(world, wish="wishlist")
    world.wait(days=20)
    stock(world, 9)
    world.wait(days=20)
    assert world.told() == []
