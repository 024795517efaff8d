"""What shoppers and providers tell us, turned into changes of the customer and events. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from okaeri.domain.consents import take_consent
from okaeri.domain.customers import Customer, Identity, IdentityKind, list_identities
from okaeri.domain.effects import Effect, KeepTimeline, ReleaseIdentities, SayMessage
from okaeri.domain.events import Event, make_event
from okaeri.domain.evidence import (
    AnswerGiven,
    ConsentSeen,
    LetterReceived,
    MessageOutcome,
    MessageReceived,
    NumberChanged,
    WhatsappKnown,
)
from okaeri.domain.gates import FREE_ENTRY_POINT, SERVICE_WINDOW, is_stopped
from okaeri.domain.identities import name_identities
from okaeri.domain.keywords import read_keyword
from okaeri.domain.languages import choose_locale
from okaeri.domain.messages import Message, MessageRefs
from okaeri.domain.orders import Buyer
from okaeri.domain.profile import (
    MAX_IDENTIFIERS,
    Change,
    note_alive,
    note_dead_address,
    note_hour,
    take_buyer,
)
from okaeri.domain.records import TimelineEntry
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel, Purpose, make_id

CONFIRM_ORDER = "CONFIRM_ORDER"  # and the order's id after a colon: the button of cash on delivery
ANSWER = "ANSWER"  # the question's seed and the answer's name after colons: the buttons of a question
MAX_NAME = 60
MAX_TITLE = 60  # characters of a button
MAX_TEXT = 1000  # characters of what a shopper wrote that journeys may read
STOP_MARKETING = "STOP_MARKETING"  # the payload of the quick reply on marketing templates
# facts: WhatsApp §8. What a code says of the address or of the shopper's wish, beyond the one message.
NOT_ON_WHATSAPP = ("131026",)
STOPPED_MARKETING = ("131050",)

Apply = Callable[[Customer, datetime, Store], Change]


def _keep(customer: Customer, real_now: datetime, store: Store) -> Change:
    return Change(customer)


class Heard(NamedTuple):
    """Whom it concerns, how it changes them, and what happened. `quiet_apply` is the change without an answer."""

    apply: Apply = _keep
    events: tuple[Event, ...] = ()
    identities: tuple[Identity, ...] = ()
    customer_id: str | None = None
    bearers_on: Channel | None = None  # it concerns everyone who is reached by the same address on this channel
    quiet_apply: Apply | None = None

    def without_answer(self) -> Heard:
        """The same for another customer who carries the identifier: their consent follows, nobody is answered twice."""
        return self._replace(apply=self.quiet_apply or _keep, events=(), identities=())


def hear_consent(evidence: ConsentSeen, heard_at: datetime) -> Heard:
    """Consent given or withdrawn, by the store, the shopper's own page, Meta's preferences.

    It counts from no later than we heard of it: a clock that is fast elsewhere must not outlive a withdrawal.
    """

    def note(customer: Customer, real_now: datetime, store: Store) -> Change:
        if store.settings.write_consent:
            from okaeri.domain.consent_copies import is_echo  # few shops have the store told

            if is_echo(evidence, customer, store):
                return Change(customer)
        return take_consent(
            customer,
            store=store,
            real_now=real_now,
            channel=evidence.channel,
            purpose=evidence.purpose,
            given=evidence.given,
            at=min(evidence.at, heard_at),
            source=evidence.source,
            wording=evidence.wording,
            confirmed=evidence.confirmed,
            proof=evidence.proof,
        )

    def apply(customer: Customer, real_now: datetime, store: Store) -> Change:
        known = customer.consents.get(f"{evidence.channel}:{evidence.purpose}")
        if known is None or known.at < min(evidence.at, heard_at):
            # What comes again long after must not bring back the number of those days.
            customer = take_buyer(customer, evidence.buyer, wa_user_id=evidence.wa_user_id)
        return note(customer, real_now, store)

    return Heard(
        apply=apply,
        identities=name_identities(evidence.buyer, wa_user_id=evidence.wa_user_id),
        customer_id=evidence.customer_id,
        bearers_on=None if evidence.given else Channel(evidence.channel),
        quiet_apply=note,
    )


def hear_message(evidence: MessageReceived, store: Store) -> Heard:
    """A shopper wrote on WhatsApp: kept on the timeline; STOP and START are obeyed and answered once.

    START of somebody who had stopped nothing is a greeting like any other.
    """
    identities = name_identities(Buyer(phone=evidence.phone), wa_user_id=evidence.wa_user_id)
    is_stop_marketing = evidence.payload == STOP_MARKETING
    keyword = None if is_stop_marketing else read_keyword(evidence.text)
    event = make_event(
        store.store_id,
        "message.received",
        evidence.at,
        evidence.provider_id,
        data={
            "type": evidence.type,
            "keyword": keyword or "",
            "tapped": evidence.payload is not None,
            "text": (evidence.text or "")[:MAX_TEXT],
            "media_id": evidence.media_id or "",
            "provider_id": evidence.provider_id,
            "payload": evidence.payload or "",
            "reply_to": evidence.reply_to or "",
            "amends": evidence.amends or "",
            "ad": evidence.referral.get("source_id", ""),
        },
    )
    confirmed = _read_tap(evidence, store)

    def obey(customer: Customer, real_now: datetime, store: Store) -> Change:
        if is_stop_marketing:
            return _take_reply(customer, evidence, "marketing", real_now, store, given=False)
        if keyword == "stop" or (keyword == "start" and is_stopped(customer, Channel.WHATSAPP)):
            return _take_reply(customer, evidence, "all", real_now, store, given=keyword == "start")
        return Change(customer)

    def apply(customer: Customer, real_now: datetime, store: Store) -> Change:
        was_stopped = is_stopped(customer, Channel.WHATSAPP)
        customer = _note_presence(customer, evidence)
        effects: list[Effect] = [_keep_text(customer, evidence)]
        if keyword != "stop" and not is_stop_marketing and not was_stopped:
            # Who writes to the shop there may be answered and told about their orders there.
            if "whatsapp:order" not in customer.consents:
                reply = _take_reply(customer, evidence, "order", real_now, store, given=True)
                customer, effects = reply.customer, [*effects, *reply.effects]
            return Change(customer, tuple(effects))
        change = obey(customer, real_now, store)
        answer = _choose_answer(keyword, is_stop_marketing, was_stopped)
        effects += change.effects
        if answer:
            effects += _answer(change.customer, evidence, answer, real_now, store)
        return Change(change.customer, tuple(effects), change.events)

    return Heard(
        apply=apply,
        events=(event, *confirmed),
        identities=identities,
        bearers_on=Channel.WHATSAPP if keyword or is_stop_marketing else None,
        quiet_apply=obey,
    )


def _read_tap(evidence: MessageReceived, store: Store) -> tuple[Event, ...]:
    """A tap on a button that confirms an order (twice, or on two devices, it is one event), or answers a question."""
    name, _, subject = (evidence.payload or "").partition(":")
    if name == CONFIRM_ORDER and subject:
        refs: dict[str, tuple[str, ...]] = {"order.id": (subject,)}
        return (make_event(store.store_id, "order.confirmed", evidence.at, subject, refs=refs),)
    if name == ANSWER and subject:
        text = (evidence.text or "")[:MAX_TITLE]
        return (make_answer_event(store, subject, evidence.at, text=text, provider_id=evidence.provider_id),)
    return ()


def make_answer_event(
    store: Store,
    subject: str,
    at: datetime,
    *distinct: str,
    text: str = "",
    provider_id: str = "",
    on_page: bool = False,
) -> Event:
    """An answer that names its question: `subject` is the question's seed, a colon, and the answer's name."""
    seed, _, answer = subject.partition(":")
    refs: dict[str, tuple[str, ...]] = {"ask.id": (seed,)}
    data: dict[str, str | int | bool] = {"answer": answer}
    data |= {name: value for name, value in (("text", text), ("provider_id", provider_id), ("page", on_page)) if value}
    told_apart = (*distinct, provider_id) if provider_id else distinct
    return make_event(store.store_id, "message.answered", at, seed, *told_apart, refs=refs, data=data)


def make_page_event(store: Store, evidence: AnswerGiven) -> Event:
    """What was answered on a page. Pressed twice it is one event; of different answers the first to come count."""
    event = make_answer_event(store, f"{evidence.ask}:{evidence.answer}", evidence.at, evidence.answer, on_page=True)
    if not evidence.run_id:
        return event
    answers = json.dumps(evidence.answers, ensure_ascii=False, sort_keys=True)
    return event.model_copy(
        update={
            "event_id": make_id(event.event_id, evidence.run_id, answers),
            "refs": event.refs | {"run.id": (evidence.run_id,)},
            "data": event.data | {"answers": answers},
        }
    )


def hear_number(evidence: NumberChanged) -> Heard:
    """The shopper moved to another number: found by the old identifiers, reached by the new ones.

    The old ones are let go: numbers are given to other people one day.
    """
    old, new = name_numbers(evidence)

    def apply(customer: Customer, real_now: datetime, store: Store) -> Change:
        customer = customer.model_copy(
            update={
                "phones": tuple(phone for phone in customer.phones if phone != evidence.old_phone),
                "wa_user_ids": tuple(user for user in customer.wa_user_ids if user != evidence.old_wa_user_id),
            }
        )
        customer = take_buyer(customer, Buyer(phone=evidence.new_phone), wa_user_id=evidence.new_wa_user_id)
        gone = tuple(identity for identity in old if identity not in new)
        release = ReleaseIdentities(
            id=make_id(customer.customer_id, "release", *(identity.value for identity in gone)), identities=gone
        )
        return Change(customer, (release,) if gone else ())

    return Heard(apply=apply, identities=(*old, *new))


def name_numbers(evidence: NumberChanged) -> tuple[tuple[Identity, ...], tuple[Identity, ...]]:
    """The identifiers that were left, and those that came instead."""
    old = name_identities(Buyer(phone=evidence.old_phone), wa_user_id=evidence.old_wa_user_id)
    return old, name_identities(Buyer(phone=evidence.new_phone), wa_user_id=evidence.new_wa_user_id)


def hear_known(evidence: WhatsappKnown, owner: Customer) -> Heard:
    """Meta's own name for somebody we wrote to: theirs from now on, after those that they gave themselves."""
    new = name_identities(Buyer(phone=evidence.phone), wa_user_id=evidence.wa_user_id)
    strength = list(IdentityKind)
    identities = sorted((*list_identities(owner), *new), key=lambda identity: strength.index(identity.kind))

    def apply(customer: Customer, real_now: datetime, store: Store) -> Change:
        known = {
            "phones": tuple(dict.fromkeys((*customer.phones, evidence.phone))),
            "wa_user_ids": tuple(dict.fromkeys((*customer.wa_user_ids, evidence.wa_user_id))),
        }
        update = {name: tuple(filter(None, values))[:MAX_IDENTIFIERS] for name, values in known.items()}
        return Change(customer.model_copy(update=update))

    return Heard(apply=apply, identities=tuple(dict.fromkeys(identities)))


