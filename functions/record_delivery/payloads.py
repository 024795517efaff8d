"""SES's events as EventBridge delivers them, as far as we read them.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from datetime import datetime
from email.utils import parseaddr

from pydantic import BaseModel, ConfigDict, Field

from okaeri.domain.delivery import MessageKey
from okaeri.domain.reports import EmailReport
from okaeri.domain.visits import MOST_AGENT, name_link


class Payload(BaseModel):
    """Lenient: unknown fields are let pass."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Recipient(Payload):
    """One address and the mail server's word on it."""

    emailAddress: str = ""
    status: str = ""


class Bounce(Payload):
    """Permanent (the address is dead), Transient or Undetermined."""

    bounceType: str = ""
    bounceSubType: str = ""
    bouncedRecipients: list[Recipient] = Field(default_factory=list)
    timestamp: datetime | None = None


class Complaint(Payload):
    """The person called it spam."""

    complainedRecipients: list[Recipient] = Field(default_factory=list)
    complaintFeedbackType: str | None = None
    timestamp: datetime | None = None


class Occurrence(Payload):
    """A delivery, opening or click: when, by what, and which link."""

    timestamp: datetime | None = None
    userAgent: str | None = None
    link: str | None = None


class Reject(Payload):
    """SES found something wrong with it."""

    reason: str = ""


class Mail(Payload):
    """The e-mail: our tags name the message."""

    messageId: str
    timestamp: datetime
    tags: dict[str, list[str]] = Field(default_factory=dict)


class Detail(Payload):
    """One event of one e-mail."""

    eventType: str
    mail: Mail
    bounce: Bounce | None = None
    complaint: Complaint | None = None
    delivery: Occurrence | None = None
    open: Occurrence | None = None
    click: Occurrence | None = None
    reject: Reject | None = None


class SesEvent(Payload):
    """What the rule puts on the queue."""

    detail: Detail


def read_ses_event(body: str) -> EmailReport | None:
    """The report; None where the e-mail bears none of our tags. Raises ValidationError."""
    detail = SesEvent.model_validate_json(body).detail
    tags = detail.mail.tags
    names = [tags.get(name, [""])[0] for name in ("store", "customer", "message")]
    if not all(names):
        return None
    bounce, complaint = detail.bounce, detail.complaint
    recipients = (bounce.bouncedRecipients if bounce else []) or (complaint.complainedRecipients if complaint else [])
    visit = detail.open or detail.click
    happened = bounce or complaint or detail.delivery or detail.open or detail.click
    return EmailReport(
        provider_id=detail.mail.messageId,
        event=detail.eventType,
        at=(happened.timestamp if happened else None) or detail.mail.timestamp,
        ref=str(MessageKey(*names)),
        permanent=bounce is not None and bounce.bounceType == "Permanent",
        code=_name_cause(detail),
        address=parseaddr(recipients[0].emailAddress)[1].lower() or None if recipients else None,
        agent=((visit.userAgent if visit else None) or "")[:MOST_AGENT],
        link=name_link(visit.link) if visit and visit.link else "",
    )


def _name_cause(detail: Detail) -> str:
    if detail.bounce:
        return f"bounce_{detail.bounce.bounceType}_{detail.bounce.bounceSubType}".lower()
    if detail.complaint:
        return f"complaint_{detail.complaint.complaintFeedbackType or 'unnamed'}".lower()
    if detail.reject:
        return "rejected_by_ses"
    return "rendering_failed" if detail.eventType.lower().startswith("rendering") else ""
