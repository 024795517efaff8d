"""`okaeri journeys versions`, `rollback`, `migrate`"""

from __future__ import annotations

import getpass
from collections import Counter
from typing import Annotated

import typer

from command_line.catalogue_commands import JourneyName
from command_line.screen import say, show_table
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from command_line.versions import CURRENT, Plan, PlannedMove, list_versions, plan_migration, roll_back, send_migration
from okaeri.domain.journeys import Definition

_SHOWN = 20
_STAYS = {
    "no_counterpart": "stays where it is: nothing in the new version corresponds to it",
    "question_open": "stays where it is until the question is answered",
    "act_under_way": "stays where it is until the answer has come",
    "ends": "would end: nothing in the new version corresponds to it",
}


def versions(context: typer.Context, store_id: StoreId, journey: JourneyName) -> None:
    """Lists a journey's versions, and how many runs walk in each."""
    found = list_versions(open_stack(context.obj), store_id, journey)
    show_table(
        ("version", "id", "state", "runs"),
        [
            (str(entry.definition.version), entry.definition_id[:8], "current" if entry.is_current else "former",
             str(entry.runs))
            for entry in found
        ],
    )  # fmt: skip


def rollback(
    context: typer.Context,
    store_id: StoreId,
    journey: JourneyName,
    to: Annotated[str | None, typer.Option(help="A version's number or id; the one before if left out.")] = None,
) -> None:
    """Publishes a former version again for new runs; runs that have begun keep theirs."""
    left, chosen = roll_back(open_stack(context.obj), store_id, journey, to)
    say(f"✓ {journey} begins in version {chosen.version} again, no more in {left.version}.")
    say(f"Runs of version {left.version} go on in it. To move them: okaeri journeys migrate {store_id} {journey}")
    say("The next okaeri publish brings back the version of this checkout: mend or revert the file before it.")


def migrate(
    context: typer.Context,
    store_id: StoreId,
    journey: JourneyName,
    to: Annotated[str, typer.Option(help="A version's number or id, or current.")] = CURRENT,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would change, and change nothing.")] = False,
    end_others: Annotated[
        bool, typer.Option("--end-others", help="End runs whose step is gone, rather than leave them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Moves runs that wait to another version of their journey, each to the step that corresponds to its own."""
    stack = open_stack(context.obj)
    plan = plan_migration(stack, store_id, journey, to=to, end_others=end_others, by=getpass.getuser())
    target = plan.definitions[plan.target]
    if not plan.moves:
        say(f"Every run of {journey} is in version {target.version} already.")
        return
    _show_plan(plan, target)
    if preview:
        say("Nothing was changed.")
        return
    if not yes and not typer.confirm(f"Move them to version {target.version}?"):
        raise typer.Exit(1)
    say(f"✓ {send_migration(stack, plan)} customers are moved by the engine; their decisions record it.")


def _show_plan(plan: Plan, target: Definition) -> None:
    # Here, since the words of steps are part of the simulator, which other commands need not load.
    from okaeri.domain.sentences import say_moment
    from simulator.wording import say_step

    def describe(definition: Definition, step: int) -> str:
        title, lines = say_step(definition.steps[step], definition.settings)
        return f"{step}: {title} {', '.join(lines)}".strip()

    def say_due(move: PlannedMove) -> str:
        if move.due is None and move.due_after is None:
            return "waits for an event"
        if move.after is None or move.due == move.due_after:
            return say_moment(move.due) if move.due else "waits for an event"
        before = say_moment(move.due) if move.due else "no time"
        return f"{before} → {say_moment(move.due_after) if move.due_after else 'no time'}"

    kinds = Counter((move.before, move.step, move.after, move.stays) for move in plan.moves)
    say(f"To version {target.version} ({plan.target[:8]}):", style="bold")
    for (before, step, after, stays), count in sorted(kinds.items(), key=lambda pair: (pair[0][0], pair[0][1])):
        old = plan.definitions[before]
        say(f"{count} × version {old.version}, {describe(old, step)}")
        say(f"    → {describe(target, after) if after is not None else _STAYS[stays]}")
    rows = [
        (move.customer_id[:12], move.run.key, say_due(move), " or ".join(plan.list_next(move)) or "nothing more")
        for move in plan.moves[:_SHOWN]
    ]
    show_table(("customer", "run", "due (UTC)", "says next"), rows)
    if len(plan.moves) > _SHOWN:
        say(f"… and {len(plan.moves) - _SHOWN} more.")
