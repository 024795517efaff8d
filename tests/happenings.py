"""What may happen to a shopper and their shop in a history: drawn, and done when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from okaeri.catalogue.compile_journeys import hash_definition
from okaeri.domain.conditions import Span
from okaeri.domain.evidence import (
    ActionDone,
    CartSeen,
    ConsentSeen,
    CustomersMerged,
    CustomerWake,
    Envelope,
    Evidence,
    MessageOutcome,
    MessageReceived,
    NumberChanged,
    OrderSeen,
    RunMigration,
    ShipmentSeen,
    StaffReplied,
    TicketSolved,
    TimerDue,
)
from okaeri.domain.journeys import Definition, SendStep, WaitStep
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.migrations import map_steps
from okaeri.domain.orders import Buyer, Payment, Shipment, ShipmentStatus
from okaeri.domain.stores import AttentionBudget, Mode, PublishedJourney, Sending, Store
from okaeri.domain.values import make_id
from tests.history_world import HistoryWorld
from tests.world import AIKO, BOTH_OPT_INS, MONDAY, make_cart, make_order

GONE_OUT = (MessageState.SENT, MessageState.DELIVERED)
TEXTS = ("yes", "😍", "no", "where is my parcel?", "STOP", "START")
STATUSES = (ShipmentStatus.SHIPPED, ShipmentStatus.OUT_FOR_DELIVERY, ShipmentStatus.DELAYED, ShipmentStatus.DELIVERED)
LENA = Buyer(store_customer_id="7001", email="lena@example.de", phone="+4915112345678", country="DE", locale="de")
GRACE = Buyer(
    store_customer_id="7001",
    email="grace@example.com",
    phone="+12125550123",
    country="US",
    locale="en",
    time_zone="America/New_York",
)
HANA = Buyer(store_customer_id="7002", email="hana@example.jp", phone="+819000000055", country="JP", locale="ja")
NEW_PHONE = "+819000000077"


@dataclass(frozen=True)
class Place:
    """Where the shopper lives, and when their story begins."""

    buyer: Buyer
    zone: str
    begins: datetime


PLACES = (
    Place(AIKO, "Asia/Tokyo", MONDAY),
    Place(LENA, "Europe/Berlin", datetime(2026, 10, 24, 9, tzinfo=UTC)),  # the clocks go back that night
    Place(LENA, "Europe/Berlin", datetime(2026, 3, 27, 20, tzinfo=UTC)),  # and forward two nights later
    Place(GRACE, "America/New_York", datetime(2026, 3, 7, 15, tzinfo=UTC)),  # forward that night
)


class Play:
    """A world in which a story is played, and what has to be known to make the next thing happen."""

    def __init__(self, world: HistoryWorld, place: Place) -> None:
        self.world, self.place = world, place
        self.count = 0
        self.given: list[Envelope] = []
        self.is_stopped = False  # STOP was the last word of their phone
        self.has_asked = False  # they have said something since
        self.said: list[MessageReceived] = []
        self.amended: list[MessageReceived] = []
        self.replies: list[StaffReplied] = []  # of the shop's people
        self.is_one_day = True  # the calendar by which their days are told is one and the same all along
        self.has_moved_number = False

    def now(self) -> datetime:
        """The world's clock."""
        return self.world.clock()

    def hear(self, evidence: Evidence, *, times: int = 1) -> None:
        """The same evidence, once or oftener, as queues give it."""
        self.count += 1
        envelope = Envelope(
            id=make_id("history", self.count),
            store_id=self.world.store.store_id,
            source="shopify test",
            received_at=self.now(),
            evidence=evidence,
        )
        self.given.append(envelope)
        for time in range(times):
            self.world.give(envelope, redelivered=time > 0)

    def note_said(self, received: MessageReceived) -> MessageReceived:
        """What the shopper says, and whether it is to be obeyed."""
        is_stop = received.text == "STOP"
        self.is_stopped = is_stop or (self.is_stopped and received.text != "START")
        self.has_asked = not is_stop
        (self.amended if received.amends else self.said).append(received)
        return received

    def find_store(self) -> Store:
        """The shop as it is now."""
        return self.world.stores.stores[self.world.store.store_id]

    def change_store(self, **changes: Any) -> None:
        """The shop chooses otherwise."""
        self.world.stores.stores[self.world.store.store_id] = self.find_store().model_copy(update=changes)

    def list_messages(self) -> list[Message]:
        """Every message, in an order that no death changes."""
        return sorted(self.world.messages.messages.values(), key=lambda m: (m.decided_at, m.message_id))

    def find_phone(self) -> str | None:
        """The number that the shopper writes from now."""
        return NEW_PHONE if self.has_moved_number else self.place.buyer.phone


