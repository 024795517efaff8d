"""What providers say became of messages, templates and accounts: our bodies on the statuses queue."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from okaeri.domain.values import Stored

# SQS bills each 64 KB of a body as one request; some room is left for the frame around the reports.
CHUNK_BYTES = 60_000
# A batch of 100 chunks must be recorded within record_delivery's 30 s, and each report is a write of its own.
CHUNK_REPORTS = 25


class WhatsappReport(Stored):
    """One status of one WhatsApp message. `ref` is the callback data that we sent along."""

    kind: Literal["whatsapp"] = "whatsapp"
    provider_id: str
    status: str
    at: datetime
    ref: str
    code: str = ""
    pricing: dict[str, str] = Field(default_factory=dict)


class EmailReport(Stored):
    """One event of one e-mail, as SES tells it: delivery, bounce, complaint, open, click, reject.

    `permanent` says of a bounce that the address is dead; `code` is the provider's own word for the cause. `agent` is
    what opened it, or followed its `link` (a hash of the address), by the name that it gives itself.
    """

    kind: Literal["email"] = "email"
    provider_id: str
    event: str
    at: datetime
    ref: str
    permanent: bool = False
    code: str = ""
    address: str | None = None
    agent: str = ""
    link: str = ""


class VisitReport(Stored):
    """Somebody, or something, followed a link of ours in a message: the `link` as a hash, the `agent` as for e-mails.

    `machine` is what else says that it was a program: `head` where only the address was asked for. No provider speaks
    here, so there is no id and no code of one.
    """

    kind: Literal["visit"] = "visit"
    ref: str
    at: datetime
    link: str
    agent: str = ""
    machine: str = ""
    provider_id: str = ""
    code: str = ""


class TemplateReport(Stored):
    """What Meta decided about a template. `status`, `category` or `quality` is None where it does not speak of it."""

    kind: Literal["template"] = "template"
    waba_id: str
    meta_name: str
    locale: str
    at: datetime
    status: str | None = None
    category: str | None = None
    quality: str | None = None  # GREEN, YELLOW, RED, UNKNOWN
    meta_id: str = ""
    reason: str = ""


class AccountReport(Stored):
    """A notice about a WhatsApp account or number; a person should read it. `details`: see `numbers.take_notice`."""

    kind: Literal["account"] = "account"
    waba_id: str
    field: str
    event: str
    at: datetime
    details: dict[str, str] = Field(default_factory=dict)


Report = Annotated[
    WhatsappReport | EmailReport | VisitReport | TemplateReport | AccountReport,
    Field(discriminator="kind"),
]


class ReportChunk(Stored):
    """One body on the statuses queue: as many reports as fit."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    reports: tuple[Report, ...]

    model_config = Stored.model_config | {"populate_by_name": True}

    def to_body(self) -> str:
        """The queue body: JSON in ASCII, empty fields left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True, ensure_ascii=True)


def pack_reports(reports: Sequence[Report]) -> Iterator[ReportChunk]:
    """Chunks of at most `CHUNK_REPORTS` reports and `CHUNK_BYTES` of JSON each, in the order given."""
    held: list[Report] = []
    size = 0
    for report in reports:
        length = len(report.model_dump_json(exclude_none=True, ensure_ascii=True)) + 1
        if held and (len(held) == CHUNK_REPORTS or size + length > CHUNK_BYTES):
            yield ReportChunk(reports=tuple(held))
            held, size = [], 0
        held.append(report)
        size += length
    if held:
        yield ReportChunk(reports=tuple(held))
