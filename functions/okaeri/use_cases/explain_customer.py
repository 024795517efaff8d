"""Why did, or didn't, this customer get this? Finds whom or what is asked about, and tells their story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from okaeri.domain.contact_data import normalise_email, normalise_phone
from okaeri.domain.customers import Customer, Identity, IdentityKind, IdentityRecord
from okaeri.domain.explanations import Explanation, Question, explain_customer
from okaeri.domain.histories import join_histories
from okaeri.domain.order_silence import OrderSilence, Unread, explain_silence
from okaeri.domain.records import OrderRecord
from okaeri.domain.stores import Store
from okaeri.domain.touches import list_habits

if TYPE_CHECKING:
    from okaeri.ports import Clock, Customers, Histories, Records, TouchBook

MOST = 5000  # items read of one record; a shopper of years has a few hundred


@dataclass(frozen=True)
class Found:
    """Whom a name, number or address means: `by` says as what it was understood, `others` carry it too."""

    customer: Customer
    by: str
    order_id: str | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExplainCustomer:
    """Reads one partition for each record of the customer and one for each late order, and writes nothing."""

    customers: Customers
    records: Records
    histories: Histories
    touches: TouchBook
    clock: Clock
    most: int = MOST

    def find(self, store: Store, text: str) -> Found | None:
        """By customer id, e-mail, phone, WhatsApp or store id, by an order's name or id; None where nobody is meant."""
        text = text.strip()
        customer = self.customers.load(store.store_id, text)
        if customer is not None:
            return Found(customer, "customer id")
        identities = tuple(_read_identities(text, store))
        records = self.customers.find(store.store_id, identities)
        for identity in identities:
            found = self._load_bearer(records.get(identity), identity, store)
            if found is not None:
                return found
        order = self.find_order(store, text)
        if order is None or order.customer_id is None:
            return None
        customer = self.customers.load(store.store_id, order.customer_id)
        return Found(customer, f"order {text}", order.order_id) if customer else None

    def find_order(self, store: Store, text: str) -> OrderRecord | None:
        """By its id, else by its name; what came of it before the order itself is a record too."""
        record = self.records.get_order(store.store_id, text.strip().lstrip("#"))
        if record is not None and record.order is not None:
            return record
        named = self.records.find_order_id(store.store_id, text)
        return (self.records.get_order(store.store_id, named) if named else None) or record

    def __call__(self, store: Store, customer: Customer, question: Question) -> Explanation:
        """The customer's story, as far as it is asked for."""
        ids = (customer.customer_id, *customer.absorbed)
        histories = [self.histories.read(store.store_id, customer_id, most=self.most) for customer_id in ids]
        names, now = self._read_order_names(customer), self.clock()
        habits = list_habits(self.touches.get_many(store.store_id, ids), now)
        return explain_customer(customer, store, join_histories(*histories), question, now, names, habits)

    def explain_order(self, store: Store, text: str, unread: Sequence[Unread] = ()) -> OrderSilence:
        """What is known of an order besides its customer's story: why there may be none. `unread` is the caller's."""
        record = self.find_order(store, text)
        webhooks = self.histories.list_webhooks(store.store_id)
        return explain_silence(text, record, store, webhooks, unread, self.clock())

    def _read_order_names(self, customer: Customer) -> dict[str, str]:
        """What shoppers call the latest orders: twenty at most."""
        records = (self.records.get_order(customer.store_id, order_id) for order_id in customer.orders)
        return {record.order_id: record.order.name for record in records if record and record.order}

    def _load_bearer(self, record: IdentityRecord | None, identity: Identity, store: Store) -> Found | None:
        if record is None:
            return None
        customer = self.customers.load(store.store_id, record.customer_id)
        if customer is None:
            return None
        return Found(customer, _KINDS[identity.kind], others=record.others)


_KINDS = {
    IdentityKind.EMAIL: "e-mail",
    IdentityKind.PHONE: "phone",
    IdentityKind.WHATSAPP_USER: "WhatsApp user id",
    IdentityKind.STORE_CUSTOMER: "the store's customer id",
    IdentityKind.ORDER: "order",
}


def _read_identities(text: str, store: Store) -> Iterator[Identity]:
    """What the text may name. A number alone is an order's rather than a phone, unless it begins like one."""
    email = normalise_email(text)
    if email:
        yield Identity(kind=IdentityKind.EMAIL, value=email)
        return
    if text.startswith("#"):
        return
    phone = normalise_phone(text, store.country) if text.startswith(("+", "0")) else None
    if phone:
        yield Identity(kind=IdentityKind.PHONE, value=phone)
    yield Identity(kind=IdentityKind.WHATSAPP_USER, value=text)
    yield Identity(kind=IdentityKind.STORE_CUSTOMER, value=text)
    yield Identity(kind=IdentityKind.ORDER, value=text)
