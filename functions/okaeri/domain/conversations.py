"""The talk with a customer: who is in charge of it, and what they wrote that has yet to be read."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from okaeri.domain.values import Channel, Stored

TURN_TAKEN = "turn.taken"  # the event of something that was said, read as a whole
STAFF_REPLIED = "staff.replied"
REPLY_SCHEDULED = "reply.scheduled"
LETTER_RECEIVED = "letter.received"
STAFF_REPLY = "staff_reply"  # a template: what a person wrote, or the request to open the window for it
MAX_UNREAD = 20  # fragments; so many are read at once, whatever follows
MAX_ANSWERED = 4
MAX_HELD = 10  # answers of the shop that wait for the window to open again: as many as one person is sent at once


class ConversationState(StrEnum):
    """Who is in charge. While it is `waiting` or `person`, the assistant and marketing are silent."""

    BOT = "bot"
    WAITING = "waiting"  # the customer waits for a person of the shop
    PERSON = "person"  # a person has answered
    SOLVED = "solved"


IN_CHARGE = (ConversationState.WAITING, ConversationState.PERSON)  # of people


class Fragment(Stored):
    """One message as it came. Several within a few seconds are read as one turn."""

    provider_id: str
    at: datetime
    type: str = "text"
    text: str = ""
    media_id: str | None = None


class HeldReply(Stored):
    """An answer of the shop that WhatsApp does not take now: said once the customer writes again."""

    reply_id: str
    text: str
    media_id: str | None = None
    by: str = ""
    at: datetime


class Conversation(Stored):
    """Kept while there is something to remember of a talk. Times are real.

    `misread` counts turns in a row that nothing understood. `unread` waits to be read at `read_at`; without such a time
    it is what people in charge were told last.
    """

    state: ConversationState = ConversationState.BOT
    channel: Channel = Channel.WHATSAPP
    ticket_id: str | None = None
    unread: tuple[Fragment, ...] = ()
    read_at: datetime | None = None  # when `unread` will be read as one
    misread: int = 0
    held: tuple[HeldReply, ...] = Field(default=())
    answered: tuple[str, ...] = ()  # seeds of the latest questions that were answered, ten characters of each


def unite_conversations(ours: Conversation | None, theirs: Conversation | None) -> Conversation | None:
    """The one talk of two records that turned out to be one person: a person in charge stays in charge."""
    if ours is None or theirs is None:
        return ours or theirs
    leading, other = (theirs, ours) if ours.state not in IN_CHARGE and theirs.state in IN_CHARGE else (ours, theirs)
    unread = {fragment.provider_id: fragment for fragment in (*other.unread, *leading.unread)}
    held = {reply.reply_id: reply for reply in (*other.held, *leading.held)}
    return leading.model_copy(
        update={
            "unread": tuple(sorted(unread.values(), key=lambda fragment: fragment.at))[-MAX_UNREAD:],
            "read_at": max(filter(None, (ours.read_at, theirs.read_at)), default=None),
            "misread": max(ours.misread, theirs.misread),
            "held": tuple(held.values())[-MAX_HELD:],
            "answered": tuple(dict.fromkeys((*other.answered, *leading.answered)))[-MAX_ANSWERED:],
        }
    )
