"""Codes that the shops have made, and the orders that use them: once, in time, from their minimum on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

type Json = dict[str, Any]


@dataclass
class Coupon:
    """One code. `used_by` are the orders that it was used in."""

    code: str
    title: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    minimum: Decimal | None = None
    ends_at: datetime | None = None
    uses: int | None = None
    used_by: list[str] = field(default_factory=list)

    def show(self) -> Json:
        """As the control API tells it."""
        told: Json = {"code": self.code, "title": self.title, "uses": self.uses, "used_by": self.used_by}
        for name in ("percent", "amount", "minimum", "ends_at"):
            value = getattr(self, name)
            told[name] = str(value) if value is not None else None
        return told


def fold(code: str) -> str:
    """Codes are taken in any case."""
    return code.strip().casefold()


def use_coupons(coupons: dict[str, Coupon], order: Json) -> str | None:
    """Uses the codes of an order, or says why the checkout would refuse them. A code of nobody's making is let be."""
    entered = [*(order.get("discount_codes") or []), *(order.get("coupon_lines") or [])]
    used = [coupons[fold(one["code"])] for one in entered if fold(one["code"]) in coupons]
    refusals = (find_refusal(coupon, order) for coupon in used)
    if refusal := next((why for why in refusals if why), None):
        return refusal
    for coupon in used:
        if str(order["id"]) not in coupon.used_by:
            coupon.used_by.append(str(order["id"]))
    return None


def find_refusal(coupon: Coupon, order: Json) -> str | None:
    """Why the code cannot be used in this order; one that uses it already may be told of again."""
    if str(order["id"]) in coupon.used_by:
        return None
    if coupon.uses is not None and len(coupon.used_by) >= coupon.uses:
        return f"{coupon.code} was used already"
    if coupon.ends_at is not None and datetime.now(UTC) >= coupon.ends_at:
        return f"{coupon.code} has ended"
    before = Decimal(str(order.get("subtotal_price") or order.get("total_price") or order.get("total") or 0))
    if coupon.minimum is not None and before < coupon.minimum:
        return f"{coupon.code} is for orders from {coupon.minimum} on"
    return None
