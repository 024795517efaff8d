"""Meta's webhook payloads, as far as we read them. Fields that we don't name are let pass; all but ids may be missing.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from okaeri.domain.contact_data import unify_phone


def _read_phone(value: Any) -> str | None:
    """Digits without a plus, as Meta writes numbers, in our form of E.164. Hidden phones are missing, or empty."""
    digits = "".join(character for character in str(value or "") if character in "0123456789")
    return unify_phone(f"+{digits}") if 5 <= len(digits) <= 15 else None


def _read_time(value: Any) -> datetime:
    """Unix seconds, as text or number."""
    try:
        return datetime.fromtimestamp(int(str(value)), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("a time out of range") from error


def _read_optional(value: Any) -> Any:
    return value if value not in ("", None) else None


Phone = Annotated[str | None, BeforeValidator(_read_phone)]
Moment = Annotated[datetime, BeforeValidator(_read_time)]
Optional = Annotated[str | None, BeforeValidator(_read_optional)]
Upper = Annotated[str, AfterValidator(str.upper)]


class Payload(BaseModel):
    """Lenient: unknown fields are let pass, numbers are taken for texts."""

    # Built at first use: most posts hold statuses alone, and a cold start should not pay for the rest.
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, defer_build=True)


class Change(Payload):
    """One update. `value` is read by the models below, according to `field` and to what is in it."""

    field: str = ""
    value: dict[str, Any] = Field(default_factory=dict)


class Entry(Payload):
    """The updates of one WhatsApp Business account. `time` comes with fields other than `messages`."""

    id: str = ""
    time: Moment | None = None
    changes: list[Any] = Field(default_factory=list)  # Change, each read by itself


class Webhook(Payload):
    """A whole POST: up to 1,000 updates, up to 3 MB."""

    object: str = ""
    entry: list[Any] = Field(default_factory=list)  # Entry, each read by itself


class Metadata(Payload):
    """Which of our numbers it concerns."""

    phone_number_id: str = ""


class Profile(Payload):
    """What a shopper calls themselves."""

    name: Optional = None


class Contact(Payload):
    """Who wrote. Users with a username may hide the phone: then `wa_id` is missing or empty."""

    profile: Profile = Field(default_factory=Profile)
    wa_id: Phone = None
    user_id: Optional = None


class Text(Payload):
    """A text."""

    body: str = ""


class Button(Payload):
    """A tap on a template's quick reply."""

    text: Optional = None
    payload: Optional = None


class Choice(Payload):
    """A tap on a reply button or a row of a list."""

    id: Optional = None
    title: Optional = None


class FlowAnswer(Payload):
    """A flow that was filled in."""

    body: Optional = None
    response_json: Optional = None


class Interactive(Payload):
    """One of three, by what is there."""

    button_reply: Choice | None = None
    list_reply: Choice | None = None
    nfm_reply: FlowAnswer | None = None


class Media(Payload):
    """A picture, video, voice message, document or sticker, by Meta's id."""

    id: Optional = None
    caption: Optional = None
    filename: Optional = None


class Location(Payload):
    """A place."""

    latitude: float | None = None
    longitude: float | None = None
    name: Optional = None
    address: Optional = None


class Reaction(Payload):
    """An emoji on a message; none takes it back."""

    message_id: Optional = None
    emoji: Optional = None


class BasketOrder(Payload):
    """An order from WhatsApp's own catalogue."""

    text: Optional = None


class PersonName(Payload):
    """How a shared contact is called."""

    formatted_name: Optional = None


class SharedPhone(Payload):
    """A number of a shared contact, as its owner wrote it."""

    phone: Optional = None


class SharedContact(Payload):
    """Somebody out of a shopper's address book."""

    name: PersonName = Field(default_factory=PersonName)
    phones: list[SharedPhone] = Field(default_factory=list)


class Withdrawn(Payload):
    """A message that its writer deleted for everybody."""

    original_message_id: Optional = None


class System(Payload):
    """A number or user id that changed. `wa_id` and `user_id` are the new ones."""

    type: str = ""
    wa_id: Phone = None
    user_id: Optional = None
    previous_user_id: Optional = None


class Context(Payload):
    """The message that this one answers."""

    id: Optional = None


class Referral(Payload):
    """The advertisement or post by which a shopper came. `source_type` is `ad` or `post`."""

    source_type: str = "unknown"
    source_id: Optional = None
    source_url: Optional = None
    ctwa_clid: Optional = None
    headline: Optional = None


class Content(Payload):
    """What may be in a message, by its type."""

    type: str = "unknown"
    context: Context | None = None
    text: Text | None = None
    button: Button | None = None
    interactive: Interactive | None = None
    image: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    document: Media | None = None
    sticker: Media | None = None
    location: Location | None = None
    contacts: list[SharedContact] | None = None
    reaction: Reaction | None = None
    order: BasketOrder | None = None

    @property
    def media(self) -> Media | None:
        """Whichever kind of media it is."""
        return self.image or self.video or self.audio or self.document or self.sticker


class Edited(Payload):
    """A message that its writer changed within 15 minutes, and what it says now."""

    original_message_id: Optional = None
    message: Content | None = None


class Message(Content):
    """What a shopper said or did. `sender` is the phone where it is shown."""

    id: str = Field(min_length=1)
    timestamp: Moment
    sender: Phone = Field(default=None, alias="from")
    from_user_id: Optional = None
    previous_user_id: Optional = None
    group_id: Optional = None
    referral: Referral | None = None
    system: System | None = None
    edit: Edited | None = None
    revoke: Withdrawn | None = None


class StatusError(Payload):
    """Why a message failed."""

    code: str = ""


class Status(Payload):
    """What became of a message. `biz_opaque_callback_data` is what we sent along."""

    id: str = Field(min_length=1)
    status: str
    timestamp: Moment
    biz_opaque_callback_data: Optional = None
    pricing: dict[str, Any] | None = None
    errors: list[StatusError] = Field(default_factory=list)


class Preference(Payload):
    """A shopper's choice in WhatsApp's own settings: stop, resume or signup. It must be honoured."""

    wa_id: Phone = None
    user_id: Optional = None
    category: str = ""
    value: str
    detail: Optional = None
    timestamp: Moment


class TemplateUpdate(Payload):
    """A template's status or category. `correct_category` announces a change that has not come yet."""

    message_template_id: str = ""
    message_template_name: str = Field(min_length=1)
    message_template_language: str = Field(min_length=1)
    message_template_category: Upper = ""
    event: Upper = ""
    reason: Optional = None
    new_category: Upper = ""
    previous_category: Upper = ""
    correct_category: Upper = ""
    new_quality_score: Upper = ""
