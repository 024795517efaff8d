"""What the shop's people do in a talk, and letters: who is in charge, what waits for an open window. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from okaeri.domain.conversations import (
    LETTER_RECEIVED,
    MAX_HELD,
    REPLY_SCHEDULED,
    STAFF_REPLIED,
    STAFF_REPLY,
    Conversation,
    ConversationState,
    HeldReply,
)
from okaeri.domain.customers import MAX_TICKETS, Customer, OpenTicket
from okaeri.domain.effects import ChangeTicket, Effect, KeepTimeline, RequestAction, SayMessage
from okaeri.domain.events import Event, make_event
from okaeri.domain.evidence import LetterReceived, StaffReplied, TicketReopened
from okaeri.domain.facts import Facts
from okaeri.domain.gates import is_window_open
from okaeri.domain.letters import name_letter_file
from okaeri.domain.messages import Message, MessageRefs, is_held_back
from okaeri.domain.records import ActionRequest, Finding, TimelineEntry
from okaeri.domain.say import Utterance, say
from okaeri.domain.stores import Store
from okaeri.domain.turns import Heeding, keep_conversation, make_read_effect
from okaeri.domain.values import Channel, Purpose, format_time, make_id

TICKET_REOPENED = "ticket.reopened"
REPLY_VALID_FOR = timedelta(days=3)


def make_reply_event(evidence: StaffReplied, written_at: datetime) -> Event:
    """What a person of the shop wrote: said now, or planned for later than it was written, whenever it is read."""
    is_later = evidence.at > written_at
    return Event(
        event_id=make_id(REPLY_SCHEDULED if is_later else STAFF_REPLIED, evidence.reply_id),
        name=REPLY_SCHEDULED if is_later else STAFF_REPLIED,
        occurred_at=min(evidence.at, written_at),
        refs={"ticket.id": (evidence.ticket_id,)},
        data={
            "reply_id": evidence.reply_id,
            "by": evidence.by,
            "text": evidence.text,
            "media_key": evidence.media_key or "",
            "at": format_time(evidence.at),
            "expected": evidence.expected,
            "channel": evidence.channel or "",
        },
    )


def make_reopened_event(evidence: TicketReopened) -> Event:
    """A ticket is taken up again, or a talk is taken over from the assistant."""
    return Event(
        event_id=make_id(TICKET_REOPENED, evidence.ticket_id, format_time(evidence.at)),
        name=TICKET_REOPENED,
        occurred_at=evidence.at,
        refs={"ticket.id": (evidence.ticket_id,)},
        data={"by": evidence.by, "queue": evidence.queue},
    )


def make_letter_event(evidence: LetterReceived, store: Store) -> Event:
    """A letter; whether the order that it names is its writer's is found out afterwards."""
    return make_event(
        store.store_id,
        LETTER_RECEIVED,
        evidence.at,
        evidence.letter_id,
        refs={"ticket.id": (evidence.ticket_id,)} if evidence.ticket_id else {},
        data={
            "via": evidence.via,
            "subject": evidence.subject[:200],
            "text": evidence.text[:1000],
            "is_threaded": evidence.ticket_id is not None,
            "is_proven": evidence.is_proven,
            "order_name": evidence.order_name,
            "type": "text",
            "letter_id": evidence.letter_id[:250],
            "question": evidence.question or "",
            "files": json.dumps([file.model_dump() for file in evidence.attachments]) if evidence.attachments else "",
        },
    )


def take_reply(customer: Customer, event: Event, now: datetime, facts: Facts) -> Heeding:
    """Says what a person wrote on the channel of the talk; where WhatsApp's window is closed, it is held."""
    conversation = customer.conversation or Conversation()
    ticket_id = next(iter(event.refs.get("ticket.id", ())), None)
    reply = HeldReply(
        reply_id=str(event.data.get("reply_id", event.event_id)),
        text=str(event.data.get("text", "")),
        media_id=str(event.data.get("media_key", "")) or None,
        by=str(event.data.get("by", "")),
        at=facts.real_now,
    )
    if named := str(event.data.get("channel", "")):
        conversation = conversation.model_copy(update={"channel": Channel(named)})
    heeding = say_reply(customer, conversation, reply, ticket_id, now, facts)
    if event.data.get("expected"):  # a notice to who waits: they wait on, and are not called to the phone for it
        is_call = any(isinstance(effect, SayMessage) and is_held_back(effect.message) for effect in heeding.effects)
        return heeding._replace(effects=()) if is_call else heeding
    if all(ticket.ticket_id != ticket_id for ticket in customer.open_tickets):
        return heeding  # solved by now: the assistant stays in charge, for nobody would give the talk back to it
    after = heeding.customer
    is_held = any(other.reply_id == reply.reply_id for other in (after.conversation or conversation).held)
    changes: tuple[Effect, ...] = ()
    if ticket_id is not None:
        at = format_time(facts.real_now)
        told: dict[str, str | None] = {"state": "person"}
        told |= {} if is_held else {"last_told_at": at, "first_told_at": at}
        changes = (ChangeTicket(id=make_id(ticket_id, event.event_id), ticket_id=ticket_id, changes=told),)
    talk = (after.conversation or conversation).model_copy(
        update={"state": ConversationState.PERSON, "ticket_id": ticket_id or conversation.ticket_id}
    )
    return heeding._replace(customer=keep_conversation(after, talk), effects=(*heeding.effects, *changes))


