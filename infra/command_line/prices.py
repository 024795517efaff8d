"""The price list of a stack, read from a CSV file (docs/whatsapp.md) and shown as it counts on a day."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from command_line.checks import check_one_of, check_yes_or_no
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.adapters.prices import DynamoPrices, load_shipped
from okaeri.domain.prices import AWS_FEE, EMAIL, PriceList, Rate

CATEGORIES = (
    "marketing", "marketing_lite", "utility", "authentication", "authentication_international", "service",
    EMAIL, AWS_FEE,
)  # fmt: skip
REQUIRED = ("category", "amount", "since")
OPTIONAL = ("market", "calling_codes", "currency", "source", "verified")
_WITHOUT_MARKET = (EMAIL, AWS_FEE)


def import_prices(stack: Stack, path: Path) -> PriceList:
    """Replaces the stack's list by the file's. Raises CommandFailure, which names the line; then nothing is written.

    What the file does not speak of stays as we ship it: the price of e-mails, the fee of AWS, which calling code
    belongs to which market, and what is free.
    """
    prices = read_prices(path)
    DynamoPrices(stack.dynamodb, stack.table_name).put(prices)
    return prices


def read_prices(path: Path) -> PriceList:
    """The list in the file. Raises CommandFailure."""
    shipped = load_shipped()
    rates: list[Rate] = []
    markets: dict[str, str] = {}
    currencies: set[str] = set()
    for where, row in _read_rows(path):
        rate = _read_rate(row, where, path)
        for code in row.get("calling_codes", "").split():
            markets[_read_code(code, where)] = rate.market
        currencies.add(row.get("currency", "").upper() or "USD")
        rates.append(rate)
    if not rates:
        raise CommandFailure("there is no price in it", at=str(path), fix="Each line after the first is a price.")
    if len(currencies) > 1:
        raise CommandFailure(
            f"there are several currencies: {', '.join(sorted(currencies))}",
            at=str(path),
            fix="Meta bills an account in one; keep that one's lines.",
        )
    named = {rate.category for rate in rates}
    kept = tuple(r for r in shipped.rates if r.category in _WITHOUT_MARKET and r.category not in named)
    return PriceList(
        currency=currencies.pop(),
        markets={**shipped.markets, **markets},
        rates=(*rates, *kept),
        rules=shipped.rules,
        imported_at=datetime.now(UTC),
    )


def list_rates(prices: PriceList, on: date, market: str | None = None) -> list[Rate]:
    """The rates in force on a day, by market and category."""
    latest: dict[tuple[str, str], Rate] = {}
    for rate in sorted(prices.rates, key=lambda rate: rate.since):
        if rate.since <= on and market in (None, rate.market):
            latest[rate.market, rate.category] = rate
    return [latest[key] for key in sorted(latest)]


def read_current(stack: Stack) -> PriceList:
    """The list that the functions use."""
    return DynamoPrices(stack.dynamodb, stack.table_name).get()


def _read_rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailure(
            f"it cannot be read ({type(error).__name__})", at=str(path), fix="Give a CSV file in UTF-8."
        ) from error
    reader = csv.DictReader(text.splitlines())
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    wrong = sorted(set(columns) - {*REQUIRED, *OPTIONAL}) or [name for name in REQUIRED if name not in columns]
    if wrong:
        raise CommandFailure(
            f"the first line is not right: {', '.join(wrong)}",
            at=f"{path}:1",
            fix=f"It names the columns: {', '.join(REQUIRED)}, and if you like {', '.join(OPTIONAL)}.",
        )
    reader.fieldnames = columns
    for row in reader:
        values = {name: (value or "").strip() for name, value in row.items() if name is not None}
        if any(values.values()):
            yield f"{path}:{reader.line_num}", values


def _read_rate(row: Mapping[str, str], where: str, path: Path) -> Rate:
    category = check_one_of(row["category"].lower().replace("-", "_"), where, CATEGORIES)
    market = row.get("market", "")
    if bool(market) is (category in _WITHOUT_MARKET):
        need = "belongs to no market" if market else "needs a market"
        raise CommandFailure(f"{category} {need}", at=where, fix="Write the market's name as Meta's list has it.")
    try:
        amount = Decimal(row["amount"])
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise CommandFailure(
            f"{row['amount']!r} is no amount", at=where, fix="Write it with a point, without a currency: 0.0250."
        )
    try:
        since = date.fromisoformat(row["since"])
    except ValueError:
        raise CommandFailure(
            f"{row['since']!r} is no day", at=where, fix="Write the first day of the rate as 2026-10-01."
        ) from None
    verified = bool(row.get("verified")) and check_yes_or_no(row["verified"], where)
    source = row.get("source") or path.name
    return Rate(market=market, category=category, amount=row["amount"], since=since, source=source, verified=verified)


def _read_code(code: str, where: str) -> str:
    digits = code.removeprefix("+")
    if not digits.isdecimal() or not 1 <= len(digits) <= 7:
        raise CommandFailure(
            f"{code!r} is no calling code", at=where, fix="Write digits, several with a space between: 55 or 1787 1939."
        )
    return digits
