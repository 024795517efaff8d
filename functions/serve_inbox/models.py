"""What goes in and out of the inbox's API. Times are ISO 8601 in UTC, money is a decimal text."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

from okaeri.domain.remedies import RemedyKind

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4096)]  # WhatsApp's limit
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
Key = Annotated[str, StringConstraints(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Stage = Literal["requested", "approved", "received", "refunded", "declined"]


class Given(BaseModel):
    """A body as it is sent. Unknown fields are refused: a typo is no silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Told(BaseModel):
    """A body as it is answered."""

    model_config = ConfigDict(frozen=True, defer_build=True, from_attributes=True)


# ── In ──


class ReplyGiven(Given):
    """An answer to the customer: words of one's own, or a quick reply by its name."""

    reply_id: Key = Field(description="Yours, new for each answer: the same one sent twice is one message.")
    text: Annotated[str, StringConstraints(max_length=4096)] = ""
    quick_reply: Name = ""
    media_key: str | None = Field(None, max_length=256, description="A file of the store's own media.")
    at: AwareDatetime | None = Field(None, description="A time ahead, at most 30 days: it is said then.")
    seen: str | None = Field(None, description="`seen` of the ticket as you read it: who came first is told to you.")
    anyway: bool = Field(False, description="Say it whatever happened since.")


class NoteGiven(Given):
    """A note for colleagues."""

    text: Text


class AssigneeGiven(Given):
    """Whose it is."""

    assignee: Name = Field(description="A member of the staff, or empty for nobody.")


class PriorityGiven(Given):
    """How urgent it is."""

    priority: Literal["low", "normal", "high"]


class OutcomeGiven(Given):
    """How it came out; journeys may read it."""

    outcome: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    seen: str | None = None
    anyway: bool = False


class RemedyGiven(Given):
    """What is given to put a thing right."""

    remedy_id: Key = Field(description="Yours, new for each remedy: the same one sent twice is one.")
    kind: RemedyKind
    amount: Decimal | None = Field(None, max_digits=12, description="In the store's currency; none for a replacement.")
    text: Annotated[str, StringConstraints(max_length=4096)] = Field(
        "", description="What the customer is told; a ready sentence in their language where it is empty."
    )


class StageGiven(Given):
    """Where a return is now."""

    stage: Stage
    text: Annotated[str, StringConstraints(max_length=4096)] = Field("", description="As of a remedy.")


class NoticeGiven(Given):
    """What all who wait are told."""

    announcement_id: Key = Field(description="Yours: each customer is told once however often it is sent.")
    texts: dict[str, Text] = Field(min_length=1, max_length=20, description="By language: en, ja, pt_BR.")
    queue: Name = ""
    after: str = ""


class FileGiven(Given):
    """A file to send along with an answer."""

    content_type: str = Field(max_length=100, description="As its sender names it: image/jpeg.")
    content: Base64Bytes = Field(description="At most 4 MB, in base64.")


# ── Out ──


class Fault(Told):
    """What is wrong, where, and how to mend it."""

    error: str
    message: str
    at: str = ""
    fix: str = ""


class RemedyTold(Told):
    """What was given."""

    kind: RemedyKind
    amount: str
    currency: str
    by: str
    at: datetime


class TicketTold(Told):
    """A ticket as lists show it."""

    ticket_id: str
    customer_id: str
    queue: str
    subject: str
    state: Literal["waiting", "person", "solved"]
    priority: Literal["low", "normal", "high"]
    assignee: str
    channel: Literal["whatsapp", "email"]
    order_id: str | None
    opened_at: datetime
    due: datetime | None
    deadline: str = Field(description="In words: due in 2 h (shop hours).")
    is_owed: bool = Field(description="Whether it is the shop's turn.")
    is_urgent: bool
    escalated_at: datetime | None
    last_heard_at: datetime | None
    last_told_at: datetime | None
    first_told_at: datetime | None
    replied_by: str
    stage: str
    remedies: tuple[RemedyTold, ...]
    solved_at: datetime | None
    solved_by: str
    outcome: str
    seen: str = Field(description="Send it back with what you do.")


class TicketsTold(Told):
    """A page of tickets; `after` leads to the next one."""

    tickets: tuple[TicketTold, ...]
    after: str | None


class WindowTold(Told):
    """Whether free words reach the customer."""

    channel: Literal["whatsapp", "email"]
    is_open: bool
    until: datetime | None
    since: datetime | None
    advice: str


class LineTold(Told):
    """One thing that was said."""

    line_id: str
    at: datetime
    who: Literal["customer", "assistant", "shop"]
    by: str
    channel: str
    type: str
    subject: str
    text: str
    template: str
    state: str
    reason: str
    media_id: str
    amends: str


class FileTold(Told):
    """A file of the talk; its link opens it for an hour."""

    media_id: str
    content_type: str
    name: str
    size: int
    link: str
    refused: str
    may_publish: bool


class NoteTold(Told):
    """What colleagues wrote or did."""

    note_id: str
    kind: str
    by: str
    at: datetime
    text: str


class AllowedTold(Told):
    """A remedy that you may give here; `left` is what is left of your limit."""

    kind: RemedyKind
    left: Decimal | None
    currency: str


class CustomerTold(Told):
    """Who it is, in plain words."""

    name: str
    locale: str | None
    sentences: tuple[str, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]


class QuickReplyTold(Told):
    """What the shop's people say often, in the customer's language."""

    name: str
    text: str


class TicketShown(Told):
    """Everything about one ticket."""

    ticket: TicketTold
    order_name: str
    customer: CustomerTold
    talk: Literal["bot", "waiting", "person", "solved"] = Field(description="Who is in charge of the talk.")
    window: WindowTold
    lines: tuple[LineTold, ...]
    files: tuple[FileTold, ...]
    notes: tuple[NoteTold, ...]
    may_give: tuple[AllowedTold, ...]
    next_stages: tuple[str, ...]
    quick_replies: tuple[QuickReplyTold, ...]
    learnt: dict[str, str] = Field(description="What was asked before: the item, the reason, the wish.")


class FileKeptTold(Told):
    """Where it is kept: send it as `media_key` of an answer."""

    media_key: str


class AnnouncedTold(Told):
    """How many were told; with `after` there are more: send it again with that."""

    told: int
    after: str | None


class MemberTold(Told):
    """One of the shop's people."""

    name: str
    role: str


class MeTold(Told):
    """Who you are here, and who else is."""

    name: str
    role: str
    store: str
    currency: str
    staff: tuple[MemberTold, ...]
