"""What the stand-in is told of the shops, and the bodies of its control API."""

from typing import Any, Literal

from pydantic import Field

from local.control import ControlBody

SHOPIFY_SCOPES = [
    "read_orders",
    "write_orders",
    "read_order_edits",
    "write_order_edits",
    "read_products",
    "read_customers",
    "write_customers",
    "read_returns",
    "write_returns",
    "read_discounts",
    "write_discounts",
]


class ShopAccess(ControlBody):
    """One shop: who may call it, and where its webhooks go (nowhere without `events_url`)."""

    store_id: str
    platform: Literal["shopify", "woocommerce"]
    domain: str
    token: str = ""  # Shopify: a fixed one
    client_id: str = ""  # Shopify: for client credentials
    client_secret: str = ""
    token_life_s: int = Field(default=86_399, ge=1)
    scopes: list[str] = Field(default_factory=SHOPIFY_SCOPES.copy)  # Shopify
    key: str = ""  # WooCommerce
    secret: str = ""
    permissions: Literal["read", "read_write"] = "read_write"  # WooCommerce
    events_url: str = ""
    webhook_secret: str = ""


class Configuration(ControlBody):
    """The whole configuration; `POST /_/configure` takes the same keys and changes those that it names."""

    shops: list[ShopAccess] = Field(default_factory=list)
    cancel_s: float = Field(default=0.2, ge=0)  # Shopify cancels in the background
    bucket_holds: int = Field(default=1_000, ge=1)  # Shopify's points
    bucket_per_second: float = Field(default=50.0, gt=0)
    calls_before_429: int = Field(default=0, ge=0)  # WooCommerce: a host that counts calls; 0 counts none

    def merge(self, change: "Configuration") -> "Configuration":
        """This configuration with what `change` names; shops are replaced or added by `store_id`."""
        values = {name: getattr(change, name) for name in change.model_fields_set - {"shops"}}
        shops = {shop.store_id: shop for shop in (*self.shops, *change.shops)}
        return self.model_copy(update=values | {"shops": list(shops.values())})


class OrderPut(ControlBody):
    """`POST /_/orders`: an order as the platform's own webhook tells it (orders/create, order.created)."""

    store: str
    order: dict[str, Any]


class CustomerPut(ControlBody):
    """`POST /_/customers`: a customer as the platform's own webhook tells of them."""

    store: str
    customer: dict[str, Any]


class ProductPut(ControlBody):
    """`POST /_/products`: a product as the platform's own webhook tells it; WooCommerce's with `variations` whole."""

    store: str
    product: dict[str, Any]
