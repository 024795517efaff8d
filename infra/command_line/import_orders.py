"""Orders of before: they are counted and kept, and no journey begins for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from command_line.csv_rows import Refused, Row, group_rows, read_rows, refuse
from command_line.loads import Taking
from okaeri.adapters.store_apis.calls import Json
from okaeri.domain.contact_data import normalise_phone
from okaeri.domain.evidence import Envelope, OrderSeen
from okaeri.domain.orders import Order, Shipment, ShipmentStatus
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import make_id
from okaeri.errors import RefuseRequest
from okaeri.use_cases.receive_store_event import EventInvalid, PayloadRefused, Request
from receive_store_event.buyers import clean_country
from receive_store_event.dialects import load_dialect
from receive_store_event.payload import to_utc
from receive_store_event.standard import Standard

SOURCE = "okaeri import orders"
OLD = "old"
# What is younger is on its way as a webhook, and begins what its kind begins.
YOUNGEST = timedelta(hours=1)
ORDER = (
    *("order_id", "name", "created_at", "currency", "total", "subtotal", "discount", "shipping", "tax"),
    *("payment", "payment_method", "coupon_codes", "cancelled_at", "delivered_at"),
)
CUSTOMER = (*("customer_id", "email", "phone", "first_name", "last_name", "locale", "country", "region", "postcode"),)
LINE = ("line_id", "product_id", "variant_id", "sku", "title", "variant", "vendor", "quantity", "price")
COLUMNS = (*ORDER, *CUSTOMER, *LINE)
_ORDER_TEXTS = tuple(name for name in ORDER if name not in ("coupon_codes", "cancelled_at", "delivered_at"))
_TOPICS = {
    Platform.SHOPIFY: ("x-shopify-topic", "orders/create"),
    Platform.WOOCOMMERCE: ("x-wc-webhook-topic", "order.created"),
}
_FIX = "Write it as 2024-03-01 or 2024-03-01T10:00:00+01:00."


def read_orders(path: Path, store: Store, now: datetime) -> list[Callable[[], Taking]]:
    """Each order of a file, whose lines are those with its id, to be taken in its turn."""
    rows = read_rows(path, COLUMNS, needed=["order_id", "created_at", "total"])
    return [partial(_take_rows, lines, store, now) for lines in group_rows(rows, "order_id")]


def take_order(item: Json, store: Store, now: datetime) -> Taking:
    """One that the store's API lists."""
    header, topic = _TOPICS[store.platform]
    request = Request(store.store_id, {header: topic}, json.dumps(item).encode())
    where = f"order {item.get('id')}"
    try:
        reading = load_dialect(store.platform).read(request, store, now)
    except PayloadRefused as error:
        return Taking(refused=(Refused(f"{where}.{error.path}", error.reason, "It is left out; tell us of it."),))
    seen = next((one for one in reading.evidence if isinstance(one, OrderSeen)), None)
    return _wrap(seen.order, store, now, where) if seen else Taking()


def _take_rows(rows: Sequence[Row], store: Store, now: datetime) -> Taking:
    """Through the store API's own models, which say what is wrong with each field."""
    first = rows[0]
    where = f"line {first.line}"
    event = {"type": "order.placed", "timestamp": now.isoformat(), "data": _make_data(rows, store)}
    request = Request(store.store_id, {"webhook-id": SOURCE}, json.dumps(event).encode())
    try:
        moments = {name: _read_moment(first, name) for name in ("created_at", "cancelled_at", "delivered_at")}
        [seen] = Standard().read(request, store, now).evidence
    except EventInvalid as error:
        problems = (Refused(f"{where}, {_name_column(one.at)}", one.message, one.fix) for one in error.problems)
        return Taking(refused=tuple(problems))
    except RefuseRequest as error:
        return Taking(refused=(Refused(where, str(error), error.fix),))
    except ValueError as error:
        return Taking(refused=(Refused(where, f"{error} is no time", _FIX),))
    assert isinstance(seen, OrderSeen)  # what order.placed is evidence of
    taking = _wrap(_complete(seen.order, moments), store, now, where)
    return Taking(taking.envelopes, (*taking.refused, *_check_phone(first, store)))


def _make_data(rows: Sequence[Row], store: Store) -> Json:
    cells = {name: text for row in reversed(rows) for name, text in row.cells.items()}  # the first line wins
    customer = {name: cells[name] for name in CUSTOMER if name in cells}
    data: Json = {name: cells[name] for name in _ORDER_TEXTS if name in cells}
    data |= {"customer": {name.removeprefix("customer_"): text for name, text in customer.items()}}
    data.setdefault("currency", store.currency)
    data.setdefault("payment", "paid")
    data["coupon_codes"] = [code.strip() for code in cells.get("coupon_codes", "").split("|") if code.strip()]
    lines = [{name: row.cells[name] for name in LINE if name in row.cells} for row in rows]
    data["lines"] = [{"quantity": "1", "price": "0"} | line for line in lines if line]
    return data


def _complete(order: Order, moments: dict[str, datetime | None]) -> Order:
    delivered_at, cancelled_at = moments["delivered_at"], moments["cancelled_at"]
    parcels = (
        [Shipment(shipment_id=f"imported-{order.order_id}", status=ShipmentStatus.DELIVERED, at=delivered_at)]
        if delivered_at
        else []
    )
    latest = max(filter(None, (order.created_at, delivered_at, cancelled_at)))
    return order.model_copy(
        update={
            "updated_at": latest,
            "cancelled_at": cancelled_at,
            "shipments": tuple(parcels),
            "fulfilled": bool(parcels),
        }
    )


def _wrap(order: Order, store: Store, now: datetime, where: str) -> Taking:
    """Old, whatever its age: consent comes with the customers, with its proof, and not by the way."""
    if now - order.created_at < YOUNGEST:
        what = "it was placed within the latest hour: its webhook tells of it"
        return Taking(refused=(Refused(where, what, "Nothing is to be done."),))
    seen = OrderSeen(order=order.model_copy(update={"quiet": order.quiet or OLD, "opt_ins": ()}))
    key = make_id(store.store_id, SOURCE, seen.model_dump_json())
    return Taking((Envelope(id=key, store_id=store.store_id, source=SOURCE, received_at=now, evidence=seen),))


def _check_phone(row: Row, store: Store) -> Iterator[Refused]:
    phone = row.cells.get("phone")
    country = clean_country(row.cells.get("country")) or store.country
    if phone and normalise_phone(phone, country) is None:
        what = f"no whole number can be read ({country or 'no country'}): it is left out"
        yield refuse(row.line, "phone", what, "Write it with its country code: +4915112345678.")


def _read_moment(row: Row, column: str) -> datetime | None:
    text = row.cells.get(column)
    return to_utc(datetime.fromisoformat(text), datetime.now(UTC)) if text else None


def _name_column(path: str) -> str:
    """`data.lines[0].price` as `price`, `data.customer.id` as `customer_id`."""
    name = path.rpartition(".")[2]
    if path == "data.customer.id":
        return "customer_id"
    return "id, email or phone" if path == "data.customer" else name
