"""What a customer has paid, kept up with each view of an order: set for each order, so never counted double."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from okaeri.domain.customers import Customer
from okaeri.domain.orders import Order, Payment

_PAID = (Payment.PAID, Payment.PARTIALLY_REFUNDED, Payment.REFUNDED)
_NO_SALES = ("test", "draft", "deleted")  # why an order is quiet, where it is none of the customer's spending


def note_payment(customer: Customer, order: Order) -> Customer:
    """The customer with what this order, as it now stands, has brought. One of long ago (not in `orders`) stays as is.

    The same view twice, or in any order, comes to the same sum.
    """
    if order.order_id not in customer.orders:
        return customer
    worth = find_worth(order)
    before, after = customer.paid.get(order.order_id), f"{worth} {order.currency}" if worth else None
    if before == after:
        return customer
    spent = _subtract(_add(customer.spent, after), before)
    paid = {name: text for name, text in customer.paid.items() if name in customer.orders and name != order.order_id}
    return customer.model_copy(update={"spent": spent, "paid": paid | ({order.order_id: after} if after else {})})


def find_worth(order: Order) -> Decimal:
    """The total less what was given back, once it is paid in full; nothing for one that was cancelled."""
    if order.payment not in _PAID or order.cancelled_at or order.quiet in _NO_SALES:
        return Decimal(0)
    if order.payment is Payment.REFUNDED:
        return Decimal(0)
    return max(Decimal(0), order.total - sum((refund.amount for refund in order.refunds), Decimal(0)))


def unite_spending(survivor: Customer, lost: Customer) -> dict[str, dict[str, str]]:
    """`spent` and `paid` of two records that are one person; an order that both knew counts once."""
    spent: Mapping[str, str] = survivor.spent
    for currency, amount in lost.spent.items():
        spent = _add(spent, f"{amount} {currency}")
    for order_id in lost.paid.keys() & survivor.paid.keys():
        spent = _subtract(spent, lost.paid[order_id])
    return {"spent": dict(spent), "paid": lost.paid | survivor.paid}


def _add(spent: Mapping[str, str], amount: str | None, sign: int = 1) -> dict[str, str]:
    if amount is None:
        return dict(spent)
    number, currency = amount.split(" ")
    total = Decimal(spent.get(currency, "0")) + sign * Decimal(number)
    return {name: text for name, text in spent.items() if name != currency} | ({currency: f"{total}"} if total else {})


def _subtract(spent: Mapping[str, str], amount: str | None) -> dict[str, str]:
    return _add(spent, amount, -1)