def hear_letter(evidence: LetterReceived, event: Event) -> Heard:
    """Who writes by e-mail or form is found by the address; what they call themselves fills what is empty."""
    from okaeri.domain.letters import read_name  # letters are seldom: no cold start waits for them

    first, _, last = read_name(evidence.name).partition(" ")
    buyer = Buyer(email=evidence.email)

    def apply(customer: Customer, real_now: datetime, store: Store) -> Change:
        customer = take_buyer(customer, buyer)
        is_named = customer.first_name or customer.last_name
        names = {} if is_named else {"first_name": first[:MAX_NAME] or None, "last_name": last[:MAX_NAME] or None}
        locale = {} if customer.locale else {"locale": evidence.locale}
        return Change(customer.model_copy(update=names | locale))

    return Heard(apply=apply, events=(event,), identities=name_identities(buyer))


def hear_outcome(evidence: MessageOutcome, message: Message | None, store: Store) -> Heard:
    """What became of a message, beyond the message: a dead address, a complaint, a wish to hear no marketing."""
    channel = message.channel if message else Channel.EMAIL
    is_failure = evidence.outcome in ("failed", "bounced")
    is_complaint = evidence.outcome == "complained"
    is_refusal = is_complaint or (evidence.outcome == "failed" and evidence.code in STOPPED_MARKETING)

    def refuse(customer: Customer, real_now: datetime, store: Store) -> Change:
        return take_consent(
            customer,
            store=store,
            real_now=real_now,
            channel=channel,
            purpose="marketing",
            given=False,
            at=evidence.at,
            source="complaint" if is_complaint else f"meta {evidence.code}",
            proof={"message": evidence.message_id},
        )

    def apply(customer: Customer, real_now: datetime, store: Store) -> Change:
        if evidence.outcome == "bounced":
            return Change(note_dead_address(customer, "email", evidence.address, evidence.code or "bounced"))
        if evidence.outcome == "failed" and evidence.code in NOT_ON_WHATSAPP:
            return Change(note_dead_address(customer, "whatsapp", evidence.address, evidence.code))
        return refuse(customer, real_now, store) if is_refusal else Change(customer)

    event = make_event(
        store.store_id,
        "message.failed" if is_failure else f"message.{evidence.outcome}",
        evidence.at,
        evidence.message_id,
        refs={"message.id": (evidence.message_id,)},
        data={"channel": channel, "code": evidence.code},
    )
    return Heard(
        apply=apply,
        events=(event,),
        customer_id=evidence.customer_id,
        bearers_on=Channel(channel) if is_refusal else None,
        quiet_apply=refuse if is_refusal else None,
    )


