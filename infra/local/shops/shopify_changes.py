"""Shopify's mutations over one shop: what it refuses, what it changes, and which webhooks follow."""

import asyncio
import copy
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .shopify_views import ADDRESS, ShopifyViews, count_current, find_net_payment, name_id, read_number, show_money
from .state import OneShop, State

type Json = dict[str, Any]

NOT_FOUND = "Order does not exist"


class ShopifyChanges:
    """The root fields of mutations."""

    def __init__(self, state: State, shop: OneShop, views: ShopifyViews) -> None:
        self.state, self.shop, self.views = state, shop, views

    def list_fields(self) -> dict[str, Callable[..., Json]]:
        return {
            "orderCancel": self.cancel,
            "orderUpdate": self.update,
            "orderEditBegin": self.begin_edit,
            "orderEditAddVariant": self.add_variant,
            "orderEditSetQuantity": self.set_quantity,
            "orderEditCommit": self.commit_edit,
            "returnRequest": self.request_return,
        }

    def cancel(self, orderId: str, reason: str, **_: Any) -> Json:
        order = self.views.find_order(orderId)
        if order is None:
            return refuse_cancel("NOT_FOUND", NOT_FOUND)
        if order.get("cancelled_at") or str(order["id"]) in self.shop.cancelling:
            return refuse_cancel("INVALID", "Cannot cancel an order that has already been canceled")
        if order.get("fulfillment_status"):
            return refuse_cancel("INVALID", "Cannot cancel an order with outstanding fulfillments")
        job_id = name_id("Job", self.state.next_number())
        self.shop.jobs[job_id] = False
        self.shop.cancelling.add(str(order["id"]))
        loop = asyncio.get_running_loop()
        loop.call_later(self.state.configuration.cancel_s, self._finish_cancel, order, reason.lower(), job_id)
        return {"job": {"id": job_id, "done": False}, "orderCancelUserErrors": [], "userErrors": []}

    def _finish_cancel(self, order: Json, reason: str, job_id: str) -> None:
        self.shop.jobs[job_id] = True
        self.shop.cancelling.discard(str(order["id"]))
        paid, now = find_net_payment(order), write_time()
        order |= {"cancelled_at": now, "cancel_reason": reason, "updated_at": now, "closed_at": now}
        if paid > 0:
            refund = self._make_refund(order, paid, now)
            order |= {"financial_status": "refunded", "refunds": [*(order.get("refunds") or []), refund]}
            self._tell("refunds/create", refund)
        elif order.get("financial_status") in ("pending", "authorized"):
            order["financial_status"] = "voided"
        self._tell("orders/cancelled", order)
        self._tell("orders/updated", order)

    def _make_refund(self, order: Json, paid: Decimal, now: str) -> Json:
        gateway = next(iter(order.get("payment_gateway_names") or []), None)
        transaction = {
            "id": self.state.next_number(),
            "order_id": order["id"],
            "amount": str(paid),
            "currency": order.get("currency"),
            "kind": "refund",
            "status": "success",
            "gateway": gateway,
        }
        return {
            "id": self.state.next_number(),
            "order_id": order["id"],
            "created_at": now,
            "processed_at": now,
            "note": None,
            "refund_line_items": [],
            "transactions": [transaction],
        }

    def update(self, input: Json) -> Json:
        order = self.views.find_order(input["id"])
        if order is None:
            return {"order": None, "userErrors": [describe_error(["id"], NOT_FOUND)]}
        address = input.get("shippingAddress")
        if address is not None:
            if wrong := find_wrong_address(address):
                return {"order": None, "userErrors": [wrong]}
            order["shipping_address"] = write_address(address, order.get("shipping_address") or {})
        if "note" in input:
            order["note"] = input["note"]
        order["updated_at"] = write_time()
        self._tell("orders/updated", order)
        return {"order": self.views.show_order(order), "userErrors": []}

    def begin_edit(self, id: str) -> Json:
        order = self.views.find_order(id)
        if order is None or order.get("cancelled_at"):
            reason = NOT_FOUND if order is None else "The order cannot be edited."
            return {"calculatedOrder": None, "userErrors": [describe_error(["id"], reason)]}
        edit_id = name_id("CalculatedOrder", self.state.next_number())
        self.shop.edits[edit_id] = copy.deepcopy(order)
        return {"calculatedOrder": self._show_edit(edit_id), "userErrors": []}

    def add_variant(self, id: str, variantId: str, quantity: int, **_: Any) -> Json:
        edit, found = self.shop.edits.get(id), self.views.find_variant(variantId)
        if edit is None or found is None:
            wrong = describe_error(["id"] if edit is None else ["variantId"], "does not exist")
            return {"calculatedOrder": None, "userErrors": [wrong]}
        variant, product = found
        held = variant.get("inventory_quantity")
        if held is not None and held < quantity and variant.get("inventory_policy") != "continue":
            wrong = describe_error(["quantity"], "The requested quantity is not available.")
            return {"calculatedOrder": None, "userErrors": [wrong]}
        line = {
            "id": self.state.next_number(),
            "product_id": product["id"],
            "variant_id": variant["id"],
            "title": product.get("title"),
            "variant_title": variant.get("title"),
            "sku": variant.get("sku"),
            "quantity": quantity,
            "current_quantity": quantity,
            "price": str(variant.get("price")),
            "requires_shipping": True,
        }
        edit["line_items"].append(line)
        return {"calculatedLineItem": self._show_edited(line), "calculatedOrder": self._show_edit(id), "userErrors": []}

    def set_quantity(self, id: str, lineItemId: str, quantity: int, **_: Any) -> Json:
        edit = self.shop.edits.get(id)
        lines = [] if edit is None else edit["line_items"]
        line = next((line for line in lines if str(line["id"]) == read_number(lineItemId)), None)
        if line is None:
            return {"calculatedOrder": None, "userErrors": [describe_error(["lineItemId"], "does not exist")]}
        line["current_quantity"] = quantity
        return {"calculatedLineItem": self._show_edited(line), "calculatedOrder": self._show_edit(id), "userErrors": []}

    def commit_edit(self, id: str, staffNote: str | None = None, **_: Any) -> Json:
        edit = self.shop.edits.pop(id, None)
        if edit is None:
            return {"order": None, "userErrors": [describe_error(["id"], "The order edit does not exist")]}
        edit |= {"updated_at": write_time(), "total_price": str(self._find_total(edit))}
        order = self.shop.orders[str(edit["id"])]
        order |= edit
        done = {"id": self.state.next_number(), "order_id": order["id"], "staff_note": staffNote}
        self._tell("orders/edited", {"order_edit": done | {"committed_at": write_time()}})
        self._tell("orders/updated", order)
        return {"order": self.views.show_order(order), "userErrors": []}

    def request_return(self, input: Json) -> Json:
        order = self.views.find_order(input["orderId"])
        if order is None:
            return refuse_return("NOT_FOUND", NOT_FOUND)
        returnable = {
            node["fulfillmentLineItem"]["id"]: node
            for fulfillment in self.views.show_returnable(input["orderId"])["nodes"]
            for node in fulfillment["returnableFulfillmentLineItems"]["nodes"]
        }
        items = []
        for wanted in input["returnLineItems"]:
            found = returnable.get(wanted["fulfillmentLineItemId"])
            if found is None or wanted["quantity"] > found["quantity"]:
                return refuse_return("INVALID", "Return line items is not returnable")
            item = {"__typename": "ReturnLineItem", "id": name_id("ReturnLineItem", self.state.next_number())}
            kept = {name: wanted.get(name) for name in ("quantity", "returnReason", "customerNote")}
            items.append(item | kept | {"fulfillmentLineItem": found["fulfillmentLineItem"]})
        known = self.shop.returns.setdefault(str(order["id"]), [])
        made = {
            "id": name_id("Return", self.state.next_number()),
            "name": f"{order.get('name')}-R{len(known) + 1}",
            "status": "REQUESTED",
            "returnLineItems": {"nodes": items},
        }
        known.append(made)
        self._tell("returns/request", describe_return(made, order))
        return {"return": made, "userErrors": []}

    def _show_edit(self, edit_id: str) -> Json:
        edit = self.shop.edits[edit_id]
        nodes = [self._show_edited(line) for line in edit["line_items"]]
        return {"id": edit_id, "totalPriceSet": show_money(self._find_total(edit), edit), "lineItems": {"nodes": nodes}}

    def _find_total(self, edit: Json) -> Decimal:
        """The order's total, with what its lines cost now in the place of what they cost before."""
        order = self.shop.orders[str(edit["id"])]
        return Decimal(str(order["total_price"])) - find_cost(order) + find_cost(edit)

    def _show_edited(self, line: Json) -> Json:
        variant = self.views.show_variant(name_id("ProductVariant", line.get("variant_id")))
        number, quantity = name_id("CalculatedLineItem", line["id"]), count_current(line)
        return {"id": number, "quantity": quantity, "variant": variant}

    def _tell(self, topic: str, payload: Json) -> None:
        self.state.tell(self.shop, topic, copy.deepcopy(payload))


