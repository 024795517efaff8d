"""The address of a cart that is filled already: which lines are in it, and what cannot be bought now. Pure.

Shopify opens `/cart/{variant}:{quantity},…`; WooCommerce opens `/checkout-link/?products={id}:{quantity},…` from its
version 10 on. A shop of any other kind, or of an older one, names the address itself (`StoreSettings.cart_link`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote

from okaeri.domain.acts import write_value
from okaeri.domain.customers import Run
from okaeri.domain.facts import Scene
from okaeri.domain.journeys import CartLinkStep
from okaeri.domain.orders import OrderLine, Product, Variant
from okaeri.domain.records import ProductRecord
from okaeri.domain.stores import Platform, Store

MAX_LINES = 40  # an address with more would be longer than a button of WhatsApp takes (2,000 characters)
ITEMS = "{items}"  # in a shop's own address
_WITHOUT = ".without"
_NOT_FOR_SALE = ("archived", "draft", "unpublished", "private", "pending", "trash")
_PATHS = {Platform.SHOPIFY: f"/cart/{ITEMS}", Platform.WOOCOMMERCE: f"/checkout-link/?products={ITEMS}"}


class CartLink(NamedTuple):
    """An address, empty where there is none, with what may be bought and the lines that had to be left out."""

    url: str
    filled: tuple[OrderLine, ...]
    missing: tuple[OrderLine, ...]


def link_cart(step: CartLinkStep, scene: Scene) -> Run:
    """The run with the address under the step's id; its outcome is `made` or `none`.

    What the step leaves out stays left out of later links of this id.
    """
    run, prefix = scene.run, f"link.{step.link}"
    left_out = [name for name in run.data.get(f"{prefix}{_WITHOUT}", "").split(",") if name]
    chosen = write_value(scene.read_field(step.without)) if step.without else ""
    if chosen and chosen not in left_out:
        left_out.append(chosen)
    lines = [line for line in list_lines(step.of, scene) if line.line_id not in left_out]
    link = make_cart_link(scene.facts.store, lines, scene.facts.products)
    brought = {
        prefix: link.url,
        f"{prefix}.missing": "\n".join(name_line(line) for line in link.missing[:MAX_LINES]),
        f"{prefix}.items": "\n".join(_name_with_quantity(line) for line in link.filled),
        f"{prefix}{_WITHOUT}": ",".join(left_out),
    }
    data = {name: value for name, value in (run.data | brought).items() if value or name not in brought}
    return run.model_copy(update={"data": data, "outcome": "made" if link.url else "none"})


def make_cart_link(store: Store, lines: Iterable[OrderLine], products: Mapping[str, ProductRecord]) -> CartLink:
    """The address of a cart with these lines; what is sold out, or not for sale by a link, is named as missing."""
    filled: list[OrderLine] = []
    missing: list[OrderLine] = []
    for line in lines:
        record = products.get(line.product_id or "")
        is_there = _is_in_stock(line, record.product if record else None) and _name_item(store, line)
        (filled if is_there and len(filled) < MAX_LINES else missing).append(line)
    form = store.settings.cart_link or _PATHS.get(store.platform, "")
    if not (form and filled):
        return CartLink("", tuple(filled), tuple(missing))
    items = ",".join(f"{_name_item(store, line)}:{line.quantity}" for line in filled)
    site = (store.site_url or f"https://{store.domain}").rstrip("/")
    address = form.replace(ITEMS, items)
    return CartLink(address if store.settings.cart_link else f"{site}{address}", tuple(filled), tuple(missing))


def list_lines(of: str, scene: Scene) -> list[OrderLine]:
    """The lines of what the run is about, those of nothing left out; a product is one of it."""
    if of == "product":
        return _list_product(scene)
    about = scene.find_order() if of == "order" else scene.find_cart()
    return [line for line in (about.lines if about else ()) if line.quantity > 0]


def list_left(scene: Scene) -> list[OrderLine]:
    """What is in the run's cart, else in its order, without what a link has left out already."""
    ends = tuple(
        value for name, value in scene.run.data.items() if name.startswith("link.") and name.endswith(_WITHOUT)
    )
    left_out = {name for value in ends for name in value.split(",")}
    lines = list_lines("cart", scene) or list_lines("order", scene)
    return [line for line in lines if line.line_id not in left_out]


def name_line(line: OrderLine) -> str:
    """A line as a shopper knows it."""
    return f"{line.title} ({line.variant})" if line.variant else line.title


def _name_with_quantity(line: OrderLine) -> str:
    return f"{name_line(line)} × {line.quantity}" if line.quantity > 1 else name_line(line)


def _list_product(scene: Scene) -> list[OrderLine]:
    product = scene.find_product()
    if product is None:
        return []
    wanted = scene.run.refs.get("variant.id", ())
    variants = [variant for variant in product.variants if variant.variant_id in wanted]
    variant = next(iter(variants or product.buyable or product.variants), None)
    return [_make_line(product, variant)]


def _make_line(product: Product, variant: Variant | None) -> OrderLine:
    """One of a product, in the form that was asked for, else the first that is there."""
    price = (variant.price if variant else None) or product.price or 0
    return OrderLine.model_validate(
        {
            "line_id": product.product_id,
            "product_id": product.product_id,
            "variant_id": variant.variant_id if variant else None,
            "title": product.title or product.product_id,
            "variant": variant.title if variant else None,
            "quantity": 1,
            "price": price,
        }
    )


def _is_in_stock(line: OrderLine, product: Product | None) -> bool:
    """Nobody said that it is gone. A product of which nothing is known may be bought: the store itself tells."""
    if product is None:
        return True
    if product.status in _NOT_FOR_SALE:
        return False
    variant = next((variant for variant in product.variants if variant.variant_id == line.variant_id), None)
    return (variant.in_stock if variant is not None else product.in_stock) is not False


def _name_item(store: Store, line: OrderLine) -> str:
    """What the store's address calls it: Shopify knows variants alone, others a product that has none too."""
    name = line.variant_id or (None if store.platform is Platform.SHOPIFY else line.product_id)
    return quote((name or "").rpartition("/")[2], safe="")
