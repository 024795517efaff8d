"""Changes of orders in a Shopify store. The order's state is asked first, so that a repetition finds what was done.

https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/orderCancel, …/orderUpdate, …/orderEditBegin,
…/returnRequest
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from okaeri.adapters.store_apis import shopify_consents, shopify_coupons
from okaeri.adapters.store_apis import shopify_documents as documents
from okaeri.adapters.store_apis.calls import Json, StoreCalls, Task
from okaeri.adapters.store_apis.postal import add_note, change_address, is_same_address
from okaeri.adapters.store_apis.shopify_graphql import ShopifyGraphql, name_id, read_number
from okaeri.adapters.store_apis.shopify_returns import describe_return, find_active_return, list_return_items
from okaeri.adapters.store_apis.variants import Form, choose_form
from okaeri.domain.consent_copies import ConsentCopy
from okaeri.domain.coupons import NewCoupon
from okaeri.domain.stores import Store
from okaeri.errors import GiveUp, TryAgain

# Fulfilment has not begun. PENDING_FULFILLMENT: a warehouse was asked and has not taken it on yet.
_OPEN = frozenset({"UNFULFILLED", "ON_HOLD", "SCHEDULED", "OPEN", "PENDING_FULFILLMENT", "REQUEST_DECLINED"})
_MOST_STAFF_NOTE = 255  # characters
# Shopify cancels in the background: how often, and seconds after which, it is asked whether that is done.
_LOOKS, _LOOKS_AFTER_A_REFUSAL, _LOOK_AGAIN_S = 6, 2, 0.5


class ShopifyAdmin:
    """Implements `ports.StoreApi` for Shopify."""

    def __init__(self, calls: StoreCalls, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._shopify = ShopifyGraphql(calls)
        self._calls, self._sleep = calls, sleep

    def change_order(
        self, store: Store, order_id: str, *, do: str, wanted: Mapping[str, str], change_id: str
    ) -> Mapping[str, str]:
        """Brings `refund` and `currency` of a cancellation, `variant` of a change of it, `return_id` and `status`."""
        access = self._calls.read_access(store)
        task = Task(access, self._calls.begin(), name_id("Order", order_id), wanted, change_id)
        match do:
            case "cancel":
                return self._cancel(task)
            case "address" | "note":
                return self._update(task, do)
            case "variant":
                return self._change_variant(task)
            case "return":
                return self._request_return(task)
        raise GiveUp("not_supported", do)

    def create_coupon(self, store: Store, coupon: NewCoupon) -> None:
        """A basic discount code, for everybody who has it."""
        access, deadline = self._calls.read_access(store), self._calls.begin()
        shopify_coupons.create_coupon(self._shopify, access, coupon, deadline=deadline)

    def write_consent(self, store: Store, customer_id: str, copy: ConsentCopy) -> bool:
        """E-mail as Shopify's own consent, WhatsApp as a metafield."""
        access, deadline = self._calls.read_access(store), self._calls.begin()
        return shopify_consents.write_consent(self._shopify, access, customer_id, copy, deadline=deadline)

    def list_scopes(self, store: Store) -> list[str]:
        """What the app may do in the shop. Raises as `change_order` does."""
        data = self._shopify.ask(self._calls.read_access(store), documents.SCOPES, {}, deadline=self._calls.begin())
        scopes = (data.get("currentAppInstallation") or {}).get("accessScopes") or []
        return [str(scope["handle"]) for scope in scopes]

    def _cancel(self, task: Task) -> Mapping[str, str]:
        order = _read_order(self._ask(task, documents.ORDER, {"id": task.order_id}))
        if order["cancelledAt"]:
            return _describe_money(order["totalRefundedSet"])
        _require_open(order)
        asked = {"orderId": task.order_id, "staffNote": _write_staff_note(task)}
        result = self._ask(task, documents.CANCEL, asked)["orderCancel"]
        if errors := result["orderCancelUserErrors"]:
            # Perhaps since an earlier try, whose answer was lost, is still at work.
            found = self._find_cancelled(task)
            if found is None:
                raise make_refusal(errors)
            return found
        self._wait_for_cancel(task, result.get("job"))
        return _describe_money(order["netPaymentSet"])

    def _wait_for_cancel(self, task: Task, job: Json | None) -> None:
        """Raises GiveUp where Shopify took the order on and then did not cancel it; a job that lasts is trusted."""
        if job is None:
            return
        for look in range(_LOOKS):
            if look:
                self._sleep(_LOOK_AGAIN_S)
            found = self._ask(task, documents.CANCELLED, {"job": job["id"], "id": task.order_id})
            if (found.get("order") or {}).get("cancelledAt"):
                return
            if (found.get("job") or {}).get("done"):
                raise GiveUp("refused", "the order was not cancelled")

    def _find_cancelled(self, task: Task) -> Mapping[str, str] | None:
        """What the cancellation brought, where there is one by now or soon."""
        for _ in range(_LOOKS_AFTER_A_REFUSAL):
            self._sleep(_LOOK_AGAIN_S)
            order = _read_order(self._ask(task, documents.ORDER, {"id": task.order_id}))
            if order["cancelledAt"]:
                return _describe_money(order["totalRefundedSet"])
        return None

    def _update(self, task: Task, do: str) -> Mapping[str, str]:
        order = _read_order(self._ask(task, documents.ORDER, {"id": task.order_id}))
        if do == "address":
            change = _choose_address(order.get("shippingAddress"), task.wanted)
        else:
            note = add_note(order.get("note") or "", task.wanted.get("note", ""))
            change = None if note is None else {"note": note}
        if change is None:
            return {}
        _require_open(order)
        result = self._ask(task, documents.UPDATE, {"input": {"id": task.order_id} | change})["orderUpdate"]
        _raise_errors(result["userErrors"], otherwise="invalid_address" if do == "address" else "refused")
        return {}

    def _change_variant(self, task: Task) -> Mapping[str, str]:
        line_id, wanted = _require(task.wanted, "line"), _require(task.wanted, "variant")
        order = _read_order(self._ask(task, documents.LINES, {"id": task.order_id}))
        lines: list[Json] = order["lineItems"]["nodes"]
        line = next((line for line in lines if read_number(line["id"]) == read_number(line_id)), None)
        if line is None or not line["product"]:
            raise GiveUp("not_found", "no such line")
        variant = self._choose_variant(task, line, wanted)
        if _has_variant(lines, line, variant["id"]):
            return {"variant": variant["title"]}
        _require_open(order)
        quantity = line["unfulfilledQuantity"]
        if quantity < 1:
            raise GiveUp("too_late", "the line was shipped or taken out")
        if not _is_in_stock(variant, quantity):
            raise GiveUp("out_of_stock")
        self._edit_line(task, line, variant["id"], quantity)
        return {"variant": variant["title"]}

    def _choose_variant(self, task: Task, line: Json, wanted: str) -> Json:
        """Of the same product, by its id or by what the shopper wrote."""
        product = self._ask(task, documents.VARIANTS, {"product": line["product"]["id"]})["product"]
        variants: dict[str, Json] = {read_number(found["id"]): found for found in product["variants"]["nodes"]}
        forms = [Form(number, _read_options(found)) for number, found in variants.items()]
        form = choose_form(read_number(wanted), _read_options(line["variant"]), forms)
        return variants[form.form_id]

    def _edit_line(self, task: Task, line: Json, variant_id: str, quantity: int) -> None:
        begun = self._ask(task, documents.EDIT_BEGIN, {"id": task.order_id})["orderEditBegin"]
        _raise_errors(begun["userErrors"])
        edit = begun["calculatedOrder"]
        added = self._ask(task, documents.EDIT_ADD, {"id": edit["id"], "variantId": variant_id, "quantity": quantity})[
            "orderEditAddVariant"
        ]
        _raise_errors(added["userErrors"], otherwise="out_of_stock")
        asked = {"id": edit["id"], "lineItemId": _find_edited_line(edit, line), "quantity": 0}
        taken = self._ask(task, documents.EDIT_QUANTITY, asked)["orderEditSetQuantity"]
        _raise_errors(taken["userErrors"])
        before, after = (found["totalPriceSet"]["presentmentMoney"] for found in (edit, taken["calculatedOrder"]))
        if float(before["amount"]) != float(after["amount"]):
            # What is not committed is forgotten. Money to ask for, or to give back, is for a person to decide.
            raise GiveUp("refused", "the price differs")
        asked = {"id": edit["id"], "staffNote": _write_staff_note(task)}
        _raise_errors(self._ask(task, documents.EDIT_COMMIT, asked)["orderEditCommit"]["userErrors"])

    def _request_return(self, task: Task) -> Mapping[str, str]:
        data = self._ask(task, documents.RETURNABLE, {"id": task.order_id})
        order = _read_order(data)
        line = read_number(task.wanted.get("line", "")) or None
        if (known := find_active_return(order, line)) is not None:
            return known
        items = list_return_items(data, line, task.wanted)
        if not items:
            if order["displayFulfillmentStatus"] in _OPEN:
                raise GiveUp("refused", "not shipped yet")
            raise GiveUp("too_late", "nothing of it can be returned")
        asked = {"input": {"orderId": task.order_id, "returnLineItems": items}}
        result = self._ask(task, documents.RETURN, asked)["returnRequest"]
        _raise_errors(result["userErrors"])
        return describe_return(result["return"])

    def _ask(self, task: Task, document: str, variables: Json) -> Json:
        return self._shopify.ask(task.access, document, variables, deadline=task.deadline)


