"""One voice: who says a kind of message on a channel, so that no shopper hears it twice (A7). Pure.

The kinds stand in `catalogue/voices.json`, each with its templates. What is of no kind is Okaeri's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from okaeri.domain.stores import Store
from okaeri.domain.values import Channel

OKAERI, PLATFORM, NOBODY = "okaeri", "platform", "nobody"
VOICES = (OKAERI, PLATFORM, NOBODY)
_TABLE = Path(__file__).parents[1] / "catalogue" / "voices.json"


class MessageKind(NamedTuple):
    """What a shop may give to another voice: said in a few words, and the templates that say it."""

    kind: str
    about: str
    templates: tuple[str, ...]


def check_voice(store: Store, template: str, channel: Channel) -> str | None:
    """`voice:platform` or `voice:nobody` where the shop left this to another; None where Okaeri speaks."""
    if not store.settings.voices:
        return None
    voice = find_voice(store, _find_kind(template), channel)
    return None if voice == OKAERI else f"voice:{voice}"


def find_voice(store: Store, kind: str | None, channel: Channel) -> str:
    """Whose word a kind of message is on a channel."""
    return store.settings.voices.get(kind or "", {}).get(channel, OKAERI)


@cache
def list_kinds() -> tuple[MessageKind, ...]:
    """All kinds, in the order in which a shopper meets them."""
    table: Mapping[str, Any] = json.loads(_TABLE.read_text("utf-8"))
    return tuple(MessageKind(kind, raw["about"], tuple(raw["templates"])) for kind, raw in table.items())


@cache
def _find_kind(template: str) -> str | None:
    return next((entry.kind for entry in list_kinds() if template in entry.templates), None)