def find_cost(order: Json) -> Decimal:
    """What its lines cost now."""
    return sum((Decimal(str(line["price"])) * count_current(line) for line in order["line_items"]), Decimal(0))


def find_wrong_address(address: Json) -> Json | None:
    """What Shopify finds wrong in an address."""
    for name, label in (("lastName", "Last name"), ("address1", "Address"), ("city", "City")):
        if not address.get(name):
            return describe_error(["shippingAddress", name], f"{label} can't be blank")
    if address.get("countryCode") == "US" and not str(address.get("zip") or "")[:5].isdecimal():
        return describe_error(["shippingAddress", "zip"], "Zip is not valid for the country")
    return None


def write_address(address: Json, before: Json) -> Json:
    """As webhooks tell it. An address is taken as a whole: what is not given is gone."""
    names = ADDRESS | {"countryCode": "country_code"}
    after = {names[name]: value for name, value in address.items()}
    name = f"{address.get('firstName') or ''} {address.get('lastName') or ''}".strip()
    return after | {"name": name, "country": before.get("country"), "province": before.get("province")}


def describe_return(made: Json, order: Json) -> Json:
    """The payload of returns/request."""
    lines = [
        {
            "id": int(read_number(item["id"])),
            "quantity": item["quantity"],
            "return_reason": str(item["returnReason"] or "unknown").lower(),
            "customer_note": item["customerNote"] or "",
            "fulfillment_line_item": {
                "id": int(read_number(item["fulfillmentLineItem"]["id"])),
                "line_item": {"id": int(read_number(item["fulfillmentLineItem"]["lineItem"]["id"]))},
            },
        }
        for item in made["returnLineItems"]["nodes"]
    ]
    return {
        "id": int(read_number(made["id"])),
        "admin_graphql_api_id": made["id"],
        "status": made["status"].lower(),
        "name": made["name"],
        "total_return_line_items": len(lines),
        "order": {"id": order["id"], "admin_graphql_api_id": name_id("Order", order["id"])},
        "return_line_items": lines,
        "exchange_line_items": [],
    }


def describe_error(field: list[str], message: str) -> Json:
    return {"field": field, "message": message}


def refuse_cancel(code: str, message: str) -> Json:
    wrong = describe_error(["orderId"], message)
    return {"job": None, "orderCancelUserErrors": [wrong | {"code": code}], "userErrors": [wrong]}


def refuse_return(code: str, message: str) -> Json:
    return {"return": None, "userErrors": [describe_error(["returnLineItems"], message) | {"code": code}]}


def write_time() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
