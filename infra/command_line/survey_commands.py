"""`okaeri surveys …`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from command_line import records, surveys
from command_line.screen import say, show_table
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.domain.surveys import count_net_scores

app = typer.Typer(help="What shoppers answered when they were asked.", no_args_is_help=True)

SurveyName = Annotated[str, typer.Argument(metavar="SURVEY", help="Its name in okaeri surveys list.")]


@app.command("list")
def show_surveys(context: typer.Context, store_id: StoreId) -> None:
    """Lists the store's surveys, whether they ask, and how many have answered."""
    stack = open_stack(context.obj)
    found = surveys.list_surveys(stack, records.read_store(stack, store_id))
    answered = {name: list(records.list_responses(stack, store_id, name)) for name in {each.survey for each in found}}
    show_table(
        ("survey", "journey", "asks", "answers", "latest"),
        [
            (
                survey.survey,
                survey.journey,
                "yes" if survey.is_on else "no",
                str(len(answered[survey.survey])),
                f"{answered[survey.survey][-1].at:%Y-%m-%d}" if answered[survey.survey] else "",
            )
            for survey in found
        ],
    )
    if not any(survey.is_on for survey in found):
        say(f"None asks yet. Let one ask: okaeri journeys on {store_id} nps")


@app.command("show")
def show_survey(
    context: typer.Context,
    store_id: StoreId,
    survey: SurveyName,
    words: Annotated[int, typer.Option("--words", min=0, help="How many answers in own words, the latest first.")] = 20,
) -> None:
    """Counts a survey's answers; scores give the net promoter score of each month, -100 to 100."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    responses = surveys.read_responses(stack, store, survey)
    say(f"{len(responses)} answers")
    months = count_net_scores(responses)
    if months:
        say()
        show_table(
            ("month", "net promoter score", "answers", "promoters", "detractors"),
            [
                (month.month, f"{month.score:+d}", str(month.answers), str(month.promoters), str(month.detractors))
                for month in months
            ],
        )
    known = [entry.named for entry in surveys.list_surveys(stack, store) if entry.survey == survey]
    named = {name: answers for each in known for name, answers in each.items()}
    for tally in surveys.count_answers(responses, named):
        say()
        say(tally.question, style="bold")
        for answer, count in tally.counts:
            say(f"  {count:>5}  {answer}")
        for response, text in tally.words[:words]:
            scored = f" ({response.score})" if response.score is not None else ""
            say(f"  {response.at:%Y-%m-%d}{scored}  {text}")
        if len(tally.words) > words:
            say(f"  … and {len(tally.words) - words} more: okaeri surveys export {store_id} {survey}")


@app.command("export")
def export_survey(
    context: typer.Context,
    store_id: StoreId,
    survey: SurveyName,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file; the terminal without it.")] = None,
) -> None:
    """Writes every answer of a survey as CSV, with the customer's id and the order's."""
    stack = open_stack(context.obj)
    responses = surveys.read_responses(stack, records.read_store(stack, store_id), survey)
    if output is None:
        surveys.write_responses(responses, sys.stdout)
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        surveys.write_responses(responses, file)
    say(f"✓ {len(responses)} answers in {output}")
