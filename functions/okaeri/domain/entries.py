"""How a talk began: by a link, a QR code or a bubble, whose code stands in the message, or by an advertisement.

Codes in words are found with everything else that words may carry (`domain/mentions.py`); here is what they begin.
"""

from __future__ import annotations

import re
import unicodedata

from okaeri.domain.conditions import Condition
from okaeri.domain.conversations import TURN_TAKEN
from okaeri.domain.events import Event
from okaeri.domain.interpretations import BEGIN
from okaeri.domain.journeys import Definition
from okaeri.domain.stores import PublishedJourney, Store

CODE = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")  # a number alone is an order's: #1001
MAX_CODE = 30  # characters
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212_"), "-")


def find_ad_code(ad_id: str, store: Store) -> str | None:
    """The code that the shop gave to this advertisement, by its id at Meta; None where it gave none."""
    code = store.settings.entry_ads.get(ad_id)
    return code if find_flow(code, store) else None


def find_flow(code: str | None, store: Store) -> str | None:
    """The flow that a code begins; None where the shop has no such code (any more)."""
    return store.settings.entry_codes.get(code or "")


def find_begun_flow(turn: Event, store: Store) -> str | None:
    """The flow that this turn begins by its code; None where it begins none."""
    return find_flow(str(turn.data.get("code", "")), store) if turn.data.get("intent") == BEGIN else None


def list_beginnings(event: Event, store: Store) -> tuple[PublishedJourney, ...]:
    """The journeys that an event may begin.

    Of one that is simply not on nothing is read and nothing noted: most of what we ship is off until a shop wants it.
    A shop has a flow for each thing that may be wanted, so a turn asks those of its own intent alone, and the one that
    its code names.
    """
    published = tuple(entry for entry in store.triggers.get(event.name, ()) if entry.on or entry.mode)
    if event.name != TURN_TAKEN:
        return published
    begun = find_begun_flow(event, store)
    if begun is not None:
        return tuple(entry for entry in published if entry.journey == begun)
    intent = event.data.get("intent")
    return tuple(entry for entry in published if not entry.intents or intent in entry.intents)


def list_intents(definition: Definition) -> tuple[str, ...]:
    """The intents without which the journey does not begin; empty where it asks for none."""
    if TURN_TAKEN not in definition.events or len(definition.events) > 1:
        return ()
    return _list_wanted(definition.when) if definition.when else ()


def _list_wanted(condition: Condition) -> tuple[str, ...]:
    """The intents of which one must be there for it to hold; empty where it may hold for any."""
    if condition.field == "event.intent":
        return condition.one_of or ((str(condition.equals),) if condition.equals is not None else ())
    if condition.field == "event.code":
        return (BEGIN,)
    if condition.any:
        each = [_list_wanted(part) for part in condition.any]
        return tuple(dict.fromkeys(intent for wanted in each for intent in wanted)) if all(each) else ()
    return next((wanted for part in condition.all if (wanted := _list_wanted(part))), ())


def fold_code(text: str) -> str:
    """Codes are written small, in ASCII, with plain hyphens."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_HYPHENS)
