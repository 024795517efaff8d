"""Lists of a Shopify store, by its Admin API. What comes is put into the shape of Shopify's webhooks.

https://shopify.dev/docs/api/admin-graphql/2026-10/queries/products, …/customers, …/orders
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from okaeri.adapters.store_apis.calls import Access, Deadline, Json, StoreCalls
from okaeri.adapters.store_apis.lists import Kind, Page
from okaeri.adapters.store_apis.shopify_graphql import ShopifyGraphql, read_number
from okaeri.domain.stores import Store

# No document may cost more than 1,000 points: https://shopify.dev/docs/api/usage/limits
_PAGE = {"products": 10, "customers": 100, "orders": 5}
METAFIELDS = "okaeri"  # the namespace of a product's extra fields

_VARIANT = "id sku title price inventoryQuantity inventoryPolicy updatedAt inventoryItem { tracked }"
_NEXT = "pageInfo { hasNextPage endCursor }"
_ADDRESS = "name firstName lastName company address1 address2 city zip province provinceCode countryCodeV2 phone"
_MONEY = "{ shopMoney { amount } presentmentMoney { amount } }"
_LINE = f"""
  id title variantTitle sku vendor currentQuantity requiresShipping product {{ id }} variant {{ id }}
  originalUnitPriceSet {_MONEY}
"""
_BUYER = f"""
  id firstName lastName updatedAt locale
  defaultAddress {{ {_ADDRESS} }}
  defaultEmailAddress {{ emailAddress marketingState marketingOptInLevel marketingUpdatedAt }}
  defaultPhoneNumber {{ phoneNumber }}
"""

# read_products
PRODUCTS = f"""
query OkaeriProducts($first: Int!, $after: String) {{
  productsCount {{ count }}
  products(first: $first, after: $after, sortKey: ID) {{
    nodes {{
      id title handle status vendor productType tags createdAt updatedAt publishedAt
      featuredMedia {{ preview {{ image {{ url }} }} }}
      variants(first: 40) {{ nodes {{ {_VARIANT} }} {_NEXT} }}
      metafields(first: 5, namespace: "{METAFIELDS}") {{ nodes {{ key value }} }}
    }}
    {_NEXT}
  }}
}}"""

# read_products; the variants beyond a product's first 40
MORE_VARIANTS = f"""
query OkaeriMoreVariants($id: ID!, $after: String) {{
  product(id: $id) {{ variants(first: 200, after: $after) {{ nodes {{ {_VARIANT} }} {_NEXT} }} }}
}}"""

# read_customers, and access to protected customer data
CUSTOMERS = f"""
query OkaeriCustomers($first: Int!, $after: String) {{
  customersCount {{ count }}
  customers(first: $first, after: $after, sortKey: ID) {{ nodes {{ {_BUYER} }} {_NEXT} }}
}}"""

# read_orders; orders older than 60 days need read_all_orders
ORDERS = f"""
query OkaeriOrders($first: Int!, $after: String) {{
  ordersCount(limit: null) {{ count }}
  orders(first: $first, after: $after, sortKey: ID) {{
    nodes {{
      id name createdAt updatedAt email phone test sourceName customerLocale cancelledAt cancelReason
      displayFinancialStatus displayFulfillmentStatus currencyCode presentmentCurrencyCode taxesIncluded
      paymentGatewayNames discountCodes
      subtotalPriceSet {_MONEY} totalDiscountsSet {_MONEY} totalTaxSet {_MONEY} totalPriceSet {_MONEY}
      totalShippingPriceSet {_MONEY}
      shippingAddress {{ {_ADDRESS} }}
      billingAddress {{ {_ADDRESS} }}
      customer {{ {_BUYER} }}
      lineItems(first: 25) {{ nodes {{ {_LINE} }} {_NEXT} }}
    }}
    {_NEXT}
  }}
}}"""

# read_orders; the lines beyond an order's first 25
MORE_LINES = f"""
query OkaeriMoreLines($id: ID!, $after: String) {{
  order(id: $id) {{ lineItems(first: 100, after: $after) {{ nodes {{ {_LINE} }} {_NEXT} }} }}
}}"""

_FULFILMENT = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "RESTOCKED": "restocked"}


class ShopifyLists:
    """Implements `StoreList` for Shopify."""

    def __init__(self, calls: StoreCalls) -> None:
        self._calls, self._shopify = calls, ShopifyGraphql(calls)

    def read_page(self, store: Store, kind: Kind, after: str) -> Page:
        """As the protocol says; `after` is Shopify's cursor."""
        access, deadline = self._calls.read_access(store), self._calls.begin()
        document, show = _KINDS[kind]
        variables = {"first": _PAGE[kind], "after": after or None}
        data, wait_s = self._shopify.ask_in_turn(access, document, variables, deadline=deadline)
        found = data[kind]
        for node in found["nodes"]:
            self._complete(access, node, kind, deadline)
        info = found["pageInfo"]
        return Page(
            tuple(show(node) for node in found["nodes"]),
            after=str(info["endCursor"]) if info["hasNextPage"] else "",
            total=(data.get(f"{kind}Count") or {}).get("count"),
            wait_s=wait_s,
        )

    def _complete(self, access: Access, node: Json, kind: Kind, deadline: Deadline) -> None:
        """The rest of what a page shows the beginning of: a product's variants, an order's lines."""
        if kind not in _PARTS:
            return
        root, part, document = _PARTS[kind]
        info = node[part]["pageInfo"]
        while info["hasNextPage"]:
            asked = {"id": node["id"], "after": info["endCursor"]}
            more = self._shopify.ask(access, document, asked, deadline=deadline)[root][part]
            node[part]["nodes"] += more["nodes"]
            info = more["pageInfo"]


