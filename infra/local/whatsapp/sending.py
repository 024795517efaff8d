"""What happens to `POST /{phone_number_id}/messages`: checked by the rules, then on its way to a phone."""

from dataclasses import dataclass
from typing import Any

from .errors import GraphError, unknown_object
from .free_form import show_free_form
from .rendering import Shown, fill_template
from .rules import (
    USER_ID,
    check_marketing,
    check_number_rate,
    check_portfolio,
    check_service_window,
    count_pair,
    find_free_entry_end,
    is_window_open,
    read_phone,
)
from .state import Conversation, Message, Number, Person, State, Template, make_message_id

type Json = dict[str, Any]


@dataclass
class Accepted:
    """A message that Meta took; `refusal` is what it will say later in a `failed` status."""

    conversation: Conversation
    message: Message
    answer: Json
    refusal: GraphError | None = None


def mark_read(state: State, number: Number, payload: Json, now: float) -> Json:
    """The person sees blue ticks, and that the business types (25 s at most)."""
    message = state.messages.get(str(payload.get("message_id")))
    if message is None or message.outgoing or message.phone_number_id != number.facts.phone_number_id:
        raise GraphError(131009, "message_id is not an inbound message of this number")
    conversation = next(c for c in state.conversations.values() if message in c.messages)
    for earlier in conversation.messages[: conversation.messages.index(message) + 1]:
        if not earlier.outgoing:
            earlier.status = "read"
    if payload.get("typing_indicator"):
        conversation.typing_until = now + 25
    state.version += 1
    return {"success": True}


def accept_message(
    state: State, number: Number, payload: Json, now: float, fault: GraphError | None = None
) -> Accepted:
    """Raises GraphError for what Meta refuses in its answer; `fault` is to be said later in any case."""
    if payload.get("recipient_type", "individual") != "individual":
        raise GraphError(100, "Invalid parameter: recipient_type must be individual")
    callback_data = payload.get("biz_opaque_callback_data")
    if callback_data is not None and (not isinstance(callback_data, str) or len(callback_data) > 512):
        raise GraphError(100, "Invalid parameter: biz_opaque_callback_data has at most 512 characters")
    person, to = find_recipient(state, number, payload)
    conversation = state.open_conversation(person, number)
    check_number_rate(number.sent_at, now, number.facts.messages_per_second)
    pair_free_at = count_pair(conversation.pair_free_at, now)
    kind = payload.get("type", "text")
    message = Message(
        id=make_message_id(person),
        outgoing=True,
        at=now,
        type=kind,
        shown=Shown(),
        to=to or person.phone,
        phone_number_id=number.facts.phone_number_id,
        status="accepted",
        callback_data=callback_data,
        recipient=person.user_id if to is None else None,
        context_id=(payload.get("context") or {}).get("message_id"),
    )
    refusal = fault
    try:
        if kind == "template":
            template = write_template_message(state, number, message, payload)
            check_reachable(person)
            check_limit(state, number, conversation, now)
            message.held = state.holding
            if template.category == "MARKETING":
                check_marketing(
                    person.phone,
                    number.waba_id in person.marketing_stopped,
                    person.marketing_sent_at,
                    now,
                    state.configuration.marketing_per_person_per_day,
                )
                person.marketing_sent_at.append(now)
        elif kind == "reaction":
            check_service_window(conversation.last_inbound_at, now)
            react(state, message, payload)
        else:
            message.shown = show_free_form(kind, payload)
            attach_upload(state, number, message.shown, now)
            check_reachable(person)
            check_service_window(conversation.last_inbound_at, now)
    except GraphError as error:
        if error.code not in state.configuration.said_later:
            raise
        refusal = refusal or error
    number.sent_at.append(now)
    conversation.pair_free_at = pair_free_at
    conversation.typing_until = 0
    conversation.free_until = find_free_entry_end(conversation.came_by_ad_at, conversation.free_until, now)
    message.in_free_entry_point = conversation.free_until is not None
    message.in_window = is_window_open(conversation.last_inbound_at, now)
    if refusal is None and not message.in_window:
        state.opened_at.setdefault(number.waba_id, {})[person.user_id] = now
    state.add_message(conversation, message)
    return Accepted(conversation, message, build_answer(payload, person, message, to), refusal)


