"""The JSON Schema of journey files, made of the models that read them: editors complete and check by it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from okaeri.catalogue.journey_source import (
    BRANCH,
    SourceAgain,
    SourceArm,
    SourceCondition,
    SourceGoal,
    SourceJourney,
    SourceMatch,
    SourceMoment,
    SourceSpan,
    SourceSplitArm,
    SourceTrigger,
)
from okaeri.catalogue.journey_words import CUSTOM, EVENTS, FIELDS, KEYS, MATCHES
from okaeri.catalogue.talk_source import ALL_STEPS

type Schema = dict[str, Any]

_PARTS: dict[str, type[BaseModel]] = {
    "trigger": SourceTrigger,
    "again": SourceAgain,
    "goal": SourceGoal,
    "condition": SourceCondition,
    "arm": SourceArm,
    "split_arm": SourceSplitArm,
}


def make_journey_schema() -> Schema:
    """The schema, draft 2020-12. What spans several places (ids, settings) only `okaeri journeys lint` checks."""
    definitions: dict[str, Schema] = {name: _describe(model) for name, model in _PARTS.items()}
    definitions["again"] = {"anyOf": [{"enum": ["never", "after_end", "always"]}, definitions["again"]]}
    definitions["duration"] = {"type": "string", "pattern": r"^-?P[0-9WDTHMS]+$", "examples": ["P7D", "PT1H", "PT30M"]}
    definitions["span"] = {"anyOf": [{"$ref": "#/$defs/duration"}, _describe(SourceSpan)]}
    definitions["timeout"] = {"anyOf": [{"$ref": "#/$defs/span"}, _describe(SourceMoment)]}
    custom = {"type": "string", "pattern": rf"^{CUSTOM.replace('.', chr(92) + '.')}[a-z][a-z0-9_]*$"}
    definitions["event"] = {"anyOf": [{"enum": list(EVENTS)}, custom]}
    definitions["field"] = {
        "type": "string",
        "pattern": r"^[a-z]+\.[a-z0-9_.]+$",
        "examples": [f"{root}.{name}" for root, names in FIELDS.items() for name in names],
    }
    definitions["match"] = _describe(SourceMatch)
    one = {"anyOf": [{"$ref": "#/$defs/event"}, {"$ref": "#/$defs/match"}]}
    definitions["matches"] = {"anyOf": [*one["anyOf"], {"type": "array", "items": one, "minItems": 1}]}
    definitions["steps"] = {"type": "array", "items": {"$ref": "#/$defs/step"}}
    definitions["step"] = {"oneOf": [_describe_step(name) for name in (*ALL_STEPS, BRANCH)]}
    for name, model in ALL_STEPS.items():
        definitions[name] = _describe(model)
        if model.short is not None:
            short = model.model_fields[model.short].alias or model.short
            bare = definitions[name]["properties"][short]
            definitions[name] = {"anyOf": [bare, definitions[name]]}
    definitions["exit"]["anyOf"].append({"type": "null"})
    definitions[BRANCH] = {"type": "array", "items": {"$ref": "#/$defs/arm"}, "minItems": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A journey of Okaeri",
        **_describe(SourceJourney),
        "$defs": dict(sorted(definitions.items())),
    }


def _describe_step(name: str) -> Schema:
    return {
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/{name}"}},
        "required": [name],
        "additionalProperties": False,
    }


def _describe(model: type[BaseModel]) -> Schema:
    """A part's schema, with what it refers to by name and without titles, which say nothing."""
    schema = model.model_json_schema(by_alias=True)
    enums = schema.pop("$defs", {})
    described: Schema = _tidy(schema, enums)
    properties = described["properties"]
    for name, words in (("key", KEYS), ("match", MATCHES)):
        if name in properties:
            properties[name] = {"enum": list(words), "description": properties[name]["description"]}
    return described


def _tidy(part: Any, enums: Schema) -> Any:
    if isinstance(part, list):
        return [_tidy(inner, enums) for inner in part]
    if not isinstance(part, dict):
        return part
    if "definition" in part:
        return {"$ref": f"#/$defs/{part['definition']}"}
    if "$ref" in part:
        return _tidy(enums[part["$ref"].rpartition("/")[2]], enums)
    kept = {
        name: {key: _tidy(value, enums) for key, value in inner.items()}
        if name == "properties"
        else _tidy(inner, enums)
        for name, inner in part.items()
        if name not in ("title", "default")
    }
    # Nobody writes null for what they leave out.
    choices = [choice for choice in kept.pop("anyOf", []) if choice != {"type": "null"}]
    return {**choices[0], **kept} if len(choices) == 1 else {**kept, **({"anyOf": choices} if choices else {})}
