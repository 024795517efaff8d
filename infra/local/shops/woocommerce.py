"""WooCommerce's REST API of orders, customers and coupons: credentials, what it refuses, the webhook that follows."""

import base64
import binascii
import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .coupons import Coupon, fold
from .state import OneShop, State

type Json = dict[str, Any]

STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
EDITABLE = ("pending", "on-hold")


class WoocommerceApi:
    """`/wp-json/wc/v3/…` of every shop."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def answer(self, request: Request) -> Response:
        shop = self.state.find_by_domain(request.path_params["domain"], "woocommerce")
        if shop is None:
            return refuse("rest_no_route", "No route was found matching the URL and request method.", 404)
        if not is_known(shop, request.headers.get("authorization", "")):
            return refuse("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)
        if request.method != "GET" and shop.access.permissions == "read":
            return refuse(
                "woocommerce_rest_authentication_error", "The API key provided does not have write permissions.", 401
            )
        most = self.state.configuration.calls_before_429
        shop.calls += 1
        if most and shop.calls > most:
            shop.calls = 0
            return JSONResponse({"code": "too_many_requests"}, 429, headers={"Retry-After": "1"})
        parts = request.path_params["path"].split("/")
        match request.method, parts:
            case "GET", ["orders"]:
                return list_page(request, [show_order(order) for order in shop.orders.values()])
            case "GET", ["customers"]:
                return list_page(request, list(shop.customers.values()))
            case "GET" | "PUT", ["customers", customer_id] if customer_id not in shop.customers:
                return refuse("woocommerce_rest_invalid_id", "Invalid resource ID.", 404)
            case "GET", ["customers", customer_id]:
                return JSONResponse(shop.customers[customer_id])
            case "PUT", ["customers", customer_id]:
                return self._update_customer(shop, shop.customers[customer_id], await request.json())
            case "GET", ["coupons"]:
                return list_coupons(shop, request.query_params.get("code", ""))
            case "POST", ["coupons"]:
                return self._make_coupon(shop, await request.json())
            case "GET", ["products"]:
                return list_page(request, [show_product(product) for product in shop.products.values()])
            case "GET", ["products", product_id, "variations"]:
                return list_variations(request, shop, product_id)
            case "GET" | "PUT", ["orders", order_id] if order_id not in shop.orders:
                return refuse("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404)
            case "GET", ["orders", order_id]:
                return JSONResponse(show_order(shop.orders[order_id]))
            case "PUT", ["orders", order_id]:
                return self._update(shop, shop.orders[order_id], await request.json())
        return refuse("rest_no_route", "No route was found matching the URL and request method.", 404)

    def _update(self, shop: OneShop, order: Json, change: Json) -> Response:
        if change.get("status", order["status"]) not in STATUSES:
            return refuse("rest_invalid_param", "Invalid parameter(s): status", 400)
        order |= {name: change[name] for name in ("status", "customer_note") if name in change}
        if "shipping" in change:
            order["shipping"] = (order.get("shipping") or {}) | change["shipping"]
        for line in change.get("line_items", []):
            self._change_line(shop, order, line)
        order["date_modified_gmt"] = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        self.state.tell(shop, "order.updated", copy.deepcopy(show_order(order)))
        return JSONResponse(show_order(order))

    def _update_customer(self, shop: OneShop, customer: Json, change: Json) -> Response:
        """Meta data without an id takes the place of that with its key."""
        for meta in change.get("meta_data", []):
            others = [held for held in customer.get("meta_data") or [] if held["key"] != meta["key"]]
            customer["meta_data"] = [*others, {"id": self.state.next_number(), **meta}]
        customer["date_modified_gmt"] = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        self.state.tell(shop, "customer.updated", copy.deepcopy(customer))
        return JSONResponse(customer)

    def _make_coupon(self, shop: OneShop, asked: Json) -> Response:
        """https://developer.woocommerce.com/docs/apis/rest-api/v3/coupons/"""
        if fold(asked.get("code", "")) in shop.coupons:
            message = "The coupon code already exists"
            return refuse("woocommerce_rest_coupon_code_already_exists", message, 400)
        if asked.get("discount_type") not in ("percent", "fixed_cart", "fixed_product") or not asked.get("code"):
            return refuse("rest_invalid_param", "Invalid parameter(s): discount_type", 400)
        ends = asked.get("date_expires_gmt")
        worth, is_percent = Decimal(asked["amount"]), asked["discount_type"] == "percent"
        coupon = Coupon(
            code=fold(asked["code"]),
            title=asked.get("description", ""),
            minimum=Decimal(asked["minimum_amount"]) if asked.get("minimum_amount") else None,
            ends_at=datetime.fromisoformat(ends).replace(tzinfo=UTC) if ends else None,
            uses=asked.get("usage_limit"),
            percent=worth if is_percent else None,
            amount=None if is_percent else worth,
        )
        shop.coupons[coupon.code] = coupon
        return JSONResponse({"id": self.state.next_number(), "code": coupon.code} | describe(coupon), 201)

    def _change_line(self, shop: OneShop, order: Json, change: Json) -> None:
        if change.get("quantity") == 0:
            order["line_items"] = [line for line in order["line_items"] if line["id"] != change["id"]]
            return
        variation = find_variation(shop, str(change["product_id"]), str(change["variation_id"])) or {}
        product = shop.products[str(change["product_id"])]
        price = Decimal(str(variation.get("price") or 0))
        total = str(price * change["quantity"])
        line = {
            "id": self.state.next_number(),
            "name": f"{product.get('name')} - {variation.get('name')}",
            "product_id": change["product_id"],
            "variation_id": change["variation_id"],
            "quantity": change["quantity"],
            "subtotal": total,
            "total": total,
            "sku": variation.get("sku") or "",
            "price": float(price),
            "meta_data": change.get("meta_data", []),
        }
        order["line_items"].append(line)


