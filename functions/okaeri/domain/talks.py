"""Which events concern the talk itself, before and after journeys hear of them. Pure."""

from __future__ import annotations

from datetime import datetime

from okaeri.domain.answers import TAPPED, WRITTEN
from okaeri.domain.conversations import LETTER_RECEIVED, REPLY_SCHEDULED, STAFF_REPLIED, TURN_TAKEN
from okaeri.domain.customers import Customer
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts
from okaeri.domain.interpretations import UNKNOWN
from okaeri.domain.turns import (
    Heeding,
    make_unheeded_event,
    note_turn,
    read_turn,
    take_file,
    take_stale_answer,
    take_words,
)

# What a run keeps of the event that began it: `turn.<name>` in conditions and texts.
_LEARNT = (
    *("intent", "faq", "code", "guesses", "type", "media_id", "language"),
    *("misread", "order_unknown", "faq_known", "by", "subject", "via", "at", "state", "tapped"),
)
# What concerns people of the shop, and what they said while the window was closed.
_OF_PEOPLE = (
    *("message.received", "message.answered"),
    *(STAFF_REPLIED, LETTER_RECEIVED, "ticket.reopened", "ticket.solved"),
)
MAX_SAID = 300  # characters of what was said that a run keeps


def heed(customer: Customer, event: Event, now: datetime, facts: Facts) -> Heeding:
    """Who is in charge, what waits for the window, what the shop's people say."""
    if event.name == "turn.due":
        return read_turn(customer, event, facts)
    if event.name in ("message.received", "message.answered") and not (
        customer.conversation is not None and customer.conversation.held
    ):
        return Heeding(customer)
    if event.name not in _OF_PEOPLE:
        return Heeding(customer)
    from okaeri.domain import staff_talk  # what people of the shop say is seldom: no cold start waits for it

    match event.name:
        case "staff.replied":
            return staff_talk.take_reply(customer, event, now, facts)
        case "ticket.reopened":
            return staff_talk.reopen(customer, event, facts)
        case "letter.received":
            return staff_talk.take_letter(customer, event, facts)
        case "ticket.solved":
            ticket_id = next(iter(event.refs.get("ticket.id", ())), "")
            return staff_talk.close_talk(customer, ticket_id, event.occurred_at, facts)
    return staff_talk.release_held(customer, event, now, facts)


def note_unheeded(customer: Customer, event: Event, facts: Facts, *, is_taken: bool, has_started: bool) -> Heeding:
    """What no question took: words are read as a turn, an old button is one, a turn that started nothing says so.

    Of what a question took, its file is kept as any other.
    """
    if event.name == WRITTEN:
        return take_file(customer, event, facts) if is_taken else take_words(customer, event, facts)
    if event.name == TAPPED and not is_taken:
        return take_stale_answer(customer, event, facts)
    if event.name != TURN_TAKEN:
        return Heeding(customer)
    is_lost = not (has_started or is_taken) and event.data.get("intent") != UNKNOWN
    noted = note_turn(customer, event, is_taken=is_taken)
    return Heeding(noted, (), (make_unheeded_event(event),) if is_lost else ())


def learn_from(event: Event) -> dict[str, str]:
    """What a run that answers somebody has to know of what they said."""
    if event.name not in (TURN_TAKEN, LETTER_RECEIVED, REPLY_SCHEDULED, STAFF_REPLIED):
        return {}
    learnt = {f"turn.{name}": str(event.data[name]) for name in _LEARNT if event.data.get(name)}
    text = str(event.data.get("text", ""))
    if event.name == REPLY_SCHEDULED:
        return learnt | {"reply.text": text, "reply.media_key": str(event.data.get("media_key", ""))}
    return learnt | ({"turn.said": text[:MAX_SAID]} if text and event.name != STAFF_REPLIED else {})
