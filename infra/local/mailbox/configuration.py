"""What the mailbox is told of the world around it, and the bodies of its control API."""

import base64
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from local.control import ControlBody

EVENT_NAMES = ("delivery", "bounce", "complaint", "open", "click", "delivery_delay", "reject")


class Configuration(ControlBody):
    """The whole configuration; `POST /_/configure` takes the same keys and changes those that it names."""

    aws_endpoint_url: str | None = None  # where all other SES calls go, and the queue lives
    statuses_queue_url: str | None = None  # where SES events go, EventBridge-shaped
    region: str = "us-east-1"
    account_id: str = "000000000000"
    verified_identities: list[str] | None = None  # addresses and domains; null: every sender may send
    configuration_sets: list[str] | None = None  # null: every name is known
    passes_sends_on: bool = False  # SendEmail too goes to the local AWS, which checks role and sender; no mail is kept
    delivery_s: float = Field(default=0.2, ge=0)  # from Send to Delivery, Bounce or Complaint
    opens_and_clicks: bool = True  # the page reports what is opened and clicked in it
    letters_domain: str | None = None  # where mail is received; null: nowhere
    letters_bucket: str | None = None  # into which it is put
    letters_function: str | None = None  # which is called then

    def merge(self, change: "Configuration") -> "Configuration":
        return self.model_copy(update={name: getattr(change, name) for name in change.model_fields_set})


class AnswerOrder(ControlBody):
    """`POST /_/answers`: how an address, or every address of a domain, answers from now on."""

    address: str | None = None
    domain: str | None = None
    bounce: Literal["Permanent", "Transient"] | None = None
    complaint: Literal[True] | None = None

    @model_validator(mode="after")
    def is_whole(self) -> Self:
        if (self.address is None) == (self.domain is None):
            raise ValueError("give exactly one of address and domain")
        if self.bounce and self.complaint:
            raise ValueError("give bounce or complaint, or neither to be answered well again")
        return self


class FileOrder(ControlBody):
    """A file that goes with a letter."""

    filename: str
    content_type: str = Field(default="application/octet-stream", pattern=r"[a-z]+/[\w.+-]+")
    base64: str

    @field_validator("base64")
    @classmethod
    def is_base64(cls, value: str) -> str:
        base64.b64decode(value, validate=True)
        return value


class LetterOrder(ControlBody):
    """`POST /_/reply`: somebody answers a mail (`to` is its message id), or writes to an address."""

    to: str
    sender: str | None = Field(default=None, alias="from")
    name: str | None = None
    subject: str | None = None
    text: str = Field(min_length=1)
    attachments: list[FileOrder] = Field(default_factory=list)
    headers: dict[str, str] = Field(default_factory=dict)
    message_id: str | None = None
    envelope_from: str | None = None  # empty: a bounce
    verdicts: dict[Literal["spam", "virus", "spf", "dkim", "dmarc"], Literal["PASS", "FAIL", "GRAY"]] = Field(
        default_factory=dict
    )
    dmarc_policy: Literal["none", "quarantine", "reject"] = "none"


class EventOrder(ControlBody):
    """`POST /_/events`: an event of a mail, made by hand."""

    message_id: str
    event: Literal["delivery", "bounce", "complaint", "open", "click", "delivery_delay", "reject"]
    bounce_type: Literal["Permanent", "Transient", "Undetermined"] = "Permanent"
    bounce_sub_type: str = "General"
    complaint_type: str = "abuse"
    link: str = "https://example.com/"
    # Bare "Mozilla/5.0" is what Apple fetches pictures with, before anybody reads.
    user_agent: str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Thunderbird/140.5"
    ip_address: str = "192.0.2.1"
