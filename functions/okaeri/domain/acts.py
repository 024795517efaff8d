"""What a journey does besides speaking: tags, attributes, events, tickets, calls. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from okaeri.domain.conversations import Conversation, ConversationState
from okaeri.domain.customers import MAX_ATTRIBUTES, MAX_TAGS, MAX_TICKETS, Customer, OpenTicket, Run
from okaeri.domain.effects import Effect, KeepTicket, RequestAction
from okaeri.domain.events import Event
from okaeri.domain.evidence import ActionDone, TicketSolved
from okaeri.domain.facts import Scene
from okaeri.domain.journeys import CallStep, EmitStep, SetStep, TagStep, TicketStep
from okaeri.domain.records import ActionRequest, Ticket
from okaeri.domain.shop_hours import add_shop_time
from okaeri.domain.values import Channel, Purpose, format_time, make_id

HANDED_OVER = "handed_over"  # a run's data: it has handed the talk to a person, and may still say so
MAX_HOPS = 8
RETURN_REQUESTED = "requested"  # a ticket's stage: a return was asked for
PROFILE = ("first_name", "last_name")  # attributes that are the profile's own
MAX_NAME = 60
MAX_TAG = 40
MAX_VALUE = 500  # characters of an attribute or of a value that leaves the house


class Deed(NamedTuple):
    """The customer after an act, what is asked of the world, what happened by it, and a word on it."""

    customer: Customer
    effects: tuple[Effect, ...] = ()
    events: tuple[Event, ...] = ()
    note: tuple[str, str] = ("", "")  # verdict and why
    run: Run | None = None  # the run after it, where the act changed it


def tag_customer(step: TagStep, scene: Scene) -> Deed:
    """Adds tags, the newest last, and takes others away; beyond 32 the oldest are forgotten."""
    added = tuple(dict.fromkeys((*step.add, *_list_each(step, scene))))
    kept = [tag for tag in scene.customer.tags if tag not in step.remove and tag not in added]
    tags = tuple([*kept, *added][-MAX_TAGS:])
    changes = [f"+{tag}" for tag in added] + [f"-{tag}" for tag in step.remove]
    return Deed(scene.customer.model_copy(update={"tags": tags}), note=("tagged", f"tags:{' '.join(changes)}"))


def _list_each(step: TagStep, scene: Scene) -> list[str]:
    """A tag of each value of the list, in small letters: a shop's "Tea towels" are `tea towels`."""
    values = scene.read_field(step.each) if step.each else ()
    return [f"{step.prefix}{' '.join(str(value).casefold().split())}"[:MAX_TAG] for value in values or ()]


def set_attribute(step: SetStep, scene: Scene) -> Deed:
    """Sets an attribute to a text or a field's value; an empty field takes the attribute away."""
    value = step.value if step.field is None else write_value(scene.read_field(step.field))
    if step.attribute in PROFILE:
        named = scene.customer.model_copy(update={step.attribute: value[:MAX_NAME]}) if value else scene.customer
        return Deed(named, note=("set", f"attribute:{step.attribute}"))
    attributes = {name: text for name, text in scene.customer.attributes.items() if name != step.attribute}
    if value:
        attributes[step.attribute] = value[:MAX_VALUE]
    latest = dict(list(attributes.items())[-MAX_ATTRIBUTES:])
    return Deed(scene.customer.model_copy(update={"attributes": latest}), note=("set", f"attribute:{step.attribute}"))


def emit_event(step: EmitStep, scene: Scene, seed: str) -> Deed:
    """An event of this customer with the run's references; once for each visit of the step."""
    if scene.event.hops >= MAX_HOPS:
        return Deed(scene.customer, note=("not emitted", "circle"))
    data: dict[str, str | int | bool] = {
        name: write_value(scene.read_field(field))[:MAX_VALUE] for name, field in step.data.items()
    }
    event = Event(
        event_id=make_id(seed, step.event),
        name=step.event,
        occurred_at=scene.now,
        refs=scene.run.refs,
        data=data,
        hops=scene.event.hops + 1,
    )
    return Deed(scene.customer, events=(event,), note=("emitted", f"event:{step.event}"))