def say_reply(
    customer: Customer,
    conversation: Conversation,
    reply: HeldReply,
    ticket_id: str | None,
    now: datetime,
    facts: Facts,
) -> Heeding:
    """One answer of a person, and what is kept of it where WhatsApp takes only a template now."""
    utterance = Utterance(
        seed=make_id(customer.store_id, STAFF_REPLY, reply.reply_id),
        template=STAFF_REPLY,
        purpose=Purpose.ORDER,
        channels=(conversation.channel,),
        both=False,
        refs=MessageRefs(ticket_id=ticket_id),
        data={"reply.text": reply.text, "reply.by": reply.by}
        | ({"reply.media_key": reply.media_id} if reply.media_id else {}),
        priority=100,
        valid_until=now + REPLY_VALID_FOR,
        is_answer=True,
    )
    said = say(utterance, customer, now, facts)
    findings = said.findings
    if not any(is_held_back(effect.message) for effect in said.effects):
        return Heeding(customer, said.effects, (), findings)
    is_asked = bool(conversation.held)  # one request to open the window is enough
    findings = (*findings, Finding(what=STAFF_REPLY, verdict="held", why="window_closed"))
    return Heeding(_hold(customer, conversation, reply), () if is_asked else said.effects, (), findings)


def hold_planned(customer: Customer, reply_id: str, planned: Mapping[str, str], facts: Facts) -> Customer:
    """What a person planned, and WhatsApp takes no more at its time, is held as any other answer."""
    conversation = customer.conversation or Conversation()
    reply = HeldReply(
        reply_id=reply_id,
        text=planned.get("reply.text", ""),
        media_id=planned.get("reply.media_key") or None,
        by=planned.get("turn.by", ""),
        at=facts.real_now,
    )
    return _hold(customer, conversation, reply)


def _hold(customer: Customer, conversation: Conversation, reply: HeldReply) -> Customer:
    """The reply waits behind those that wait already; the same one again takes its own place."""
    held = (*(other for other in conversation.held if other.reply_id != reply.reply_id), reply)[-MAX_HELD:]
    return keep_conversation(customer, conversation.model_copy(update={"held": held}))


def take_failure(customer: Customer, message: Message) -> Heeding:
    """Nobody has heard what a person wrote: it is the shop's turn again, unless the ticket is solved by now."""
    ticket_id = message.refs.ticket_id
    if ticket_id is None or all(ticket.ticket_id != ticket_id for ticket in customer.open_tickets):
        return Heeding(customer)
    changes: dict[str, str | None] = {"state": "waiting", "last_told_at": None, "replied_at": None}
    change = ChangeTicket(id=make_id(ticket_id, message.message_id, "failed"), ticket_id=ticket_id, changes=changes)
    talk = customer.conversation
    if talk is None or talk.ticket_id != ticket_id or talk.state is not ConversationState.PERSON:
        return Heeding(customer, (change,))
    waiting = talk.model_copy(update={"state": ConversationState.WAITING})
    return Heeding(keep_conversation(customer, waiting), (change,))


def let_go_held(customer: Customer, reply_id: str) -> Customer | None:
    """The customer without a reply that is said elsewhere and needs no window; None where it waits no more."""
    conversation = customer.conversation or Conversation()
    left = tuple(reply for reply in conversation.held if reply.reply_id != reply_id)
    if left == conversation.held:
        return None
    return keep_conversation(customer, conversation.model_copy(update={"held": left}))


def release_held(customer: Customer, event: Event, now: datetime, facts: Facts) -> Heeding:
    """The window is open again: what people wrote meanwhile is said, though not as an answer to STOP."""
    conversation = customer.conversation
    if conversation is None or not conversation.held or event.data.get("keyword") == "stop":
        return Heeding(customer)
    if conversation.channel is Channel.WHATSAPP and not is_window_open(customer, facts.real_now):
        return Heeding(customer)  # a tap on our page opens no window
    freed = conversation.model_copy(update={"held": ()})
    after = keep_conversation(customer, freed)
    effects: list[Effect] = []
    findings: list[Finding] = []
    for reply in conversation.held:
        # It is another message than the one that asked for the window.
        again = reply.model_copy(update={"reply_id": f"{reply.reply_id}:released"})
        heeding = say_reply(after, freed, again, conversation.ticket_id, now, facts)
        after, effects, findings = heeding.customer, [*effects, *heeding.effects], [*findings, *heeding.findings]
    if conversation.ticket_id is not None:
        change_id = make_id(conversation.ticket_id, "released", conversation.held[-1].reply_id)
        # They wrote something themselves: it stays the shop's turn.
        first: dict[str, str | None] = {"first_told_at": format_time(facts.real_now)}
        effects.append(ChangeTicket(id=change_id, ticket_id=conversation.ticket_id, changes=first))
    return Heeding(after, tuple(effects), (), tuple(findings))


