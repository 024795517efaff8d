"""Keeps a value's direction to itself: a Latin name turns no Arabic sentence around, nor the other way.

A value that could turn its surroundings stands between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE, which is
the default strategy of Unicode MessageFormat 2 (https://unicode.org/reports/tr35/tr35-messageFormat.html).
Mailboxes and WhatsApp do the rest by the bidirectional algorithm (https://unicode.org/reports/tr9/).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Direction = Literal["ltr", "rtl"]

ISOLATE, POP = "\u2068", "\u2069"
RIGHT_TO_LEFT_MARK = "\u200f"

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
# Letters that run as an Arabic sentence does, and what stands between and on them. Digits and signs are none:
# `#1001` shows as `1001#` after an Arabic word.
_FLOWS_RIGHT_TO_LEFT = frozenset({"R", "AL", "NSM", "WS"})


def isolate(text: str, direction: Direction) -> str:
    """One line's value for a message of that direction; unchanged where it can't turn what stands around it."""
    if direction == "rtl":
        safe = all(unicodedata.bidirectional(character) in _FLOWS_RIGHT_TO_LEFT for character in text)
    else:
        safe = text.isascii() or not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)
    return text if safe else f"{ISOLATE}{text}{POP}"


def close_isolate(text: str) -> str:
    """A text that was cut, with the isolate closed that the cut left open: it would swallow what follows."""
    return text + POP if text.rfind(ISOLATE) > text.rfind(POP) else text


def remove_isolates(text: str) -> str:
    """The value itself, for an address that a machine reads (`mailto:`, `tel:`)."""
    return re.sub(f"[{ISOLATE}{POP}]", "", text)
