"""`okaeri publish`, `okaeri journeys …` and `okaeri templates …`"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from command_line import records
from command_line import templates as template_functions
from command_line.choices import read_pairs
from command_line.journeys import list_journeys, set_journey, switch_journey
from command_line.publish import load_catalogue, publish_catalogue
from command_line.screen import FAULTS, say, show_table, warn
from command_line.stack import open_stack
from command_line.store_commands import SomeStores, StoreId
from command_line.template_sync import sync_templates
from command_line.templates import PushedTemplate
from okaeri.domain.modes import find_mode
from okaeri.domain.stores import Mode, PublishedJourney, Store


class NewMode(StrEnum):
    """The modes in which a journey may be published for the first time."""

    OFF = Mode.OFF.value
    SHADOW = Mode.SHADOW.value
    TEST = Mode.TEST.value
    ON = Mode.ON.value


journeys = typer.Typer(help="Switch journeys on and off, change their settings.", no_args_is_help=True)
templates = typer.Typer(help="Have Meta approve a store's WhatsApp templates.", no_args_is_help=True)

JourneyName = Annotated[str, typer.Argument(metavar="JOURNEY", help="Name of the journey.")]


def publish(
    context: typer.Context,
    store_ids: SomeStores = None,
    new: Annotated[
        NewMode, typer.Option("--new", metavar="MODE", help="Of journeys that are new here: off, shadow, test, on.")
    ] = NewMode.ON,
) -> None:
    """Publishes journeys and templates of this checkout. Runs that have begun keep their version."""
    published = publish_catalogue(open_stack(context.obj), store_ids or (), new=Mode(new))
    if not published:
        say("No store yet. Add one: okaeri stores add --help")
    for entry in published:
        what = f"{entry.journeys} journeys and {entry.templates} templates"
        say(f"✓ {entry.store.store_id}: {what}{'' if entry.changed else ', as they were'}")
        for template, languages in entry.gaps.items():
            warn(f"{template} has no words in {', '.join(languages)}: who reads these gets it in another language")


@journeys.command("list")
def show_journeys(context: typer.Context, store_id: StoreId) -> None:
    """Lists a store's journeys with their settings."""
    store = records.read_store(open_stack(context.obj), store_id)
    own = {definition.journey: definition for definition in load_catalogue().journeys}
    rows = []
    for entry in list_journeys(store):
        settings = {**(own[entry.journey].settings if entry.journey in own else {}), **entry.settings}
        current = own[entry.journey].version if entry.journey in own else "not in this checkout"
        shown = ", ".join(f"{name}={text}" for name, text in settings.items())
        rows.append((entry.journey, _say_mode(store, entry), str(current), shown))
    show_table(("journey", "state", "version", "settings"), rows)


def _say_mode(store: Store, entry: PublishedJourney) -> str:
    """The mode in force, and the journey's own where the store's is stricter."""
    mode = find_mode(store, entry)
    own = entry.mode or (Mode.ON if entry.on else Mode.OFF)
    percent = entry.share if own is Mode.SHARE else store.share
    said = f"share {percent} %" if mode is Mode.SHARE else mode
    return said if mode is own else f"{said} (the store's; its own: {own})"


@journeys.command("on")
def switch_on(context: typer.Context, store_id: StoreId, journey: JourneyName) -> None:
    """Lets a journey begin for customers."""
    switch_journey(open_stack(context.obj), store_id, journey, on=True)
    say(f"✓ {journey} is on. It may need templates: okaeri templates push {store_id}")


@journeys.command("off")
def switch_off(context: typer.Context, store_id: StoreId, journey: JourneyName) -> None:
    """Lets a journey begin for nobody any more; runs that wait end when they wake."""
    switch_journey(open_stack(context.obj), store_id, journey, on=False)
    say(f"✓ {journey} is off. Runs that wait end when they wake.")


@journeys.command("set")
def change_journey(
    context: typer.Context,
    store_id: StoreId,
    journey: JourneyName,
    pairs: Annotated[
        list[str], typer.Argument(metavar="SETTING=VALUE…", help="An empty value restores the journey's own.")
    ],
) -> None:
    """Changes settings of a journey, such as left_after=PT2H."""
    set_journey(open_stack(context.obj), store_id, journey, read_pairs(pairs))
    say(f"✓ {journey} is changed, for waits that begin from now on.")


@templates.command("push")
def push(
    context: typer.Context,
    store_id: StoreId,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until Meta has decided.")] = False,
    wait_minutes: Annotated[float, typer.Option(help="How long, with --wait.")] = 30,
) -> None:
    """Creates what is missing at Meta: templates of journeys that are on, in the store's languages."""
    stack = open_stack(context.obj)
    bar = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*bar, console=FAULTS, transient=True) as progress:
        task = progress.add_task("approved by Meta", total=None)

        def watch(pushed: Sequence[PushedTemplate]) -> None:
            progress.update(task, total=len(pushed), completed=sum(entry.is_ready for entry in pushed))

        pushed = template_functions.push_templates(
            stack, store_id, wait_s=wait_minutes * 60 if wait else 0, watch=watch
        )
    _show(store_id, pushed)


@templates.command("status")
def status(context: typer.Context, store_id: StoreId) -> None:
    """Asks Meta how a store's templates stand."""
    _show(store_id, template_functions.check_templates(open_stack(context.obj), store_id))


@templates.command("sync")
def sync(context: typer.Context, store_id: StoreId) -> None:
    """Takes over what Meta says of a store's templates, and tells where Meta and this checkout differ."""
    synced = sync_templates(open_stack(context.obj), store_id)
    differing = [entry for entry in synced if entry.differences]
    show_table(
        ("template", "language", "state at Meta", "what differs"),
        [(e.name, e.language, e.state.status, "; ".join(e.differences)) for e in differing],
    )
    say(f"{len(synced) - len(differing)} of {len(synced)} templates stand at Meta as they stand here.")


def _show(store_id: str, pushed: Sequence[PushedTemplate]) -> None:
    show_table(
        ("template", "language", "state at Meta", "category", "reason"),
        [
            (
                e.state.meta_name or e.template.meta_name,
                e.template.locale,
                e.state.status,
                e.state.category,
                e.state.reason,
            )
            for e in pushed
        ],
    )
    counts = Counter(entry.state.status for entry in pushed)
    say(", ".join(f"{number} {state.lower()}" for state, number in counts.most_common()) or "no template is needed")
    for entry in pushed:
        if entry.drifted:
            warn(
                f"Meta counts {entry.state.meta_name} ({entry.template.locale}) as {entry.state.category}: "
                "it costs more and needs marketing consent. Ask for a review in Meta's WhatsApp Manager."
            )
    if any(entry.state.status == template_functions.REFUSED_HERE for entry in pushed):
        raise typer.Exit(1)
    if any(not entry.is_ready for entry in pushed):
        say(f"Meta decides within a day, mostly within minutes: okaeri templates status {store_id}")
