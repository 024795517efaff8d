"""What a customer writes, read as turns of a talk: bursts are read as one, taps at once. Pure.

While people of the shop are in charge nothing is read: what comes goes to their ticket.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from okaeri.domain.conversations import (
    IN_CHARGE,
    MAX_ANSWERED,
    MAX_UNREAD,
    TURN_TAKEN,
    Conversation,
    ConversationState,
    Fragment,
)
from okaeri.domain.customers import Customer
from okaeri.domain.effects import ChangeTicket, Effect, ReadLater, RequestAction
from okaeri.domain.entries import find_ad_code
from okaeri.domain.events import Event, make_event
from okaeri.domain.facts import Facts
from okaeri.domain.interpretations import BEGIN, FAQ, INTENTS, OPENERS, UNKNOWN, Guess, Interpretation
from okaeri.domain.records import ActionRequest, Finding
from okaeri.domain.values import Purpose, format_time, make_id

TURN_DUE = "turn.due"
DO = "DO"  # and an intent after a colon: the buttons and rows that begin something
STALE = "stale_answer"  # a turn's type: a button of a question that nobody asks any more
SURE = 80  # of 100: what a question may take for its answer though it is not the best guess ("yes, cancel it")
MAX_BURSTS = 4  # who goes on writing is read after so many bursts all the same
LONGEST_TURN = 1000  # characters
# Nobody who sends these waits for an answer.
_WORDLESS = ("reaction", "sticker", "system")


class Heeding(NamedTuple):
    """A customer after what they said was heeded: what to do, what happened by it, what was weighed."""

    customer: Customer
    effects: tuple[Effect, ...] = ()
    events: tuple[Event, ...] = ()
    findings: tuple[Finding, ...] = ()


def take_words(customer: Customer, event: Event, facts: Facts) -> Heeding:
    """A message that answered no question: to the person in charge, else a turn now or once the burst is over."""
    fragment = _make_fragment(event)
    request = _request_media(customer, fragment, facts)
    conversation = customer.conversation or Conversation()
    if event.data.get("keyword") and not _is_idle_start(customer, event):
        return Heeding(_forget_unread(customer, conversation), request)  # STOP speaks for all that came before it
    if event.data.get("amends"):
        return Heeding(_amend(customer, conversation, event), request)
    payload = str(event.data.get("payload", ""))
    is_asking = payload.startswith(f"{DO}:")
    # Likely answers are to be had while somebody waits; once a person answers, the person does.
    if conversation.state in IN_CHARGE and not (is_asking and conversation.state is ConversationState.WAITING):
        after, told = _tell_ticket(customer, conversation, event, fragment)
        return Heeding(after, (*request, *told))
    if is_asking:
        before = () if conversation.state in IN_CHARGE else conversation.unread
        turn = _make_turn(customer, (*before, fragment), _read_payload(payload), facts)
        turn = turn.model_copy(update={"data": turn.data | {"tapped": True}})
        return Heeding(_forget_unread(customer, conversation), request, (turn,))
    if code := find_ad_code(str(event.data.get("ad", "")), facts.store):
        return _begin(customer, conversation, fragment, code, facts, request)
    if event.data.get("tapped") or fragment.type in _WORDLESS:
        return Heeding(customer, request)
    unread = (*conversation.unread, fragment)
    if _is_complete(fragment, facts) or _is_long_burst(unread, facts) or len(unread) >= MAX_UNREAD:
        return _read(customer, conversation, unread, facts, request)
    read_at = facts.real_now + timedelta(seconds=facts.store.settings.burst_s)
    later = make_read_effect(customer.customer_id, read_at, unread, after_s=facts.store.settings.burst_s)
    waiting = conversation.model_copy(update={"unread": unread, "read_at": read_at})
    finding = Finding(what="turn", verdict="read later", why=f"burst:{len(unread)}")
    return Heeding(customer.model_copy(update={"conversation": waiting}), (*request, later), (), (finding,))


def take_file(customer: Customer, event: Event, facts: Facts) -> Heeding:
    """A picture that answered a question is fetched as one that answers nothing is."""
    return Heeding(customer, _request_media(customer, _make_fragment(event), facts))


def read_turn(customer: Customer, event: Event, facts: Facts) -> Heeding:
    """The burst is over: what was written is read as one turn. One that goes on is read later."""
    conversation = customer.conversation
    if conversation is None or not conversation.unread or conversation.read_at is None:
        return Heeding(customer)
    if event.data.get("at") != format_time(conversation.read_at) and facts.real_now < conversation.read_at:
        return Heeding(customer)
    if conversation.state in IN_CHARGE:  # a letter or a second record gave the talk to people meanwhile
        return Heeding(_forget_unread(customer, conversation))
    return _read(customer, conversation, conversation.unread, facts, ())


def take_stale_answer(customer: Customer, event: Event, facts: Facts) -> Heeding:
    """A button of a question that nobody asks any more is a turn of its own: they wanted something."""
    conversation = customer.conversation or Conversation()
    seeds = [shorten_seed(seed) for seed in event.refs.get("ask.id", ())]
    if conversation.state in IN_CHARGE or event.data.get("page") or any(s in conversation.answered for s in seeds):
        return Heeding(customer)
    fragment = Fragment(provider_id=event.event_id[:16], at=event.occurred_at, type=STALE)
    turn = _make_turn(customer, (fragment,), Interpretation(Guess(UNKNOWN, 0)), facts)
    return Heeding(customer, (), (turn,))


def shorten_seed(seed: str) -> str:
    """How a question that was answered is remembered."""
    return seed[:10]


def note_answered(customer: Customer, seed: str) -> Customer:
    """A second tap on the same question, on another device perhaps, is no new wish."""
    conversation = customer.conversation or Conversation()
    kept = tuple(dict.fromkeys((*conversation.answered, shorten_seed(seed))))[-MAX_ANSWERED:]
    return keep_conversation(customer, conversation.model_copy(update={"answered": kept}))


def make_intent_event(event: Event, intent: str, *, hops: int) -> Event:
    """The turn that a choice stands for: `order_status`, or `faq:delivery_time`."""
    name, _, subject = intent.partition(":")
    data = dict(event.data) | {
        "intent": name if name in INTENTS else UNKNOWN,
        "score": 100,
        "faq": subject if name == FAQ else "",
        "code": subject if name == BEGIN else "",
        "guesses": "",
        "misread": 0,
    }
    kept = {key: value for key, value in data.items() if key not in ("answer", "tapped", "keyword")}
    return Event(
        event_id=make_id(event.event_id, TURN_TAKEN, intent),
        name=TURN_TAKEN,
        occurred_at=event.occurred_at,
        refs={},
        data=kept,
        hops=hops,
    )


def make_unheeded_event(event: Event) -> Event:
    """A turn that was understood and that nothing in this shop takes up: the assistant offers what there is."""
    data = dict(event.data) | {"intent": UNKNOWN, "misread": int(event.data.get("misread", 0)) or 1}
    return event.model_copy(
        update={"event_id": make_id(event.event_id, "unheeded"), "data": data, "hops": event.hops + 1}
    )


def note_turn(customer: Customer, event: Event, *, is_taken: bool) -> Customer:
    """Counts turns in a row that nothing understood."""
    conversation = customer.conversation or Conversation()
    is_misread = event.data.get("intent") == UNKNOWN and not is_taken
    misread = int(event.data.get("misread", 0)) if is_misread else 0
    return keep_conversation(customer, conversation.model_copy(update={"misread": misread}))


def keep_conversation(customer: Customer, conversation: Conversation) -> Customer:
    """The customer with this talk, none where there is nothing to remember of it."""
    is_idle = conversation == Conversation()
    kept = None if is_idle else conversation
    return customer if customer.conversation == kept else customer.model_copy(update={"conversation": kept})


def make_due_event(customer_id: str, at: datetime, first: str) -> Event:
    """The end of a burst as an event."""
    return Event(
        event_id=make_id(customer_id, TURN_DUE, format_time(at), first),
        name=TURN_DUE,
        occurred_at=at,
        data={"at": format_time(at)},
    )


def make_read_effect(customer_id: str, read_at: datetime, unread: tuple[Fragment, ...], *, after_s: float) -> ReadLater:
    """Has what is unread read at `read_at`, real time."""
    first = unread[0].provider_id if unread else ""
    id_ = make_id(customer_id, TURN_DUE, format_time(read_at), first)
    return ReadLater(id=id_, after_s=after_s, at=read_at, first=first)


# -- reading ------------------------------------------------------------------------------------------------------


def _read(
    customer: Customer,
    conversation: Conversation,
    unread: tuple[Fragment, ...],
    facts: Facts,
    request: tuple[Effect, ...],
) -> Heeding:
    turn = _make_turn(customer, unread, _interpret_all(unread, facts), facts)
    return Heeding(_forget_unread(customer, conversation), request, (turn,))


def _begin(
    customer: Customer,
    conversation: Conversation,
    fragment: Fragment,
    code: str,
    facts: Facts,
    request: tuple[Effect, ...],
) -> Heeding:
    """Who comes by an advertisement is in its flow at once; a code in their own words comes before it."""
    found = _interpret_all((fragment,), facts)
    begun = Interpretation(Guess(BEGIN, 100), code=found.code or code, language=found.language)
    turn = _make_turn(customer, (*conversation.unread, fragment), begun, facts)
    return Heeding(_forget_unread(customer, conversation), request, (turn,))


def _interpret_all(unread: tuple[Fragment, ...], facts: Facts) -> Interpretation:
    """All of it together, or its last words alone where they are clearer."""
    texts = [fragment.text for fragment in unread if fragment.text]
    if not texts:
        return Interpretation(Guess(UNKNOWN, 0))
    # By lines, for "no" and "I want messages" are two things, and "no I want messages" might be a third.
    together = facts.interpret("\n".join(texts)[:LONGEST_TURN])
    if len(texts) == 1:
        return together
    last = facts.interpret(texts[-1])
    is_clearer = last.guess.intent not in OPENERS and last.guess.score > together.guess.score
    best = last if is_clearer else together
    return best._replace(
        order_name=best.order_name or together.order_name or last.order_name, code=best.code or together.code
    )


def _is_complete(fragment: Fragment, facts: Facts) -> bool:
    """Whether one message says all that its writer is likely to say: nobody waits without need."""
    if fragment.type != "text" or not fragment.text:
        return False
    found = facts.interpret(fragment.text)
    return bool(found.code) or found.guess.intent not in OPENERS


def _is_long_burst(unread: tuple[Fragment, ...], facts: Facts) -> bool:
    patience = timedelta(seconds=facts.store.settings.burst_s * MAX_BURSTS)
    return unread[-1].at - unread[0].at > patience


def _make_turn(customer: Customer, read: tuple[Fragment, ...], found: Interpretation, facts: Facts) -> Event:
    conversation = customer.conversation or Conversation()
    media = next((fragment for fragment in read if fragment.type not in ("text", "interactive", "button")), None)
    text = "\n".join(fragment.text for fragment in read if fragment.text)
    guesses = [_name_guess(guess) for guess in (found.guess, *found.others) if guess.intent != UNKNOWN]
    misread = conversation.misread + 1 if found.guess.intent == UNKNOWN else 0
    return make_event(
        facts.store.store_id,
        TURN_TAKEN,
        read[-1].at,
        *(fragment.provider_id for fragment in read),
        data={
            "text": text[:LONGEST_TURN],
            "provider_id": read[-1].provider_id,
            "type": media.type if media else "text",
            "media_id": (media.media_id or "") if media else "",
            "intent": found.guess.intent,
            "score": found.guess.score,
            "faq": found.guess.faq,
            "code": found.code,
            "language": found.language,
            "guesses": "|".join(guesses),
            "means": "|".join(g.intent for g in (found.guess, *found.others) if g.score >= SURE),
            "order_name": found.order_name,
            "choice": found.choice if found.choice is not None else "",
            "misread": misread,
            "state": conversation.state,
        },
    )


def _name_guess(guess: Guess) -> str:
    return f"{FAQ}:{guess.faq}" if guess.intent == FAQ else guess.intent


def _read_payload(payload: str) -> Interpretation:
    """`DO:order_status`, `DO:cancel_order:<order id>`, `DO:faq:delivery_time`, `DO:begin:size-quiz`.

    Of a flow that is gone: unknown.
    """
    intent, _, subject = payload.removeprefix(f"{DO}:").partition(":")
    if intent not in INTENTS:
        return Interpretation(Guess(UNKNOWN, 0))
    guess = Guess(intent, 100, subject if intent == FAQ else "")
    if intent == BEGIN:
        return Interpretation(guess, code=subject)
    return Interpretation(guess, order_name=subject if intent != FAQ else "")


# -- what is kept -------------------------------------------------------------------------------------------------


def _make_fragment(event: Event) -> Fragment:
    data = event.data
    return Fragment(
        provider_id=str(data.get("provider_id", "")),
        at=event.occurred_at,
        type=str(data.get("type", "text")),
        text=str(data.get("text", "")),
        media_id=str(data.get("media_id", "")) or None,
    )


def _is_idle_start(customer: Customer, event: Event) -> bool:
    """START of somebody who had stopped nothing is a greeting like any other."""
    if event.data.get("keyword") != "start":
        return False
    stop = customer.consents.get("whatsapp:all")
    return stop is None or stop.at != event.occurred_at


def _amend(customer: Customer, conversation: Conversation, event: Event) -> Customer:
    """An edit changes what is not read yet, a deleted message is not read; what was read stays said."""
    meant = str(event.data.get("reply_to", ""))
    text = str(event.data.get("text", ""))
    is_edit = event.data.get("amends") == "edit"
    left = tuple(
        fragment.model_copy(update={"text": text}) if fragment.provider_id == meant else fragment
        for fragment in conversation.unread
        if is_edit or fragment.provider_id != meant
    )
    read_at = conversation.read_at if left else None
    return keep_conversation(customer, conversation.model_copy(update={"unread": left, "read_at": read_at}))


def _forget_unread(customer: Customer, conversation: Conversation) -> Customer:
    return keep_conversation(customer, conversation.model_copy(update={"unread": (), "read_at": None}))


def _tell_ticket(
    customer: Customer, conversation: Conversation, event: Event, fragment: Fragment
) -> tuple[Customer, tuple[Effect, ...]]:
    """The customer waits for a person, whoever spoke last before. Their latest words are kept: see `close_talk`."""
    latest = () if fragment.type in _WORDLESS else (fragment,)
    waiting = conversation.model_copy(update={"state": ConversationState.WAITING, "unread": latest, "read_at": None})
    if conversation.ticket_id is None:
        return keep_conversation(customer, waiting), ()
    changes: dict[str, str | None] = {"state": "waiting", "last_heard_at": format_time(event.occurred_at)}
    change = ChangeTicket(
        id=make_id(conversation.ticket_id, event.event_id), ticket_id=conversation.ticket_id, changes=changes
    )
    return keep_conversation(customer, waiting), (change,)


def _request_media(customer: Customer, fragment: Fragment, facts: Facts) -> tuple[Effect, ...]:
    """Meta keeps a file for seven days: it is fetched at once."""
    if fragment.media_id is None:
        return ()
    action_id = make_id(customer.store_id, "media", fragment.media_id)
    request = ActionRequest(
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        action_id=action_id,
        kind="media",
        target=fragment.media_id,
        journey="",
        purpose=Purpose.ORDER,
        data={"type": fragment.type},
        requested_at=facts.real_now,
    )
    return (RequestAction(id=action_id, request=request),)
