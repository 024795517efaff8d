"""`okaeri journeys simulate`, `graph`, `backtest`: what a journey would do, before it does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from command_line import records
from command_line.chosen_journeys import add_files, find_journey, read_published
from command_line.failures import CommandFailure
from command_line.publish import Catalogue, index_catalogue, load_catalogue
from command_line.screen import say
from command_line.source_files import read_source
from command_line.stack import open_stack
from okaeri.domain.stores import Store

JourneyFiles = Annotated[
    list[Path] | None,
    typer.Option("--journey", metavar="FILE", help="A journey's file, beside the shipped ones; may be repeated."),
]


def simulate(
    context: typer.Context,
    story_file: Annotated[Path, typer.Argument(metavar="STORY", help="A story's YAML file: docs/simulate.md.")],
    journeys: JourneyFiles = None,
    only: Annotated[bool, typer.Option("--only", help="The given journeys alone, without the shipped ones.")] = False,
    store_id: Annotated[
        str | None, typer.Option("--store", metavar="STORE", help="With a store's settings, journeys and templates.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Whole messages, not their first lines.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Without what was weighed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Plays a story through the engine, months in a moment: what the shopper would read, when, and why."""
    # Here, since the engine and the words take half a second to load, and other commands need neither.
    from command_line.show_story import show_story
    from simulator.play import play
    from simulator.story_source import StoryError, read_story

    catalogue, store = load_catalogue(), None
    if store_id is not None:
        catalogue, store = _read_store(context.obj, store_id)
    if journeys:
        catalogue = add_files(catalogue, journeys, only=only)
        store = index_catalogue(store, catalogue) if store else None
    text = read_source(story_file, fix="docs/stories/ has some to begin with.")
    try:
        result = play(read_story(text, story_file.name), catalogue, store=store)
    except StoryError as error:
        raise CommandFailure(
            f"{error.what}", at=f"{error.file}:{error.line}", fix=error.fix or "docs/simulate.md shows how."
        ) from error
    if as_json:
        typer.echo(json.dumps(result.to_json(), ensure_ascii=False, indent=2))
    else:
        show_story(result, full=full, quiet=quiet)


def _read_store(stack_name: str, store_id: str) -> tuple[Catalogue, Store]:
    stack = open_stack(stack_name)
    store = records.read_store(stack, store_id)
    return read_published(stack, store), store


def graph(
    journey: Annotated[str, typer.Argument(metavar="JOURNEY", help="A shipped journey's name, or a file.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.svg", help="Standard output if left out.")] = None,
) -> None:
    """Draws a journey: what begins it, steps, waits, branches in words, messages, exits and the goal."""
    # Here, since only this command lays out a drawing.
    from simulator.drawing import draw_journey

    drawn = draw_journey(find_journey(journey))
    if out is None:
        typer.echo(drawn, nl=False)
        return
    try:
        out.write_text(drawn, "utf-8")
    except OSError as error:
        raise CommandFailure(str(error), at="--out", fix="Name a file in a folder that exists.") from error
    say(f"✓ {out}: open it in a browser.")


def backtest(
    context: typer.Context,
    journey: Annotated[str, typer.Argument(metavar="JOURNEY", help="A shipped journey's name, or a file.")],
    store_id: Annotated[str, typer.Option("--store", metavar="STORE", help="Whose records are replayed.")],
    days: Annotated[int, typer.Option(min=1, max=90, help="How far back; events are kept for 90 days.")] = 30,
    explain: Annotated[
        str | None, typer.Option(metavar="CUSTOMER", help="Shows one customer by id, or the beginning of it.")
    ] = None,
) -> None:
    """Replays what a store recorded as if a journey had been live: messages, people, refusals, cost. Sends nothing."""
    # Here, since the engine and the words take half a second to load, and other commands need neither.
    from command_line.backtest import run_backtest
    from command_line.show_backtest import show_backtest, show_customer

    definition = find_journey(journey)
    result = run_backtest(open_stack(context.obj), store_id, definition, days=days, explain=explain)
    if explain is None:
        show_backtest(result, definition)
    elif result.asked is None:
        raise CommandFailure(f"{store_id} has no customer {explain}", at="--explain", fix="Leave it out for a sample.")
    else:
        show_customer(result.asked)
