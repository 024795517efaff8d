"""The papers of orders in a simulated world: worked out and called by their names, and never printed."""

from __future__ import annotations

from okaeri.adapters.invoice_fields import describe_invoice
from okaeri.domain.customers import Customer
from okaeri.domain.invoices import DocumentFile, name_document_key
from okaeri.domain.orders import Order
from okaeri.domain.stores import Store


class UnprintedDocuments:
    """Implements `ports.Documents`. The files are empty."""

    def find(self, store: Store, order: Order, customer: Customer, locale: str) -> DocumentFile:
        """At once."""
        invoice, filename = describe_invoice(order, store, customer, locale)
        key = name_document_key(store.store_id, order.order_id, invoice)
        return DocumentFile(key=key, filename=filename, title=invoice.title, body=b"")