def show_product(node: Json) -> Json:
    """As products/update tells of it, with its metafields."""
    image = ((node.get("featuredMedia") or {}).get("preview") or {}).get("image") or {}
    return {
        "id": read_number(node["id"]),
        "title": node["title"],
        "handle": node["handle"],
        "status": str(node["status"]).lower(),
        "vendor": node["vendor"],
        "product_type": node["productType"],
        "tags": node["tags"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "published_at": node["publishedAt"],
        "images": [{"src": image["url"]}] if image.get("url") else [],
        "variants": [_show_variant(variant) for variant in node["variants"]["nodes"]],
        "metafields": [field | {"namespace": METAFIELDS} for field in node["metafields"]["nodes"]],
    }


def _show_variant(node: Json) -> Json:
    return {
        "id": read_number(node["id"]),
        "sku": node["sku"],
        "title": node["title"],
        "price": node["price"],
        "inventory_quantity": node["inventoryQuantity"],
        "inventory_policy": str(node["inventoryPolicy"]).lower(),
        "inventory_management": "shopify" if node["inventoryItem"]["tracked"] else None,
        "updated_at": node["updatedAt"],
    }


def show_customer(node: Json) -> Json:
    """As customers/update tells of it, with the e-mail consent of the topic that tells of that."""
    email, phone = node.get("defaultEmailAddress") or {}, node.get("defaultPhoneNumber") or {}
    return {
        "id": read_number(node["id"]),
        "first_name": node.get("firstName"),
        "last_name": node.get("lastName"),
        "email": email.get("emailAddress"),
        "phone": phone.get("phoneNumber"),
        "locale": node.get("locale"),
        "updated_at": node.get("updatedAt"),
        "default_address": _show_address(node.get("defaultAddress")),
        "email_marketing_consent": {
            "state": str(email.get("marketingState") or "").lower(),
            "opt_in_level": str(email.get("marketingOptInLevel") or "").lower(),
            "consent_updated_at": email.get("marketingUpdatedAt"),
        },
    }


def show_order(node: Json) -> Json:
    """As orders/create tells of it."""
    customer = node.get("customer")
    lines = [_show_line(line) for line in node["lineItems"]["nodes"] if line["currentQuantity"] > 0]
    return {
        "id": read_number(node["id"]),
        "name": node["name"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "email": node.get("email"),
        "phone": node.get("phone"),
        "test": node["test"],
        "source_name": node.get("sourceName"),
        "customer_locale": node.get("customerLocale"),
        "cancelled_at": node.get("cancelledAt"),
        "cancel_reason": str(node["cancelReason"]).lower() if node.get("cancelReason") else None,
        "financial_status": str(node.get("displayFinancialStatus") or "pending").lower(),
        "fulfillment_status": _FULFILMENT.get(node["displayFulfillmentStatus"]),
        "currency": node["currencyCode"],
        "presentment_currency": node["presentmentCurrencyCode"],
        "taxes_included": node["taxesIncluded"],
        "payment_gateway_names": node["paymentGatewayNames"],
        "discount_codes": [{"code": code} for code in node["discountCodes"]],
        **_show_money(node, "subtotalPriceSet", "subtotal_price"),
        **_show_money(node, "totalDiscountsSet", "total_discounts"),
        **_show_money(node, "totalTaxSet", "total_tax"),
        **_show_money(node, "totalPriceSet", "total_price"),
        "shipping_lines": [_show_money(node, "totalShippingPriceSet", "price")],
        "shipping_address": _show_address(node.get("shippingAddress")),
        "billing_address": _show_address(node.get("billingAddress")),
        "customer": show_customer(customer) if customer else None,
        "line_items": lines,
    }


def _show_line(node: Json) -> Json:
    return {
        "id": read_number(node["id"]),
        "title": node["title"],
        "variant_title": node.get("variantTitle"),
        "sku": node.get("sku"),
        "vendor": node.get("vendor"),
        "quantity": node["currentQuantity"],
        "requires_shipping": node["requiresShipping"],
        "product_id": read_number(node["product"]["id"]) if node.get("product") else None,
        "variant_id": read_number(node["variant"]["id"]) if node.get("variant") else None,
        **_show_money(node, "originalUnitPriceSet", "price"),
    }


def _show_money(node: Json, theirs: str, ours: str) -> Json:
    """`total_price` in the shop's currency, and beside it `total_price_set` with what the shopper saw."""
    money = node.get(theirs)
    if not money:
        return {}
    shown = {"presentment_money": {"amount": money["presentmentMoney"]["amount"]}}
    return {ours: money["shopMoney"]["amount"], f"{ours}_set": shown}


def _show_address(node: Json | None) -> Json | None:
    if node is None:
        return None
    return {ours: node.get(theirs) for ours, theirs in _ADDRESS_FIELDS.items()}


_ADDRESS_FIELDS = {
    "name": "name",
    "first_name": "firstName",
    "last_name": "lastName",
    "company": "company",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "zip": "zip",
    "province": "province",
    "province_code": "provinceCode",
    "country_code": "countryCodeV2",
    "phone": "phone",
}

_KINDS: Mapping[str, tuple[str, Callable[[Any], Json]]] = {
    "products": (PRODUCTS, show_product),
    "customers": (CUSTOMERS, show_customer),
    "orders": (ORDERS, show_order),
}
_PARTS = {"products": ("product", "variants", MORE_VARIANTS), "orders": ("order", "lineItems", MORE_LINES)}
