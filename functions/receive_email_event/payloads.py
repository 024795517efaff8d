"""What SES hands over with a mail, as far as we read it.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from okaeri.domain.letters import MailNotice, Verdicts


class Payload(BaseModel):
    """Lenient: unknown fields are let pass."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Verdict(Payload):
    """PASS, FAIL, GRAY or PROCESSING_FAILED."""

    status: str = ""


class Receipt(Payload):
    """Whom the mail reached at our domain, and what SES thinks of it."""

    recipients: list[str] = Field(default_factory=list)
    spam: Verdict = Field(default_factory=Verdict, alias="spamVerdict")
    virus: Verdict = Field(default_factory=Verdict, alias="virusVerdict")
    spf: Verdict = Field(default_factory=Verdict, alias="spfVerdict")
    dkim: Verdict = Field(default_factory=Verdict, alias="dkimVerdict")
    dmarc: Verdict = Field(default_factory=Verdict, alias="dmarcVerdict")
    dmarc_policy: str = Field(default="", alias="dmarcPolicy")


class MailHead(Payload):
    """The mail's id, which is also its key in the bucket, and its envelope. `source` is empty for a bounce."""

    message_id: str = Field(alias="messageId", min_length=1)
    source: str = ""
    timestamp: datetime


class Delivery(Payload):
    """One mail."""

    mail: MailHead
    receipt: Receipt

    def to_notice(self) -> MailNotice:
        """In our own words."""
        receipt = self.receipt
        return MailNotice(
            mail_id=self.mail.message_id,
            recipients=tuple(receipt.recipients),
            envelope_from=self.mail.source,
            at=self.mail.timestamp,
            verdicts=Verdicts(
                spam=receipt.spam.status,
                virus=receipt.virus.status,
                spf=receipt.spf.status,
                dkim=receipt.dkim.status,
                dmarc=receipt.dmarc.status,
                dmarc_policy=receipt.dmarc_policy,
            ),
        )


class Record(Payload):
    """One entry of what SES calls the function with."""

    ses: Delivery


class SesEvent(Payload):
    """SES calls once for each mail."""

    records: list[Record] = Field(alias="Records")
