"""An order's PDF, made by its function on a real stack: attached to the mail, and a document on the phone."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pypdf import PdfReader

from command_line import records
from command_line.journeys import switch_journey
from command_line.stack import Stack, open_stack
from command_line.stores import change_settings
from command_line.templates import push_templates
from local.launcher.aws import FOREIGN_SETTINGS, LocalAws
from tests.e2e.drive import Driver, make_shopper, wait_for

STORE_FRESH_S = 11  # functions keep a store so long


@pytest.fixture
def operator(stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Stack:
    """The stack as a person at the command line reaches it."""
    for name in FOREIGN_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in LocalAws(stack["aws_endpoint_url"]).environment.items():
        monkeypatch.setenv(name, value)
    return open_stack()


@pytest.fixture
def store_id(driver: Driver, operator: Stack) -> Iterator[str]:
    """A store that sends PDFs, while the test runs."""
    found = str(driver.describe_store("standard")["store_id"])
    before = records.read_store(operator, found)
    change_settings(operator, found, {"invoice": "yes"})
    switch_journey(operator, found, "order-invoice", on=True)
    assert all(entry.is_ready for entry in push_templates(operator, found, wait_s=60, poll_s=0.5))
    time.sleep(STORE_FRESH_S)
    yield found
    change_settings(operator, found, {"invoice": "no"})
    records.change_store(operator, found, lambda store: store.model_copy(update={"triggers": before.triggers}))


def test_a_paid_order_brings_its_pdf_by_mail_and_on_the_phone(driver: Driver, store_id: str) -> None:
    email, phone, number = make_shopper()
    placed = {
        "order_id": f"I-{number}",
        "name": f"I-{number}",
        "created_at": "2099-01-01T00:00:00Z",
        "currency": "EUR",
        "total": "20.00",
        "payment": "paid",
        "customer": {"email": email, "phone": phone, "first_name": "Mia", "locale": "en", "country": "DE"},
        "lines": [{"line_id": "1", "title": "Atlas", "quantity": 1, "price": "20.00"}],
    }
    assert driver.post_standard("order.placed", placed).ok
    mail = wait_for(
        lambda: next((mail for mail in driver.list_mails(email) if mail["attachments"]), {}), "a mail with a PDF"
    )
    [attached] = mail["attachments"]
    assert (attached["filename"], attached["content_type"]) == (f"Receipt I-{number}.pdf", "application/pdf")
    body = requests.get(f"{driver.description['mailbox_url']}{attached['url']}", timeout=10).content
    assert f"I-{number}" in PdfReader(io.BytesIO(body)).pages[0].extract_text()
    shown = driver.await_message(phone, "order_invoice")
    assert (shown["media"]["type"], shown["media"]["filename"]) == ("document", f"Receipt I-{number}.pdf")