Happening = Callable[[Play], Sequence[Evidence]]

# -- orders, parcels, carts --------------------------------------------------------------------------------------------


def _make_order(play: Play, name: str, buyer: Buyer, payment: Payment, **changes: Any) -> OrderSeen:
    values: dict[str, Any] = {
        "buyer": buyer,
        "payment": payment,
        "created_at": play.place.begins,
        "updated_at": play.now(),
        "opt_ins": BOTH_OPT_INS,
        "total": Decimal(9600),
    }
    return OrderSeen(order=make_order(name, **values | changes))


def place_order(name: str, payment: Payment) -> Happening:
    """An order, or the same order with another payment."""
    return lambda play: [_make_order(play, name, play.place.buyer, payment)]


def cancel_order(name: str) -> Happening:
    """The shop cancels."""
    return lambda play: [_make_order(play, name, play.place.buyer, Payment.PAID, cancelled_at=play.now())]


def order_anew(play: Play) -> Sequence[Evidence]:
    """A new order, whenever it comes."""
    name = str(6000 + play.count)
    return [_make_order(play, name, play.place.buyer, Payment.PAID, created_at=play.now())]


def order_as_another(play: Play) -> Sequence[Evidence]:
    """Somebody else orders."""
    return [_make_order(play, "5003", HANA, Payment.PAID)]


def order_with_their_phone(play: Play) -> Sequence[Evidence]:
    """Somebody whose phone is known, under an address that is not."""
    buyer = Buyer(email="other@example.com", phone=play.place.buyer.phone, country=play.place.buyer.country)
    return [_make_order(play, "5004", buyer, Payment.PAID)]


def merge_people(kept: str, lost: str) -> Happening:
    """The store joins two of its customers, each of whom has ordered."""

    def happen(play: Play) -> Sequence[Evidence]:
        play.is_one_day = False  # what both were told on one day, two budgets allowed
        return [*order_as_another(play), CustomersMerged(kept=kept, lost=lost, at=play.now())]

    return happen


def move_parcels(name: str, *parcels: str, status: ShipmentStatus) -> Happening:
    """The carrier tells of parcels."""
    return lambda play: [
        ShipmentSeen(order_id=name, shipment=Shipment(shipment_id=parcel, status=status, at=play.now()))
        for parcel in parcels
    ]


def fill_carts(*tokens: str, emptied: bool = False) -> Happening:
    """Carts as they stand."""
    changes: dict[str, Any] = {"lines": ()} if emptied else {}
    return lambda play: [
        CartSeen(cart=make_cart(token, buyer=play.place.buyer, updated_at=play.now(), **changes)) for token in tokens
    ]


# -- the shopper -------------------------------------------------------------------------------------------------------


def write(text: str) -> Happening:
    """The shopper writes."""

    def happen(play: Play) -> Sequence[Evidence]:
        received = MessageReceived(
            provider_id=f"wamid.{play.count}", at=play.now(), type="text", phone=play.find_phone(), text=text
        )
        return [play.note_said(received)]

    return happen


def tap_answer(answer: str, *, back: int) -> Happening:
    """The shopper taps a button of one of the latest questions, perhaps one that is long over."""

    def happen(play: Play) -> Sequence[Evidence]:
        asked = [message for message in play.list_messages() if message.run_id]
        if not asked:
            return []
        seed = asked[-1 - back % len(asked)].seed
        tapped = MessageReceived(
            provider_id=f"wamid.{play.count}",
            at=play.now(),
            type="button",
            phone=play.find_phone(),
            text=answer,
            payload=f"ANSWER:{seed}:{answer}",
        )
        return [play.note_said(tapped)]

    return happen


def consent(channel: Any, *, given: bool) -> Happening:
    """Consent to marketing, given or withdrawn in the shop."""
    return lambda play: [
        ConsentSeen(
            channel=channel,
            purpose="marketing",
            given=given,
            at=play.now(),
            source="store",
            buyer=play.place.buyer,
            confirmed=given,
        )
    ]


