"""What a condition may ask of a store beside what it chose: `store.<name>`, by the shop's own clock and calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from okaeri.domain.shop_hours import find_answer_time, find_closing, find_opening, is_open, is_shop_holiday
from okaeri.domain.stores import Store

_READERS: Mapping[str, Callable[[Store, datetime], Any]] = {
    "is_open": is_open,
    "opens_at": find_opening,
    "closes_at": find_closing,
    "answers_by": find_answer_time,
    "is_holiday": is_shop_holiday,
    "is_invoicing": lambda store, now: store.settings.invoice.on,
    "has_community": lambda store, now: bool(store.settings.community.url),
}
# Each field with a word on it, for documents, editors and the mistakes that name them.
STORE_FIELDS: Mapping[str, str] = {
    "is_open": "whether somebody of the shop is there now",
    "opens_at": "when somebody is there again; nothing while somebody is",
    "closes_at": "when the last one leaves; nothing while nobody is there, or always somebody",
    "answers_by": "by when the shop promises an answer to what comes in now",
    "is_holiday": "whether the shop's country rests today",
    "has_community": "whether its customers have a place to meet",
    "is_invoicing": "whether orders get a PDF: a receipt or an invoice",
}


def read_store_field(store: Store, name: str, now: datetime) -> Any:
    """The value, None where there is none: of the hours, else a choice of the shop, else the store's own."""
    if name in _READERS:
        return _READERS[name](store, now)
    return getattr(store.settings, name, getattr(store, name, None))
