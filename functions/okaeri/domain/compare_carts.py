"""What changed in a cart."""

from __future__ import annotations

from okaeri.domain.events import Event, make_event
from okaeri.domain.orders import Cart


def compare_cart(store_id: str, before: Cart | None, seen: Cart) -> tuple[Cart, tuple[Event, ...]]:
    """The cart as it now is: `cart.updated` when what is in it changed, `cart.emptied`, `cart.completed`.

    Of two views of one moment the one without anything to buy counts, whichever comes last.
    """
    if before is not None and _is_later(before, seen):
        return before, ()
    refs = {"cart.token": tuple(token for token in (seen.token, seen.cart_token) if token)}
    if seen.completed_at:
        if before is not None and before.completed_at:
            return seen, ()
        return seen, (make_event(store_id, "cart.completed", seen.completed_at, seen.token, refs=refs),)
    if not seen.lines:
        if before is None or not before.lines:
            return seen, ()
        moment = seen.updated_at.isoformat()
        return seen, (make_event(store_id, "cart.emptied", seen.updated_at, seen.token, moment, refs=refs),)
    if before is not None and _list_contents(before) == _list_contents(seen) and before.buyer == seen.buyer:
        return seen, ()
    moment = seen.updated_at.isoformat()
    data: dict[str, str | int | bool] = {"items": sum(line.quantity for line in seen.lines)}
    return seen, (make_event(store_id, "cart.updated", seen.updated_at, seen.token, moment, refs=refs, data=data),)


def _is_later(before: Cart, seen: Cart) -> bool:
    is_tie = seen.updated_at == before.updated_at
    return seen.updated_at < before.updated_at or (is_tie and _is_over(before) and not _is_over(seen))


def _is_over(cart: Cart) -> bool:
    return not cart.lines or cart.completed_at is not None


def _list_contents(cart: Cart) -> list[tuple[str | None, str, int]]:
    return [(line.variant_id, line.title, line.quantity) for line in cart.lines]
