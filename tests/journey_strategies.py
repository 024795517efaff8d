"""Random journeys over the whole vocabulary: `sources()` as an author would write them, `definitions()` compiled.

Each one compiles: ids are read below what sets them, every wait ends. An arm may turn out to be dead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from okaeri.catalogue.compile_journeys import compile_journey
from okaeri.domain.journeys import Definition
from tests.steady_draws import Draw, draw_numbers, draw_one, draw_several

type Source = dict[str, Any]

DURATIONS = ("PT0S", "PT1M", "PT15M", "PT1H", "PT20H", "P1D", "P7D", "P2W", "P30D", "P400D")
SETTINGS = {"after": "P2D", "at": "10:00"}
CUSTOM_EVENTS = ("custom.first", "custom.second")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Kind:
    """What a journey may be about: its triggers, keys, what later events share with its run, what it says."""

    triggers: tuple[str, ...]
    keys: tuple[str, ...]
    later: tuple[tuple[str, str], ...]
    templates: dict[str, tuple[str, ...]]  # by purpose
    fields: tuple[Source, ...]
    dates: tuple[str, ...] = ("customer.last_order_at",)


_ANYBODY = (("message.received", "customer"), ("order.placed", "customer"), ("custom.first", "customer"))
_ORDER_FIELDS: tuple[Source, ...] = (
    {"field": "order.payment", "in": ["pending", "failed"]},
    {"field": "order.payment", "is": "paid"},
    {"field": "order.total", "at_least": 100},
    {"field": "order.eta", "exists": True},
    {"field": "order.created_at", "newer_than": "P3D"},
    {"field": "order.is_delivered", "is": False},
)
ORDER = Kind(
    triggers=("order.placed", "order.paid", "order.updated", "order.cancelled", "order.refunded"),
    keys=("order.id", "event.id", "customer"),
    later=(
        *_ANYBODY,
        ("order.paid", "order.id"),
        ("order.delivered", "order.id"),
        ("shipment.delivered", "order.id"),
        ("return.requested", "order.id"),
    ),
    templates={"order": ("order_updated", "order_confirmation"), "marketing": ("review_request",)},
    fields=_ORDER_FIELDS,
    dates=("order.eta", "order.shipped_at", "order.created_at"),
)
SHIPMENT = Kind(
    triggers=("shipment.shipped", "shipment.out_for_delivery", "shipment.delivered", "shipment.delayed"),
    keys=("shipment.id", "order.id", "event.id"),
    later=(*_ANYBODY, ("shipment.delivered", "shipment.id"), ("order.delivered", "order.id")),
    templates={"order": ("shipment_shipped", "shipment_delayed"), "marketing": ("review_request",)},
    fields=_ORDER_FIELDS,
    dates=("order.eta", "order.shipped_at"),
)
CART = Kind(
    triggers=("cart.updated", "cart.emptied"),
    keys=("cart.token", "event.id"),
    later=(*_ANYBODY, ("order.placed", "cart.token"), ("cart.updated", "cart.token"), ("cart.completed", "cart.token")),
    templates={"marketing": ("cart_reminder_1", "cart_reminder_2", "cart_reminder_3")},
    fields=({"field": "cart.total", "less_than": 50}, {"field": "cart.lines", "exists": True}),
)
KINDS = (ORDER, SHIPMENT, CART)
_CUSTOMER_FIELDS: tuple[Source, ...] = (
    {"field": "customer.is_first_order", "is": True},
    {"field": "customer.orders_count", "at_least": 2},
    {"field": "customer.last_order_at", "older_than": "P30D"},
    {"field": "customer.attributes.size", "is": "M"},
    {"field": "event.name", "is": "order.placed"},
    {"field": "store.confirmation", "in": ["auto", "plain"]},
    {"segment": "loyal"},
    {"tag": "vip"},
)


@dataclass
class Writer:
    """Writes one journey. `known` are conditions on what was set on the way, `outcomes` how waits may have ended."""

    draw: Draw
    kind: Kind
    purpose: str
    has_exits: bool
    ids: list[int] = field(default_factory=list)
    known: tuple[Source, ...] = ()
    outcomes: tuple[str, ...] = ()
    data: tuple[str, ...] = ("customer.orders_count",)

    def pick[Item](self, items: tuple[Item, ...] | list[Item]) -> Item:
        chosen: Item = self.draw(draw_one(items))
        return chosen

    def flip(self) -> bool:
        return bool(self.draw(st.booleans()))

    def name_id(self, what: str) -> str:
        self.ids.append(len(self.ids))
        return f"{what}_{len(self.ids)}"

    def write_span(self) -> Any:
        setting = self.pick(({"setting": "after"}, {"setting": "own", "default": "P3D"}))
        return self.pick((self.pick(DURATIONS), setting, {"rule": "review_after", "default": "P7D"}))

    def write_condition(self, depth: int = 1) -> Source:
        outcomes = tuple({"field": "run.outcome", "is": outcome} for outcome in self.outcomes)
        simple = self.pick((*_CUSTOMER_FIELDS, *self.kind.fields, *self.known, *outcomes))
        if simple.get("field") == "event.name":
            simple = {"field": "event.name", "is": self.kind.triggers[0]}
        if depth == 0 or self.flip():
            return simple
        group = self.pick(("all", "any", "none"))
        return {group: [simple, self.write_condition(depth - 1)]}

    def write_steps(self, depth: int, most: int = 4) -> list[Source]:
        count = self.draw(draw_numbers(0 if depth < 2 else 1, most))
        return [self.write_step(depth) for _ in range(count)]

    def write_step(self, depth: int) -> Source:
        writers: dict[str, Callable[[], Any]] = {
            "wait": self.write_wait,
            "send": self.write_send,
            "ask": self.write_ask,
            "tag": lambda: self.pick(("vip", {"add": ["vip", "gift"], "remove": "new"})),
            "set": lambda: self.pick(({"attribute": "size", "value": "M"}, {"attribute": "n", "field": self.data[-1]})),
            "emit": lambda: self.pick(("custom.first", {"event": "custom.second", "data": {"seen": self.data[-1]}})),
            "open_ticket": lambda: self.pick(("care", {"queue": "care", "due": "PT4H", "priority": "high"})),
            "issue_coupon": self.write_coupon,
            "call": self.write_call,
            "exit": lambda: "enough",
        }
        names = [*writers, "wait", "wait", "send", "send", "ask", *(("branch", "branch", "split") if depth else ())]
        name = self.pick(names)
        if name == "branch":
            return {"branch": self.write_branch(depth - 1)}
        return {name: self.write_split(depth - 1) if name == "split" else writers[name]()}

    def write_arms(self, depth: int, count: int) -> list[list[Source]]:
        """The steps of arms that are walked one instead of the other; what each sets is known afterwards."""
        arms, after = [], []
        for _ in range(count):
            inner = replace(self)  # the list of ids is shared
            arms.append(inner.write_steps(depth))
            after.append(inner)
        self.known = tuple({json.dumps(c): c for inner in (self, *after) for c in inner.known}.values())
        self.outcomes = tuple(dict.fromkeys(outcome for inner in (self, *after) for outcome in inner.outcomes))
        self.data = tuple(dict.fromkeys(path for inner in (self, *after) for path in inner.data))
        return arms

    def write_branch(self, depth: int) -> list[Source]:
        count = self.draw(draw_numbers(1, 3))
        conditions = [self.write_condition() for _ in range(count)]
        has_otherwise = self.flip()
        arms = self.write_arms(depth, count + has_otherwise)
        branch: list[Source] = [{"when": when, "steps": steps} for when, steps in zip(conditions, arms, strict=False)]
        return [*branch, {"otherwise": arms[-1]}] if has_otherwise else branch

    def write_split(self, depth: int) -> Source:
        name = self.name_id("split")
        arms = self.write_arms(depth, self.draw(draw_numbers(2, 3)))
        weights = [self.draw(draw_numbers(1, 100)) for _ in arms]
        self.known = (*self.known, {"field": f"split.{name}", "is": "arm_0"})
        written = [
            {"name": f"arm_{number}", "weight": weight, "steps": steps}
            for number, (weight, steps) in enumerate(zip(weights, arms, strict=True))
        ]
        return {"id": name, "arms": written}

    def write_wait(self) -> Any:
        write = self.pick((self.write_rest, self.write_hour, self.write_date, self.write_event_wait, self.write_quiet))
        return write()

    def write_rest(self) -> Any:
        span = self.write_span()
        return span if isinstance(span, str) else {"for": span}

    def write_hour(self) -> Source:
        wait: Source = self.pick(({"at": "10:00"}, {"at": "setting.at"}, {"best_hour": True, "at": "18:30"}))
        wait |= {"for": self.write_span()} if self.flip() else {}
        return wait | ({"on": self.draw(draw_several(DAYS, 1, len(DAYS)))} if self.flip() else {})

    def write_date(self) -> Source:
        wait: Source = {"until": self.pick(self.kind.dates), "plus": self.pick(("P3D", "-P1D", "PT0S"))}
        return wait | {"else": self.write_span()} if self.flip() else wait

    def write_event_wait(self) -> Source:
        chosen = self.draw(draw_several(self.kind.later, 1, 3))
        matches = [{"event": event, "match": match} for event, match in chosen]
        wait: Source = {"all_of" if self.flip() else "event": matches}
        self.outcomes = (*self.outcomes, *(event for event, _ in chosen))
        if self.flip():
            wait["when"] = self.write_condition(0)
        date = {"until": self.pick(self.kind.dates), "plus": "P1D", "else": "P14D"}
        if not self.has_exits or self.flip():
            wait["timeout"] = self.pick((self.write_span(), date))
            self.outcomes = (*self.outcomes, "timeout")
        return wait

    def write_quiet(self) -> Source:
        event, match = self.pick(self.kind.later)
        self.outcomes = (*self.outcomes, "timeout")
        return {"event": event, "match": match, "unchanged_for": self.write_span()}

    def write_words(self) -> Source:
        words: Source = {"template": self.pick(self.kind.templates[self.purpose])}
        if self.flip():
            words["channels"] = self.pick((["whatsapp"], ["email"], ["email", "whatsapp"]))
        return words | ({"valid_for": "P1D"} if self.flip() else {})

    def write_send(self) -> Any:
        words = self.write_words()
        if self.flip():
            return words["template"]
        return words | ({"both": True} if self.flip() else {}) | ({"gather": "PT10M"} if self.flip() else {})

    def write_ask(self) -> Source:
        name = self.name_id("question")
        ask = self.write_words() | {"id": name, "timeout": self.write_span()}
        ask |= self.pick(({}, {"retries": 1}, {"retries": 2, "again": ask["template"]}))
        self.outcomes = (*self.outcomes, "answered", "timeout")
        self.known = (*self.known, {"field": f"answer.{name}", "exists": True})
        self.data = (*self.data, f"answer.{name}")
        free: Source = self.pick(({"text": True}, {"media": True}, {}))
        if not free or self.flip():
            ask["answers"] = {"good": ["😍", "yes"], "bad": "no"}
            self.known = (*self.known, {"answer": name, "is": "bad"})
        return ask | free

    def write_coupon(self) -> Source:
        name = self.name_id("coupon")
        self.outcomes = (*self.outcomes, "issued", "failed")
        self.data = (*self.data, f"coupon.{name}")
        return {"id": name, "pool": "autumn"}

    def write_call(self) -> Source:
        name = self.name_id("call")
        self.outcomes = (*self.outcomes, "answered", "failed")
        self.known = (*self.known, {"field": f"call.{name}.level", "is": "gold"})
        return {"id": name, "webhook": "crm", "data": {"seen": self.data[-1]}, "timeout": self.pick(DURATIONS)}


@st.composite
def sources(draw: Draw, kinds: tuple[Kind, ...] = KINDS, name: str = "random") -> Source:
    """A journey as an author would write it (YAML's mappings and lists as dicts and lists)."""
    kind: Kind = draw(draw_one(kinds))
    purpose = draw(draw_one(sorted(kind.templates)))
    exits = draw(draw_several(kind.later, 0, 2))
    writer = Writer(draw, kind, purpose, has_exits=bool(exits))
    triggers = draw(draw_several(kind.triggers[1:], 0, 2))
    trigger: Source = {"event": [kind.triggers[0], *triggers], "key": draw(draw_one(kind.keys))}
    if writer.flip():
        trigger["when"] = writer.write_condition(0)
    source: Source = {
        "journey": name,
        "version": draw(draw_numbers(1, 5)),
        "purpose": purpose,
        "priority": draw(draw_numbers(0, 100)),
        "trigger": trigger,
        "exit": [{"event": event, "match": match, "reason": "over"} for event, match in exits],
        "holdout": draw(draw_one((0, 10, 50))),
        "settings": SETTINGS,
        "again": draw(draw_one(("never", "after_end", "always", {"at_most": 2, "per": "P30D"}))),
        "steps": writer.write_steps(2, most=6),
    }
    if writer.flip():
        event, match = writer.pick(kind.later)
        source["goal"] = {"event": event, "match": match, "within": "P30D", "ends": writer.flip()}
    return source


def write_journey(source: Source) -> str:
    """The file's text. JSON is YAML."""
    return json.dumps(source, ensure_ascii=False)


def definitions(kinds: tuple[Kind, ...] = KINDS, name: str = "random") -> st.SearchStrategy[Definition]:
    """Compiled journeys."""
    return sources(kinds, name).map(lambda source: compile_journey(write_journey(source), f"{name}.yaml"))


_ODD_VALUES = (None, True, False, *range(-5, 6), "", "P1D", "order.id", "custom.", "setting.at", "…")
_ODD_NAMES = ("event", "when", "steps", "wait", "all", "field", "id", ":")


@st.composite
def _odd_parts(draw: Draw, depth: int = 2) -> Any:
    """A value, a list or a mapping that has no business anywhere."""
    form = draw(draw_one(("value", "list", "mapping"))) if depth else "value"
    if form == "value":
        return draw(draw_one(_ODD_VALUES))
    names = draw(draw_several(_ODD_NAMES, 0, 2))
    parts = {name: draw(_odd_parts(depth - 1)) for name in names}
    return parts if form == "mapping" else list(parts.values())


@st.composite
def broken_sources(draw: Draw) -> Source:
    """A journey in which something stands that does not belong there. It may still be one that compiles."""
    source: Source = draw(sources())
    broken: Source = json.loads(json.dumps(source))
    *above, last = draw(draw_one(list(_list_paths(broken))))
    part: Any = broken
    for key in above:
        part = part[key]
    if draw(st.booleans()):
        part[last] = draw(_odd_parts())
    elif isinstance(part, dict):
        part[draw(draw_one(("strange", "when", "steps", "event", "line")))] = draw(_odd_parts())
    else:
        part.insert(last, draw(_odd_parts()))
    return broken


def _list_paths(part: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything within."""
    for key, inner in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield (*path, key)
        yield from _list_paths(inner, (*path, key))
