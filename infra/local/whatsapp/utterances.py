"""What a phone says: the part of the webhook that carries it, by its kind."""

from typing import Any

from local.control import refuse

from .orders import CardOrder, EditOrder, PlaceOrder, ReplyOrder
from .samples import make_sample
from .state import Conversation, Media, Message, State

type Json = dict[str, Any]

HIDDEN = ("reaction", "edit", "revoke")  # what changes another bubble and is none itself


def say(state: State, conversation: Conversation, message: Message, order: ReplyOrder) -> Json:
    """Fills the message for the page, and returns what Meta writes of it."""
    if order.text is not None:
        message.shown.body = order.text
        return {"text": {"body": order.text}}
    if order.button is not None:
        return tap_button(conversation, message, order.button)
    if order.row is not None:
        return choose_row(conversation, message, order.row)
    if order.reaction is not None:
        return react(state, conversation, message, order)
    if order.location is not None:
        return send_place(message, order.location)
    if order.contacts is not None:
        return send_cards(message, order.contacts)
    if order.edit is not None:
        return edit(conversation, message, order.edit)
    if order.revoke is not None:
        return revoke(conversation, message, order.revoke)
    if order.unsupported is not None:
        return say_unsupported(message, order.unsupported)
    return send_media(state, message, order)  # the order has exactly one kind


def send_media(state: State, message: Message, order: ReplyOrder) -> Json:
    """The content is kept, and served as Meta serves it. A voice message is audio that says so."""
    media = order.read_media()
    mime_type, content = make_sample(media.type)
    mime_type, content = media.mime_type or mime_type, media.read_content() or content
    kind = "audio" if media.type == "voice" else media.type
    kept = Media(mime_type, content, message.phone_number_id, message.at, inbound=True)
    media_id = state.add_media(kept)
    message.type = kind
    message.shown.body = media.caption or ""
    message.shown.media = {"type": kind, "link": f"/_/media/{media_id}", "filename": media.filename}
    facts: Json = {"id": media_id, "mime_type": mime_type, "sha256": media.hash_of(content)}
    facts |= {"voice": media.type == "voice"} if kind == "audio" else {}
    facts |= {"animated": False} if kind == "sticker" else {}
    described = {"caption": media.caption, "filename": media.filename}
    return {kind: facts | {key: value for key, value in described.items() if value}}


def send_place(message: Message, place: PlaceOrder) -> Json:
    """A place, by its name where it has one."""
    message.type, message.shown.body = "location", place.name or ""
    described = place.model_dump(exclude_none=True)
    message.shown.media = {"type": "location", **described}
    return {"location": described}


def send_cards(message: Message, cards: list[CardOrder]) -> Json:
    """People out of the address book."""
    message.type = "contacts"
    message.shown.body = "\n".join(" ".join(filter(None, (card.name, card.phone))) for card in cards)
    return {
        "contacts": [
            {
                "name": {"formatted_name": card.name, "first_name": card.name.split()[0]},
                "phones": [{"phone": card.phone, "type": "CELL"}] if card.phone else [],
            }
            for card in cards
        ]
    }


def edit(conversation: Conversation, message: Message, order: EditOrder) -> Json:
    """One of the person's own messages says something else now. On the phone it changes where it stands."""
    original = find_own(conversation, order.id)
    message.type, message.context_id = "edit", None
    said: Json = {"original_message_id": original.id}
    if order.text is not None:
        original.shown.body = order.text
        kind = original.type if original.shown.media else "text"
        media = {"id": str(original.shown.media["link"]).rpartition("/")[2]} if original.shown.media else {}
        content = media | {"caption": order.text} if media else {"body": order.text}
        said["message"] = {"type": kind, kind: content}
    return {"edit": said}


def revoke(conversation: Conversation, message: Message, wanted: str) -> Json:
    """One of the person's own messages is gone for everybody."""
    original = find_own(conversation, None if wanted == "last" else wanted)
    message.type, message.context_id = "revoke", None
    original.shown.body, original.shown.media = "🚫", None
    return {"revoke": {"original_message_id": original.id}}


def say_unsupported(message: Message, kind: str) -> Json:
    """What the Cloud API does not hand on: Meta tells that there was something."""
    message.type, message.shown.body = "unsupported", f"[{kind}]"
    details = {"details": "Message type is currently not supported."}
    error = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown", "error_data": details}
    return {"errors": [error], "unsupported": {"type": kind}}


def react(state: State, conversation: Conversation, message: Message, order: ReplyOrder) -> Json:
    """An emoji on a message of the business; the last one where none is named."""
    emoji = order.reaction or ""
    message.type, message.shown.body = "reaction", emoji
    target = order.reply_to or last_outgoing(conversation).id
    state.messages[target].reaction = emoji
    message.context_id = None
    return {"reaction": {"message_id": target, "emoji": emoji}}


def find_own(conversation: Conversation, message_id: str | None) -> Message:
    """A message that the person wrote: the one of that id, else the last; refused when there is none."""
    for message in reversed(conversation.messages):
        if not message.outgoing and message.type not in HIDDEN and message_id in (None, message.id):
            return message
    raise refuse(f"this person wrote no message {message_id or ''} to that number yet")


def last_outgoing(conversation: Conversation) -> Message:
    """The last message that reached the phone; refused when there is none."""
    for message in reversed(conversation.messages):
        if message.outgoing and message.status != "failed":
            return message
    raise refuse("this person got no message from that number yet")


def find_tapped(conversation: Conversation, wanted: str, kinds: tuple[str, ...]) -> tuple[Message, Json]:
    """The newest message with a button or row of that text or payload."""
    seen: list[str] = []
    for message in reversed(conversation.messages):
        if not message.outgoing or message.status == "failed":
            continue
        for button in message.shown.all_buttons:
            names = [str(button["text"]), str(button.get("payload") or "")]
            seen.append(f"{button['text']} ({button['type']})")
            if wanted.casefold() in [name.casefold() for name in names if name]:
                if button["type"] not in kinds:
                    raise refuse(f"{wanted!r} is a {button['type']}: it says nothing to the business when tapped")
                return message, button
    raise refuse(f"no message of this conversation has {wanted!r}; there are: {', '.join(seen) or 'none'}")


def tap_button(conversation: Conversation, message: Message, wanted: str) -> Json:
    """A template's quick reply comes as `button`, an interactive one as `button_reply`."""
    tapped, button = find_tapped(conversation, wanted, ("quick_reply", "reply"))
    message.context_id, message.shown.body = tapped.id, button["text"]
    if button["type"] == "quick_reply":
        message.type = "button"
        return {"button": {"payload": button["payload"], "text": button["text"]}}
    message.type = "interactive"
    reply = {"id": button["payload"], "title": button["text"]}
    return {"interactive": {"type": "button_reply", "button_reply": reply}}


def choose_row(conversation: Conversation, message: Message, wanted: str) -> Json:
    """A row of a list, by title or id."""
    tapped, row = find_tapped(conversation, wanted, ("row",))
    message.type, message.context_id, message.shown.body = "interactive", tapped.id, row["text"]
    reply = {"id": row["payload"], "title": row["text"]}
    reply |= {"description": row["description"]} if row["description"] else {}
    return {"interactive": {"type": "list_reply", "list_reply": reply}}