def _note_presence(customer: Customer, evidence: MessageReceived) -> Customer:
    """They are there: the window opens, a dead number lives, a nameless one has a name, their hour is noted."""
    customer = note_hour(customer, evidence.at)
    customer = take_buyer(customer, Buyer(phone=evidence.phone), wa_user_id=evidence.wa_user_id)
    customer = note_alive(customer, "whatsapp", (evidence.phone, evidence.wa_user_id))
    opened = max(filter(None, (customer.window_opened_at, evidence.at)))
    name = customer.first_name or customer.last_name
    free_until = customer.free_entry_until
    if evidence.referral:
        # Meta counts from our answer, which comes after this: the end that is sure. Its own word settles each cost.
        free_until = max(filter(None, (free_until, evidence.at + FREE_ENTRY_POINT)))
    return customer.model_copy(
        update={
            "free_entry_until": free_until,
            "window_opened_at": opened,
            "wrote_from": evidence.phone if opened == evidence.at else customer.wrote_from,
            "first_name": customer.first_name if name else evidence.profile_name,
        }
    )


def _take_reply(
    customer: Customer, evidence: MessageReceived, purpose: str, real_now: datetime, store: Store, *, given: bool
) -> Change:
    return take_consent(
        customer,
        store=store,
        real_now=real_now,
        channel="whatsapp",
        purpose=purpose,
        given=given,
        at=evidence.at,
        source="whatsapp reply",
        wording=(evidence.text or evidence.payload or "")[:200],
        proof={"provider_message": evidence.provider_id},
    )