def change_number(play: Play) -> Sequence[Evidence]:
    """The shopper moves to another number."""
    if play.has_moved_number:
        return []
    play.has_moved_number = True
    return [NumberChanged(at=play.now(), old_phone=play.place.buyer.phone or "", new_phone=NEW_PHONE)]


def move_abroad(play: Play) -> Sequence[Evidence]:
    """The shopper orders from another country, in another language."""
    play.is_one_day = False
    moved = play.place.buyer.model_copy(update={"country": "BR", "locale": "pt-BR", "time_zone": "America/Sao_Paulo"})
    return [_make_order(play, "7009", moved, Payment.PAID)]


# -- what the world answers --------------------------------------------------------------------------------------------


def finish_action(*, ok: bool) -> Happening:
    """The shop's webhook answers, or a code is drawn, or neither can be."""

    def happen(play: Play) -> Sequence[Evidence]:
        asked = (request for request in play.world.queues.actions if request.kind != "media")
        requested = sorted(asked, key=lambda request: (request.requested_at, request.action_id))
        if not requested:
            return []
        request = requested[-1]
        data = {"level": "gold", "code": "THANKS"} if ok else {"reason": "pool_empty"}
        return [
            ActionDone(
                customer_id=request.customer_id,
                action_id=request.action_id,
                action=request.kind,
                ok=ok,
                at=play.now(),
                data=data,
            )
        ]

    return happen


def fail_message(code: str) -> Happening:
    """The provider says that the latest message that went out came to nothing."""

    def happen(play: Play) -> Sequence[Evidence]:
        messages = [message for message in play.list_messages() if message.state in GONE_OUT]
        if not messages:
            return []
        failed = messages[-1]
        play.world.set_state(failed, MessageState.FAILED)
        return [
            MessageOutcome(
                customer_id=failed.customer_id,
                message_id=failed.message_id,
                outcome="failed",
                at=play.now(),
                code=code,
                address=play.find_phone(),
            )
        ]

    return happen


def solve_ticket(play: Play) -> Sequence[Evidence]:
    """A person of the shop solves a ticket."""
    ticket = min(play.world.records.tickets.values(), key=lambda ticket: ticket.ticket_id, default=None)
    if ticket is None:
        return []
    return [TicketSolved(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, at=play.now(), outcome="replaced")]


# -- the shop ----------------------------------------------------------------------------------------------------------


def change_store(**changes: Any) -> Happening:
    """The shop turns its switch, or its mode."""

    def happen(play: Play) -> Sequence[Evidence]:
        play.change_store(**changes)
        return []

    return happen


def change_settings(**changes: Any) -> Happening:
    """The shop chooses other hours, days or budgets."""

    def happen(play: Play) -> Sequence[Evidence]:
        play.change_store(settings=play.find_store().settings.model_copy(update=changes))
        return []

    return happen


def change_journey(**changes: Any) -> Happening:
    """The first journey's own mode or settings."""

    def happen(play: Play) -> Sequence[Evidence]:
        _republish(play, lambda published: published.model_copy(update=changes))
        return []

    return happen


def drop_journey(play: Play) -> Sequence[Evidence]:
    """The shop takes its first journey off while runs wait."""
    _republish(play, lambda published: None)
    return []


def publish_version(*, migrate: bool, otherwise: Any = "stay") -> Happening:
    """The first journey's next version; with `migrate` the runs of one customer move to it."""

    def happen(play: Play) -> Sequence[Evidence]:
        old = next((p.definition for p in _list_published(play) if p.journey == _name_first(play)), None)
        if old is None or old not in play.world.next_versions:
            return []
        new = play.world.next_versions[old]
        _republish(play, lambda published: published.model_copy(update={"definition": new, "past": (old,)}))
        who = _find_customer(play)
        if not migrate or who is None:
            return []
        definitions = play.world.definitions
        return [
            RunMigration(
                customer_id=who,
                journey=_name_first(play),
                before=old,
                after=new,
                steps=map_steps(definitions[old], definitions[new]),
                otherwise=otherwise,
                by="hana",
                at=play.now(),
            )
        ]

    return happen