def _read_order(data: Json) -> Json:
    order: Json | None = data.get("order")
    if order is None:
        raise GiveUp("not_found")
    return order


def _require_open(order: Json) -> None:
    if order["cancelledAt"] or order["closed"] or order["displayFulfillmentStatus"] not in _OPEN:
        raise GiveUp("too_late", order["displayFulfillmentStatus"])


def _require(wanted: Mapping[str, str], name: str) -> str:
    if not wanted.get(name):
        raise GiveUp("refused", f"{name} is missing")
    return wanted[name]


def _choose_address(before: Json | None, wanted: Mapping[str, str]) -> Json | None:
    """The input of `orderUpdate`, which takes an address as a whole; None where the order has it already."""
    if before is None:
        raise GiveUp("not_supported", "nothing is shipped")
    held = {name: before.get(name) or "" for name in ("name", "address1", "address2", "city", "zip")}
    if is_same_address(held, wanted):
        return None
    country = before.get("countryCodeV2") or ""
    names = (before.get("firstName") or "", before.get("lastName") or "")
    address: Json = change_address(held, names, wanted, country=country)
    kept = {"company": "company", "phone": "phone", "provinceCode": "provinceCode", "countryCodeV2": "countryCode"}
    address |= {theirs: before[ours] for ours, theirs in kept.items() if before.get(ours)}
    return {"shippingAddress": address}