def list_coupons(shop: OneShop, code: str) -> Response:
    """All of them, or the one of this code."""
    found = (coupon for folded, coupon in shop.coupons.items() if not code or fold(code) == folded)
    return JSONResponse([{"code": coupon.code} | describe(coupon) for coupon in found])


def describe(coupon: Coupon) -> Json:
    """What a caller of ours asks of it."""
    return {"description": coupon.title, "usage_limit": coupon.uses, "usage_count": len(coupon.used_by)}


def show_order(order: Json) -> Json:
    """With what WooCommerce works out itself."""
    return order | {"is_editable": order["status"] in EDITABLE}


def find_variation(shop: OneShop, product_id: str, variation_id: str) -> Json | None:
    variations = shop.products.get(product_id, {}).get("variations") or []
    found = (one for one in variations if isinstance(one, dict) and str(one["id"]) == variation_id)
    return next(found, None)


def list_variations(request: Request, shop: OneShop, product_id: str) -> Response:
    if product_id not in shop.products:
        return refuse("woocommerce_rest_product_invalid_id", "Invalid ID.", 404)
    usual = {"purchasable": True, "stock_status": "instock", "manage_stock": False, "attributes": []}
    kept = shop.products[product_id].get("variations") or []
    return list_page(request, [usual | variation for variation in kept if isinstance(variation, dict)])


def list_page(request: Request, things: list[Json]) -> Response:
    """A part of the list by id, with the headers that say how many parts there are."""
    size, page = (int(request.query_params.get(name, usual)) for name, usual in (("per_page", 10), ("page", 1)))
    if not 1 <= size <= 100 or page < 1:
        return refuse("rest_invalid_param", "Invalid parameter(s): per_page", 400)
    in_order = sorted(things, key=lambda thing: int(thing["id"]))
    pages = -(-len(in_order) // size)
    headers = {"X-WP-Total": str(len(in_order)), "X-WP-TotalPages": str(pages)}
    return JSONResponse(in_order[(page - 1) * size : page * size], headers=headers)


def show_product(product: Json) -> Json:
    """With the ids of its variations, as WooCommerce lists them."""
    held = product.get("variations") or []
    return product | {"variations": [one["id"] if isinstance(one, dict) else one for one in held]}


def is_known(shop: OneShop, header: str) -> bool:
    """Basic credentials: consumer key and secret."""
    scheme, _, text = header.partition(" ")
    try:
        given = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return scheme.lower() == "basic" and bool(shop.access.key) and given == f"{shop.access.key}:{shop.access.secret}"


def refuse(code: str, message: str, status: int) -> Response:
    """An error as WordPress writes them."""
    return JSONResponse({"code": code, "message": message, "data": {"status": status}}, status)
