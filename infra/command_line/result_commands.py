"""`okaeri results …`"""

from __future__ import annotations

import json
from enum import StrEnum
from itertools import groupby
from typing import Annotated

import typer

from command_line import records
from command_line.chosen_journeys import read_contents
from command_line.failures import CommandFailure
from command_line.results import (
    COHORT_COLUMNS,
    COLUMNS,
    SERVICE_COLUMNS,
    SUM_COLUMNS,
    keep_journey,
    list_to_json,
    list_words,
    make_cohort_rows,
    make_rows,
    make_service_rows,
    make_sum_rows,
    sums_to_json,
    to_json,
)
from command_line.screen import say, show_table
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.adapters.results import DynamoResults
from okaeri.domain.breakdowns import sum_up
from okaeri.domain.results import (
    Cohort,
    Service,
    count_goals,
    list_cohorts,
    list_service,
    list_steps,
    say_change,
)


class By(StrEnum):
    """What messages are added up by."""

    CONTENT = "content"
    CHANNEL = "channel"
    FORMAT = "format"


class Subject(StrEnum):
    """What is asked for."""

    MESSAGES = "messages"
    COHORTS = "cohorts"
    SERVICE = "service"


def results(
    context: typer.Context,
    store_id: StoreId,
    subject: Annotated[
        Subject,
        typer.Argument(
            metavar="[messages|cohorts|service]",
            help="What messages led to; who came back; how well questions are answered.",
        ),
    ] = Subject.MESSAGES,
    journey: Annotated[str | None, typer.Option("--journey", metavar="NAME", help="Messages of one journey.")] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="2026-11", help="One month of messages.")] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="2026-11", help="Cohorts and service: compares the months before with the rest."
        ),
    ] = None,
    by: Annotated[
        By | None, typer.Option("--by", help="Messages of all journeys together, by what they say or how they look.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Shows what became of messages, what they led to, and what to try. Counts are at most some minutes old."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    _check_month(month, "--month")
    _check_month(since, "--since")
    found = DynamoResults(stack.dynamodb, stack.table_name).read(store_id, month=month or "")
    match subject:
        case Subject.MESSAGES:
            kept = keep_journey(found, journey)
            if by is not None:
                rows = sum_up(kept, read_contents(stack, store) if by is By.CONTENT else {}, by.value)
                if as_json:
                    _print(sums_to_json(rows))
                else:
                    show_table((by.value, *SUM_COLUMNS), make_sum_rows(rows))
                return
            if as_json:
                _print(to_json(kept))
                return
            steps = list_steps(kept)
            goals = count_goals(kept)
            for name, of_journey in groupby(steps, key=lambda step: step.journey):
                say(name or "what people wrote", style="bold")
                show_table(COLUMNS, make_rows(of_journey))
                for (goal_of, arm), reached in sorted(goals.items()):
                    if goal_of == name:
                        say(f"goal reached{f' ({arm})' if arm else ''}: {reached}")
                say()
            for line in list_words(kept):
                say(f"· {line}")
            if not steps:
                say("Nothing was counted yet.")
        case Subject.COHORTS:
            cohorts = list_cohorts(found)
            if as_json:
                _print(list_to_json(cohorts))
                return
            show_table(COHORT_COLUMNS, make_cohort_rows(cohorts))
            if since:
                say(_compare_cohorts(cohorts, since))
        case Subject.SERVICE:
            months = list_service(found)
            if as_json:
                _print(list_to_json(months))
                return
            show_table(SERVICE_COLUMNS, make_service_rows(months))
            if since:
                for line in _compare_service(months, since):
                    say(line)


def _compare_cohorts(cohorts: list[Cohort], since: str) -> str:
    before = [cohort for cohort in cohorts if cohort.month < since]
    after = [cohort for cohort in cohorts if cohort.month >= since]
    sums = [(sum(c.came_again for c in part), sum(c.customers for c in part)) for part in (before, after)]
    return f"{say_change('Came again', *sums)} The younger have had less time to."


def _compare_service(months: list[Service], since: str) -> list[str]:
    before = [month for month in months if month.month < since]
    after = [month for month in months if month.month >= since]
    asked = [(sum(m.where_is_it for m in part), sum(m.orders for m in part)) for part in (before, after)]
    solved = [(sum(m.solved_at_first for m in part), sum(m.solved for m in part)) for part in (before, after)]
    return [say_change("Where is my order", *asked), say_change("Solved at first contact", *solved)]


def _check_month(month: str | None, option: str) -> None:
    if month is None:
        return
    year, dash, number = month.partition("-")
    if not (dash and len(year) == 4 and len(number) == 2 and (year + number).isdecimal() and 1 <= int(number) <= 12):
        raise CommandFailure(f"{month} is no month", at=option, fix="Write it like 2026-11.")


def _print(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
