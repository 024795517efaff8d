"""Shopify tells each amount twice: in the shop's currency, and in the one that the shopper saw and paid in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from receive_store_event.payload import Payload
from receive_store_event.shopify_payloads import MoneySet, ShopifyOrder


def show_amounts(order: ShopifyOrder) -> ShopifyOrder:
    """The order in the shopper's currency, where that is another than the shop's and the total is told in it."""
    currency = order.presentment_currency
    if not currency or currency == order.currency or _read_shown(order.total_price_set) is None:
        return order
    return _show(order).model_copy(update={"currency": currency})


def _show[Part: Payload](part: Part) -> Part:
    """Each amount replaced by what its `_set` says the shopper saw, at any depth."""
    update: dict[str, Any] = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, MoneySet):
            shown = _read_shown(value)
            if shown is not None:
                update[name.removesuffix("_set")] = shown
        elif isinstance(value, list):
            update[name] = [_show(item) if isinstance(item, Payload) else item for item in value]
    return part.model_copy(update=update)


def _read_shown(money: MoneySet | None) -> Decimal | None:
    return money.presentment_money.amount if money and money.presentment_money else None
