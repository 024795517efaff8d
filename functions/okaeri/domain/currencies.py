"""Amounts as a currency knows them. Pure."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

# ISO 4217: currencies without a minor unit.
_WHOLE = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)


def find_unit(currency: str) -> Decimal:
    """The smallest amount of a currency that is given: a cent, or a whole yen."""
    return Decimal(1) if currency in _WHOLE else Decimal("0.01")


def round_down(amount: Decimal, currency: str) -> Decimal:
    """The amount without what is less than the currency's smallest one."""
    return amount.quantize(find_unit(currency), rounding=ROUND_DOWN)
