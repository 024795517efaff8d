"""The function that makes PDFs and a sender that asks for one: the handler, moto's S3, the real adapters."""

from __future__ import annotations

import importlib
import io
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest
from pypdf import PdfReader

from okaeri import wiring
from okaeri.adapters.invoice_fields import describe_invoice
from okaeri.adapters.invoked_documents import InvokedDocuments
from okaeri.adapters.media_store import S3MediaStore
from okaeri.domain.invoices import DocumentRequest, name_document_key
from tests.functional.aws_from_template import MadeStack
from tests.papers import READER, make_paper_order, make_paper_store

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

type Handler = Callable[[dict[str, Any], object], dict[str, int | str]]


@pytest.fixture
def handler(deploy: Callable[[str], MadeStack], monkeypatch: pytest.MonkeyPatch) -> Handler:
    deploy("MakeDocuments")
    monkeypatch.delitem(sys.modules, "make_documents.handler", raising=False)
    return cast("Handler", importlib.import_module("make_documents.handler").lambda_handler)


def test_a_paper_is_set_and_kept_under_its_key(handler: Handler, made_stack: MadeStack) -> None:
    invoice, _ = describe_invoice(make_paper_order(), make_paper_store(), READER, "en")
    key = name_document_key("kinari", "5001", invoice)
    event = json.loads(DocumentRequest(key=key, invoice=invoice).model_dump_json())
    answer = handler(event, None)
    kept = wiring.connect_s3().get_object(Bucket=made_stack.references["MediaBucket"], Key=key)
    body = kept["Body"].read()
    assert (kept["ContentType"], answer) == ("application/pdf", {"size": len(body)})
    assert "Amount paid" in PdfReader(io.BytesIO(body)).pages[0].extract_text()


def test_a_sender_has_it_made_once_and_reads_it_from_then_on(handler: Handler, made_stack: MadeStack) -> None:
    asked: list[str] = []

    class Lambda:
        """AWS's API, with the handler behind it."""

        def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:
            asked.append(FunctionName)
            return {"Payload": io.BytesIO(json.dumps(handler(json.loads(Payload), None)).encode())}

    media = S3MediaStore(wiring.connect_s3(), made_stack.references["MediaBucket"])
    documents = InvokedDocuments(cast("LambdaClient", Lambda()), "make", media)
    files = [documents.find(make_paper_store(), make_paper_order(), READER, "ar") for _ in range(3)]
    assert len({file.body for file in files}) == 1 and files[0].body.startswith(b"%PDF")
    assert (files[0].filename, asked) == ("إيصال 1001.pdf", ["make"])


def test_a_paper_that_cannot_be_set_is_answered_and_does_not_fail(handler: Handler) -> None:
    invoice, _ = describe_invoice(make_paper_order(), make_paper_store(), READER, "en")
    broken = invoice.model_copy(update={"facts": ()})  # a template that counts on what is not there
    request = DocumentRequest(key="documents/kinari/a/b.pdf", invoice=broken)
    assert handler(json.loads(request.model_dump_json()), None) == {"code": "document_broken"}