def _choose_answer(keyword: str | None, is_stop_marketing: bool, was_stopped: bool) -> str | None:
    """One confirmation, and none for a STOP that is in force already, whatever else they write."""
    if was_stopped:
        return "start_confirmed" if keyword == "start" else None
    return "marketing_stopped" if is_stop_marketing else "stop_confirmed"


def _answer(
    customer: Customer, evidence: MessageReceived, template: str, real_now: datetime, store: Store
) -> tuple[Effect, ...]:
    published = store.templates.get(template)
    locale = choose_locale(customer, store, published.chat) if published else None
    if locale is None:
        return ()
    seed = make_id(store.store_id, "answer", evidence.provider_id)
    message_id = make_id(seed, Channel.WHATSAPP)
    message = Message(
        message_id=message_id,
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        channel=Channel.WHATSAPP,
        purpose=Purpose.ORDER,
        template=template,
        locale=locale,
        seed=seed,
        refs=MessageRefs(reply_to=evidence.provider_id),
        decided_at=real_now,
        valid_until=real_now + timedelta(seconds=customer.ahead_s) + SERVICE_WINDOW,
        free_form=True,
    )
    return (SayMessage(id=message_id, message=message),)


def _keep_text(customer: Customer, evidence: MessageReceived) -> KeepTimeline:
    details = {
        "type": evidence.type,
        "payload": evidence.payload,
        "media_id": evidence.media_id,
        "reply_to": evidence.reply_to,
        "amends": evidence.amends,
    }
    entry = TimelineEntry(
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        entry_id=make_id(evidence.provider_id)[:16],
        at=evidence.at,
        kind="whatsapp.received",
        text=evidence.text,
        data={name: value for name, value in details.items() if value},
    )
    return KeepTimeline(id=entry.entry_id, entry=entry)