def open_ticket(step: TicketStep, scene: Scene, seed: str) -> Deed:
    """A ticket for the shop's people; its id is the step's, so that it is opened once."""
    customer, run = scene.customer, scene.run
    due = _find_deadline(step, scene)
    order_id = next(iter(run.refs.get("order.id", ())), None)
    talk = _find_talk(scene)
    ticket_id = make_id(seed, scene.customer.customer_id, "ticket")[:20]
    ticket = Ticket(
        store_id=customer.store_id,
        ticket_id=ticket_id,
        customer_id=customer.customer_id,
        queue=step.queue,
        subject=step.subject,
        priority=step.priority,
        opened_at=scene.now,
        due=due,
        order_id=order_id,
        journey=run.journey,
        channel=talk.channel,
        stage=step.stage,
        data={name: value for name, field in step.data.items() if (value := write_value(scene.read_field(field)))},
        last_heard_at=scene.facts.real_now if step.hand_over else None,
    )
    entry = OpenTicket(ticket_id=ticket_id, queue=step.queue, opened_at=scene.now, due=due, order_id=order_id)
    others = [other for other in customer.open_tickets if other.ticket_id != ticket_id]
    after = customer.model_copy(update={"open_tickets": tuple([*others, entry][-MAX_TICKETS:])})
    if step.hand_over:
        waiting = {"state": ConversationState.WAITING, "ticket_id": ticket_id, "unread": (), "read_at": None}
        after = after.model_copy(update={"conversation": talk.model_copy(update=waiting)})
    event = Event(
        event_id=make_id(ticket_id, "ticket.opened"),
        name="ticket.opened",
        occurred_at=scene.now,
        refs=run.refs | {"ticket.id": (ticket_id,)},
        data={"queue": step.queue, "priority": step.priority, "due": write_value(due)},
        hops=scene.event.hops + 1,
    )
    opened = run.model_copy(update={"refs": run.refs | {"ticket.id": (ticket_id,)}})
    if step.hand_over:
        opened = opened.model_copy(update={"data": opened.data | {HANDED_OVER: ticket_id}})
    if due is not None:
        opened = opened.model_copy(update={"data": opened.data | {"talk.due": format_time(due)}})
    events = (event, *_tell_return(step, scene, ticket_id))
    return Deed(after, (KeepTicket(id=ticket_id, ticket=ticket),), events, ("opened", f"queue:{step.queue}"), opened)


def _tell_return(step: TicketStep, scene: Scene, ticket_id: str) -> tuple[Event, ...]:
    """A return that a ticket asks for is one, also where the store knows of none: what asks for reviews ends by it."""
    order_ids = scene.run.refs.get("order.id", ())
    if step.stage != RETURN_REQUESTED or not order_ids:
        return ()
    return (
        Event(
            event_id=make_id(ticket_id, "return.requested"),
            name="return.requested",
            occurred_at=scene.now,
            refs={"order.id": order_ids},
            hops=scene.event.hops + 1,
        ),
    )


def _find_deadline(step: TicketStep, scene: Scene) -> datetime | None:
    """By when; in the shop's hours alone where the step says so."""
    if step.due is None:
        return None
    span = scene.read_span(step.due)
    return add_shop_time(scene.facts.store, scene.now, span) if step.hours else scene.now + span


def _find_talk(scene: Scene) -> Conversation:
    """The talk as it goes on: who wrote a letter is answered by letter."""
    talk = scene.customer.conversation or Conversation()
    if "letter.received" in scene.definition.events:
        return talk.model_copy(update={"channel": Channel.EMAIL})
    return talk.model_copy(update={"channel": Channel.WHATSAPP}) if "turn.taken" in scene.definition.events else talk


def request_call(step: CallStep, scene: Scene, seed: str) -> Deed:
    """Asks for one of the shop's webhooks to be called; the answer comes as an event of its own."""
    data = {name: write_value(scene.read_field(field))[:MAX_VALUE] for name, field in step.data.items()}
    request = make_request(scene, seed, kind="call", target=step.webhook, data=data)
    return Deed(scene.customer, (RequestAction(id=seed, request=request),), note=("called", f"webhook:{step.webhook}"))


def make_action_event(evidence: ActionDone) -> Event:
    """What came of a request, as the event that its run waits for; the same answer twice is one event."""
    if evidence.action == "change":  # the store may refuse: that is an answer too
        verb = evidence.data.get("outcome", "done" if evidence.ok else "failed")
    else:
        verb = {"call": "answered", "coupon": "issued", "consent": "told"}[evidence.action] if evidence.ok else "failed"
    return Event(
        event_id=make_id("action", evidence.action_id),
        name=f"{evidence.action}.{verb}",
        occurred_at=evidence.at,
        refs={"act.id": (evidence.action_id,)},
        data=dict(evidence.data),
    )


def make_solved_event(evidence: TicketSolved) -> Event:
    """A ticket was solved; once more after it was reopened is another event."""
    return Event(
        event_id=make_id("ticket.solved", evidence.ticket_id, format_time(evidence.at)),
        name="ticket.solved",
        occurred_at=evidence.at,
        refs={"ticket.id": (evidence.ticket_id,)},
        data={"outcome": evidence.outcome},
    )


def write_value(value: object) -> str:
    """A field's value as text: times in ISO 8601, lists with commas, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ",".join(str(part) for part in value)
    return str(value)


def take_answer(run: Run, prefix: str, data: dict[str, str]) -> Run:
    """The run with what an act or a question brought, under names such as `call.crm.level` or `answer.size`."""
    kept = {f"{prefix}.{name}" if name else prefix: value[:MAX_VALUE] for name, value in data.items()}
    return run.model_copy(update={"data": run.data | kept})


def make_request(scene: Scene, seed: str, *, kind: str, target: str, data: dict[str, str]) -> ActionRequest:
    run = scene.run
    return ActionRequest.model_validate(
        {
            "store_id": scene.customer.store_id,
            "customer_id": scene.customer.customer_id,
            "action_id": seed,
            "kind": kind,
            "target": target,
            "journey": run.journey,
            "purpose": scene.definition.purpose or Purpose.MARKETING,
            "refs": {name: values[0] for name, values in run.refs.items() if values},
            "data": data,
            "requested_at": scene.now,
        }
    )
