"""The document of the inbox's API, made from its models: `python -m serve_inbox.openapi > docs/inbox-api.json`."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serve_inbox.models import Fault
from serve_inbox.operations import OPERATIONS, PREFIX, Operation

_REFERENCE = "#/components/schemas/{model}"
_FAULTS = {
    "401": "The token opens no inbox of this store.",
    "403": "Your role may not; `fix` says who may.",
    "404": "There is no such thing in this store.",
    "409": "Somebody did something since you looked, or the ticket is solved.",
    "422": "The body or an argument is wrong; `at` says where.",
    "429": "Too many requests, or too many wrong tokens.",
    "503": "It did not work just now: send the same again.",
}


def make_document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    inward = {operation.given for operation in OPERATIONS if operation.given}
    outward = {operation.told for operation in OPERATIONS} | {Fault}
    wanted: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "validation") for model in sorted(inward, key=_name)),
        *((model, "serialization") for model in sorted(outward, key=_name)),
    ]
    references, schema = models_json_schema(wanted, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        path = paths.setdefault(PREFIX + operation.path, {})
        path[operation.method.lower()] = _describe(operation, dict(references))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Okaeri inbox",
            "version": "1",
            "description": "For the shop's own people; see docs/inbox.md.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schema["$defs"],
        },
    }


def _describe(operation: Operation, references: dict[Any, Any]) -> dict[str, Any]:
    named = re.findall(r"{(\w+)}", PREFIX + operation.path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in named]
    parameters += [
        {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}
        for name, words in operation.query
    ]
    told = references[operation.told, "serialization"]
    answers = {"200": {"description": "Done.", "content": {"application/json": {"schema": told}}}}
    fault = {"application/json": {"schema": references[Fault, "serialization"]}}
    answers |= {status: {"description": words, "content": fault} for status, words in _FAULTS.items()}
    described = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": answers,
    }
    if operation.given:
        schema = references[operation.given, "validation"]
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def _name(model: type[BaseModel]) -> str:
    return model.__name__


if __name__ == "__main__":
    print(json.dumps(make_document(), indent=2))
