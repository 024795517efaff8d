"""The paper of an order: what a shop says about itself on it, what it is called, where its file is kept."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from okaeri.domain.orders import Order, Payment
from okaeri.domain.stores import InvoiceSettings
from okaeri.domain.values import Value, make_id

PDF = "application/pdf"
_PAID = frozenset({Payment.PAID, Payment.PARTIALLY_REFUNDED, Payment.REFUNDED})


class PaperKind(StrEnum):
    """What the paper is called: no more than what is known to be true of it."""

    INVOICE = "invoice"  # the shop says that it is one
    RECEIPT = "receipt"  # paid
    SUMMARY = "summary"  # not paid, or not all of it


class Party(Value):
    """Who sells, who buys, where it is delivered: a heading and the lines below it."""

    heading: str
    lines: tuple[str, ...]


class InvoiceLine(Value):
    """One line, as it is printed. `detail` is variant and article number, which may be empty."""

    title: str
    detail: str
    quantity: str
    price: str
    total: str


class InvoiceSum(Value):
    """A sum below the lines; `total` is what is to pay or was paid."""

    label: str
    amount: str
    kind: Literal["part", "total", "after"] = "part"


class Invoice(Value):
    """All that stands on the paper, ready to print: in the reader's language, with the reader's formats.

    `columns` are the headings of item, quantity, price and amount. `dated` is the file's own date: the same order
    makes the same file, byte for byte. `page_label` holds `{page}` and `{pages}`.
    """

    locale: str
    direction: Literal["ltr", "rtl"]
    paper: Literal["a4", "us-letter"] = "a4"
    shop: str
    title: str
    facts: tuple[tuple[str, str], ...]
    parties: tuple[Party, ...]
    columns: tuple[str, str, str, str]
    lines: tuple[InvoiceLine, ...]
    sums: tuple[InvoiceSum, ...]
    notes: tuple[str, ...] = ()
    footer: str = ""
    page_label: str
    dated: datetime


class DocumentRequest(Value):
    """What is asked of `make_documents`: the paper, and the key under which its file is kept."""

    key: str
    invoice: Invoice


class DocumentFile(NamedTuple):
    """A PDF that goes along with a message: where it is kept, what the file and the paper are called, its bytes."""

    key: str
    filename: str
    title: str
    body: bytes


def choose_paper_kind(order: Order, settings: InvoiceSettings) -> PaperKind:
    """An invoice where the shop says so, else a receipt of what was paid, else a summary."""
    if settings.is_legal:
        return PaperKind.INVOICE
    return PaperKind.RECEIPT if order.payment in _PAID else PaperKind.SUMMARY


def may_have_invoice(order: Order, settings: InvoiceSettings) -> bool:
    """Whether there is a paper of this order: the shop wants it, and the order stands."""
    return settings.on and order.cancelled_at is None and any(line.quantity > 0 for line in order.lines)


def name_document_key(store_id: str, order_id: str, invoice: Invoice) -> str:
    """Where the file of exactly this paper is kept: the store in clear, the order and the content as hashes."""
    content = hashlib.sha256(invoice.model_dump_json().encode()).hexdigest()
    return f"documents/{store_id}/{make_id('document', store_id, order_id)[:24]}/{content[:24]}.pdf"


def name_file(title: str, number: str) -> str:
    """`Receipt 1001.pdf`, of characters that every system takes."""
    name = "".join(" " if character in '\\/:*?"<>|#%' else character for character in f"{title} {number}")
    return f"{' '.join(name.split())[:100].strip()}.pdf"
