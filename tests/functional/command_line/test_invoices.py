"""`okaeri stores set … invoice…` and `okaeri stores invoice`: what a shop says of itself, and a look at the paper."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from command_line.failures import CommandFailure
from command_line.invoices import make_invoice
from command_line.stack import Stack
from command_line.stores import change_settings
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.records import OrderRecord
from tests.functional.command_line.stack import make_catalogue
from tests.functional.command_line.test_stores import SHOPIFY, add_shopify
from tests.papers import make_paper_order

DETAILS = {
    "invoice": "yes",
    "invoice-is-legal": "yes",
    "invoice-number-prefix": "AY-",
    "invoice-name": "Aya KK",
    "invoice-address": "東京都渋谷区神宮前1-2-3 / 〒150-0001",
    "invoice-tax-id": "T123",
    "invoice-footer.ja": "登記 1 / 銀行 2",
}


@pytest.fixture
def shop(stack: Stack) -> Stack:
    """A shop with one order."""
    add_shopify(stack, SHOPIFY)
    orders = DynamoRecords(stack.dynamodb, stack.table_name, lambda: datetime.now(UTC))
    orders.put_order(OrderRecord(store_id="aya", order_id="5001", order=make_paper_order(), version=1))
    return stack


def read(path: Path) -> str:
    return " ".join(PdfReader(io.BytesIO(path.read_bytes())).pages[0].extract_text().split())


def test_a_shop_says_what_stands_on_its_papers_and_takes_it_back(shop: Stack) -> None:
    said = change_settings(shop, "aya", DETAILS, catalogue=make_catalogue()).settings.invoice
    assert (said.on, said.is_legal, said.number_prefix, said.tax_id) == (True, True, "AY-", "T123")
    assert said.address == "東京都渋谷区神宮前1-2-3\n〒150-0001"
    assert said.footer == {"ja": "登記 1\n銀行 2"}
    taken = {"invoice-tax-id": "", "invoice-footer.ja": "", "invoice-is-legal": "no"}
    said = change_settings(shop, "aya", taken, catalogue=make_catalogue()).settings.invoice
    assert (said.tax_id, said.footer, said.is_legal, said.legal_name) == ("", {}, False, "Aya KK")


def test_the_paper_of_an_order_is_looked_at_before_anybody_gets_one(shop: Stack, tmp_path: Path) -> None:
    made = make_invoice(shop, "aya", "5001", into=tmp_path / "a.pdf", locale=None)
    assert (made.title, made.is_on) == ("お支払い明細書", False)
    assert "お支払い明細書" in read(made.path)


def test_it_is_found_by_the_orders_name_and_shown_in_any_language(shop: Stack, tmp_path: Path) -> None:
    change_settings(shop, "aya", DETAILS, catalogue=make_catalogue())
    made = make_invoice(shop, "aya", "#1001", into=tmp_path / "a.pdf", locale="de")
    assert (made.title, made.is_on) == ("Rechnung", True)
    assert "Rechnungsnummer" in read(made.path) and "AY-1001" in read(made.path)


def test_an_order_that_nobody_knows_says_so(shop: Stack) -> None:
    with pytest.raises(CommandFailure, match="has no order 99"):
        make_invoice(shop, "aya", "99", into=None, locale=None)