def reopen(customer: Customer, event: Event, facts: Facts) -> Heeding:
    """A person is in charge from now on; the ticket is open again."""
    ticket_id = next(iter(event.refs.get("ticket.id", ())), "")
    opened = OpenTicket(ticket_id=ticket_id, queue=str(event.data.get("queue", "")), opened_at=event.occurred_at)
    others = [other for other in customer.open_tickets if other.ticket_id != ticket_id]
    known = next((other for other in customer.open_tickets if other.ticket_id == ticket_id), opened)
    conversation = (customer.conversation or Conversation()).model_copy(
        update={"state": ConversationState.PERSON, "ticket_id": ticket_id, "unread": (), "read_at": None}
    )
    after = customer.model_copy(update={"open_tickets": tuple([*others, known][-MAX_TICKETS:])})
    # The inbox has opened the ticket itself; by now it may be solved again.
    changes: dict[str, str | None] = {"state": "person"}
    change = ChangeTicket(id=make_id(ticket_id, event.event_id), ticket_id=ticket_id, changes=changes)
    return Heeding(keep_conversation(after, conversation), (change,))


def close_talk(customer: Customer, ticket_id: str, solved_at: datetime, facts: Facts) -> Heeding:
    """A ticket is solved: the assistant answers again, also what came too late for whoever solved it to have seen.

    What people wrote and the window held back is still said.
    """
    conversation = customer.conversation
    if conversation is None or conversation.ticket_id != ticket_id:
        return Heeding(customer)
    solved = Conversation(state=ConversationState.SOLVED, channel=conversation.channel, held=conversation.held)
    burst_s = facts.store.settings.burst_s
    unseen = tuple(said for said in conversation.unread if said.at > solved_at - timedelta(seconds=burst_s))
    if not unseen:
        return Heeding(keep_conversation(customer, solved))
    read_at = facts.real_now + timedelta(seconds=burst_s)
    later = make_read_effect(customer.customer_id, read_at, unseen, after_s=burst_s)
    finding = Finding(what="turn", verdict="read later", why=f"burst:{len(unseen)}")
    waiting = solved.model_copy(update={"unread": unseen, "read_at": read_at})
    return Heeding(keep_conversation(customer, waiting), (later,), (), (finding,))


def take_letter(customer: Customer, event: Event, facts: Facts) -> Heeding:
    """A letter is kept on the timeline; one that answers a ticket makes it wait again, a solved one too."""
    entry = TimelineEntry(
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        entry_id=event.event_id[:16],
        at=event.occurred_at,
        kind="letter.received",
        text=str(event.data.get("text", "")),
        data={name: str(event.data[name]) for name in ("via", "subject") if event.data.get(name)},
    )
    effects: list[Effect] = [KeepTimeline(id=entry.entry_id, entry=entry)]
    effects += _note_files(customer, event, facts)
    conversation = customer.conversation or Conversation()
    ticket_id = next(iter(event.refs.get("ticket.id", ())), None)
    if ticket_id is None:
        return Heeding(customer, tuple(effects))
    changes: dict[str, str | None] = {"state": "waiting", "last_heard_at": format_time(event.occurred_at)}
    if all(other.ticket_id != ticket_id for other in customer.open_tickets):
        changes |= {"solved_at": None, "outcome": None}
        opened = OpenTicket(ticket_id=ticket_id, queue="conversation", opened_at=event.occurred_at)
        tickets = tuple([*customer.open_tickets, opened][-MAX_TICKETS:])
        customer = customer.model_copy(update={"open_tickets": tickets})
    effects.append(ChangeTicket(id=make_id(ticket_id, event.event_id), ticket_id=ticket_id, changes=changes))
    talk = conversation.model_copy(
        update={"state": ConversationState.WAITING, "ticket_id": ticket_id, "channel": Channel.EMAIL}
    )
    return Heeding(keep_conversation(customer, talk), tuple(effects))


def _note_files(customer: Customer, event: Event, facts: Facts) -> Iterator[Effect]:
    """The files of a letter are kept already: that they are this customer's is noted beside them."""
    for number, file in enumerate(json.loads(str(event.data.get("files") or "[]"))):
        action_id = make_id(event.event_id, "file", number)
        request = ActionRequest(
            store_id=customer.store_id,
            customer_id=customer.customer_id,
            action_id=action_id,
            kind="media",
            target=name_letter_file(event.event_id, number),
            journey="",
            purpose=Purpose.ORDER,
            data={
                "key": file["media_key"],
                "content_type": file["content_type"],
                "size": str(file["size"]),
                "filename": file["name"],
                "refused": file["refused"],
            },
            requested_at=facts.real_now,
        )
        yield RequestAction(id=action_id, request=request)