def attach_upload(state: State, number: Number, shown: Shown, now: float) -> None:
    """A file named by its id must have been uploaded for this very number; the page shows it."""
    if not shown.media or not (media_id := shown.media.get("id")):
        return
    media = state.media.get(str(media_id))
    if media is None or media.is_over(now) or media.phone_number_id != number.facts.phone_number_id:
        raise GraphError(131009, f"{shown.media['type']}.id is no media of this number")
    shown.media["link"] = f"/_/media/{media_id}"


def find_recipient(state: State, number: Number, payload: Json) -> tuple[Person, str | None]:
    """The person and, when addressed by phone, the number in E.164. `to` wins over `recipient`."""
    to, user_id = payload.get("to"), payload.get("recipient")
    if to:
        phone = read_phone(str(to), number.phone)
        if phone == number.phone:
            raise GraphError(131021, "Recipient phone number cannot be the sender's")
        return state.know_person(phone), phone
    if not user_id:
        raise GraphError(131008, "Required parameter is missing: to")
    if not isinstance(user_id, str) or not USER_ID.fullmatch(user_id):
        raise GraphError(131009, "Parameter value is not valid: recipient is not a business-scoped user id")
    if payload.get("type") == "template":
        name, language = read_template_name(payload)
        template = state.find_template(number.waba_id, name, language)
        if template and template.category == "AUTHENTICATION":
            raise GraphError(131062, "Authentication templates cannot be sent to a business-scoped user id")
    person = state.find_person(None, user_id)
    if person is None:
        person = state.know_person(None, user_id)
        person.on_whatsapp = False  # nobody has this id
    return person, None


def check_limit(state: State, number: Number, conversation: Conversation, now: float) -> None:
    """131048 for one person more than the account may write to first within a day."""
    if not is_window_open(conversation.last_inbound_at, now):
        opened_at = state.opened_at.get(number.waba_id, {})
        check_portfolio(opened_at, conversation.person.user_id, now, number.facts.people_per_day)


def check_reachable(person: Person) -> None:
    """131026 for numbers that are not on WhatsApp."""
    if not person.on_whatsapp:
        raise GraphError(131026, "Message Undeliverable.")


def read_template_name(payload: Json) -> tuple[str, str]:
    """Name and language code of a template message (131008)."""
    template = payload.get("template")
    if not isinstance(template, dict) or not template.get("name"):
        raise GraphError(131008, "Required parameter is missing: template.name")
    language = template.get("language")
    if not isinstance(language, dict) or not language.get("code"):
        raise GraphError(131008, "Required parameter is missing: template.language.code")
    return str(template["name"]), str(language["code"])


def write_template_message(state: State, number: Number, message: Message, payload: Json) -> Template:
    """Fill the template into the message; 132001, 132015 and 132016 for its state."""
    name, language = read_template_name(payload)
    template = state.find_template(number.waba_id, name, language)
    if template is None or template.status not in ("APPROVED", "PAUSED", "DISABLED"):
        raise GraphError(132001, f"template name ({name}) does not exist in {language}")
    if template.status == "PAUSED":
        raise GraphError(132015, f"template ({name}) is paused because of its quality")
    if template.status == "DISABLED":
        raise GraphError(132016, f"template ({name}) was disabled because of its quality")
    components = payload["template"].get("components") or []
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise GraphError(132012, "template.components must be an array of objects")
    message.shown = fill_template(template.definition, components)
    message.template, message.language, message.category = name, language, template.category.lower()
    return template


def react(state: State, message: Message, payload: Json) -> None:
    """An emoji on one of the person's messages; an empty one takes it back."""
    reaction = payload.get("reaction") or {}
    target = state.messages.get(str(reaction.get("message_id")))
    if target is None:
        raise GraphError(131009, "reaction.message_id is not a message of this conversation")
    target.reaction = str(reaction.get("emoji") or "")
    message.shown.body, message.context_id = target.reaction, target.id


def build_answer(payload: Json, person: Person, message: Message, to: str | None) -> Json:
    """The 200: accepted, not delivered."""
    contact = (
        {"input": payload["to"], "wa_id": person.wa_id}
        if to is not None
        else {"input": payload["recipient"], "user_id": person.user_id}
    )
    status = "held_for_quality_assessment" if message.held else "accepted"
    said = {"id": message.id} | ({"message_status": status} if message.template else {})
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [said]}


def require_number(state: State, number_id: str) -> Number:
    """The business's number, by its id alone."""
    if number_id not in state.numbers:
        raise unknown_object(number_id, "post")
    return state.numbers[number_id]
