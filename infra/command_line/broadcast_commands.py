"""`okaeri broadcasts …`"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from command_line import broadcasts, records
from command_line.broadcast_trials import Preview, preview_broadcast, render_sample, try_broadcast
from command_line.failures import CommandFailure
from command_line.screen import say, show_table, warn
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.domain.broadcast_reach import count_states
from okaeri.domain.broadcasts import Broadcast, BroadcastState
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel

app = typer.Typer(help="Tell many customers at once, a small part first.", no_args_is_help=True)

BroadcastId = Annotated[str, typer.Argument(metavar="BROADCAST", help="Id of the broadcast.")]


@app.command("list")
def show_all(context: typer.Context, store_id: StoreId) -> None:
    """Lists the broadcasts of a store."""
    found = broadcasts.list_broadcasts(open_stack(context.obj), store_id)
    rows = [(b.broadcast_id, b.name, b.state, f"{b.released} of {b.size}" if b.size else "", b.reason) for b in found]
    if rows:
        show_table(("id", "name", "state", "released", "reason"), rows)
    else:
        say("No broadcast yet. docs/broadcasts.md shows a file to begin with.")


@app.command("create")
def create(
    context: typer.Context,
    store_id: StoreId,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The broadcast as YAML (docs/broadcasts.md).")],
) -> None:
    """Makes a draft from a file; the same file again changes the draft."""
    made = broadcasts.create_broadcast(open_stack(context.obj), store_id, path)
    say(f"✓ {made.broadcast_id} is a draft. Look at it: okaeri broadcasts preview {store_id} {made.broadcast_id}")


@app.command("preview")
def preview(
    context: typer.Context,
    store_id: StoreId,
    broadcast_id: BroadcastId,
    at: Annotated[str | None, typer.Option(help="As if it started then: 2026-11-27T10:00, in the shop's zone.")] = None,
) -> None:
    """Says who would be told what, who would not and why, and at which cost. Sends nothing."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    broadcast = broadcasts.read_broadcast(stack, store_id, broadcast_id)
    seen = preview_broadcast(stack, store, broadcast, read_local_time(at, store) if at else None)
    if seen.early is not None:
        say(f"{seen.early.audience} customers have early access, {say_time(seen.early.at, store)}.", style="bold")
        show_preview(seen.early)
        say()
        say(f"{seen.audience} others are told {say_time(seen.at, store)}.", style="bold")
    else:
        say(f"{seen.audience} customers are in its audience.", style="bold")
    show_preview(seen)
    readers: set[str] = set()
    planned = broadcast.model_copy(update={"opens_at": seen.at})  # some templates say that day
    for early, group in ((True, seen.early), (False, seen)):
        for channel, locale in sorted(group.told) if group else ():
            readers.add(locale)
            say()
            say(f"{channel}, {locale}{', early access' if early else ''}:", style="bold")
            say(render_sample(stack, store, planned, Channel(channel), locale, early=early))
    _warn_of_words(broadcast, readers)


def show_preview(seen: Preview) -> None:
    """The counts of one group, examples, and what it costs."""
    rows = [("told", channel, locale, str(count)) for (channel, locale), count in seen.told.most_common()]
    rows += [("told later", "", why, str(count)) for why, count in seen.later.most_common()]
    rows += [("not told", "", why, str(count)) for why, count in seen.not_told.most_common()]
    show_table(("", "channel", "language or reason", "customers"), rows)
    if seen.samples:
        say()
        show_table(("channel", "language", "for example"), seen.samples)
    for currency, amount in seen.costs.items():
        say(f"About {amount} {currency}" + (f", and {seen.unpriced} without a known price" if seen.unpriced else ""))
    if seen.unpriced and not seen.costs:
        say(f"{seen.unpriced} without a known price")


def say_time(at: datetime, store: Store) -> str:
    """`on 2026-11-27 at 10:00`, by the shop's own clock."""
    return f"on {at.astimezone(ZoneInfo(store.time_zone)):%Y-%m-%d at %H:%M} ({store.time_zone})"


