"""Changes of orders in a WooCommerce store, by its REST API.

https://developer.woocommerce.com/docs/apis/rest-api/v3/orders/
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from okaeri.adapters.store_apis import woocommerce_consents, woocommerce_coupons
from okaeri.adapters.store_apis.calls import NOT_SET_UP, Answer, Json, StoreCalls, Task
from okaeri.adapters.store_apis.postal import add_note, change_address, is_same_address
from okaeri.adapters.store_apis.variants import Form, choose_form
from okaeri.domain.consent_copies import ConsentCopy
from okaeri.domain.coupons import NewCoupon
from okaeri.domain.stores import Store
from okaeri.errors import GiveUp

_OPEN = frozenset({"pending", "on-hold", "processing"})
_CANCELLED = frozenset({"cancelled", "refunded"})
# The plug-ins that keep a parcel's number with the order.
_TRACKING = frozenset({"_wc_shipment_tracking_items"})
# Our names of an address, and WooCommerce's.
_FIELDS = {"address1": "address_1", "address2": "address_2", "city": "city", "zip": "postcode"}


class WoocommerceRest:
    """Implements `ports.StoreApi` for WooCommerce. It knows no requests for returns."""

    def __init__(self, calls: StoreCalls) -> None:
        self._calls = calls

    def change_order(
        self, store: Store, order_id: str, *, do: str, wanted: Mapping[str, str], change_id: str
    ) -> Mapping[str, str]:
        """A cancellation of a paid order brings `refund_due` and `currency`: WooCommerce gives no money back by it."""
        if do not in ("cancel", "address", "note", "variant"):
            raise GiveUp("not_supported", do)
        if not order_id.isdecimal():  # it becomes part of an address
            raise GiveUp("not_found")
        task = Task(self._calls.read_access(store), self._calls.begin(), order_id, wanted, change_id)
        order = self._call(task, "GET", f"orders/{order_id}")
        match do:
            case "cancel":
                return self._cancel(task, order)
            case "variant":
                return self._change_variant(task, order)
        change = _choose_address(order, wanted) if do == "address" else _choose_note(order, wanted)
        if change is not None:
            _require_open(order)
            self._call(task, "PUT", f"orders/{order_id}", change)
        return {}

    def create_coupon(self, store: Store, coupon: NewCoupon) -> None:
        """A coupon for everybody who has its code."""
        task = Task(self._calls.read_access(store), self._calls.begin(), "", {}, "")
        woocommerce_coupons.create_coupon(partial(self._call, task), coupon)

    def write_consent(self, store: Store, customer_id: str, copy: ConsentCopy) -> bool:
        """As meta data of the customer."""
        task = Task(self._calls.read_access(store), self._calls.begin(), "", {}, "")
        return woocommerce_consents.write_consent(partial(self._call, task), customer_id, copy)

    def check_access(self, store: Store) -> None:
        """Reads one order, to see that it may. Raises as `change_order` does."""
        task = Task(self._calls.read_access(store), self._calls.begin(), "", {}, "")
        self._call(task, "GET", "orders?per_page=1&_fields=id")

    def _cancel(self, task: Task, order: Json) -> Mapping[str, str]:
        if order["status"] not in _CANCELLED:
            _require_open(order)
            self._call(task, "PUT", f"orders/{task.order_id}", {"status": "cancelled"})
        due = _find_refund_due(order)
        if due is None:
            return {}
        return {"refund_due": str(due), "currency": str(order.get("currency") or "")}

    def _change_variant(self, task: Task, order: Json) -> Mapping[str, str]:
        line_id, wanted = task.wanted.get("line", ""), task.wanted.get("variant", "")
        lines: list[Json] = order.get("line_items") or []
        line = next((line for line in lines if str(line["id"]) == line_id), None)
        if line is None:
            # Taken out by this very change, if its answer was lost: a line of ours stands in its place.
            if any(_read_change(other) == task.change_id for other in lines):
                return {}
            raise GiveUp("not_found", "no such line")
        variant = self._choose_variant(task, line, wanted)
        brought = {"variant": str(variant.get("name") or "")}
        if variant["id"] == line.get("variation_id"):
            return brought
        _require_open(order)
        if not order.get("is_editable"):  # paid ones are not, by WooCommerce's own rule
            raise GiveUp("not_supported", "the order can be edited no more")
        _require_in_stock(variant, int(line["quantity"]))
        if _read_decimal(variant.get("price")) != _read_decimal(line.get("price")):
            raise GiveUp("refused", "the price differs")
        added = {
            "product_id": line["product_id"],
            "variation_id": variant["id"],
            "quantity": line["quantity"],
            "meta_data": [{"key": "_okaeri_change", "value": task.change_id}],
        }
        change = {"line_items": [{"id": line["id"], "quantity": 0}, added]}
        self._call(task, "PUT", f"orders/{task.order_id}", change)
        return brought

    def _choose_variant(self, task: Task, line: Json, wanted: str) -> Json:
        """Of the same product, by its id or by what the shopper wrote."""
        product = int(line["product_id"])
        found: list[Json] = self._call(task, "GET", f"products/{product}/variations?per_page=100")
        variants = {str(variant["id"]): variant for variant in found}
        forms = [Form(number, _read_options(variant)) for number, variant in variants.items()]
        held = next((form.options for form in forms if form.form_id == str(line.get("variation_id"))), {})
        return variants[choose_form(wanted, held, forms).form_id]

    def _call(self, task: Task, method: str, path: str, body: Json | None = None) -> Any:
        secret = task.access.secret
        if not (secret.get("key") and secret.get("secret")):
            raise GiveUp(NOT_SET_UP, "no consumer key and secret")
        answer = self._calls.call(
            method,
            f"{task.access.url}/wp-json/wc/v3/{path}",
            json=body,
            basic=(secret["key"], secret["secret"]),
            deadline=task.deadline,
        )
        return read_answer(answer, is_address="shipping" in (body or {}))


def read_answer(answer: Answer, *, is_address: bool = False) -> Any:
    """The body. An error's own code stands in it, beside the status."""
    body = answer.body if isinstance(answer.body, dict) else {}
    code = str(body.get("code") or "")
    match answer.status:
        case 200 | 201 if answer.body is not None:
            return answer.body
        case 401 | 403:
            raise GiveUp("not_allowed", code)
        case 404 if code in ("", "rest_no_route"):
            raise GiveUp(NOT_SET_UP, "no WooCommerce at this address")
        case 404:
            raise GiveUp("not_found", code)
        case 400 if "invalid_id" in code:
            raise GiveUp("not_found", code)
        case 400 if is_address:
            raise GiveUp("invalid_address", code)
        case 400 | 409:
            raise GiveUp("refused", code)
    raise GiveUp("store_misunderstood", f"http_{answer.status} {code}")


