"""Products in a spreadsheet: one line for each variant, and what a store's record does not hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from command_line.failures import CommandFailure
from command_line.faq_files import Refused
from command_line.source_files import read_source
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


class Row(NamedTuple):
    """One line with its cells by column; what is empty is left out."""

    line: int
    cells: Mapping[str, str]


class CellRefused(Exception):
    """A cell that cannot be read."""

    def __init__(self, line: int, column: str, what: str, fix: str) -> None:
        super().__init__(what)
        self.refused = Refused(f"line {line}, {column}", what, fix)


def read_products(path: Path, now: datetime) -> Iterator[ProductSeen | Refused]:
    """Each product of a CSV file. CommandFailure where it has no column `product_id`."""
    for rows in _group(_read_rows(path)):
        try:
            yield _make_product(rows, now)
        except CellRefused as error:
            yield error.refused


def _read_rows(path: Path) -> Iterator[Row]:
    text = read_source(path, fix="Give the path of a CSV file with products.")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    strange = [name for name in columns if name not in COLUMNS]
    if "product_id" not in columns or strange:
        what = f"unknown columns: {', '.join(strange)}" if strange else "the column product_id is missing"
        raise CommandFailure(what, at=f"{path}:1", fix=f"Name the columns in the first line: {', '.join(COLUMNS)}.")
    reader.fieldnames = columns
    for row in reader:
        cells = {name: text for name in columns if (text := (row.get(name) or "").strip())}
        if cells:
            yield Row(reader.line_num, cells)


def _group(rows: Iterator[Row]) -> list[list[Row]]:
    """The lines of one product, wherever they stand; a line without an id stands alone, to be refused."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.cells.get("product_id") or f"\n{row.line}", []).append(row)
    return list(found.values())


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
