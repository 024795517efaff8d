"""What a shop tells of a product beyond its store's record: from extra fields of the store, or columns of a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, get_args

from okaeri.domain.orders import Guide, ProductCare
from receive_store_event.payload import to_text

NAMESPACE = "okaeri"  # of Shopify's metafields; WooCommerce's keys begin with it: _okaeri_refill_days
FIELDS = ("specification", "guides", "refill_days", "review_days", "parcel")
# Columns of a file for guides of another kind.
GUIDE_COLUMNS: Mapping[str, str] = {"guides": "guide", "videos": "video", "faqs": "faq"}
_KINDS = get_args(Guide.model_fields["kind"].annotation)
_APART = re.compile(r"[|\n]")
_GUIDE = re.compile(r"(?:\[(?P<locale>[A-Za-z_-]{2,10})\]\s*)?(?P<title>.+?)\s*=\s*(?P<url>https?://\S+)")
_URL = re.compile(r"https?://\S+")
_MOST_DAYS = 3_650
_MOST_GUIDES, _MOST_LINES = 20, 40


class CareRefused(Exception):
    """A field that cannot be read: which, what is wrong, how to write it."""

    def __init__(self, field: str, what: str, fix: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field, self.what, self.fix = field, what, fix


class Cell(NamedTuple):
    """One field of a product as it was written."""

    name: str
    value: Any


def read_care(fields: Mapping[str, Any]) -> ProductCare | None:
    """All of them; None where none is given. Raises CareRefused."""
    given = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    if not given:
        return None
    return ProductCare(
        specification=_read_specification(Cell("specification", given.get("specification"))),
        guides=tuple(_read_guides(given))[:_MOST_GUIDES],
        refill_days=_read_days(Cell("refill_days", given.get("refill_days"))),
        review_days=_read_days(Cell("review_days", given.get("review_days"))),
        parcel=to_text(given.get("parcel")) or "",
    )


def find_care(fields: Iterable[tuple[str | None, Any]]) -> ProductCare | None:
    """The same of a store's extra fields (`refill_days`, `_okaeri_refill_days`): what cannot be read says nothing."""
    named = {(key or "").removeprefix(f"_{NAMESPACE}_"): value for key, value in fields}
    readable: dict[str, Any] = {}
    for name in FIELDS:
        try:
            if name in named and read_care({name: named[name]}) is not None:
                readable[name] = named[name]
        except CareRefused:
            continue
    return read_care(readable)


def _read_specification(cell: Cell) -> dict[str, str]:
    """`Material: linen | Care: 40 °C`, or a JSON object."""
    value = _load(cell)
    if isinstance(value, Mapping):
        pairs = [(str(name).strip(), to_text(text) or "") for name, text in value.items()]
    else:
        pairs = [(name.strip(), text.strip()) for name, _, text in (part.partition(":") for part in _split(value))]
    if not all(name and text for name, text in pairs):
        raise CareRefused(cell.name, "a part has no name or no value", "Write it as Material: linen | Care: 40 °C.")
    return dict(pairs[:_MOST_LINES])


def _read_guides(given: Mapping[str, Any]) -> Iterator[Guide]:
    for column, kind in GUIDE_COLUMNS.items():
        value = _load(Cell(column, given.get(column)))
        if isinstance(value, list):
            yield from (_read_guide(column, kind, part) for part in value)
        else:
            yield from (_parse_guide(column, kind, part) for part in _split(value))


def _read_guide(column: str, kind: str, part: Any) -> Guide:
    """One of a JSON list: title and url, perhaps kind and locale."""
    if not isinstance(part, Mapping):
        return _parse_guide(column, kind, str(part))
    title, url = to_text(part.get("title")), to_text(part.get("url"))
    chosen = to_text(part.get("kind")) or kind
    if not title or not url or not _URL.fullmatch(url) or chosen not in _KINDS:
        raise CareRefused(column, "a guide has no title, no address or no known kind", _HOW_TO_WRITE)
    return Guide.model_validate(
        {"title": title, "url": url, "kind": chosen, "locale": to_text(part.get("locale")) or ""}
    )


def _parse_guide(column: str, kind: str, part: str) -> Guide:
    """`How to wash it = https://…`, with `[de]` before it where it is in one language."""
    found = _GUIDE.fullmatch(" ".join(part.split()))  # a long row of blanks would be tried again and again
    if found is None:
        raise CareRefused(column, f"{part[:60]!r} is no guide", _HOW_TO_WRITE)
    return Guide.model_validate(
        {"title": found["title"], "url": found["url"], "kind": kind, "locale": found["locale"] or ""}
    )


_HOW_TO_WRITE = "Write each as Title = https://… with | between them, [de] in front where it is in one language."


def _read_days(cell: Cell) -> int | None:
    if cell.value is None:
        return None
    text = to_text(cell.value) or ""
    if not text.isdecimal() or not 0 < int(text) <= _MOST_DAYS:
        raise CareRefused(cell.name, f"{text[:20]!r} is no number of days", f"Write 1 to {_MOST_DAYS}.")
    return int(text)


def _load(cell: Cell) -> Any:
    """JSON where it is some: stores keep extra fields as text."""
    if not isinstance(cell.value, str) or cell.value.lstrip()[:1] not in ("[", "{"):
        return cell.value
    try:
        return json.loads(cell.value)
    except (ValueError, RecursionError):  # or far too deep
        return cell.value  # `[de] Title = https://…` begins so too


def _split(value: Any) -> list[str]:
    return [part.strip() for part in _APART.split(to_text(value) or "") if part.strip()]
