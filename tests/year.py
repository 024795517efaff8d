"""A year of a shop: shoppers who buy, leave carts, wait for parcels, send things back, answer, complain, fall silent.

Each shopper lives in a world of their own, so that a year of two thousand takes seconds; the shop is the same for all,
with every journey that we ship switched on. What happens is drawn by a seed: the same year each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache, partial
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from okaeri.domain.asking import ANSWER_EVENTS
from okaeri.domain.compare_shipments import SILENT as SILENT_STATUSES
from okaeri.domain.evidence import (
    ActionDone,
    CartSeen,
    CustomerSeen,
    Evidence,
    InterestSeen,
    MessageReceived,
    OrderChanged,
    OrderSeen,
    ProductTold,
    ShipmentSeen,
)
from okaeri.domain.journeys import AskStep
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.orders import Buyer, OptIn, Order, OrderLine, Payment, Refund, Shipment, ShipmentStatus
from okaeri.domain.plans import TALK
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import Channel, Purpose
from tests.fakes import FakeClock
from tests.histories import check_nothing_is_stuck
from tests.history_world import HistoryWorld
from tests.talk_promises import SILENT
from tests.world import BOTH_OPT_INS, ORDER_OPT_IN, load_catalogue, make_cart, make_store

BEGINS = datetime(2026, 1, 5, 6, tzinfo=UTC)
YEAR = timedelta(days=365)
GOODS = (("p1", "Coffee", 24), ("p2", "Filter papers", 9), ("p3", "Hand grinder", 89), ("p4", "Cup", 15))
REACHED = (MessageState.SENT, MessageState.DELIVERED)
MOST_WAKES = 5000  # in a year of one shopper


class Home(NamedTuple):
    """Where shoppers live: a number is made of `phone` and five digits."""

    country: str
    locale: str
    zone: str
    phone: str


HOMES = (
    Home("JP", "ja-JP", "Asia/Tokyo", "+8190123{:05}"),
    Home("US", "en-US", "America/New_York", "+1212555{:04}"),
    Home("GB", "en-GB", "Europe/London", "+447400{:06}"),
    Home("DE", "de-DE", "Europe/Berlin", "+49151234{:05}"),
    Home("BR", "pt-BR", "America/Sao_Paulo", "+5511987{:06}"),
    Home("MX", "es-MX", "America/Mexico_City", "+52155123{:05}"),
    Home("IN", "hi-IN", "Asia/Kolkata", "+9198765{:05}"),
    Home("AE", "ar-AE", "Asia/Dubai", "+97150123{:04}"),
    Home("MY", "ms-MY", "Asia/Kuala_Lumpur", "+6012345{:04}"),
)


@cache
def open_shop() -> Store:
    """The shop with every journey on, also those that it would have to choose."""
    store = make_store(load_catalogue())
    triggers = {
        event: tuple(published.model_copy(update={"on": True}) for published in started)
        for event, started in store.triggers.items()
    }
    return store.model_copy(update={"triggers": triggers, "platform": Platform.SHOPIFY})


class Owed(NamedTuple):
    """A message that an order's customer has a right to: any of these templates, about this order."""

    order_id: str
    templates: tuple[str, ...]


@dataclass
class Summary:
    """What became of a year, over all shoppers."""

    shoppers: int = 0
    orders: int = 0
    decisions: int = 0
    said: Counter[str] = field(default_factory=Counter)  # by purpose
    by_journey: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)

    def write(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in vars(self).items()}

    @classmethod
    def read(cls, written: dict[str, Any]) -> Summary:
        """What `write` wrote."""
        read: dict[str, Any] = {name: Counter(v) if isinstance(v, dict) else v for name, v in written.items()}
        return cls(**read)

    def describe(self) -> list[str]:
        """The year in a few lines."""
        said = sum(self.said.values())
        told = ", ".join(f"{count} {kind}" for kind, count in self.said.most_common())
        journeys = ", ".join(f"{name or 'answers'} {count}" for name, count in self.by_journey.most_common())
        return [
            f"a year of {self.shoppers} shoppers: {self.orders} orders, {self.decisions} decisions, {said} messages",
            f"  said: {told}",
            f"  by journey: {journeys}",
        ]

    def add(self, other: Summary) -> None:
        """Takes another one in."""
        self.shoppers, self.orders = self.shoppers + other.shoppers, self.orders + other.orders
        self.decisions += other.decisions
        for mine, theirs in (
            (self.said, other.said),
            (self.by_journey, other.by_journey),
            (self.events, other.events),
        ):
            mine.update(theirs)