def make_next_version(definition: Definition) -> Definition:
    """The journey with longer rests, and one more thing to say in the end."""
    template = next((step.template for step in definition.steps if isinstance(step, SendStep)), None)
    steps = tuple(
        step.model_copy(update={"span": Span(fixed=timedelta(days=5))})
        if isinstance(step, WaitStep) and step.span and not step.events
        else step
        for step in definition.steps
    )
    added = (WaitStep(span=Span(fixed=timedelta(hours=3))), *((SendStep(template=template),) if template else ()))
    return definition.model_copy(update={"version": definition.version + 1, "steps": (*steps, *added)})


def list_next_versions(definitions: Sequence[Definition]) -> dict[str, Definition]:
    """By the hash of the version before."""
    return {hash_definition(definition): make_next_version(definition) for definition in definitions}


def _list_published(play: Play) -> list[PublishedJourney]:
    return [published for journeys in play.find_store().triggers.values() for published in journeys]


def _name_first(play: Play) -> str:
    return min(published.journey for journeys in play.world.store.triggers.values() for published in journeys)


def _republish(play: Play, change: Callable[[PublishedJourney], PublishedJourney | None]) -> None:
    first = _name_first(play)
    triggers = {}
    for event, journeys in play.find_store().triggers.items():
        changed = [change(published) if published.journey == first else published for published in journeys]
        triggers[event] = tuple(published for published in changed if published is not None)
    play.change_store(triggers=triggers)


# -- time and sweeps ---------------------------------------------------------------------------------------------------


def wake(play: Play) -> Sequence[Evidence]:
    """The sweep looks, early or for nothing."""
    who = _find_customer(play)
    return [CustomerWake(customer_id=who, rearm=True)] if who else []


def _find_customer(play: Play) -> str | None:
    alive = (c.customer_id for c in play.world.customers.customers.values() if c.merged_into is None)
    return min(alive, default=None)


def lose_timers(play: Play) -> Sequence[Evidence]:
    """Every timer is lost, in the Scheduler and in the queue: what is left is the sweep."""
    play.world.timers.armed.clear()
    play.world.forget_later(TimerDue)
    return []


def jump(**span: float) -> Happening:
    """The clock of the machine is put right, or wrong."""

    def happen(play: Play) -> Sequence[Evidence]:
        play.is_one_day = False
        play.world.clock.advance(**span)
        return []

    return happen


# What every journey of the random ones begins with.
OPENINGS: tuple[Happening, ...] = (
    place_order("5001", Payment.PENDING),
    move_parcels("5001", "f1", status=ShipmentStatus.SHIPPED),
    fill_carts("chk1"),
)
HAPPENINGS: tuple[Happening, ...] = (
    place_order("5001", Payment.PENDING),
    place_order("5001", Payment.PAID),
    place_order("5002", Payment.PAID),
    cancel_order("5001"),
    order_anew,
    order_as_another,
    order_with_their_phone,
    merge_people("7001", "7002"),
    merge_people("7002", "7001"),
    *(move_parcels("5001", "f1", status=status) for status in STATUSES),
    *(move_parcels("5001", "f1", "f2", status=status) for status in STATUSES[:2]),
    fill_carts("chk1"),
    fill_carts("chk1", emptied=True),
    fill_carts("chk1", "chk2"),
    *(write(text) for text in TEXTS),
    *(tap_answer(answer, back=back) for answer in ("good", "bad") for back in (0, 1)),
    consent("whatsapp", given=False),
    consent("email", given=False),
    change_number,
    move_abroad,
    finish_action(ok=True),
    finish_action(ok=False),
    fail_message("131026"),
    fail_message("131049"),
    solve_ticket,
    change_store(sending=Sending.OFF),
    change_store(sending=Sending.ORDERS_ONLY),
    change_store(sending=Sending.ON),
    change_store(mode=Mode.SHADOW),
    change_store(mode=Mode.TEST),
    change_store(mode=Mode.ON),
    change_settings(marketing_hours=("10:00", "11:00"), marketing_days=(1, 3)),
    change_settings(attention=AttentionBudget(per_day=2, per_week=2)),
    change_journey(mode=Mode.OFF),
    change_journey(mode=Mode.SHADOW),
    change_journey(settings={"after": "PT1H", "at": "19:30"}),
    drop_journey,
    publish_version(migrate=False),
    publish_version(migrate=True),
    publish_version(migrate=True, otherwise="end"),
    wake,
    lose_timers,
    jump(hours=1),
    jump(hours=-1),
)