def _read_options(variant: Json | None) -> dict[str, str]:
    return {option["name"]: option["value"] for option in (variant or {}).get("selectedOptions") or []}


def _has_variant(lines: list[Json], line: Json, variant_id: str) -> bool:
    """The line is of that variant, or was taken out for another that is."""
    if (line.get("variant") or {}).get("id") == variant_id and line["currentQuantity"] > 0:
        return True
    others = (other for other in lines if other is not line and other["currentQuantity"] > 0)
    return line["currentQuantity"] == 0 and any(
        (other.get("variant") or {}).get("id") == variant_id for other in others
    )


def _is_in_stock(variant: Json, quantity: int) -> bool:
    if not variant["availableForSale"]:
        return False
    is_counted = (variant.get("inventoryItem") or {}).get("tracked") and variant["inventoryPolicy"] == "DENY"
    return not is_counted or variant["sellableOnlineQuantity"] >= quantity


def _find_edited_line(edit: Json, line: Json) -> str:
    """The line in the edit: by its number, which Shopify keeps."""
    number = read_number(line["id"])
    for found in edit["lineItems"]["nodes"]:
        if read_number(found["id"]) == number:
            return str(found["id"])
    raise GiveUp("refused", "the line cannot be edited")


def _describe_money(bag: Json) -> dict[str, str]:
    paid = bag["presentmentMoney"]
    return {"refund": paid["amount"], "currency": paid["currencyCode"]} if float(paid["amount"]) > 0 else {}


def _raise_errors(errors: Any, *, otherwise: str = "refused") -> None:
    if errors:
        raise make_refusal(errors, otherwise=otherwise)


def make_refusal(errors: Any, *, otherwise: str = "refused") -> GiveUp | TryAgain:
    """Shopify's own refusals; their codes say little, so what was asked decides (`otherwise`)."""
    code, message = str(errors[0].get("code") or ""), str(errors[0].get("message") or "")[:300]
    if code == "INTERNAL_ERROR":
        return TryAgain("store_faulty", message)
    if code == "NOT_FOUND":
        return GiveUp("not_found", message)
    return GiveUp("not_allowed" if code.startswith("NO_REFUND") else otherwise, message)


def _write_staff_note(task: Task) -> str:
    """By which a repetition finds what was done."""
    return f"Okaeri {task.change_id} {task.wanted.get('reason', '')}".strip()[:_MOST_STAFF_NOTE]