@app.command("test")
def test(context: typer.Context, store_id: StoreId, broadcast_id: BroadcastId) -> None:
    """Says it to the shop's own test phones and mailboxes, at once."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    results = try_broadcast(stack, store, broadcasts.read_broadcast(stack, store_id, broadcast_id))
    if not results:
        raise CommandFailure(
            "the shop has named no test phone or mailbox",
            at="STORE",
            fix=f"okaeri stores testers add {store_id} +81… you@…",
        )
    show_table(("address", "result"), results)


@app.command("start")
def start(
    context: typer.Context,
    store_id: StoreId,
    broadcast_id: BroadcastId,
    at: Annotated[
        str | None, typer.Option(help="When, in the shop's time zone: 2026-11-27T10:00. Now if left out.")
    ] = None,
) -> None:
    """Lets it go: a small part first, the rest when that went well.

    With early access `--at` is when all others are told; left out, those who have it are told now.
    """
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    broadcast = broadcasts.read_broadcast(stack, store_id, broadcast_id)
    for unapproved in broadcasts.list_unapproved(stack, broadcast, store):
        warn(f"Meta has not approved {unapproved}. Who reads it there gets an e-mail, or waits.")
    send_at = read_local_time(at, store) if at else None
    started = broadcasts.start_broadcast(stack, store_id, broadcast_id, send_at=send_at)
    when = f"at {started.send_at:%Y-%m-%d %H:%M} UTC" if started.state is BroadcastState.SCHEDULED else "now"
    if started.early_access is not None and started.opens_at is not None:
        rest = started.size - started.early_size
        say(f"✓ {broadcast_id} goes to {started.early_size} customers of its early access, {when},")
        say(f"  and to {rest} others at {started.opens_at:%Y-%m-%d %H:%M} UTC.")
    else:
        say(f"✓ {broadcast_id} goes to {started.size} customers, {when}.")
    say(f"Follow it: okaeri broadcasts show {store_id} {broadcast_id}")


def read_local_time(text: str, store: Store) -> datetime:
    """A time in the shop's zone, or with a zone of its own, as UTC. CommandFailure where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandFailure(f"{text!r} is no time", at="--at", fix="Write it as 2026-11-27T10:00.") from None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(store.time_zone))).astimezone(UTC)


@app.command("pause")
def pause(context: typer.Context, store_id: StoreId, broadcast_id: BroadcastId) -> None:
    """Holds it within a minute, with what is queued already."""
    broadcasts.pause_broadcast(open_stack(context.obj), store_id, broadcast_id)
    say(f"✓ {broadcast_id} is paused. Go on: okaeri broadcasts resume {store_id} {broadcast_id}")


@app.command("resume")
def resume(context: typer.Context, store_id: StoreId, broadcast_id: BroadcastId) -> None:
    """Lets a paused one go on where it was; one that paused itself goes on with the next part."""
    resumed = broadcasts.resume_broadcast(open_stack(context.obj), store_id, broadcast_id)
    say(f"✓ {broadcast_id} is {resumed.state}.")


@app.command("cancel")
def cancel(context: typer.Context, store_id: StoreId, broadcast_id: BroadcastId) -> None:
    """Ends it for good; what is queued already is not said any more."""
    broadcasts.cancel_broadcast(open_stack(context.obj), store_id, broadcast_id)
    say(f"✓ {broadcast_id} is cancelled.")


@app.command("show")
def show(context: typer.Context, store_id: StoreId, broadcast_id: BroadcastId) -> None:
    """Says how far it is and what became of each message."""
    stack = open_stack(context.obj)
    broadcast = broadcasts.read_broadcast(stack, store_id, broadcast_id)
    say(f"{broadcast.name}: {broadcast.state}" + (f" ({broadcast.reason})" if broadcast.reason else ""), style="bold")
    audience = broadcast.audience.model_dump_json(exclude_defaults=True) if broadcast.audience else '"everybody"'
    say(f"  template {broadcast.template} to {json.dumps(json.loads(audience), ensure_ascii=False)}")
    if (access := broadcast.early_access) is not None:
        opens = f"{broadcast.opens_at:%Y-%m-%d %H:%M} UTC" if broadcast.opens_at else f"{access.ahead} later"
        say(f"  early access for {broadcast.early_size or 'the'} customers of {access.reason}, the others {opens}")
    say(f"  {broadcast.released} of {broadcast.size} released, by {broadcast.made_by or 'somebody'}")
    if broadcast.watch_until is not None:
        say(f"  part {broadcast.part + 1} of the ramp is watched until {broadcast.watch_until:%Y-%m-%d %H:%M} UTC")
    counts: Counter[tuple[str, str, str]] = count_states(dict(broadcasts.list_outcomes(stack, broadcast)))
    rows = [(channel, state, reason, str(count)) for (channel, state, reason), count in counts.most_common()]
    rows += [("", "passed over", reason, str(count)) for reason, count in sorted(broadcast.passed_over.items())]
    if rows:
        show_table(("channel", "state", "reason", "customers"), rows)


def _warn_of_words(broadcast: Broadcast, locales: set[str]) -> None:
    for locale in sorted(locales - broadcast.words.keys()):
        warn(f"It has no words in {locale}: who reads {locale} gets another language of yours inside the template.")
