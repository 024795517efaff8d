"""How a talk began: by a link, a QR code or a bubble, whose code stands in the first message, or by an advertisement.

A code stands in brackets or behind a hash: "Hello! (skin-quiz)", "#skin-quiz"; some write START- before it. Upper and
lower case, full width and the long hyphens that phones put in are the same. Only codes of the shop are codes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from okaeri.domain.stores import Store

CODE = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")  # a number alone is an order's: #1001
MAX_CODE = 30  # characters
_MARKED = re.compile(r"[(\[]\s*#?([a-z0-9-]+)\s*[)\]]|(?<![\w/])#([a-z0-9-]+)")
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212_"), "-")
_START = "start-"


def find_entry_code(text: str | None, referral: Mapping[str, str], store: Store) -> str | None:
    """The shop's code by which this message begins a talk; None where it names none.

    `referral` is what Meta says of the advertisement (`source_id` is its id). What the shopper's own message names
    comes first.
    """
    return find_code_in_text(text, store) or find_code_of_ad(referral, store)


def find_code_in_text(text: str | None, store: Store) -> str | None:
    """The first code of the shop in these words."""
    codes = store.settings.entry_codes
    if not text or not codes:
        return None
    for marked in _MARKED.finditer(fold_code(text)):
        named = (marked[1] or marked[2]).strip("-")
        for code in (named, named.removeprefix(_START)):
            if code in codes:
                return code
    return None


def find_code_of_ad(referral: Mapping[str, str], store: Store) -> str | None:
    """The code that the shop gave to this advertisement."""
    code = store.settings.entry_ads.get(referral.get("source_id", ""))
    return code if code in store.settings.entry_codes else None


def find_flow(code: str | None, store: Store) -> str | None:
    """The flow that a code begins; None where the shop has no such code (any more)."""
    return store.settings.entry_codes.get(code or "")


def fold_code(text: str) -> str:
    """Codes are written small, in ASCII, with plain hyphens."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_HYPHENS)
