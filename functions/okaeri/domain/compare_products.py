"""What changed of a product: as events so far, whether it can be bought."""

from __future__ import annotations

from okaeri.domain.events import Event, make_event
from okaeri.domain.orders import Product, Variant


def compare_product(
    store_id: str, before: Product | None, seen: Product, *, partial: bool
) -> tuple[Product, tuple[Event, ...]]:
    """The product as it now is, and `stock.returned` / `stock.ran_out` for each variant whose stock turned."""
    if before is None:
        return seen, ()
    if seen.updated_at < before.updated_at:
        return before, ()
    known = {variant.variant_id: variant for variant in before.variants}
    events = tuple(
        event
        for variant in seen.variants
        if (event := _turn_stock(store_id, seen, known.get(variant.variant_id), variant)) is not None
    )
    if not partial:
        return seen if seen.care is not None else seen.model_copy(update={"care": before.care}), events
    known |= {variant.variant_id: _fill_variant(known.get(variant.variant_id), variant) for variant in seen.variants}
    after = before.model_copy(update={**_list_said(seen), "variants": tuple(known.values())})
    return after, events


def _turn_stock(store_id: str, product: Product, before: Variant | None, after: Variant) -> Event | None:
    if before is None or before.in_stock is None or after.in_stock is None or before.in_stock == after.in_stock:
        return None
    return make_event(
        store_id,
        "stock.returned" if after.in_stock else "stock.ran_out",
        product.updated_at,
        after.variant_id,
        product.updated_at.isoformat(),
        refs={"product.id": (product.product_id,), "variant.id": (after.variant_id,)},
    )


def _list_said(seen: Product) -> dict[str, object]:
    """What a part of a product says of the whole: a stock notice nothing, a WooCommerce parent all but its variants."""
    return {name: value for name, value in seen if name != "variants" and value not in (None, ())}


def _fill_variant(before: Variant | None, seen: Variant) -> Variant:
    if before is None:
        return seen
    return before.model_copy(update=seen.model_dump(exclude_none=True))
