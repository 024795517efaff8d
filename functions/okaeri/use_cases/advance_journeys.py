"""Every event's road: read the evidence, find the person, decide, commit, dispatch. The only writer of customers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from okaeri.domain.acts import make_action_event, make_solved_event
from okaeri.domain.consents import take_opt_ins
from okaeri.domain.customers import Customer
from okaeri.domain.decide import decide, shorten
from okaeri.domain.effects import EFFECTS, Effect, ReleaseIdentities, SayMessage, dump_effects
from okaeri.domain.events import Event
from okaeri.domain.evidence import (
    ActionDone,
    AnswerGiven,
    BroadcastDue,
    CartCompleted,
    CartSeen,
    ConsentSeen,
    CustomerSeen,
    CustomersMerged,
    CustomerWake,
    Envelope,
    InterestSeen,
    LetterReceived,
    MessageCheck,
    MessageOutcome,
    MessageReceived,
    NumberChanged,
    OrderChanged,
    OrderSeen,
    PrivacyRequested,
    ProductSeen,
    ProductTold,
    ReferralUsed,
    RunMigration,
    ShipmentSeen,
    StaffReplied,
    StoreUninstalled,
    TicketReopened,
    TicketSolved,
    TimerDue,
    TrackingSeen,
    TurnDue,
    WaitingDue,
    WhatsappKnown,
)
from okaeri.domain.hearing import (
    Heard,
    hear_consent,
    hear_known,
    hear_letter,
    hear_message,
    hear_number,
    hear_outcome,
    make_page_event,
    name_numbers,
)
from okaeri.domain.identities import list_left, name_identities, name_refused_addresses
from okaeri.domain.messages import ENDED, REACHED, Message
from okaeri.domain.modes import find_mode
from okaeri.domain.pace import Pace
from okaeri.domain.profile import count_order, note_account, take_buyer, take_past_buyer
from okaeri.domain.purchases import count_purchase
from okaeri.domain.segments import make_entries
from okaeri.domain.spending import note_payment
from okaeri.domain.stores import UNINSTALLED, Mode, Store
from okaeri.domain.turns import make_due_event
from okaeri.domain.values import make_id
from okaeri.domain.waking import find_sweep_time, make_wake_effects, make_wake_event, skip_ahead
from okaeri.errors import Conflict, GiveUp, TryAgain
from okaeri.use_cases.dispatch_effects import DispatchEffects
from okaeri.use_cases.find_customer import FindCustomer, needs_resolution
from okaeri.use_cases.gather_facts import MAX_OWN_ORDERS, GatherFacts
from okaeri.use_cases.read_evidence import (
    Reading,
    read_cart,
    read_cart_completed,
    read_customer,
    read_order,
    read_product,
    read_tracking,
)

if TYPE_CHECKING:
    from okaeri.ports import (
        Clock,
        Companions,
        Customers,
        Definitions,
        Interests,
        Interpreter,
        Knowledge,
        Messages,
        Queues,
        Records,
        Shelf,
        Stores,
        Timers,
        TouchBook,
    )
    from okaeri.use_cases.tell_waiting import TellWaiting

BROADCAST_PAUSE_S = 300  # how often one that was released before the pause asks whether it is over
PRODUCT_NEWS = ("product.back_in_stock", "product.launched", "product.price_dropped")
PARCEL_MOVED, REFERRAL_USED = "shipment.moved", "referral.used"
MAX_TRIES = 5  # who loses a race reloads and decides again so often, then the event hides for a moment


class Subject(NamedTuple):
    """What is to be decided about one customer: what they said, what happened, and the facts at hand."""

    reading: Reading
    heard: Heard = Heard()
    message: Message | None = None
    timer: TimerDue | None = None
    wake: bool = False
    rearm: bool = False
    migration: RunMigration | None = None
    resolved: Customer | None = None


class AdvanceJourneys:
    """Takes one envelope off the queue. `redelivered` says that an earlier try may have come half way."""

    def __init__(
        self,
        *,
        stores: Stores,
        definitions: Definitions,
        customers: Customers,
        records: Records,
        messages: Messages,
        interpreter: Interpreter,
        knowledge: Knowledge,
        shelf: Shelf,
        interests: Interests,
        companions: Companions,
        touches: TouchBook,
        queues: Queues,
        timers: Timers,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._stores, self._customers, self._records, self._shelf = stores, customers, records, shelf
        self._messages, self._queues, self._clock, self._pace = messages, queues, clock, pace
        self._interests, self._timers = interests, timers
        self._find = FindCustomer(customers, clock)
        self._gather_facts = GatherFacts(
            records, definitions, interpreter, knowledge, shelf, companions, touches, clock, pace
        )
        self._dispatch = DispatchEffects(
            customers=customers,
            records=records,
            messages=messages,
            companions=companions,
            queues=queues,
            timers=timers,
            clock=clock,
            pace=pace,
        )

    def __call__(self, envelope: Envelope, *, redelivered: bool = False) -> None:
        """Raises TryAgain to have the envelope given again, GiveUp where it can never be understood."""
        store = self._stores.get(envelope.store_id)
        if store is None:
            raise GiveUp("store_unknown", "no store of this id")
        if envelope.source.startswith((store.platform, *store.settings.carriers)):
            self._records.note_webhook(store.store_id, envelope.source, envelope.received_at)
        for subject in self._read(envelope, store, redelivered=redelivered):
            self._advance(subject, store)

    # -- what it is about ------------------------------------------------------------------------------------------

    def _read(self, envelope: Envelope, store: Store, *, redelivered: bool) -> Sequence[Subject]:
        evidence = envelope.evidence
        match evidence:
            case OrderSeen() | OrderChanged() | ShipmentSeen():
                reading = read_order(
                    envelope,
                    self._records,
                    redelivered=redelivered,
                    has_carriers=bool(store.settings.carriers),
                    has_referrals=_is_heard(REFERRAL_USED, store),
                )
                return _subjects(self._let_go_bought(_drop_unheard(reading, store), store))
            case TrackingSeen():
                if follow := read_tracking(envelope, self._records):
                    self._queues.send_evidence(follow)
            case CartSeen():
                return _subjects(read_cart(envelope, self._records, redelivered=redelivered))
            case CartCompleted():
                return _subjects(read_cart_completed(envelope, self._records))
            case ProductSeen():
                tell = partial(self._open_waiting().hear, store)
                read_product(envelope, self._records, self._shelf, redelivered=redelivered, tell=tell)
            case InterestSeen():
                return self._read_interest(evidence, envelope, store)
            case ReferralUsed():
                return self._read_referral(evidence, store)
            case ProductTold():
                from okaeri.use_cases.read_interest import make_told_event

                owner = self._find.by_id(store, evidence.customer_id)
                told = Reading((make_told_event(evidence, owner),), customer_id=owner.customer_id)
                return (Subject(told, resolved=owner),)
            case WaitingDue():
                self._open_waiting()(evidence, store)
            case CustomerSeen():
                return _subjects(read_customer(envelope))
            case CustomersMerged():
                self._find.merge(store, evidence.kept, evidence.lost)
            case ConsentSeen():
                return self._hear(hear_consent(evidence, envelope.received_at), store, quiet=evidence.quiet)
            case MessageReceived():
                return self._hear(hear_message(evidence, store), store)
            case NumberChanged():
                return self._move_number(evidence, store)
            case WhatsappKnown():
                return self._hear(hear_known(evidence, self._find.by_id(store, evidence.customer_id)), store)
            case MessageOutcome():
                message = self._messages.get(store.store_id, evidence.customer_id, evidence.message_id)
                heard = hear_outcome(evidence, message, store)
                about = Subject(self._about(message, evidence.customer_id, heard.events), heard, message)
                if heard.bearers_on is None:
                    return (about,)
                owner = self._find.by_id(store, evidence.customer_id)
                return (about, *self._list_bearers(heard, owner, store))
            case MessageCheck():
                return self._check(evidence, envelope, store)
            case TimerDue():
                return self._read_timer(evidence, envelope, store)
            case ActionDone():
                return (Subject(Reading((make_action_event(evidence),), customer_id=evidence.customer_id)),)
            case AnswerGiven():
                answered = make_page_event(store, evidence)
                return (Subject(Reading((answered,), customer_id=evidence.customer_id)),)
            case TurnDue():
                due = make_due_event(evidence.customer_id, evidence.at, evidence.first)
                return (Subject(Reading((due,), customer_id=evidence.customer_id)),)
            case StaffReplied():
                from okaeri.domain.staff_talk import make_reply_event  # seldom: no cold start waits for it

                reply = make_reply_event(evidence, envelope.received_at)
                return (Subject(Reading((reply,), customer_id=evidence.customer_id)),)
            case TicketReopened():
                from okaeri.domain.staff_talk import make_reopened_event

                return (Subject(Reading((make_reopened_event(evidence),), customer_id=evidence.customer_id)),)
            case LetterReceived():
                return self._read_letter(evidence, store)
            case TicketSolved():
                return (Subject(Reading((make_solved_event(evidence),), customer_id=evidence.customer_id)),)
            case BroadcastDue():
                return self._read_broadcast(evidence, envelope, store)
            case CustomerWake():
                return (Subject(Reading(customer_id=evidence.customer_id), wake=True, rearm=evidence.rearm),)
            case RunMigration():
                return (Subject(Reading(customer_id=evidence.customer_id), migration=evidence),)
            case StoreUninstalled():
                self._records.pause_store(store.store_id, UNINSTALLED)
                self._stores.forget(store.store_id)
            case PrivacyRequested():
                self._records.put_privacy_task(store.store_id, make_id(envelope.id)[:16], evidence)
        return ()

    def _open_waiting(self) -> TellWaiting:
        from okaeri.use_cases.tell_waiting import TellWaiting  # products change seldom: no cold start waits for it

        return TellWaiting(self._interests, self._records, self._queues, self._timers, self._clock, self._pace)

    def _read_referral(self, evidence: ReferralUsed, store: Store) -> Sequence[Subject]:
        """Whether it counts is held against what is known of the code's owner: nobody is their own friend."""
        from okaeri.domain.referrals import find_refusal, make_referral_event

        owner = self._find.by_id(store, evidence.customer_id)
        records = (self._records.get_order(store.store_id, order_id) for order_id in owner.orders[-MAX_OWN_ORDERS:])
        orders = (record.order for record in records if record is not None and record.order is not None)
        addresses = [order.shipping_address for order in orders if order.shipping_address is not None]
        event = make_referral_event(store.store_id, evidence, find_refusal(owner, evidence, addresses))
        return (Subject(Reading((event,), customer_id=owner.customer_id)),)

    def _read_interest(self, evidence: InterestSeen, envelope: Envelope, store: Store) -> Sequence[Subject]:
        """Whoever is known by nothing is nobody. Looks are many: they count where a journey that is on begins so."""
        from okaeri.use_cases.read_interest import VIEWED, read_interest

        identities = name_identities(evidence.buyer)
        is_unheard = not any(published.on for published in store.triggers.get(VIEWED, ()))
        if not identities or (evidence.wish == "viewed" and is_unheard):
            return ()
        owner = self._find.by_identities(store, identities)
        reading = read_interest(envelope, owner, self._interests)
        return (Subject(reading, resolved=owner),) if reading else ()

    def _let_go_bought(self, reading: Reading | None, store: Store) -> Reading | None:
        """Who has bought a product waits for it no more, where anybody is told of products at all."""
        is_told = any(published.on for news in PRODUCT_NEWS for published in store.triggers.get(news, ()))
        if reading is None or reading.placed_order is None or not is_told:
            return reading
        wanted = self._interests.list_wanted(store.store_id)
        bought = {line.product_id for line in reading.placed_order.lines if line.product_id in wanted}
        for product_id in sorted(filter(None, bought)):
            # Before the order is written: while that is unknown, a second try does this again.
            reading.writes.insert(0, partial(self._interests.remove_customer, store.store_id, product_id))
        return reading

    def _hear(self, heard: Heard, store: Store, *, quiet: str | None = None) -> Sequence[Subject]:
        """What a shopper said concerns the owner of the identifier; STOP and consent all who carry it."""
        if heard.customer_id is not None:
            owner = self._find.by_id(store, heard.customer_id)
        elif heard.identities:
            owner = self._find.by_identities(store, heard.identities)
        else:
            return ()
        reading = Reading(heard.events, heard.identities, owner.customer_id, quiet=quiet)
        return (Subject(reading, heard, resolved=owner), *self._list_bearers(heard, owner, store))

    def _move_number(self, evidence: NumberChanged, store: Store) -> Sequence[Subject]:
        """Everybody who carries the number moves along: nobody is left behind on it, whatever comes twice."""
        heard = hear_number(evidence)
        subjects = self._hear(heard, store)
        others = self._find.move_bearers(store, *name_numbers(evidence))
        others -= {subject.reading.customer_id for subject in subjects}
        moved = Heard(apply=heard.apply)
        return (*subjects, *(Subject(Reading(customer_id=other), moved) for other in sorted(others)))

    def _read_letter(self, evidence: LetterReceived, store: Store) -> Sequence[Subject]:
        """Whose letter it is: the ticket's, which its signed address names, else by the writer's address."""
        from okaeri.domain.staff_talk import make_letter_event

        event = make_letter_event(evidence, store)
        if evidence.customer_id is not None:
            return (Subject(Reading((event,), customer_id=evidence.customer_id)),)
        return self._hear(hear_letter(evidence, event), store)

    def _list_bearers(self, heard: Heard, owner: Customer, store: Store) -> Sequence[Subject]:
        """Everybody else who is reached by the address that a refusal is about."""
        if heard.bearers_on is None:
            return ()
        addresses = name_refused_addresses(heard.identities, owner, heard.bearers_on)
        others = self._find.list_bearers(store, addresses) - {owner.customer_id}
        quiet = heard.without_answer()
        return [Subject(Reading(events=(), customer_id=other), quiet) for other in sorted(others)]

    def _check(self, evidence: MessageCheck, envelope: Envelope, store: Store) -> Sequence[Subject]:
        """Nearly every message has arrived by then, and costs one read and no decision."""
        message = self._messages.get(store.store_id, evidence.customer_id, evidence.message_id)
        if message is not None and message.state in REACHED | ENDED:
            return ()
        event = Event(
            event_id=make_id("message.checked", evidence.message_id, envelope.id),
            name="message.checked",
            occurred_at=envelope.received_at,
            refs={"message.id": (evidence.message_id,)},
        )
        return (Subject(self._about(message, evidence.customer_id, (event,)), message=message),)

    def _about(self, message: Message | None, customer_id: str, events: tuple[Event, ...]) -> Reading:
        reading = Reading(events=events, customer_id=customer_id)
        if message is not None and message.refs.order_id:
            reading.order = self._records.get_order(message.store_id, message.refs.order_id)
        return reading

    def _read_timer(self, evidence: TimerDue, envelope: Envelope, store: Store) -> Sequence[Subject]:
        """An early timer waits for its time (a compressed one is early by nature)."""
        early_s = (evidence.due - self._clock()).total_seconds()
        if early_s > 0 and not self._pace.is_compressed:
            self._queues.send_later(envelope, delay_s=min(early_s, self._pace.queue_delay_limit_s))
            return ()
        return (Subject(Reading(customer_id=evidence.customer_id), timer=evidence),)

    def _read_broadcast(self, evidence: BroadcastDue, envelope: Envelope, store: Store) -> Sequence[Subject]:
        """One that is paused waits with those that it has released; a cancelled one tells nobody any more."""
        # Few events are of a broadcast: no cold start waits for its models.
        from okaeri.domain.broadcasts import BroadcastState, make_broadcast_event, summon

        broadcast = self._records.get_broadcast(store.store_id, evidence.broadcast_id)
        if broadcast is None or broadcast.state is BroadcastState.CANCELLED:
            return ()
        if broadcast.state is BroadcastState.PAUSED:
            self._queues.send_later(envelope, delay_s=BROADCAST_PAUSE_S)
            return ()
        event = make_broadcast_event(broadcast, envelope.received_at, early=evidence.early)
        return (Subject(Reading((event,), customer_id=evidence.customer_id, summoned=(summon(evidence),))),)

    # -- deciding about one customer -------------------------------------------------------------------------------

    def _advance(self, subject: Subject, store: Store) -> None:
        for attempt in range(MAX_TRIES):
            customer = self._load(subject, store, is_first=attempt == 0)
            leftovers = EFFECTS.validate_python(customer.pending)
            self._dispatch(customer, leftovers)
            after, effects = self._decide(customer.model_copy(update={"pending": ()}), subject, store)
            if after == customer and not effects and not subject.wake:
                break  # a sweep that finds nothing writes when it has to look next, else it would look for ever
            committed = self._commit(after, effects)
            if committed is None:
                continue
            after = committed
            self._tell_others(subject.reading, after)
            self._write_records(subject.reading, after)
            self._dispatch(after, effects)
            self._clear(after)
            return
        else:
            raise TryAgain("customer_busy", "others kept writing this customer")
        self._tell_others(subject.reading, after)
        self._write_records(subject.reading, after)

    def _load(self, subject: Subject, store: Store, *, is_first: bool) -> Customer:
        if is_first and subject.resolved is not None:
            return subject.resolved
        reading = subject.reading
        known = self._find.by_id(store, reading.customer_id) if reading.customer_id else None
        if known is not None and not needs_resolution(known, reading.identities):
            return known
        return self._find.by_identities(store, reading.identities)

    def _decide(self, customer: Customer, subject: Subject, store: Store) -> tuple[Customer, list[Effect]]:
        effects: list[Effect] = []
        before, reading = customer, subject.reading
        seen = reading.events
        if subject.timer is not None:
            customer = skip_ahead(customer, subject.timer.due, self._clock(), self._pace)
            seen = (make_wake_event(subject.timer),)
        is_dated = reading.order is not None
        events = [event for event in seen if not self._is_known(customer, event, is_dated=is_dated)]
        is_repeated = bool(seen) and not events
        if reading.buyer is not None:
            # Whoever fills a cart may type any address: what nobody has ordered with yet takes no place in front.
            is_typed = reading.cart is not None and reading.order is None
            take = take_past_buyer if reading.is_past or is_typed else take_buyer
            customer = take(customer, reading.buyer)
            if take is take_buyer:
                change = note_account(customer, reading.buyer, self._clock() + timedelta(seconds=customer.ahead_s))
                customer, events = change.customer, [*change.events, *events]
        if reading.opted_in_at is not None:
            change = take_opt_ins(
                customer,
                reading.opt_ins,
                reading.opted_in_at,
                store=store,
                real_now=self._clock(),
                proof=reading.list_proof(),
            )
            customer, effects = change.customer, [*effects, *change.effects]
            events = [*change.events, *events]
        if reading.placed_order is not None:
            placed = reading.placed_order
            effects += count_purchase(customer, placed, store)
            change = count_order(customer, placed.order_id, placed.created_at, by_shopper=placed.is_placed_by_shopper)
            customer, effects = change.customer, [*effects, *change.effects]
        if reading.order is not None and reading.order.order is not None:
            customer = note_payment(customer, reading.order.order)
        if not is_repeated:
            change = subject.heard.apply(customer, self._clock(), store)
            customer, effects = change.customer, [*effects, *change.effects]
            events += change.events
        if left := list_left(customer, reading.identities):  # whoever looked for them has claimed them anew
            release_id = make_id(customer.customer_id, "left", *(identity.value for identity in left))
            effects.append(ReleaseIdentities(id=release_id, identities=left))
        if subject.wake:
            customer, woken = make_wake_effects(customer, self._clock(), self._pace, rearm=subject.rearm)
            effects += woken
        if subject.migration is not None:
            from okaeri.use_cases.migrate_runs import MigrateRuns  # a rare thing: no cold start pays for it

            now = self._clock() + timedelta(seconds=customer.ahead_s)
            customer, moved = MigrateRuns(self._gather_facts)(customer, subject.migration, store, now)
            effects += moved

        if reading.quiet is not None:  # of long ago: it is kept, and nobody is told or asked anything
            events = [event.model_copy(update={"quiet": reading.quiet}) for event in events]
            effects = [effect for effect in effects if not isinstance(effect, SayMessage)]
        customer, decided = self._decide_all(customer, events, subject, store)
        effects += decided
        if events:  # segments that all of the above has moved the customer into
            now = self._clock() + timedelta(seconds=customer.ahead_s)
            entries = make_entries(before, customer, store, now, events[-1])
            customer, decided = self._decide_all(customer, entries, subject, store)
            effects += decided
        if store.settings.write_consent and reading.quiet is None:
            from okaeri.domain.consent_copies import copy_consents  # few shops have the store told

            effects += copy_consents(before, customer, store, self._clock(), events)
        return customer, effects

    def _decide_all(
        self, customer: Customer, events: Iterable[Event], subject: Subject, store: Store
    ) -> tuple[Customer, list[Effect]]:
        """Decides on each, and in their turn on the events that journeys make of them: all are committed together."""
        effects: list[Effect] = []
        happened = list(events)
        for event in happened:
            now = self._clock() + timedelta(seconds=customer.ahead_s)
            event = self._gather_facts.look_up(customer, event, store)
            facts = self._gather_facts(customer, event, subject.reading, store, subject.message)
            decision = decide(customer, event, now, facts)
            customer = decision.customer
            effects += decision.effects
            happened += decision.events
        return customer, effects

    def _is_known(self, customer: Customer, event: Event, *, is_dated: bool) -> bool:
        """Remembered, or older than what is remembered and found among the decisions.

        `is_dated`: the event has its time from what the store tells of it, the same whenever it is told. One that
        happened after all others cannot have been forgotten.
        """
        if shorten(event.event_id) in customer.recent:
            return True
        is_latest = customer.latest_event_at is not None and event.occurred_at > customer.latest_event_at
        if not customer.evicted or (is_dated and is_latest):
            return False
        holders = (customer.customer_id, *customer.absorbed)
        return any(self._records.has_decision(customer.store_id, holder, event.event_id) for holder in holders)

    # -- making it so ----------------------------------------------------------------------------------------------

    def _commit(self, after: Customer, effects: Iterable[Effect]) -> Customer | None:
        """State and effects in one conditional write; None where somebody else wrote first."""
        committed = after.model_copy(update={"pending": dump_effects(effects), "version": after.version + 1})
        try:
            self._customers.save(committed, sweep_at=find_sweep_time(committed, self._clock(), self._pace))
        except Conflict:
            return None
        return committed

    def _clear(self, committed: Customer) -> None:
        """Clears dispatched effects; who loses the race leaves it to the winner, effects are harmless twice."""
        if not committed.pending:
            return
        cleared = committed.model_copy(update={"pending": (), "version": committed.version + 1})
        try:
            self._customers.save(cleared, sweep_at=find_sweep_time(cleared, self._clock(), self._pace))
        except Conflict:
            return

    def _write_records(self, reading: Reading, customer: Customer) -> None:
        for write in reading.writes:
            write(customer.customer_id)
        if reading.follow is not None and (follow := reading.follow()):
            self._queues.send_evidence(follow)

    def _tell_others(self, reading: Reading, customer: Customer) -> None:
        notices = [notice for owner, notice in reading.tell if owner != customer.customer_id]
        if reading.referred and reading.order is not None and reading.order.order is not None:
            from okaeri.domain.referrals import tell_referral  # few orders come by a friend's code

            order, store_id = reading.order.order, customer.store_id
            notices += [tell_referral(order, customer, owner, code, store_id) for owner, code in reading.referred]
        if notices:
            self._queues.send_evidence(notices)


def _subjects(reading: Reading | None) -> tuple[Subject, ...]:
    return (Subject(reading),) if reading is not None else ()


def _is_heard(event: str, store: Store) -> bool:
    """Whether a journey that is on begins with the event."""
    return any(find_mode(store, published) is not Mode.OFF for published in store.triggers.get(event, ()))


def _drop_unheard(reading: Reading | None, store: Store) -> Reading | None:
    """A parcel's new place is an event only where a journey that is on asks for it: there are many, and few ask."""
    if reading is not None and not _is_heard(PARCEL_MOVED, store):
        reading.events = tuple(event for event in reading.events if event.name != PARCEL_MOVED)
    return reading
