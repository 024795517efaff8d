"""What a broadcast would do, before it does it: who would be told what, at which cost; a try on the shop's phones."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from command_line.broadcasts import is_early, list_audience, read_clock
from command_line.failures import CommandFailure
from command_line.queues import open_queues
from command_line.stack import Stack
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.message_context import build_context
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.prices import DynamoPrices
from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.adapters.templates import DynamoTemplates
from okaeri.catalogue.compile_journeys import hash_definition
from okaeri.domain.broadcast_reach import find_refusal
from okaeri.domain.broadcasts import (
    COUPON,
    Broadcast,
    choose_template,
    compile_broadcast,
    list_templates,
    make_broadcast_event,
    plan_times,
)
from okaeri.domain.customers import Customer, Identity, IdentityKind
from okaeri.domain.decide import Decision, decide
from okaeri.domain.effects import SayMessage
from okaeri.domain.facts import Facts
from okaeri.domain.gates import check_reach
from okaeri.domain.languages import choose_locale
from okaeri.domain.messages import Message, MessageCost, MessageRefs, MessageState, QueuedMessage
from okaeri.domain.prices import PriceList, add_up, estimate_cost, estimate_email_cost
from okaeri.domain.stores import PublishedJourney, Store
from okaeri.domain.templates import Links
from okaeri.domain.values import Channel, Purpose, make_id

_SAMPLES = 10
_TRIAL_LASTS = timedelta(hours=1)


@dataclass
class Preview:
    """Counts of the audience as it is now, told at `at`: `told` by (channel, language), `later`, `not_told` by reason.

    `early` are those who have early access; they are counted there alone.
    """

    at: datetime
    early: Preview | None = None
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    later: Counter[str] = field(default_factory=Counter)
    not_told: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[str, str, str]] = field(default_factory=list)
    costs: dict[str, Decimal] = field(default_factory=dict)
    unpriced: int = 0

    @property
    def audience(self) -> int:
        """Everybody in it."""
        return self.told.total() + self.later.total() + self.not_told.total()


def preview_broadcast(stack: Stack, store: Store, broadcast: Broadcast, at: datetime | None = None) -> Preview:
    """What the engine itself would decide for each customer of the audience, were it their turn. Says nothing.

    Their turn is when the broadcast would come to them if it was started for `at`, None for now.
    """
    now = read_clock()
    begins, opens_at = plan_times(broadcast, at, now)
    preview = Preview(at=opens_at or begins or now)
    if broadcast.early_access is not None:
        preview.early = Preview(at=begins or now)
    trials = {early: _Trial(stack, store, broadcast, early=early) for early in (False, True)}
    for customer in list_audience(stack, store, broadcast):
        early = preview.early if is_early(broadcast, customer, store) else None
        trials[early is not None].count(customer, early or preview)
    preview.costs, preview.unpriced = add_up(trials[False].costs)
    if preview.early is not None:
        preview.early.costs, preview.early.unpriced = add_up(trials[True].costs)
    return preview


class _Trial:
    """The broadcast as those who have early access get it, or all others."""

    def __init__(self, stack: Stack, store: Store, broadcast: Broadcast, *, early: bool) -> None:
        # Without its codes: they are made for those who are told, not for those who are counted.
        self.compiled = compile_broadcast(broadcast.model_copy(update={"coupon": None}), early=early)
        self.name = hash_definition(self.compiled)
        self.store, self.broadcast, self.early = store, broadcast, early
        self.definitions = DynamoDefinitions(stack.dynamodb, stack.table_name)
        self.prices = DynamoPrices(stack.dynamodb, stack.table_name).get()
        self.costs: list[MessageCost] = []

    def count(self, customer: Customer, preview: Preview) -> None:
        """One customer, with what the engine would decide."""
        refusal = find_refusal(self.broadcast, customer, self.store)
        if refusal is not None:
            preview.not_told[refusal] += 1
            return
        now = preview.at + timedelta(seconds=customer.ahead_s)
        decision = self._decide(customer, preview.at, now)
        said = [effect.message for effect in decision.effects if isinstance(effect, SayMessage)]
        for message in said:
            preview.told[message.channel, message.locale] += 1
            self.costs.append(_estimate(self.prices, message.channel, customer, now))
            if len(preview.samples) < _SAMPLES:
                preview.samples.append((message.channel, message.locale, mask_address(customer, message.channel)))
        if said:
            return
        waits = any(run.journey == self.broadcast.journey for run in decision.customer.runs)
        findings = [found for found in decision.findings if found.what.startswith(self.broadcast.journey) and found.why]
        why = findings[-1].why if findings else "nothing_said"
        if waits:
            deferred = [found.why for found in findings if found.verdict == "deferred"]
            preview.later[deferred[-1] if deferred else why] += 1
        else:
            preview.not_told[why] += 1

    def _decide(self, customer: Customer, at: datetime, now: datetime) -> Decision:
        own = {run.definition: self.definitions.get(run.definition) for run in customer.runs}
        summoned = PublishedJourney(journey=self.broadcast.journey, definition=self.name)
        facts = Facts(store=self.store, real_now=at, definitions=own | {self.name: self.compiled}, summoned=(summoned,))
        return decide(customer, make_broadcast_event(self.broadcast, at, early=self.early), now, facts)


def _estimate(prices: PriceList, channel: Channel, customer: Customer, now: datetime) -> MessageCost:
    if channel is Channel.EMAIL:
        return estimate_email_cost(prices, at=now)
    recipient = next(iter((*customer.phones, *customer.wa_user_ids)), "")
    return estimate_cost(prices, recipient, "marketing", at=now)


def mask_address(customer: Customer, channel: Channel) -> str:
    """`+8190•••••678`, `h•••@example.jp`: enough to recognise one's own, too little to write to."""
    if channel is Channel.EMAIL:
        name, _, host = next(iter(customer.emails), "?@?").partition("@")
        return f"{name[:1]}•••@{host}"
    phone = next(iter((*customer.phones, *customer.wa_user_ids)), "?")
    return f"{phone[:5]}•••••{phone[-3:]}"


