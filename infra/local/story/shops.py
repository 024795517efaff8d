"""The shops' side of the story: real-shaped, signed webhooks as Shopify and WooCommerce post them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

TIMEOUT_S = 10


class WebhookRefused(RuntimeError):
    """The API did not take a webhook."""


@dataclass(frozen=True)
class Shop:
    """One of the stores of `stack.json`."""

    store_id: str
    platform: str
    domain: str
    events_url: str
    secret: str

    def post(self, topic: str, payload: dict[str, Any]) -> None:
        """Posts one webhook, signed as the platform signs it. Raises WebhookRefused."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = self._sign(topic, body) | {"content-type": "application/json"}
        response = requests.post(self.events_url, data=body, headers=headers, timeout=TIMEOUT_S)
        if response.status_code != 200:
            raise WebhookRefused(f"{self.events_url} answered {response.status_code} to {topic}: {response.text[:300]}")

    def _sign(self, topic: str, body: bytes) -> dict[str, str]:
        signature = base64.b64encode(hmac.new(self.secret.encode(), body, hashlib.sha256).digest()).decode()
        if self.platform == "shopify":
            return {
                "x-shopify-hmac-sha256": signature,
                "x-shopify-topic": topic,
                "x-shopify-shop-domain": self.domain,
                "x-shopify-api-version": "2026-10",
                "x-shopify-webhook-id": secrets.token_hex(16),
                "x-shopify-event-id": secrets.token_hex(16),
                "x-shopify-triggered-at": write_time(),
            }
        resource, _, event = topic.partition(".")
        return {
            "x-wc-webhook-source": f"https://{self.domain}/",
            "x-wc-webhook-topic": topic,
            "x-wc-webhook-resource": resource,
            "x-wc-webhook-event": event,
            "x-wc-webhook-signature": signature,
            "x-wc-webhook-id": "7",
            "x-wc-webhook-delivery-id": secrets.token_hex(16),
        }


def write_time(moment: datetime | None = None) -> str:
    """ISO 8601 with seconds."""
    return (moment or datetime.now(UTC)).isoformat(timespec="seconds")


