"""What shoppers answered to a store's surveys, counted, and as rows for a spreadsheet."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TextIO

from command_line import records
from command_line.failures import CommandFailure
from command_line.journeys import list_journeys
from command_line.stack import Stack
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.domain.journeys import AskStep, Definition, RecordStep
from okaeri.domain.records import Response
from okaeri.domain.stores import PublishedJourney, Store
from okaeri.domain.values import format_time

_ANSWER = "answer."


class Survey(NamedTuple):
    """A survey of a published journey. `named` are the answers that can be tapped, by what they are kept as."""

    survey: str
    journey: str
    is_on: bool
    named: dict[str, tuple[str, ...]]


class Tally(NamedTuple):
    """One question of a survey: how often each answer that can be tapped was given, and what was written instead."""

    question: str
    counts: tuple[tuple[str, int], ...]
    words: tuple[tuple[Response, str], ...]  # the latest first


def list_surveys(stack: Stack, store: Store) -> list[Survey]:
    """The surveys of the journeys that are published for the store, by name."""
    definitions = DynamoDefinitions(stack.dynamodb, stack.table_name)
    found = [
        Survey(step.survey, entry.journey, entry.on, _name_answers(step, definition, entry))
        for entry in list_journeys(store)
        for definition in (definitions.get(entry.definition),)
        for step in definition.steps
        if isinstance(step, RecordStep)
    ]
    merged: dict[tuple[str, str], Survey] = {}
    for survey in found:  # a journey may record in several of its arms
        key = (survey.survey, survey.journey)
        known = merged.get(key, survey)
        merged[key] = survey._replace(named=known.named | survey.named)
    return [merged[key] for key in sorted(merged)]


def read_responses(stack: Stack, store: Store, survey: str) -> list[Response]:
    """Every response, the oldest first. CommandFailure where there is none, and no such survey either."""
    found = list(records.list_responses(stack, store.store_id, survey))
    if not found:
        known = sorted({entry.survey for entry in list_surveys(stack, store)})
        if survey not in known:
            fix = f"Surveys here: {', '.join(known) or 'none yet'}."
            raise CommandFailure(f"{store.store_id} has no survey {survey}", at="SURVEY", fix=fix)
    return found


def count_answers(responses: Sequence[Response], named: Mapping[str, Collection[str]]) -> list[Tally]:
    """Each question's answers, the commonest first; what is none of those that can be tapped is in their own words."""
    questions = dict.fromkeys(name for response in responses for name in response.answers)
    tallies = []
    for question in questions:
        given = [(response, response.answers[question]) for response in responses if question in response.answers]
        tapped = Counter(answer for _, answer in given if answer in named.get(question, ()))
        words = [(response, answer) for response, answer in given if answer not in named.get(question, ())]
        tallies.append(Tally(question, tuple(tapped.most_common()), tuple(reversed(words))))
    return tallies


def write_responses(responses: Sequence[Response], file: TextIO) -> None:
    """One row for each response, one column for each question, as CSV."""
    questions = list(dict.fromkeys(name for response in responses for name in response.answers))
    writer = csv.writer(file)
    writer.writerow(("at", "response", "customer", "order", "score", *questions))
    writer.writerows(_make_rows(responses, questions))


def _make_rows(responses: Iterable[Response], questions: Sequence[str]) -> Iterator[list[Any]]:
    for response in responses:
        score = "" if response.score is None else response.score
        answers = [_disarm(response.answers.get(question, "")) for question in questions]
        yield [
            format_time(response.at),
            response.response_id,
            response.customer_id,
            response.order_id or "",
            score,
            *answers,
        ]


def _disarm(text: str) -> str:
    """A shopper's words are no formula of a spreadsheet (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _name_answers(step: RecordStep, definition: Definition, entry: PublishedJourney) -> dict[str, tuple[str, ...]]:
    asked = {question.ask: question for question in definition.steps if isinstance(question, AskStep)}
    settings = definition.settings | entry.settings
    return {
        name: (*asked[path.removeprefix(_ANSWER)].answers, *_list_options(asked[path.removeprefix(_ANSWER)], settings))
        for name, path in step.answers.items()
        if path.removeprefix(_ANSWER) in asked
    }


def _list_options(question: AskStep, settings: Mapping[str, str]) -> list[str]:
    """Answers that the shop itself lists in a setting of the journey, as a poll's."""
    if question.choices is None or not question.choices.setting:
        return []
    listed = settings.get(question.choices.setting.removeprefix("setting."), "")
    return [option for part in listed.split(",") if (option := part.strip())]
