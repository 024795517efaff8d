"""Journey files (YAML) → compiled definitions, with errors that give file, line and a fix.

Used by `okaeri publish`, `okaeri journeys …` and the tests; PyYAML is no dependency of the Lambdas, which read what
was published.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from okaeri.catalogue.compile_conditions import Reading
from okaeri.catalogue.compile_steps import StepCompiler
from okaeri.catalogue.journey_parts import list_parts
from okaeri.catalogue.journey_source import SourceAgain, SourceGoal, SourceJourney, SourceTrigger
from okaeri.catalogue.journey_words import KEYS, REFERENCES, find_event
from okaeri.catalogue.journey_yaml import JourneyError, JourneyProblem, Problems, SourceMap, read_journey_file
from okaeri.catalogue.read_parts import read_part, suggest
from okaeri.domain.conditions import Span
from okaeri.domain.journeys import (
    CartLinkStep,
    Definition,
    EventMatch,
    Goal,
    Need,
    ReentryLimit,
    Step,
)
from okaeri.domain.values import Channel

JOURNEYS_FOLDER = Path(__file__).parent / "journeys"
_OF_PRODUCTS = ("order.guides", "order.product_types")
_OF_THE_PAST = ("order.refill_at", "order.reorders")
# Shipped journeys that a shop chooses: in the place of another one, or since they need something of its own.
OFF_AT_FIRST = frozenset(
    {
        "alternatives",
        "anniversary",
        "arrival-check",
        "back-in-stock",
        "birthday",
        "browse-reminder",
        "business-meeting",
        "community-invitation",
        "community-join",
        "community-poll",
        "contest",
        "each-step",
        "first-scan-watch",
        "guest-registration",
        "interests-from-orders",
        "launch-alert",
        "loyalty-points",
        "loyalty-welcome",
        "nps",
        "order-invoice",
        "order-reassurance",
        "price-drop",
        "product-care",
        "product-rating",
        "recommendations",
        "referral",
        "referral-reward",
        "replenishment",
        "style-quiz",
        "subscription-offer",
        "surprise-gift",
        "survey-conversation",
        "survey-delivery",
        "survey-product",
        "talk-points",
        "tier-reached",
        "ugc-request",
        "voucher",
        "win-back",
        "wishlist-reminder",
    }
)


def compile_journeys(folder: Path = JOURNEYS_FOLDER) -> list[Definition]:
    """Compiles every `*.yaml` of the folder, in the order of their names. JourneyError names all that is wrong."""
    found: list[JourneyProblem] = []
    definitions: list[Definition] = []
    files: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        definition, problems = read_journey(path.read_text("utf-8"), path.name)
        found += problems
        if definition is None:
            continue
        if other := files.get(definition.journey):
            found.append(
                JourneyProblem(path.name, 1, f"{other} defines {definition.journey} too", "rename one of them")
            )
        files[definition.journey] = path.name
        definitions.append(definition)
    if found:
        raise JourneyError(found)
    return definitions


def compile_journey(text: str, file: str) -> Definition:
    """Compiles one journey file. Raises JourneyError."""
    definition, problems = read_journey(text, file)
    if definition is None:
        raise JourneyError(problems)
    return definition


def read_journey(text: str, file: str) -> tuple[Definition | None, list[JourneyProblem]]:
    """The compiled journey, or None and all that is wrong with the file in the order of its lines."""
    problems = Problems(file)
    raw = read_journey_file(text, problems)
    definition = _compile(raw, problems) if raw is not None else None
    found = problems.list_all()
    return (None, found) if found else (definition, [])


def hash_definition(definition: Definition) -> str:
    """The content hash that runs are pinned to: of what the engine walks, not of comments or line numbers.

    Defaults are left out, so that a field that a later Okaeri adds to the model changes no hash of today.
    """
    content = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"steps"})
    content["steps"] = [
        {"op": step.op, **step.model_dump(mode="json", exclude_defaults=True, exclude={"line", "op"})}
        for step in definition.steps
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:20]


def _compile(raw: SourceMap, problems: Problems) -> Definition | None:
    settings = raw.get("settings")
    known = {name: str(value) for name, value in settings.items()} if isinstance(settings, SourceMap) else {}
    reading = Reading(problems, settings=known)
    source = read_part(SourceJourney, raw, problems, 1, "a journey")
    # The head may be wrong in one place: the rest is looked at all the same.
    compiler = StepCompiler(reading, source.channels if source is not None else list(Channel))
    steps = compiler.compile_steps(raw["steps"], 0, raw.lines["steps"]) if "steps" in raw else []
    trigger = _read_trigger(raw, reading)
    exits = _read_exits(raw, reading)
    goal = _read_goal(source, reading)
    again = _read_again(source, reading)
    condition = None
    if trigger is not None and trigger.when is not None:
        condition = reading.read_condition(trigger.when, trigger.find_line("when"))
    reading.check_fields()
    if source is None or trigger is None or again is None:
        return None
    limit = None
    if again.at_most is not None and again.per is not None:
        per = reading.read_duration(again.per, again.find_line("per"), "per")
        limit = ReentryLimit(times=again.at_most, per=per) if per else None
    return Definition(
        journey=source.journey,
        version=source.version,
        purpose=source.purpose,
        content=source.content,
        events=tuple(_list_events(trigger)),
        key=trigger.key,
        when=condition,
        again=again.start,
        again_limit=limit,
        exits=exits,
        goal=goal,
        holdout=source.holdout,
        priority=source.priority,
        steps=tuple(steps),
        settings=known,
        needs=tuple(_list_needs(steps, reading)),
    )


def _list_needs(steps: Sequence[Step], reading: Reading) -> Iterator[Need]:
    """What its fields and steps cannot do without."""
    asks_of_past = any(path in _OF_THE_PAST for path in reading.list_paths())
    at_hand = {step.of for step in steps if isinstance(step, CartLinkStep)}  # recommendations read when they come
    if asks_of_past:
        yield "past_orders"
    asks_of_products = any(path in _OF_PRODUCTS for path in reading.list_paths())
    asks_of_products = asks_of_products or any(span.rule == "review_after" for span in list_parts(tuple(steps), Span))
    if asks_of_past or asks_of_products or at_hand & {"order", "cart"}:
        yield "order_products"


def _list_events(trigger: SourceTrigger) -> list[str]:
    return [trigger.event] if isinstance(trigger.event, str) else trigger.event


def _read_trigger(raw: SourceMap, reading: Reading) -> SourceTrigger | None:
    if "trigger" not in raw:
        return None
    trigger = read_part(SourceTrigger, raw["trigger"], reading.problems, raw.lines["trigger"], "trigger")
    if trigger is None:
        return None
    line = trigger.find_line("event")
    if not _list_events(trigger):
        reading.problems.report(line, "trigger names no event", "one event, or a list of them")
    if trigger.key not in KEYS:
        reading.problems.report(trigger.find_line("key"), f"unknown key {trigger.key!r}", suggest(trigger.key, KEYS))
    for event in _list_events(trigger):
        shape = find_event(event) if reading.check_event(event, line) else None
        if shape is not None and trigger.key in REFERENCES and trigger.key not in shape.refs:
            fix = f"key: {', '.join((*shape.refs, 'customer', 'event.id'))}"
            reading.problems.report(line, f"{event} carries no {trigger.key}: it would start nothing", fix)
    return trigger


def _read_exits(raw: SourceMap, reading: Reading) -> tuple[EventMatch, ...]:
    exits: Any = raw.get("exit")
    if not isinstance(exits, list):
        return ()
    found = (reading.read_match(item, raw.find_line("exit", number), "an exit") for number, item in enumerate(exits))
    return tuple(match for match in found if match is not None)


def _read_goal(source: SourceJourney | None, reading: Reading) -> Goal | None:
    if source is None or source.goal is None:
        return None
    goal = read_part(SourceGoal, source.goal, reading.problems, source.find_line("goal"), "goal")
    if goal is None:
        return None
    when = reading.read_condition(goal.when, goal.find_line("when")) if goal.when is not None else None
    events = reading.read_matches(goal.event, goal.find_line("event"), "goal", match=goal.match, when=when)
    within = reading.read_duration(goal.within, goal.find_line("within"), "within")
    return Goal(events=events, within=within, ends=goal.ends) if within is not None else None


def _read_again(source: SourceJourney | None, reading: Reading) -> SourceAgain | None:
    if source is None:
        return None
    raw, line = source.again, source.find_line("again")
    again = read_part(SourceAgain, "never" if raw is None else raw, reading.problems, line, "again")
    if again is None:
        return None
    if (again.at_most is None) != (again.per is None):
        reading.problems.report(line, "again: at_most and per belong together", "{at_most: 3, per: P30D}")
    if again.start == "never" and again.at_most is not None:
        reading.problems.report(line, "again: never is not at most a few times", "start: after_end, or always")
    return again