class ShopperYear:
    """One shopper's year. `play` lets it pass and holds what was said against the shop's promises."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)  # no secret: the same shopper lives the same year
        self.number = number
        self.home = self.random.choice(HOMES)
        self.buyer = self._draw_buyer()
        self.world = HistoryWorld(clock=FakeClock(BEGINS), store=open_shop(), definitions=load_catalogue())
        self.zone = ZoneInfo(self.home.zone)
        self.owed: list[Owed] = []
        self.orders = 0
        self.has_stopped = False
        self._story: list[tuple[datetime, int, Callable[[], None]]] = []
        self._answered = 0
        self._acted = 0

    def play(self) -> Summary:
        """The whole year."""
        self._plan()
        while self._story:
            self._story.sort(key=lambda planned: planned[:2])
            at, _, happen = self._story.pop(0)
            self._live_on(at)
            happen()
            self._speak()
            check_nothing_is_stuck(self.world)
        self._live_on(BEGINS + YEAR)
        check_nothing_is_stuck(self.world)
        self._check()
        return self._sum_up()

    # -- what happens ----------------------------------------------------------------------------------------------

    def _draw_buyer(self) -> Buyer:
        number = self.number % 10_000
        has_phone, is_guest = self.random.random() < 0.8, self.random.random() < 0.3
        return Buyer(
            store_customer_id=None if is_guest else f"c{self.number}",
            email=f"shopper{self.number}@example.com",
            phone=self.home.phone.format(number) if has_phone else None,
            first_name="Kim",
            last_name=f"No {self.number}",
            locale=self.home.locale,
            country=self.home.country,
            # Of who leaves no number the address tells: a country of several zones would have to be guessed at.
            time_zone=None if has_phone else self.home.zone,
            birthday=f"--{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}"
            if self.random.random() < 0.4
            else None,
            is_registered=not is_guest,
            company="Kim & Co" if self.random.random() < 0.05 else None,
        )

    def _at(self, at: datetime, happen: Callable[[], None]) -> None:
        if at < BEGINS + YEAR:
            self._story.append((at, len(self._story), happen))

    def _plan(self) -> None:
        """Who comes once, who comes often, and who only looks."""
        first = BEGINS + timedelta(days=self.random.uniform(0, 200))
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3, 5))):
            self._at(first, self._order)
            first += timedelta(days=self.random.lognormvariate(3.6, 0.5))
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            self._at(BEGINS + self.random.random() * YEAR, self._leave_cart)
        if self.random.random() < 0.2:
            self._at(BEGINS + self.random.random() * YEAR, self._want)
        if self.random.random() < 0.1:
            self._at(BEGINS + self.random.random() * YEAR, partial(self._write, "where is my order?"))
        if self.random.random() < 0.04:
            self._at(BEGINS + self.random.random() * YEAR, self._stop)
        if self.buyer.birthday:
            self._at(BEGINS + timedelta(hours=1), partial(self._hear, self._make_profile()))

    def _make_profile(self) -> Evidence:
        return CustomerSeen(buyer=self.buyer, at=BEGINS, opt_ins=self._draw_opt_ins())

    def _draw_opt_ins(self) -> tuple[OptIn, ...]:
        wishes = self.random.random()
        by_mail = OptIn(channel="email", purpose="marketing", source="checkout", explicit=True, confirmed=True)
        on_phone = BOTH_OPT_INS if self.buyer.phone else ()
        return (by_mail, *on_phone) if wishes < 0.35 else on_phone if wishes < 0.6 else (ORDER_OPT_IN,)

    def _order(self) -> None:
        self.orders += 1
        order_id = f"{self.number}-{self.orders}"
        goods = self.random.sample(GOODS, self.random.choice((1, 1, 2)))
        lines = tuple(
            OrderLine(line_id=str(n), product_id=p, variant_id=f"v{p}", title=title, quantity=1, price=Decimal(price))
            for n, (p, title, price) in enumerate(goods, 1)
        )
        kind = self.random.choices(("paid", "later", "failed", "cod", "cancelled"), (80, 6, 4, 6, 4))[0]
        is_open = kind in ("later", "failed", "cod")
        order = Order(
            order_id=order_id,
            name=f"#{order_id}",
            created_at=self.now(),
            updated_at=self.now(),
            buyer=self.buyer,
            currency="JPY",
            lines=lines,
            total=sum((line.price for line in lines), Decimal(0)),
            payment=Payment.FAILED if kind == "failed" else Payment.PENDING if is_open else Payment.PAID,
            payment_method="Cash" if kind == "cod" else "Visa",
            cash_on_delivery=kind == "cod",
            offline_payment=kind == "cod",
            opt_ins=self._draw_opt_ins(),
        )
        self._hear(OrderSeen(order=order))
        self.owed.append(Owed(order_id, ("order_confirmation", "payment_pending", "payment_failed")))
        if kind == "cancelled":
            self._in(hours=5, do=partial(self._change, order_id, "cancelled"))
            self.owed.append(Owed(order_id, ("order_cancelled",)))
            return
        if kind in ("later", "failed"):
            self._in(hours=2, do=partial(self._change, order_id, "paid"))
        self._send_parcels(order_id)
        if self.random.random() < 0.08:
            self._in(days=14, do=partial(self._change, order_id, "return_requested", return_id=f"r{order_id}"))
            self._in(days=20, do=partial(self._refund, order_id, order.total))
            self.owed.append(Owed(order_id, ("order_refunded",)))

    def _send_parcels(self, order_id: str) -> None:
        for number in range(self.random.choice((1, 1, 1, 2))):
            day = 1.0 + number
            statuses = [ShipmentStatus.SHIPPED, ShipmentStatus.IN_TRANSIT, ShipmentStatus.OUT_FOR_DELIVERY]
            if self.random.random() < 0.1:
                statuses.insert(2, self.random.choice((ShipmentStatus.DELAYED, ShipmentStatus.EXCEPTION)))
            if self.random.random() < 0.9:  # of one parcel in ten nobody says that it arrived
                statuses.append(ShipmentStatus.DELIVERED)
            for status in statuses:
                day += self.random.choice((0.2, 1, 2))
                self._in(days=day, do=partial(self._move_parcel, order_id, f"s{number}", status))
                if status not in SILENT_STATUSES:
                    self.owed.append(Owed(order_id, (f"shipment_{status}",)))

    def _move_parcel(self, order_id: str, shipment_id: str, status: ShipmentStatus) -> None:
        parcel = Shipment(shipment_id=shipment_id, status=status, at=self.now(), carrier="DHL", tracking_number="T1")
        self._hear(ShipmentSeen(order_id=order_id, shipment=parcel))

    def _change(self, order_id: str, change: Any, **details: Any) -> None:
        self._hear(OrderChanged(order_id=order_id, change=change, at=self.now(), **details))

    def _refund(self, order_id: str, amount: Decimal) -> None:
        self._change(
            order_id, "refunded", refund=Refund(refund_id=f"f{order_id}", amount=amount, at=self.now(), method="Visa")
        )

    def _leave_cart(self) -> None:
        token = f"cart{self.number}-{len(self._story)}"
        cart = make_cart(token, buyer=self.buyer, updated_at=self.now(), opt_ins=self._draw_opt_ins())
        self._hear(CartSeen(cart=cart))

    def _want(self) -> None:
        """Looks, asks to be told, and is told some weeks later."""
        wish = self.random.choice(("viewed", "stock", "launch", "wishlist"))
        for _ in range(2):
            self._hear(InterestSeen(wish=wish, product_id="p3", variant_id="vp3", buyer=self.buyer, at=self.now()))
        self._in(days=20, do=self._tell_product)

    def _tell_product(self) -> None:
        news = self.random.choice(("back_in_stock", "launched", "price_dropped"))
        for customer in self.world.customers.customers.values():
            if customer.merged_into is None:
                told = ProductTold(customer_id=customer.customer_id, news=news, product_id="p3", at=self.now())
                self._hear(told)

    def _write(self, text: str, payload: str | None = None) -> None:
        if self.buyer.phone is None:
            return
        self._hear(
            MessageReceived(
                provider_id=f"wamid.{self.world.sequence}",
                at=self.now(),
                type="interactive" if payload else "text",
                phone=self.buyer.phone,
                text=text,
                payload=payload,
            )
        )

    def _stop(self) -> None:
        self._write("STOP")
        self.has_stopped = self.buyer.phone is not None

    # -- time ------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The world's clock."""
        return self.world.clock()

    def _in(self, *, days: float = 0, hours: float = 0, do: Callable[[], None]) -> None:
        self._at(self.now() + timedelta(days=days, hours=hours), do)

    def _hear(self, evidence: Evidence) -> None:
        self.world.hear(evidence, source="shopify year")
        self._speak()

    def _live_on(self, until: datetime) -> None:
        world = self.world
        for _ in range(MOST_WAKES):
            self._speak()
            sweeps = (*world.customers.sweeps.values(), *world.messages.sweeps.values())
            moment = min((at for at in (world.find_next(), *sweeps) if at is not None), default=until)
            if moment >= until:
                world.clock.now = max(until, world.clock.now)
                return
            world.clock.now = max(moment, world.clock.now)
            world.work()
            world.sweep()
        raise AssertionError(f"shopper {self.number} is woken again and again at {world.clock()}")

    def _speak(self) -> None:
        """What was handed to the senders is said, what was asked of the world is answered, and some people answer."""
        world = self.world
        while world.taken < len(world.queues.messages) or self._acted < len(world.queues.actions):
            for request in world.queues.actions[self._acted :]:
                self._acted += 1
                self._answer_act(request.customer_id, request.action_id, request.kind)
            if world.taken == len(world.queues.messages):
                continue
            queued = world.queues.messages[world.taken].queued
            world.taken += 1
            facts = world.prepare(queued)
            if facts is not None:
                self._check_moment(facts.message)
                world.speak(facts.message)
                self._react(facts.message)
            world.work()

    def _answer_act(self, customer_id: str, action_id: str, kind: str) -> None:
        if kind not in ("call", "coupon", "change"):
            return
        code = {"code": f"C{action_id[:10].upper()}", "last_day": f"{self.now() + timedelta(days=30):%Y-%m-%d}"}
        data = code | {"percent": "10"} if kind == "coupon" else {}
        done = ActionDone(customer_id=customer_id, action_id=action_id, action=kind, ok=True, at=self.now(), data=data)
        self.world.hear(done, source="okaeri year")

    def _react(self, message: Message) -> None:
        """One in three answers a question, on the phone, some hours later."""
        if message.channel is not Channel.WHATSAPP or not message.seed or self.random.random() > 0.3:
            return
        asked = [step for step in self._list_questions(message) if step.template == message.template and step.answers]
        if asked:
            answer = self.random.choice(sorted(asked[0].answers))
            payload = f"ANSWER:{message.seed}:{answer}"
            self._in(hours=self.random.uniform(0.1, 8), do=partial(self._write, answer, payload))

    def _list_questions(self, message: Message) -> list[AskStep]:
        definitions = [d for d in load_catalogue().values() if d.journey == message.journey]
        return [step for definition in definitions for step in definition.steps if isinstance(step, AskStep)]

    # -- promises --------------------------------------------------------------------------------------------------

    def _check_moment(self, message: Message) -> None:
        """No marketing without consent, after a STOP, or in quiet hours."""
        if message.purpose is not Purpose.MARKETING or message.is_answer:
            return
        customer = next(c for c in self.world.customers.customers.values() if c.customer_id == message.customer_id)
        consent = customer.consents.get(f"{message.channel}:marketing")
        assert consent is not None, f"{message.template} on {message.channel} without consent"
        assert consent.counts, f"{message.template} on {message.channel} without consent"
        assert not (self.has_stopped and message.channel is Channel.WHATSAPP), f"{message.template} after STOP"
        if message.template != "confirm_subscription":
            hour = self.now().astimezone(self.zone).time()
            assert time(9) <= hour < time(20, 1), f"{message.template} at {hour} in {self.home.zone}"

    def _check(self) -> None:
        messages = list(self.world.messages.messages.values())
        assert set(self.world.spoken.values()) <= {1}, "a message went out twice"
        waiting = [m for m in messages if m.state in (MessageState.DECIDED, MessageState.QUEUED)]
        assert not waiting, f"never came to an end: {waiting}"
        self._check_owed(messages)
        self._check_budget(messages)

    def _check_owed(self, messages: list[Message]) -> None:
        told = {(m.refs.order_id, m.template) for m in messages if m.state in REACHED}
        for order_id, templates in self.owed:
            found = [name for order, name in told if order == order_id and name.startswith(templates)]
            is_over = order_id not in {m.refs.order_id for m in messages} and self._began_late(order_id)
            assert found or is_over or self._is_too_late(order_id, templates), (
                f"shopper {self.number}: order {order_id} was never told {templates}: {sorted(told)}"
            )

    def _began_late(self, order_id: str) -> bool:
        record = self.world.records.orders.get((self.world.store.store_id, order_id))
        return record is None or record.order is None

    def _is_too_late(self, order_id: str, templates: tuple[str, ...]) -> bool:
        """What was to happen after the year's end did not happen."""
        record = self.world.records.orders[self.world.store.store_id, order_id]
        assert record.order is not None
        return record.order.created_at > BEGINS + YEAR - timedelta(days=30) and "order_confirmation" not in templates

    def _check_budget(self, messages: list[Message]) -> None:
        """As the shop allows: so many a day of theirs, so many in seven days; answers to them are none."""
        decisions = self.world.records.decisions.values()
        heard = [record.decided_at for record in decisions if record.event in ANSWER_EVENTS]
        first: dict[str, datetime] = {}
        for message in sorted(messages, key=lambda m: m.decided_at):
            is_reply = any(timedelta(0) <= message.decided_at - at < TALK for at in heard)
            if (
                message.purpose is Purpose.MARKETING
                and message.run_id
                and message.reason not in SILENT
                and not is_reply
            ):
                first.setdefault(message.seed or message.message_id, message.decided_at)
        budget = self.world.store.settings.attention
        days = Counter(at.astimezone(self.zone).date() for at in first.values())
        assert all(count <= budget.per_day for count in days.values()), f"shopper {self.number}: {days}"
        told = sorted(first.values())
        for number, at in enumerate(told):
            in_week = sum(at <= later < at + timedelta(days=7) for later in told[number:])
            assert in_week <= budget.per_week, f"shopper {self.number}: {in_week} messages in the week of {at}"

    def _sum_up(self) -> Summary:
        said = [m for m in self.world.messages.messages.values() if m.state in REACHED]
        return Summary(
            shoppers=1,
            orders=self.orders,
            decisions=len(self.world.records.decisions),
            said=Counter(f"{m.purpose} {m.channel}" for m in said),
            by_journey=Counter(m.journey or "" for m in said),
            events=Counter(record.event for record in self.world.records.decisions.values()),
        )


def play_year(numbers: range) -> Summary:
    """The year of these shoppers."""
    total = Summary()
    for number in numbers:
        total.add(ShopperYear(number).play())
    return total
