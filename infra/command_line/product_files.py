"""Products in a spreadsheet: one line for each variant, and what a store's record does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from command_line.csv_rows import CellRefused, Refused, Row, group_rows, read_rows
from okaeri.domain.evidence import ProductSeen
from okaeri.domain.orders import Product, Variant
from receive_store_event.product_care import GUIDE_COLUMNS, CareRefused, read_care

CARE = ("specification", *GUIDE_COLUMNS, "refill_days", "review_days", "parcel")
COLUMNS = (
    *("product_id", "title", "url", "image", "type", "vendor", "tags", "status"),
    *("variant_id", "sku", "variant", "price", "quantity", "in_stock"),
    *CARE,
)
_VARIANT = ("variant_id", "sku", "variant", "price", "quantity", "in_stock")
_TAGS_APART = "|"
_YES, _NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")


def read_products(path: Path, now: datetime) -> Iterator[ProductSeen | Refused]:
    """Each product of a CSV file. CommandFailure where it has no column `product_id`."""
    for rows in group_rows(read_rows(path, COLUMNS, needed=["product_id"]), "product_id"):
        try:
            yield _make_product(rows, now)
        except CellRefused as error:
            yield error.refused


def _make_product(rows: Sequence[Row], now: datetime) -> ProductSeen:
    """The whole product; where no line has a title, what is said of one that the store tells of itself."""
    first = rows[0]
    if "product_id" not in first.cells:
        raise CellRefused(first.line, "product_id", "it is empty", "Write the product's id in the store.")
    cells = {name: text for row in reversed(rows) for name, text in row.cells.items()}  # the first line wins
    variants = tuple(_make_variant(row) for row in rows if any(name in row.cells for name in _VARIANT))
    try:
        care = read_care({name: cells.get(name) for name in CARE})
    except CareRefused as error:
        line = next((row.line for row in rows if error.field in row.cells), first.line)
        raise CellRefused(line, error.field, error.what, error.fix) from error
    product = Product(
        product_id=cells["product_id"],
        title=cells.get("title"),
        updated_at=now,
        vendor=cells.get("vendor"),
        product_type=cells.get("type"),
        tags=tuple(filter(None, (tag.strip() for tag in cells.get("tags", "").split(_TAGS_APART)))),
        url=_read_url(first, cells, "url"),
        image_url=_read_url(first, cells, "image"),
        status=cells.get("status"),
        variants=variants,
        care=care,
    )
    return ProductSeen(product=product, partial="title" not in cells or not variants)


def _make_variant(row: Row) -> Variant:
    cells = row.cells
    quantity = _read(row, "quantity", int, "a whole number")
    in_stock = _read(row, "in_stock", _read_flag, "yes or no")
    return Variant(
        variant_id=cells.get("variant_id") or cells["product_id"],
        sku=cells.get("sku"),
        title=cells.get("variant"),
        price=_read(row, "price", _read_price, "an amount such as 49.90"),
        quantity=quantity,
        in_stock=in_stock if in_stock is not None or quantity is None else quantity > 0,
    )


def _read[T](row: Row, column: str, read: Callable[[str], T], wanted: str) -> T | None:
    text = row.cells.get(column)
    if text is None:
        return None
    try:
        return read(text)
    except (ValueError, InvalidOperation):
        raise CellRefused(row.line, column, f"{text[:40]!r} is not {wanted}", f"Write {wanted}.") from None


def _read_price(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite() or not 0 <= amount < 10**12:
        raise ValueError
    return amount


def _read_flag(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise ValueError
    return text.lower() in _YES


def _read_url(row: Row, cells: Mapping[str, str], column: str) -> str | None:
    url = cells.get(column)
    if url and not url.startswith(("https://", "http://")):
        raise CellRefused(row.line, column, f"{url[:60]!r} is no address", "Begin it with https://.")
    return url
