"""An order's PDF, made here: to be looked at before any shopper gets one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from command_line import records
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.invoice_fields import describe_invoice
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.typst_documents import TypstDocuments
from okaeri.domain.customers import Customer


@dataclass(frozen=True)
class MadeInvoice:
    """The file, what the paper calls itself, and whether shoppers get theirs."""

    path: Path
    title: str
    is_on: bool


def make_invoice(stack: Stack, store_id: str, order: str, *, into: Path | None, locale: str | None) -> MadeInvoice:
    """Writes the PDF of an order, by its id or name, as its customer would get it. Raises CommandFailure."""
    store = records.read_store(stack, store_id)
    orders = DynamoRecords(stack.dynamodb, stack.table_name, lambda: datetime.now(UTC))
    found = orders.get_order(store_id, orders.find_order_id(store_id, order) or order)
    if found is None or found.order is None:
        raise CommandFailure(
            f"{store_id} has no order {order}", at="ORDER", fix="Give its id in the store, or its name such as #1001."
        )
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    customer = customers.load(store_id, found.customer_id) if found.customer_id else None
    reader = customer or Customer(store_id=store_id, customer_id="", created_at=found.order.created_at)
    language = locale or reader.asked_locale or reader.locale or store.locale
    invoice, filename = describe_invoice(found.order, store, reader, language)
    path = into or Path(filename)
    path.write_bytes(TypstDocuments().write(invoice))
    return MadeInvoice(path, invoice.title, store.settings.invoice.on)