def render_sample(
    stack: Stack, store: Store, broadcast: Broadcast, channel: Channel, locale: str, *, early: bool = False
) -> str:
    """What a nameless customer would read in this language."""
    name = choose_template(broadcast, early=early)
    template = DynamoTemplates(stack.dynamodb, stack.table_name).get(store.store_id, name, locale)
    if template is None:
        raise CommandFailure(
            f"the template {name} is not published in {locale}", fix=f"okaeri publish {store.store_id}"
        )
    now = read_clock()
    nobody = Customer(store_id=store.store_id, customer_id="preview", created_at=now)
    context = build_context(
        store=store,
        customer=nobody,
        message=_make_message(broadcast, nobody, name, channel, locale, now),
        order=None,
        shipment=None,
        refund=None,
        cart=None,
        broadcast=broadcast,
        links=Links(sign=lambda url: url, unsubscribe_url="…"),
        now=now,
    )
    return (
        render_whatsapp(template, context).text if channel is Channel.WHATSAPP else render_email(template, context).text
    )


def try_broadcast(stack: Stack, store: Store, broadcast: Broadcast) -> list[tuple[str, str]]:
    """Says it to the shop's own test phones and mailboxes, at once and besides its count: (address, what came of it).

    Each must be known as a customer who agreed to marketing, as for everybody else.
    """
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    messages = DynamoMessages(stack.dynamodb, stack.table_name, read_clock)
    queues = open_queues(stack)
    results = []
    for channel, address in _list_trials(store, broadcast):
        kind = IdentityKind.PHONE if channel is Channel.WHATSAPP else IdentityKind.EMAIL
        identity = Identity(kind=kind, value=address)
        record = customers.find(store.store_id, (identity,)).get(identity)
        customer = customers.load(store.store_id, record.customer_id) if record else None
        refusal = "unknown: it has never ordered, written or agreed" if customer is None else None
        if customer is not None:
            refusal = check_reach(customer, store, channel, Purpose.MARKETING)
        if customer is None or refusal is not None:
            results.append((address, refusal or ""))
            continue
        for template in list_templates(broadcast):
            published = store.templates[template]
            spoken = published.whatsapp if channel is Channel.WHATSAPP else published.email
            locale = choose_locale(customer, store, spoken) or store.locale
            message = _make_message(broadcast, customer, template, channel, locale, read_clock())
            messages.create(message)
            queued = QueuedMessage(
                store_id=store.store_id, customer_id=customer.customer_id, message_id=message.message_id
            )
            queues.send_message(queued, channel=channel, lane=message.lane)
            others = f" ({template})" if len(list_templates(broadcast)) > 1 else ""
            results.append((address, f"sent in {locale}{others}"))
    return results


def _list_trials(store: Store, broadcast: Broadcast) -> Iterable[tuple[Channel, str]]:
    addresses = {Channel.WHATSAPP: store.settings.test_phones, Channel.EMAIL: store.settings.test_emails}
    for channel in broadcast.channels:
        yield from ((channel, address) for address in addresses[channel])


def make_sample_code(broadcast: Broadcast, now: datetime) -> dict[str, str]:
    """A code that no shop takes, worth what the true ones are, under their conditions and for as long."""
    coupon, code = broadcast.coupon, f"coupon.{COUPON}"
    if coupon is None:
        return {}
    numbers = {name: getattr(coupon, name) for name in ("percent", "amount", "minimum")}
    told = {f"{code}.{name}": value for name, value in numbers.items() if value and Decimal(value)}
    if coupon.days:
        told[f"{code}.last_day"] = (now + timedelta(days=int(Decimal(coupon.days)))).date().isoformat()
    return {code: "SAMPLE-CODE"} | told


def _make_message(
    broadcast: Broadcast, customer: Customer, template: str, channel: Channel, locale: str, now: datetime
) -> Message:
    moment = now + timedelta(seconds=customer.ahead_s)
    return Message(
        message_id=make_id(broadcast.store_id, broadcast.broadcast_id, "trial", secrets.token_hex(8)),
        store_id=broadcast.store_id,
        customer_id=customer.customer_id,
        channel=channel,
        purpose=Purpose.MARKETING,
        template=template,
        locale=locale,
        journey=broadcast.journey,
        refs=MessageRefs(broadcast_id=broadcast.broadcast_id),
        data=make_sample_code(broadcast, now),
        decided_at=moment,
        valid_until=moment + _TRIAL_LASTS,
        state=MessageState.QUEUED,
        state_at=now,
    )
