"""What the mailbox is told of the world around it, and the bodies of its control API."""

from typing import Literal, Self

from pydantic import Field, model_validator

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


class EventOrder(ControlBody):
    """`POST /_/events`: an event of a mail, made by hand."""

    message_id: str
    event: Literal["delivery", "bounce", "complaint", "open", "click", "delivery_delay", "reject"]
    bounce_type: Literal["Permanent", "Transient", "Undetermined"] = "Permanent"
    bounce_sub_type: str = "General"
    complaint_type: str = "abuse"
    link: str = "https://example.com/"
    user_agent: str = "Mozilla/5.0"
    ip_address: str = "192.0.2.1"
