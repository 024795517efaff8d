"""Papers as files: found where they are, made once where they are not, and never waited for twice in a row."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from okaeri.adapters.invoked_documents import REST_S, InvokedDocuments
from okaeri.domain.invoices import DocumentFile, DocumentRequest
from okaeri.errors import GiveUp, TryAgain
from tests.papers import READER, KeptFiles, make_paper_order, make_paper_store

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

TIMED_OUT = ReadTimeoutError(endpoint_url="https://lambda.example")


@dataclass
class Maker:
    """make_documents behind AWS's API: keeps a file for each request, or does what is next in `instead`."""

    media: KeptFiles
    asked: list[DocumentRequest] = field(default_factory=list)
    instead: list[Exception | dict[str, Any]] = field(default_factory=list)
    failed: str = ""

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:
        self.asked.append(DocumentRequest.model_validate_json(Payload))
        answer: Exception | dict[str, Any] = {"size": 4}
        if self.instead:
            answer = self.instead.pop(0)
            if isinstance(answer, Exception):
                raise answer
        else:
            self.media.put(self.asked[-1].key, b"%PDF", content_type="application/pdf")
        said = {"Payload": io.BytesIO(json.dumps(answer).encode())}
        return said | ({"FunctionError": self.failed} if self.failed else {})


@dataclass
class Office:
    """A sender's side of it, with a clock."""

    media: KeptFiles = field(default_factory=KeptFiles)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.maker = Maker(self.media)
        client = cast("LambdaClient", self.maker)
        self.documents = InvokedDocuments(client, "make", self.media, read_seconds=lambda: self.now)

    def find(self, locale: str = "en", **order: Any) -> DocumentFile:
        return self.documents.find(make_paper_store(), make_paper_order(**order), READER, locale)


def test_a_paper_is_made_once_and_found_from_then_on() -> None:
    office = Office()
    first, again = office.find(), office.find()
    assert first == again
    assert (first.filename, first.title, first.body) == ("Receipt 1001.pdf", "Receipt", b"%PDF")
    assert [request.key for request in office.maker.asked] == [first.key]


def test_an_order_that_changed_has_another_paper() -> None:
    office = Office()
    assert office.find().key != office.find(payment_method="Mastercard").key
    assert len(office.maker.asked) == 2


def test_whoever_has_just_not_answered_is_left_alone_for_a_minute() -> None:
    office = Office()
    office.maker.instead = [TIMED_OUT]
    with pytest.raises(TryAgain, match="ReadTimeoutError"):
        office.find()
    with pytest.raises(TryAgain, match="documents_at_rest"):
        office.find("de")
    assert len(office.maker.asked) == 1
    office.now = REST_S
    assert office.find("de").title == "Kaufbeleg"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (TryAgain("aws_unreachable"), "aws_unreachable"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject"), "AccessDenied"),
    ],
)
def test_a_bucket_that_cannot_be_read_is_left_alone_too(fault: Exception, code: str) -> None:
    office = Office()
    office.media.fault = fault
    with pytest.raises(TryAgain, match=code):
        office.find()
    office.media.fault = None
    with pytest.raises(TryAgain, match="documents_at_rest"):
        office.find()
    office.now = REST_S
    assert office.find().title == "Receipt"


def test_what_can_never_be_made_says_so() -> None:
    office = Office()
    office.maker.instead = [{"code": "document_broken"}]
    with pytest.raises(GiveUp, match="document_broken"):
        office.find()


def test_a_maker_that_died_is_no_answer() -> None:
    office = Office()
    office.maker.instead, office.maker.failed = [{"errorMessage": "out of memory"}], "Unhandled"
    with pytest.raises(TryAgain, match="documents_failed"):
        office.find()


def test_a_file_that_is_gone_at_once_is_made_again_later() -> None:
    office = Office()
    office.maker.instead = [{"size": 4}]
    with pytest.raises(TryAgain, match="document_lost"):
        office.find()
