"""Bodies of the control API."""

import base64
import hashlib
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from local.control import ControlBody

MediaType = Literal["image", "video", "audio", "voice", "document", "sticker"]


class MediaOrder(ControlBody):
    """What a phone sends; without `base64` a tiny sample of that type."""

    type: MediaType = "image"
    mime_type: str | None = None
    caption: str | None = None
    filename: str | None = None
    base64: str | None = None

    @field_validator("base64")
    @classmethod
    def is_base64(cls, value: str | None) -> str | None:
        if value is not None:
            base64.b64decode(value, validate=True)
        return value

    def read_content(self) -> bytes | None:
        return base64.b64decode(self.base64) if self.base64 else None

    @staticmethod
    def hash_of(content: bytes) -> str:
        return base64.b64encode(hashlib.sha256(content).digest()).decode()


# What a phone can say or do, one at a time.
SAYABLE = (
    "text", "button", "row", "media", "reaction", "location", "contacts", "edit", "revoke", "unsupported",
)  # fmt: skip


class PlaceOrder(ControlBody):
    """A place on the map."""

    latitude: float = Field(default=35.6586, ge=-90, le=90)
    longitude: float = Field(default=139.7454, ge=-180, le=180)
    name: str | None = None
    address: str | None = None


class CardOrder(ControlBody):
    """Somebody out of the person's address book."""

    name: str
    phone: str | None = None


class EditOrder(ControlBody):
    """What a message says now; `id` names it, else it is the person's last one. `text` left out: Meta does not say."""

    id: str | None = None
    text: str | None = None


class ReplyOrder(ControlBody):
    """`POST /_/reply`: exactly one of the things that a phone can say or do."""

    sender: str | None = Field(default=None, alias="from", validate_default=True)
    to: str | None = None
    user_id: str | None = None
    name: str | None = None
    text: str | None = Field(default=None, min_length=1, max_length=65_536)
    button: str | None = None
    row: str | None = None
    media: MediaOrder | MediaType | None = None
    reaction: str | None = None
    location: PlaceOrder | None = None
    contacts: list[CardOrder] | None = Field(default=None, min_length=1)
    edit: EditOrder | None = None
    revoke: str | None = None  # id of a message of the person, or "last"
    unsupported: str | None = None  # what it is that Meta does not hand on, such as poll
    reply_to: str | None = None  # id of the message that is quoted
    referral: dict[str, object] | None = None  # the person came by an advertisement: Meta's `referral` object

    @field_validator("sender")
    @classmethod
    def is_phone(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and not 5 <= sum(c.isdigit() for c in value) <= 20:
            raise ValueError("a phone number with its country code, or null with user_id")
        return value or None

    @model_validator(mode="after")
    def says_one_thing(self) -> Self:
        if not self.sender and not self.user_id:
            raise ValueError("give from, or user_id for a person whose phone is not known")
        if sum(getattr(self, kind) is not None for kind in SAYABLE) != 1:
            raise ValueError(f"give exactly one of {', '.join(SAYABLE)}")
        return self

    def read_media(self) -> MediaOrder:
        return self.media if isinstance(self.media, MediaOrder) else MediaOrder(type=self.media or "image")


class PreferenceOrder(ControlBody):
    """`POST /_/preferences`."""

    sender: str | None = Field(default=None, alias="from")
    user_id: str | None = None
    to: str | None = None
    value: Literal["stop", "resume"]

    @model_validator(mode="after")
    def names_a_person(self) -> Self:
        if not self.sender and not self.user_id:
            raise ValueError("give from or user_id")
        return self


class PhoneOrder(ControlBody):
    """`POST /_/phones`: what is so of one person; only the keys given change."""

    phone: str | None = None
    user_id: str | None = None
    name: str | None = None
    username: str | None = None
    wa_id: str | None = None
    on_whatsapp: bool | None = None
    offline: bool | None = None
    hides_phone: bool | None = None

    @model_validator(mode="after")
    def names_a_person(self) -> Self:
        if not self.phone and not self.user_id:
            raise ValueError("give phone or user_id")
        return self


class TemplateOrder(ControlBody):
    """`POST /_/templates`: Meta changes its mind on a template, in one language or in all."""

    name: str
    language: str | None = None
    waba_id: str | None = None
    status: Literal["APPROVED", "REJECTED", "PAUSED", "DISABLED", "PENDING"] | None = None
    reason: str | None = None
    category: Literal["MARKETING", "UTILITY"] | None = None
    quality: Literal["GREEN", "YELLOW", "RED", "UNKNOWN"] | None = None


class HoldOrder(ControlBody):
    """`POST /_/hold`: while on, Meta holds templates back to look at them; off lets them go, or drops them."""

    on: bool
    drop: bool = False


class NumberOrder(ControlBody):
    """`POST /_/numbers`: what Meta thinks of a number from now on, with the notice named in `event`."""

    phone_number_id: str
    quality: Literal["GREEN", "YELLOW", "RED", "UNKNOWN"] | None = None
    messaging_limit: str | None = Field(default=None, pattern=r"TIER_(\d+K?|UNLIMITED)")
    event: Literal["FLAGGED", "UNFLAGGED", "UPGRADE", "DOWNGRADE", "ONBOARDING", "THROUGHPUT_UPGRADE"] | None = None


class AccountOrder(ControlBody):
    """`POST /_/accounts`: an `account_update` of Meta's. The stand-in itself goes on taking messages."""

    waba_id: str
    event: str = "ACCOUNT_RESTRICTION"
    restriction: str | None = None
    expires_in_s: float | None = Field(default=None, ge=0)
    ban_state: str | None = None


class ClockOrder(ControlBody):
    """`POST /_/clock`."""

    advance_s: float = Field(ge=0, le=10 * 366 * 86_400)
