"""What a shop's orders are in GraphQL. They are kept as its webhooks tell them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .state import OneShop

type Json = dict[str, Any]

FULFILMENT = {None: "UNFULFILLED", "partial": "PARTIALLY_FULFILLED", "fulfilled": "FULFILLED", "restocked": "RESTOCKED"}
ADDRESS = {
    "name": "name",
    "firstName": "first_name",
    "lastName": "last_name",
    "company": "company",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "zip": "zip",
    "provinceCode": "province_code",
    "countryCodeV2": "country_code",
    "phone": "phone",
}


class ShopifyViews:
    """The queries over one shop."""

    def __init__(self, shop: OneShop) -> None:
        self.shop = shop

    def list_fields(self) -> dict[str, Callable[..., Any]]:
        """The root fields of queries."""
        return {
            "order": lambda id: self.show_order(self.find_order(id)),
            "product": lambda id: self.show_product(id),
            "returnableFulfillments": lambda orderId, first=None: self.show_returnable(orderId),
            "job": lambda id: {"id": id, "done": self.shop.jobs[id]} if id in self.shop.jobs else None,
            "currentAppInstallation": lambda: {
                "accessScopes": [{"handle": scope, "description": scope} for scope in self.shop.access.scopes]
            },
        }

    def find_order(self, global_id: str) -> Json | None:
        """As it is kept."""
        return self.shop.orders.get(read_number(global_id))

    def show_order(self, order: Json | None) -> Json | None:
        if order is None:
            return None
        address = order.get("shipping_address")
        return {
            "id": name_id("Order", order["id"]),
            "name": order.get("name") or f"#{order['id']}",
            "note": order.get("note"),
            "closed": bool(order.get("closed_at")),
            "cancelledAt": order.get("cancelled_at"),
            "displayFulfillmentStatus": FULFILMENT[order.get("fulfillment_status")],
            "netPaymentSet": show_money(find_net_payment(order), order),
            "totalRefundedSet": show_money(find_refunded(order), order),
            "shippingAddress": address and {ours: address.get(theirs) for ours, theirs in ADDRESS.items()},
            "lineItems": {"nodes": [self.show_line(line, order) for line in order.get("line_items") or []]},
            "returns": {"nodes": self.shop.returns.get(str(order["id"]), [])},
        }

    def show_line(self, line: Json, order: Json) -> Json:
        current = count_current(line)
        variant_id = line.get("variant_id")
        return {
            "id": name_id("LineItem", line["id"]),
            "quantity": line["quantity"],
            "currentQuantity": current,
            "unfulfilledQuantity": 0 if is_shipped(order, line) else current,
            "product": {"id": name_id("Product", line["product_id"])} if line.get("product_id") else None,
            "variant": self.show_variant(name_id("ProductVariant", variant_id)) if variant_id else None,
        }

    def show_product(self, global_id: str) -> Json | None:
        product = self.shop.products.get(read_number(global_id))
        if product is None:
            return None
        ids = [name_id("ProductVariant", variant["id"]) for variant in product.get("variants") or []]
        return {"id": global_id, "variants": {"nodes": [self.show_variant(variant_id) for variant_id in ids]}}

    def find_variant(self, global_id: str) -> tuple[Json, Json] | None:
        """The variant and its product, as they are kept."""
        number = read_number(global_id)
        for product in self.shop.products.values():
            for variant in product.get("variants") or []:
                if str(variant["id"]) == number:
                    return variant, product
        return None

    def show_variant(self, global_id: str) -> Json | None:
        """One that the shop's products do not name is sold without end where an order holds it."""
        found = self.find_variant(global_id)
        if found is None:
            return self._show_ordered_variant(global_id)
        variant, product = found
        policy, held = str(variant.get("inventory_policy") or "deny").upper(), variant.get("inventory_quantity")
        return {
            "id": global_id,
            "title": variant.get("title") or "",
            "availableForSale": held is None or held > 0 or policy == "CONTINUE",
            "sellableOnlineQuantity": held or 0,
            "inventoryPolicy": policy,
            "inventoryItem": {"tracked": held is not None},
            "selectedOptions": list_options(variant, product),
            "product": {"id": name_id("Product", product["id"])},
        }

    def _show_ordered_variant(self, global_id: str) -> Json | None:
        number = read_number(global_id)
        for order in self.shop.orders.values():
            for line in order.get("line_items") or []:
                if str(line.get("variant_id")) == number:
                    return {
                        "id": global_id,
                        "title": line.get("variant_title") or "",
                        "availableForSale": True,
                        "sellableOnlineQuantity": 0,
                        "inventoryPolicy": "CONTINUE",
                        "inventoryItem": {"tracked": False},
                        "selectedOptions": [],
                        "product": {"id": name_id("Product", line.get("product_id"))},
                    }
        return None

    def show_returnable(self, order_id: str) -> Json:
        order = self.find_order(order_id)
        nodes = [] if order is None else [self._show_returnable_line(order, line) for line in order["line_items"]]
        found = [node for node in nodes if node and node["quantity"] > 0]
        fulfillment = {"id": name_id("ReturnableFulfillment", 1), "returnableFulfillmentLineItems": {"nodes": found}}
        return {"nodes": [fulfillment] if found else []}

    def _show_returnable_line(self, order: Json, line: Json) -> Json | None:
        if not is_shipped(order, line):
            return None
        line_id = name_id("LineItem", line["id"])
        given_back = [
            item["quantity"]
            for known in self.shop.returns.get(str(order["id"]), [])
            if known["status"] not in ("CANCELED", "DECLINED")
            for item in known["returnLineItems"]["nodes"]
            if item["fulfillmentLineItem"]["lineItem"]["id"] == line_id
        ]
        delivered = {"id": name_id("FulfillmentLineItem", line["id"]), "lineItem": self.show_line(line, order)}
        return {"fulfillmentLineItem": delivered, "quantity": count_current(line) - sum(given_back)}


def name_id(kind: str, number: Any) -> str:
    return f"gid://shopify/{kind}/{number}"


def read_number(global_id: str) -> str:
    return global_id.rpartition("/")[2]


def list_options(variant: Json, product: Json) -> list[Json]:
    """Webhooks tell `option1` … `option3` of a variant, and the options' names with the product."""
    names = [option["name"] for option in product.get("options") or [{"name": "Title"}]]
    values = [variant.get(f"option{number}") or variant.get("title") for number in range(1, len(names) + 1)]
    return [{"name": name, "value": value} for name, value in zip(names, values, strict=True)]


def count_current(line: Json) -> int:
    """Pieces that are still part of the order."""
    current = line.get("current_quantity")
    return int(line["quantity"] if current is None else current)


def is_shipped(order: Json, line: Json) -> bool:
    return (order.get("fulfillment_status") or line.get("fulfillment_status")) == "fulfilled"


def find_net_payment(order: Json) -> Decimal:
    """What was paid and not given back."""
    if order.get("financial_status") not in ("paid", "partially_refunded"):
        return Decimal(0)
    return Decimal(str(order["total_price"])) - find_refunded(order)


def find_refunded(order: Json) -> Decimal:
    """What was given back."""
    given = [transaction for refund in order.get("refunds") or [] for transaction in refund["transactions"]]
    return sum((Decimal(str(transaction["amount"])) for transaction in given), Decimal(0))


def show_money(amount: Decimal, order: Json) -> Json:
    """In the currency that the shopper paid in, and in the shop's: the same here."""
    money = {"amount": str(amount), "currencyCode": order.get("presentment_currency") or order.get("currency")}
    return {"shopMoney": money, "presentmentMoney": money}
