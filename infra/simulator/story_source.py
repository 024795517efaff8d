"""A story file as its author writes it: a shop, a shopper, and what happens when. Errors name file, line and a fix."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ValidationError

from okaeri.catalogue.journey_yaml import Problems, SourceMap, read_journey_file
from okaeri.domain.facts import parse_duration
from okaeri.domain.orders import Buyer, OptIn
from okaeri.domain.stores import Mode, Store, StoreSettings

ACTIONS = (
    "order", "paid", "payment_promised", "payment_failed", "cancelled", "refund", "return_requested", "return_approved",
    "return_declined", "return_closed", "parcel", "delivered", "cart", "writes", "taps", "stops", "starts", "agrees_to",
    "withdraws", "opens", "clicks", "complains", "messages_are", "webhooks_are", "pools_are", "changes_are", "shop",
    "product", "looks_at", "asks_for", "saves",
)  # fmt: skip
_HEAD = ("story", "about", "shop", "shopper", "events", "until")
_SHOP = ("name", "locale", "country", "time_zone", "currency", "settings", "journeys", "site_url", "sending", "mode")
_SHOPPER = (*Buyer.model_fields, "agrees_to")
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?: ?([+-]\d\d:\d\d|Z)| ([A-Za-z_]+(?:/[A-Za-z_+\-0-9]+)*))?"
)
_CONSENT = re.compile(r"(whatsapp|email) (order|marketing|all)")


class StoryError(ValueError):
    """A story that cannot be played: where it is wrong and how to mend it."""

    def __init__(self, file: str, line: int, what: str, fix: str = "") -> None:
        super().__init__(f"{file}:{line}: {what}" + (f" ({fix})" if fix else ""))
        self.file, self.line, self.what, self.fix = file, line, what, fix


@dataclass(frozen=True)
class StoryEvent:
    """One thing that happens: at a moment, or some time after the one before it. `value` is as it was written."""

    line: int
    at: datetime | None
    after: timedelta
    action: str
    value: Any


@dataclass(frozen=True)
class Story:
    """A story ready to be played. `journeys` are the switches and settings that differ from the shipped ones."""

    file: str
    title: str
    store: dict[str, Any]
    journeys: Mapping[str, Mapping[str, Any]]
    shopper: Buyer
    consents: tuple[OptIn, ...]
    events: tuple[StoryEvent, ...]
    until: timedelta | None

    def blame(self, line: int, what: str, fix: str = "") -> StoryError:
        """An error that names a place in this file."""
        return StoryError(self.file, line, what, fix)


def load_story(path: Path) -> Story:
    """Reads a story file. Raises StoryError, OSError."""
    return read_story(path.read_text("utf-8"), path.name)


def read_story(text: str, file: str = "story.yaml") -> Story:
    """Reads a story. Raises StoryError."""
    problems = Problems(file)
    loaded = read_journey_file(text, problems)
    found = problems.list_all()
    if loaded is None and not found[0].what.startswith("not YAML"):
        raise StoryError(file, 1, "a story is a mapping", "begin with `story: what it tells`")
    if loaded is None or found:
        raise StoryError(file, found[0].line, found[0].what, found[0].fix)
    return _Reader(file).read(loaded)


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file

    def read(self, loaded: SourceMap) -> Story:
        self._check_names(loaded, _HEAD, "key")
        shop = self._read_mapping(loaded, "shop")
        shopper = self._read_mapping(loaded, "shopper")
        self._check_names(shop, _SHOP, "key of the shop")
        self._check_names(shopper, _SHOPPER, "key of the shopper")
        events = loaded.get("events")
        if not isinstance(events, list) or not events:
            raise StoryError(self.file, 1, "nothing happens in this story", "give it `events:` with a list")
        zone = self._read_zone(shop.get("time_zone", "UTC"), shop.find_line("time_zone"))
        return Story(
            file=self.file,
            title=str(loaded.get("story", self.file)),
            store=self._read_shop(shop),
            journeys=self._read_journeys(shop),
            shopper=self._read_shopper(shopper),
            consents=tuple(
                make_opt_in(read_consent(text, self.file, shopper.find_line("agrees_to")))
                for text in list_texts(shopper.get("agrees_to", "whatsapp order"))
            ),
            events=tuple(
                self._read_event(raw, loaded.find_line("events", number), zone, is_first=not number)
                for number, raw in enumerate(events)
            ),
            until=self._read_duration(loaded["until"], loaded.find_line("until")) if "until" in loaded else None,
        )

    def _read_mapping(self, loaded: SourceMap, name: str) -> SourceMap:
        found = loaded.get(name)
        if found is None:
            return SourceMap(loaded.line, {}, {})
        if not isinstance(found, SourceMap):
            raise StoryError(self.file, loaded.find_line(name), f"{name} is a mapping", f"{name}: {{name: …}}")
        return found

    def _read_shop(self, shop: SourceMap) -> dict[str, Any]:
        values = {name: value for name, value in shop.items() if name not in ("settings", "journeys")}
        settings = self._read_mapping(shop, "settings")
        self._check_names(settings, StoreSettings.model_fields, "setting of the shop")
        return values | {"settings": parse_part(StoreSettings, dict(settings), self.file, settings.line)}

    def _read_journeys(self, shop: SourceMap) -> dict[str, dict[str, Any]]:
        """`on`, `off`, another mode, or a mapping of on, mode, share and settings."""
        changes: dict[str, dict[str, Any]] = {}
        journeys = self._read_mapping(shop, "journeys")
        for name, raw in journeys.items():
            if isinstance(raw, SourceMap):
                self._check_names(raw, ("on", "mode", "share", "settings"), "key of a journey")
                settings = {key: str(value) for key, value in (raw.get("settings") or {}).items()}
                changes[name] = dict(raw) | ({"settings": settings} if settings else {})
            else:
                self._check_word(str(raw), tuple(Mode), "mode", journeys.find_line(name))
                changes[name] = {"on": raw == "on"} if raw in ("on", "off") else {"mode": Mode(raw)}
        return changes

    def _read_shopper(self, shopper: SourceMap) -> Buyer:
        given = {name: str(value) for name, value in shopper.items() if name in Buyer.model_fields}
        values = {"store_customer_id": "1"} | given
        if not (values.get("email") or values.get("phone")):
            what = "nobody could be told anything"
            raise StoryError(self.file, shopper.line, what, "give the shopper a phone or an email")
        return parse_part(Buyer, values, self.file, shopper.line)

    def _read_event(self, raw: Any, line: int, zone: ZoneInfo, *, is_first: bool) -> StoryEvent:
        if not isinstance(raw, SourceMap):
            raise StoryError(self.file, line, f"{raw!r} is nothing that happens", "{after: PT10M, paid: }")
        actions = [name for name in raw if name not in ("at", "after")]
        if len(actions) != 1:
            found = ", ".join(map(str, actions)) or "nothing"
            raise StoryError(self.file, line, f"one thing happens at a time; found {found}", "begin another `- after:`")
        self._check_word(str(actions[0]), ACTIONS, "happening", line)
        if "at" in raw and "after" in raw:
            raise StoryError(self.file, line, "`at` and `after` exclude each other", "keep one of them")
        if is_first and "at" not in raw:
            raise StoryError(self.file, line, "a story begins at a moment", f'at: "2026-11-02 12:00 {zone.key}"')
        at = self._read_moment(raw["at"], zone, line) if "at" in raw else None
        after = self._read_duration(raw["after"], line) if "after" in raw else timedelta(0)
        return StoryEvent(line=line, at=at, after=after, action=str(actions[0]), value=raw[actions[0]])

    def _read_moment(self, text: Any, zone: ZoneInfo, line: int) -> datetime:
        found = _MOMENT.fullmatch(str(text).strip())
        if not found:
            raise StoryError(self.file, line, f"{text!r} is no moment", 'write it as "2026-11-02 12:00 Asia/Tokyo"')
        day, clock, offset, name = found.groups()
        try:
            moment = datetime.fromisoformat(f"{day}T{clock}{offset or ''}")
        except ValueError:
            raise StoryError(self.file, line, f"there is no {day} {clock}", "look at the calendar") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=self._read_zone(name, line) if name else zone)

    def _read_zone(self, name: Any, line: int) -> ZoneInfo:
        try:
            return ZoneInfo(str(name))
        except (ZoneInfoNotFoundError, ValueError):
            raise StoryError(self.file, line, f"unknown time zone {name!r}", "Asia/Tokyo, Europe/Berlin, UTC") from None

    def _read_duration(self, text: Any, line: int) -> timedelta:
        try:
            return parse_duration(str(text))
        except ValueError:
            raise StoryError(self.file, line, f"{text!r} is no duration", "ISO 8601: P7D, PT1H, PT30M") from None

    def _check_names(self, mapping: SourceMap, known: Iterable[str], kind: str) -> None:
        for name in mapping:
            self._check_word(name, known, kind, mapping.find_line(name))

    def _check_word(self, word: str, known: Iterable[str], kind: str, line: int) -> None:
        words = [str(one) for one in known]
        if word not in words:
            close = difflib.get_close_matches(word, words, n=1)
            fix = f"did you mean {close[0]}?" if close else f"one of {', '.join(words)}"
            raise StoryError(self.file, line, f"unknown {kind} {word!r}", fix)


def parse_part[M: BaseModel](model: type[M], values: dict[str, Any], file: str, line: int) -> M:
    """A model from what the author wrote. Raises StoryError with the first thing that is wrong."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StoryError(file, line, f"{where}: {first['msg']}") from None


def read_consent(text: Any, file: str, line: int) -> tuple[str, str]:
    """`whatsapp marketing` as channel and purpose. Raises StoryError."""
    found = _CONSENT.fullmatch(str(text))
    if not found:
        raise StoryError(file, line, f"{text!r} is no consent", "for example whatsapp marketing, email marketing")
    return found[1], found[2]


def make_opt_in(consent: tuple[str, str]) -> OptIn:
    """The consent as a ticked box."""
    channel, purpose = consent
    return OptIn(channel=channel, purpose=purpose, source="story", wording="as the story tells", explicit=True)


def make_shop(values: Mapping[str, Any], story: Story | None = None) -> Store:
    """The story's shop, reachable on both channels, with what it does not say filled in."""
    base: dict[str, Any] = {
        "store_id": "simulated",
        "name": "The Shop",
        "platform": "standard",
        "domain": "shop.example",
        "site_url": "https://shop.example",
        "from_email": "hello@shop.example",
        "phone_number_id": "1001",
        "waba_id": "2001",
    }
    file = story.file if story else "shop"
    return parse_part(Store, base | dict(values), file, 1)


def list_texts(value: Any) -> list[Any]:
    """One, or a list of several, as a list."""
    return list(value) if isinstance(value, list) else [value]