@dataclass(frozen=True)
class ShopifyStory:
    """Aiko's cart, order and parcel at a Shopify store."""

    email: str
    phone: str
    number: int

    @property
    def order_id(self) -> int:
        """A 64-bit id, as Shopify's are."""
        return 6_100_000_000_000_000_000 + self.number

    @property
    def _token(self) -> str:
        return hashlib.md5(str(self.number).encode(), usedforsecurity=False).hexdigest()

    def _customer(self) -> dict[str, Any]:
        return {
            "id": 7_700_000_000_000 + self.number,
            "email": self.email,
            "phone": self.phone,
            "first_name": "愛子",
            "last_name": "佐藤",
            "state": "enabled",
            "verified_email": True,
            "default_address": self._address(),
        }

    def _address(self) -> dict[str, Any]:
        return {
            "first_name": "愛子",
            "last_name": "佐藤",
            "name": "佐藤 愛子",
            "address1": "三宿1-2-3",
            "address2": "ハイツ三宿 201",
            "city": "世田谷区",
            "province": "東京都",
            "province_code": "JP-13",
            "zip": "154-0005",
            "country": "Japan",
            "country_code": "JP",
            "phone": None,
        }

    def _line(self) -> dict[str, Any]:
        return {
            "id": 9_900_000_000_000 + self.number,
            "key": "line-1",
            "product_id": 8_800_000_000_001,
            "variant_id": 4_400_000_000_001,
            "title": 'リネンエプロン "Mori"',
            "variant_title": "M / 生成り",
            "name": 'リネンエプロン "Mori" - M / 生成り',
            "sku": "APR-M-NAT",
            "vendor": "Kinari Linen",
            "quantity": 2,
            "current_quantity": 2,
            "price": "4800",
            "line_price": "9600",
            "requires_shipping": True,
        }

    def cart(self) -> dict[str, Any]:
        """`checkouts/create`: she left her address and ticked the WhatsApp box, and then the tea was ready."""
        return {
            "token": self._token,
            "cart_token": f"cart-{self._token}",
            "email": self.email,
            "phone": self.phone,
            "buyer_accepts_marketing": False,
            "note_attributes": [{"name": "whatsapp_opt_in", "value": "true"}],
            "created_at": write_time(),
            "updated_at": write_time(),
            "completed_at": None,
            "currency": "JPY",
            "customer_locale": "ja-JP",
            "subtotal_price": "9600",
            "total_price": "9600",
            "abandoned_checkout_url": f"https://kinari.example/checkouts/{self._token}/recover?key=a1b2",
            "line_items": [self._line()],
            "customer": self._customer(),
            "shipping_address": self._address(),
        }

    def order(self) -> dict[str, Any]:
        """`orders/create`, paid by card."""
        return {
            "id": self.order_id,
            "admin_graphql_api_id": f"gid://shopify/Order/{self.order_id}",
            "name": f"#{self.number}",
            "order_number": self.number,
            "token": f"order-{self._token}",
            "checkout_token": self._token,
            "cart_token": f"cart-{self._token}",
            "email": self.email,
            "contact_email": self.email,
            "phone": self.phone,
            "customer": self._customer(),
            "customer_locale": "ja-JP",
            "buyer_accepts_marketing": False,
            "currency": "JPY",
            "subtotal_price": "9600",
            "total_shipping_price_set": {"shop_money": {"amount": "500", "currency_code": "JPY"}},
            "total_tax": "918",
            "taxes_included": True,
            "total_discounts": "0",
            "total_price": "10100",
            "current_total_price": "10100",
            "total_outstanding": "0",
            "financial_status": "paid",
            "fulfillment_status": None,
            "payment_gateway_names": ["shopify_payments"],
            "created_at": write_time(),
            "processed_at": write_time(),
            "updated_at": write_time(),
            "cancelled_at": None,
            "test": False,
            "source_name": "web",
            "order_status_url": f"https://kinari.example/orders/{self._token}",
            "note_attributes": [{"name": "whatsapp_opt_in", "value": "true"}],
            "line_items": [self._line()],
            "shipping_lines": [{"title": "ヤマト運輸", "price": "500"}],
            "shipping_address": self._address(),
            "billing_address": self._address(),
            "fulfillments": [],
            "refunds": [],
        }

    def fulfillment(self) -> dict[str, Any]:
        """`fulfillments/create`."""
        return {
            "id": 5_500_000_000_000 + self.number,
            "order_id": self.order_id,
            "name": f"#{self.number}.1",
            "status": "success",
            "shipment_status": None,
            "service": "manual",
            "tracking_company": "Yamato (JA)",
            "tracking_number": "398712345678",
            "tracking_url": "https://track.example/398712345678",
            "created_at": write_time(),
            "updated_at": write_time(),
            "email": self.email,
            "line_items": [self._line()],
        }

    def parcel(self, status: str) -> dict[str, Any]:
        """`fulfillment_events/create`."""
        now = datetime.now(UTC)
        return {
            "id": 3_300_000_000_000 + self.number * 10 + len(status),
            "fulfillment_id": 5_500_000_000_000 + self.number,
            "order_id": self.order_id,
            "status": status,
            "message": None,
            "happened_at": write_time(now),
            "estimated_delivery_at": write_time(now + timedelta(hours=6)) if status != "delivered" else None,
            "city": "世田谷区",
            "country": "JP",
            "created_at": write_time(now),
            "updated_at": write_time(now),
        }


@dataclass(frozen=True)
class WooCommerceStory:
    """Ben's order at a WooCommerce store, with a tracking number by the Shipment Tracking extension."""

    email: str
    phone: str
    number: int

    def order(self, status: str, *, tracking: str | None = None) -> dict[str, Any]:
        """`order.created` and `order.updated`: always the whole order."""
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        address = {
            "first_name": "Ben",
            "last_name": "Okafor",
            "address_1": "77 Mill Road",
            "city": "Cambridge",
            "state": "",
            "postcode": "CB1 2AW",
            "country": "GB",
        }
        items = [{"tracking_provider": "Royal Mail", "tracking_number": tracking, "date_shipped": "1795305600"}]
        return {
            "id": self.number,
            "number": str(self.number),
            "status": status,
            "currency": "USD",
            "created_via": "checkout",
            "date_created_gmt": now,
            "date_modified_gmt": now,
            "date_paid_gmt": now,
            "discount_total": "0.00",
            "shipping_total": "6.00",
            "total": "54.00",
            "total_tax": "0.00",
            "customer_id": 0,
            "billing": address | {"email": self.email, "phone": self.phone},
            "shipping": address,
            "payment_method": "stripe",
            "payment_method_title": "Credit card",
            "line_items": [
                {
                    "id": 11,
                    "name": "Blue Glaze Bowl",
                    "product_id": 93,
                    "variation_id": 0,
                    "quantity": 2,
                    "subtotal": "48.00",
                    "total": "48.00",
                    "sku": "BOWL-BLUE",
                    "price": 24,
                    "meta_data": [],
                }
            ],
            "shipping_lines": [{"id": 1, "method_title": "Royal Mail", "total": "6.00"}],
            "refunds": [],
            "meta_data": [{"id": 1, "key": "_wc_shipment_tracking_items", "value": items}] if tracking else [],
        }
