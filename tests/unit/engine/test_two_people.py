"""Two who share a phone, whatever happens in whatever order: nobody hears a thing twice, and STOP is STOP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okaeri.domain.decide import MAX_RECENT, MAX_RUNS
from okaeri.domain.evidence import (
    CartSeen,
    CustomersMerged,
    CustomerWake,
    Envelope,
    Evidence,
    MessageCheck,
    MessageOutcome,
    MessageReceived,
    OrderChanged,
    OrderSeen,
    ShipmentSeen,
)
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.orders import Buyer, Payment, Shipment, ShipmentStatus
from okaeri.domain.waking import GRACE
from tests.crashing import CrashingWorld, Plan
from tests.world import (
    AIKO,
    BOTH_OPT_INS,
    MONDAY,
    World,
    load_catalogue,
    make_cart,
    make_order,
    make_settings,
    make_store,
)

PEOPLE = {
    "a": Buyer(store_customer_id="1", email="a@example.jp", phone=AIKO.phone, country="JP"),
    "b": Buyer(email="b@example.jp", phone=AIKO.phone, country="JP"),
}
ANSWERS = ("stop_confirmed", "start_confirmed", "marketing_stopped")
CONFIRMATIONS = ("order_confirmation", "order_confirmation_welcome")


class Shop:
    """The world, what came in so far, and whether the phone has said STOP."""

    def __init__(self, kind: type[World] = World) -> None:
        store = make_store(load_catalogue(), settings=make_settings(marketing_hours=("00:00", "00:00")))
        self.world = kind(store=store)
        self.heard: list[Envelope] = []
        self.stopped = False

    def hear(self, evidence: Evidence) -> None:
        self.world.clock.advance(seconds=1)
        self.heard.append(self.world.hear(evidence))

    def write(self, text: str) -> None:
        self.stopped = text == "STOP"
        provider_id = f"wamid.{len(self.heard)}"
        self.world.clock.advance(seconds=1)
        self.hear(
            MessageReceived(
                provider_id=provider_id,
                at=self.world.clock(),
                type="text",
                phone=AIKO.phone,
                wa_user_id=None,
                text=text,
            )
        )

    def find_last(self) -> Message | None:
        messages = self.world.list_messages()
        return messages[-1] if messages else None


Action = Callable[[Shop], None]


def order(who: str, hours: int, payment: Payment) -> Action:
    def act(shop: Shop) -> None:
        seen = make_order(
            f"order-{who}",
            buyer=PEOPLE[who],
            payment=payment,
            updated_at=MONDAY + timedelta(hours=hours),
            checkout_token=f"cart-{who}",
            opt_ins=BOTH_OPT_INS[:1],
        )
        shop.hear(OrderSeen(order=seen))

    return act


def ship(who: str, status: ShipmentStatus) -> Action:
    def act(shop: Shop) -> None:
        parcel = Shipment(shipment_id=f"parcel-{who}", status=status, at=shop.world.clock())
        shop.hear(ShipmentSeen(order_id=f"order-{who}", shipment=parcel))

    return act


def fill_cart(who: str) -> Action:
    def act(shop: Shop) -> None:
        cart = make_cart(f"cart-{who}", buyer=PEOPLE[who], updated_at=shop.world.clock(), opt_ins=BOTH_OPT_INS)
        shop.hear(CartSeen(cart=cart))

    return act


def write(text: str) -> Action:
    return lambda shop: shop.write(text)


def cancel(who: str) -> Action:
    return lambda shop: shop.hear(OrderChanged(order_id=f"order-{who}", change="cancelled", at=shop.world.clock()))


def wait(hours: float) -> Action:
    return lambda shop: shop.world.wait(hours=hours)


def move(state: MessageState) -> Action:
    """The sender or provider of the last message had its say, and the engine looks at it 15 minutes later."""

    def act(shop: Shop) -> None:
        message = shop.find_last()
        if message is not None and message.state is MessageState.QUEUED:
            shop.world.set_state(message, state)
            shop.world.wait(minutes=15)
            shop.hear(MessageCheck(customer_id=message.customer_id, message_id=message.message_id))

    return act


def fail(code: str) -> Action:
    def act(shop: Shop) -> None:
        message = shop.find_last()
        if message is not None and message.state is MessageState.QUEUED:
            shop.world.set_state(message, MessageState.FAILED)
            outcome = MessageOutcome(
                customer_id=message.customer_id,
                message_id=message.message_id,
                outcome="failed",
                at=shop.world.clock(),
                code=code,
                address=AIKO.phone,
            )
            shop.hear(outcome)

    return act


def repeat(number: int) -> Action:
    """What came in before comes in once more, late."""

    def act(shop: Shop) -> None:
        if shop.heard:
            shop.world.give(shop.heard[number % len(shop.heard)], redelivered=number % 2 == 0)

    return act


def wake(shop: Shop) -> None:
    for customer in list(shop.world.customers.customers.values()):
        shop.hear(CustomerWake(customer_id=customer.customer_id, rearm=True))


def join(shop: Shop) -> None:
    shop.hear(CustomersMerged(kept="1", lost="2", at=shop.world.clock()))


actions = st.one_of(
    st.builds(
        order,
        st.sampled_from("ab"),
        st.integers(0, 5),
        st.sampled_from([Payment.PENDING, Payment.FAILED, Payment.PAID]),
    ),
    st.builds(ship, st.sampled_from("ab"), st.sampled_from(list(ShipmentStatus))),
    st.builds(fill_cart, st.sampled_from("ab")),
    st.builds(write, st.sampled_from(["STOP", "START", "STOP"])),
    st.builds(cancel, st.sampled_from("ab")),
    st.builds(wait, st.sampled_from([0.1, 1.5, 30.0, 200.0])),
    st.builds(move, st.sampled_from([MessageState.SENT, MessageState.HELD, MessageState.UNCONFIRMED])),
    st.builds(fail, st.sampled_from(["131026", "131047"])),
    st.builds(repeat, st.integers(0, 30)),
    st.sampled_from([wake, join]),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=st.lists(actions, max_size=16))
def test_whatever_happens_to_two_who_share_a_phone(story: list[Action]) -> None:
    shop = Shop()
    play(shop, story)
    for message_id, times in Counter(sent.queued.message_id for sent in shop.world.queues.messages).items():
        named = [m for m in shop.world.messages.messages.values() if m.message_id == message_id]
        assert times <= 1 + any(m.repeated for m in named), named[0].template
    check_nothing_is_doubled(shop.world)
    check_nothing_is_stuck(shop.world)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=st.lists(actions, max_size=14), deaths=st.dictionaries(st.integers(1, 200), st.booleans(), max_size=8))
def test_whatever_happens_to_them_while_the_engine_dies_now_and_then(
    story: list[Action], deaths: dict[int, bool]
) -> None:
    class Unlucky(CrashingWorld):
        plan = Plan(deaths)

    shop = Shop(Unlucky)
    play(shop, story)
    left_behind = [key for key, customer in shop.world.customers.customers.items() if customer.pending]
    assert all(shop.world.customers.sweeps[key] for key in left_behind), "the sweep would not find it"
    deaths.clear()
    wake(shop)
    check_nothing_is_doubled(shop.world)
    check_nothing_is_stuck(shop.world)


def play(shop: Shop, story: list[Action]) -> None:
    for act in story:
        handed_over = len(shop.world.queues.messages)
        act(shop)
        said = shop.world.list_messages()[handed_over:]
        if shop.stopped:
            assert {m.template for m in said if m.channel == "whatsapp"} <= set(ANSWERS), "said after a STOP"


def check_nothing_is_doubled(world: World) -> None:
    assert not any(message.repeated and message.purpose == "marketing" for message in world.messages.messages.values())
    confirmed = Counter(
        (message.refs.order_id, message.channel)
        for message in world.messages.messages.values()
        if message.template in CONFIRMATIONS
    )
    assert not confirmed or max(confirmed.values()) == 1
    stages = Counter(
        (message.refs.shipment_id, message.template, message.channel)
        for message in world.messages.messages.values()
        if message.refs.shipment_id and message.template not in ("shipment_delayed", "shipment_exception")
    )
    again = [stage for stage, times in stages.items() if times > 1 and stage[1] != "shipment_attempt_failed"]
    assert not again


def check_nothing_is_stuck(world: World) -> None:
    for key, customer in world.customers.customers.items():
        if customer.merged_into:
            continue
        assert customer.pending == ()
        assert len(customer.runs) <= MAX_RUNS
        assert len(customer.recent) <= MAX_RECENT
        for run in customer.runs:
            assert run.waiting, "a run is stuck"
            if run.waiting.due:
                sweep_at = world.customers.sweeps[key]
                assert sweep_at, "the sweep would not find it"
                assert sweep_at <= max(run.waiting.due, world.clock()) + GRACE
