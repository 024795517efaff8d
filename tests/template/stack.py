"""The stack as CloudFormation gets it: template.yaml after SAM's transform, with one stage decided."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from samtranslator.translator.transform import transform  # type: ignore[import-untyped]  # has no types
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # has no types

ROOT = Path(__file__).resolve().parents[2]

type Json = dict[str, Any]

_NOTHING = object()


class _NoManagedPolicies:
    """SAM asks for the account's managed policies only when a template names one; ours names none."""

    def load(self) -> dict[str, str]:
        return {}


def load_template(path: str = "template.yaml") -> Json:
    """A template as it is written, its short intrinsic functions in their long form."""
    template: Json = yaml_parse((ROOT / path).read_text())
    return template


def decide(expression: Any, parameters: Json, conditions: Json) -> Any:
    """What a condition, or a rule's assertion, comes to. Raises KeyError for a function unknown here."""
    if not isinstance(expression, dict):
        return str(expression)
    [(function, argument)] = expression.items()
    match function:
        case "Ref":
            return str(parameters[argument])
        case "Condition":
            return decide(conditions[argument], parameters, conditions)
        case "Fn::Equals":
            return decide(argument[0], parameters, conditions) == decide(argument[1], parameters, conditions)
        case "Fn::And":
            return all(decide(part, parameters, conditions) for part in argument)
        case "Fn::Not":
            return not decide(argument[0], parameters, conditions)
    raise KeyError(function)


class Stack:
    """One stage's resources by logical id, with every condition decided."""

    def __init__(self, stage: str = "prod", **parameters: str) -> None:
        template = load_template()
        # The transform wants addresses of a build; which ones is of no matter here.
        template["Globals"]["Function"]["CodeUri"] = "s3://build/functions"
        for layer in ("Dependencies", "DocumentsLayer"):
            template["Resources"][layer]["Properties"]["ContentUri"] = f"s3://build/{layer.lower()}"
        self.parameters: Json = {name: p.get("Default") for name, p in template["Parameters"].items()}
        self.parameters |= {"Stage": stage, **parameters}
        self._conditions: Json = template["Conditions"]
        # SAM writes the partition of a region into ARNs, and takes the region from nowhere else.
        with patch.dict(os.environ, AWS_DEFAULT_REGION="us-east-1"):
            transformed = transform(template, self.parameters, _NoManagedPolicies())
        made = {name: resource for name, resource in transformed["Resources"].items() if self._is_made(resource)}
        self.resources: dict[str, Json] = self._without_ifs(made)
        self.outputs: dict[str, Json] = transformed["Outputs"]

    def _is_made(self, resource: Json) -> bool:
        condition = resource.get("Condition")
        return condition is None or decide({"Condition": condition}, self.parameters, self._conditions)

    def _without_ifs(self, value: Any) -> Any:
        if isinstance(value, list):
            return [kept for kept in map(self._without_ifs, value) if kept is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if "Fn::If" in value:
            condition, then, otherwise = value["Fn::If"]
            holds = decide({"Condition": condition}, self.parameters, self._conditions)
            return self._without_ifs(then if holds else otherwise)
        if value == {"Ref": "AWS::NoValue"}:
            return _NOTHING
        decided = {key: self._without_ifs(inner) for key, inner in value.items()}
        return {key: inner for key, inner in decided.items() if inner is not _NOTHING}

    def of_type(self, kind: str) -> dict[str, Json]:
        """Properties by logical id of all resources of a type, which is written without `AWS::`."""
        return {name: r["Properties"] for name, r in self.resources.items() if r["Type"] == f"AWS::{kind}"}

    def properties(self, name: str) -> Json:
        found: Json = self.resources[name]["Properties"]
        return found

    def consumers(self) -> Iterator[tuple[str, str, Json]]:
        """(queue, function, event source mapping) for each queue that feeds a function."""
        for mapping in self.of_type("Lambda::EventSourceMapping").values():
            source, attribute = mapping["EventSourceArn"]["Fn::GetAtt"]
            if attribute == "Arn":  # the table's stream has another
                yield source, mapping["FunctionName"]["Ref"], mapping

    def stream_mapping(self) -> Json:
        """What feeds count_engagement from the table's stream."""
        mappings = self.of_type("Lambda::EventSourceMapping").values()
        [found] = [m for m in mappings if m["EventSourceArn"] == {"Fn::GetAtt": ["Table", "StreamArn"]}]
        return found

    def environment(self, function: str) -> Json:
        variables: Json = self.properties(function)["Environment"]["Variables"]
        return variables

    def statements(self, function: str) -> list[Json]:
        """Every permission of a function's role, those of our own managed policies included."""
        role = self.properties(self.properties(function)["Role"]["Fn::GetAtt"][0])
        documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        documents += [self.properties(p["Ref"])["PolicyDocument"] for p in role.get("ManagedPolicyArns", [])]
        return [statement for document in documents for statement in document["Statement"]]

    def may(self, function: str, action: str) -> list[Json]:
        """The statements that grant a function an action."""
        return [statement for statement in self.statements(function) if action in as_list(statement["Action"])]

    def may_reach(self, function: str, action: str) -> set[str]:
        """Logical ids of the resources on which a function is granted an action."""
        resources = [r for statement in self.may(function, action) for r in as_list(statement["Resource"])]
        return {r["Fn::GetAtt"][0] for r in resources if isinstance(r, dict) and "Fn::GetAtt" in r}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@cache
def deployed(stage: str = "prod", **parameters: str) -> Stack:
    """The stack of a stage, transformed once per run of the tests; `parameters` beside the defaults."""
    return Stack(stage, **parameters)
