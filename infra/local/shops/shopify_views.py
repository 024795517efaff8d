"""What a shop's orders are in GraphQL. They are kept as its webhooks tell them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from .state import OneShop

type Json = dict[str, Any]

LONG_AGO = "2026-01-01T00:00:00Z"  # where what is kept names no time
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
    "province": "province",
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
            "products": partial(self.list_page, self.shop.products, self.show_product, "Product"),
            "customers": partial(self.list_page, self.shop.customers, self.show_customer, "Customer"),
            "orders": partial(self.list_page, self.shop.orders, self._show_listed_order, "Order"),
            "productsCount": lambda limit=None: {"count": len(self.shop.products)},
            "customersCount": lambda limit=None: {"count": len(self.shop.customers)},
            "ordersCount": lambda limit=None: {"count": len(self.shop.orders)},
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
            "lineItems": lambda info, first=50, after=None: self._list_lines(order, first, after),
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
            "title": line.get("title") or "",
            "variantTitle": line.get("variant_title"),
            "sku": line.get("sku"),
            "vendor": line.get("vendor"),
            "requiresShipping": line.get("requires_shipping") is not False,
            "originalUnitPriceSet": show_money(Decimal(str(line.get("price") or 0)), order),
            "product": {"id": name_id("Product", line["product_id"])} if line.get("product_id") else None,
            "variant": self.show_variant(name_id("ProductVariant", variant_id)) if variant_id else None,
        }

    def list_page(
        self,
        things: Mapping[str, Json],
        show: Callable[[str], Json | None],
        kind: str,
        first: int = 50,
        after: str | None = None,
        sortKey: str = "ID",  # the query's own word
    ) -> Json:
        """A part of the list, by id. The cursor is the last id, so what is gone meanwhile moves nothing."""
        numbers = sorted(things, key=int)
        beyond = [number for number in numbers if after is None or int(number) > int(after)]
        shown = beyond[:first]
        info = {"hasNextPage": len(beyond) > first, "endCursor": shown[-1] if shown else None}
        return {"nodes": [show(name_id(kind, number)) for number in shown], "pageInfo": info}

    def show_product(self, global_id: str) -> Json | None:
        product = self.shop.products.get(read_number(global_id))
        if product is None:
            return None
        image = next(iter(product.get("images") or []), None)
        return {
            "id": global_id,
            "title": product.get("title") or "",
            "handle": product.get("handle") or f"product-{product['id']}",
            "status": str(product.get("status") or "active").upper(),
            "vendor": product.get("vendor") or "",
            "productType": product.get("product_type") or "",
            "tags": list_tags(product.get("tags")),
            "createdAt": product.get("created_at") or LONG_AGO,
            "updatedAt": product.get("updated_at") or LONG_AGO,
            "publishedAt": product.get("published_at", LONG_AGO),
            "featuredMedia": image and {"preview": {"image": {"url": image["src"]}}},
            "metafields": lambda info, first=None, namespace=None: {
                "nodes": [field for field in product.get("metafields") or [] if namespace in (None, field["namespace"])]
            },
            "variants": lambda info, first=50, after=None: self._list_variants(product, first, after),
        }

    def _list_variants(self, product: Json, first: int, after: str | None) -> Json:
        shown, info = cut_page(product.get("variants") or [], first, after)
        return {"nodes": [self.show_variant(name_id("ProductVariant", one["id"])) for one in shown], "pageInfo": info}

    def _list_lines(self, order: Json, first: int, after: str | None) -> Json:
        shown, info = cut_page(order.get("line_items") or [], first, after)
        return {"nodes": [self.show_line(line, order) for line in shown], "pageInfo": info}

    def show_customer(self, global_id: str) -> Json | None:
        customer = self.shop.customers.get(read_number(global_id))
        return show_person(customer) if customer else None

    def _show_listed_order(self, global_id: str) -> Json | None:
        order = self.find_order(global_id)
        return order and {**self.show_order(order), **show_whole_order(order)}  # type: ignore[dict-item]  # there is one

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
            "sku": variant.get("sku"),
            "price": str(variant.get("price") or 0),
            "inventoryQuantity": held,
            "updatedAt": variant.get("updated_at") or product.get("updated_at") or LONG_AGO,
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
                        "sku": line.get("sku"),
                        "price": str(line.get("price") or 0),
                        "inventoryQuantity": None,
                        "updatedAt": LONG_AGO,
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


def cut_page(things: list[Json], first: int, after: str | None) -> tuple[list[Json], Json]:
    """The things beyond the one whose id is the cursor, and whether there are more."""
    ids = [str(thing["id"]) for thing in things]
    beyond = things[ids.index(after) + 1 :] if after else things
    shown = beyond[:first]
    return shown, {"hasNextPage": len(beyond) > first, "endCursor": str(shown[-1]["id"]) if shown else None}


def show_whole_order(order: Json) -> Json:
    """What a list of orders shows beside what changes of orders look at."""
    amounts = {"subtotalPriceSet": "subtotal_price", "totalDiscountsSet": "total_discounts", "totalTaxSet": "total_tax"}
    customer, billing = order.get("customer"), order.get("billing_address")
    shipping = sum((Decimal(str(line["price"])) for line in order.get("shipping_lines") or []), Decimal(0))
    return {
        "createdAt": order.get("created_at") or LONG_AGO,
        "updatedAt": order.get("updated_at") or LONG_AGO,
        "email": order.get("email"),
        "phone": order.get("phone"),
        "test": bool(order.get("test")),
        "sourceName": order.get("source_name"),
        "customerLocale": order.get("customer_locale"),
        "cancelReason": str(order["cancel_reason"]).upper() if order.get("cancel_reason") else None,
        "displayFinancialStatus": str(order.get("financial_status") or "pending").upper(),
        "currencyCode": order["currency"],
        "presentmentCurrencyCode": order.get("presentment_currency") or order["currency"],
        "taxesIncluded": bool(order.get("taxes_included")),
        "paymentGatewayNames": order.get("payment_gateway_names") or [],
        "discountCodes": [entered["code"] for entered in order.get("discount_codes") or []],
        **{theirs: show_money(Decimal(str(order.get(ours) or 0)), order) for theirs, ours in amounts.items()},
        "totalPriceSet": show_money(Decimal(str(order["total_price"])), order),
        "totalShippingPriceSet": show_money(shipping, order),
        "billingAddress": billing and {ours: billing.get(theirs) for ours, theirs in ADDRESS.items()},
        "customer": show_person(customer) if customer else None,
    }


def show_person(customer: Json) -> Json:
    """A customer, kept as customers/update tells of them."""
    address, consent = customer.get("default_address"), customer.get("email_marketing_consent") or {}
    level = consent.get("opt_in_level")
    return {
        "id": name_id("Customer", customer["id"]),
        "firstName": customer.get("first_name"),
        "lastName": customer.get("last_name"),
        "locale": customer.get("locale") or "en",
        "updatedAt": customer.get("updated_at") or LONG_AGO,
        "defaultAddress": address and {ours: address.get(theirs) for ours, theirs in ADDRESS.items()},
        "defaultEmailAddress": {
            "emailAddress": customer["email"],
            "marketingState": str(consent.get("state") or "not_subscribed").upper(),
            "marketingOptInLevel": str(level).upper() if level else None,
            "marketingUpdatedAt": consent.get("consent_updated_at"),
        }
        if customer.get("email")
        else None,
        "defaultPhoneNumber": show_phone(customer),
        "metafield": lambda info, key, namespace=None: find_metafield(customer, namespace, key),
    }


def show_phone(customer: Json) -> Json | None:
    """With what they said of text messages."""
    state = (customer.get("sms_marketing_consent") or {}).get("state") or "not_subscribed"
    phone = customer.get("phone")
    return {"phoneNumber": phone, "marketingState": str(state).upper()} if phone else None


def find_metafield(customer: Json, namespace: str | None, key: str) -> Json | None:
    """The one of this name that somebody has set."""
    held = customer.get("metafields") or []
    return next((field for field in held if (field["namespace"], field["key"]) == (namespace, key)), None)


def list_tags(tags: Any) -> list[str]:
    """Webhooks tell `"a, b"`."""
    return [tag.strip() for tag in tags.split(",")] if isinstance(tags, str) else list(tags or [])


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