def _require_open(order: Json) -> None:
    has_parcel = any(meta.get("key") in _TRACKING and meta.get("value") for meta in order.get("meta_data") or [])
    if order["status"] not in _OPEN or has_parcel:
        raise GiveUp("too_late", order["status"])


def _choose_address(order: Json, wanted: Mapping[str, str]) -> Json | None:
    before = order.get("shipping") or {}
    names = (before.get("first_name") or "", before.get("last_name") or "")
    held = {ours: before.get(theirs) or "" for ours, theirs in _FIELDS.items()} | {"name": " ".join(names).strip()}
    if is_same_address(held, wanted):
        return None
    after = change_address(held, names, wanted, country=before.get("country") or "")
    address = {theirs: after[ours] for ours, theirs in _FIELDS.items()}
    return {"shipping": address | {"first_name": after["firstName"], "last_name": after["lastName"]}}


def _choose_note(order: Json, wanted: Mapping[str, str]) -> Json | None:
    note = add_note(order.get("customer_note") or "", wanted.get("note", ""))
    return None if note is None else {"customer_note": note}


def _find_refund_due(order: Json) -> Decimal | None:
    """What was paid and not given back yet, in the order's currency; None where that is nothing."""
    total = _read_decimal(order.get("total"))
    if not order.get("date_paid_gmt") or total is None:
        return None
    given = sum(abs(_read_decimal(refund.get("total")) or Decimal(0)) for refund in order.get("refunds") or [])
    return total - given if total > given else None


def _require_in_stock(variant: Json, quantity: int) -> None:
    held = variant.get("stock_quantity") if variant.get("manage_stock") is True else None
    is_short = held is not None and held < quantity and not variant.get("backorders_allowed")
    if not variant.get("purchasable", True) or variant.get("stock_status") == "outofstock" or is_short:
        raise GiveUp("out_of_stock")


def _read_options(variant: Json) -> dict[str, str]:
    return {part["name"]: part["option"] for part in variant.get("attributes") or []}


def _read_change(line: Json) -> str | None:
    return next(
        (meta.get("value") for meta in line.get("meta_data") or [] if meta.get("key") == "_okaeri_change"), None
    )


def _read_decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
