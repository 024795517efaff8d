"""`okaeri doctor`, `meta-app`, `privacy`, `quarantine`, `dead-letters`, `timers`"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer
from rich.markup import escape

from command_line import care, records
from command_line.doctor import Verdict, examine
from command_line.failures import CommandFailure
from command_line.quarantine import list_quarantined, replay_quarantined
from command_line.queues import list_dead_letters, redrive_dead_letters
from command_line.screen import OUTPUT, say, show_table
from command_line.stack import open_stack
from command_line.store_commands import SomeStores

meta_app = typer.Typer(help="The Meta app whose webhooks come here.", no_args_is_help=True)
privacy = typer.Typer(help="Data protection requests of the platforms.", no_args_is_help=True)
quarantine = typer.Typer(help="Webhooks that could not be read.", no_args_is_help=True)
dead_letters = typer.Typer(help="Messages that failed too often.", no_args_is_help=True)
timers = typer.Typer(help="Waits of journeys.", no_args_is_help=True)

_MARKS = {Verdict.OK: "[green]✓[/]", Verdict.NOTE: "[yellow]![/]", Verdict.NOT_READY: "[red]✗[/]"}
_TO_ANSWER = timedelta(days=30)  # what the platforms and the law allow


def doctor(
    context: typer.Context,
    store_ids: SomeStores = None,
) -> None:
    """Says what is not ready and what to do next; exits with 1 if anything is not."""
    is_ready = True
    for finding in examine(open_stack(context.obj), store_ids):
        OUTPUT.print(f"{_MARKS[finding.verdict]} {escape(finding.what)}: {escape(finding.state)}", soft_wrap=True)
        if finding.next and finding.verdict is not Verdict.OK:
            say(f"    → {finding.next}")
        is_ready = is_ready and finding.verdict is not Verdict.NOT_READY
    if not is_ready:
        raise typer.Exit(1)
    say("Everything is ready.")


@meta_app.command("set")
def set_app(
    context: typer.Context,
    app_secret: Annotated[str | None, typer.Option(help="App settings → Basic; asked for if left out.")] = None,
    verify_token: Annotated[str | None, typer.Option(help="Made if left out.")] = None,
) -> None:
    """Keeps the app's secret and the verify token, and says what to paste into Meta's dashboard."""
    stack = open_stack(context.obj)
    if app_secret is None and sys.stdin.isatty():
        app_secret = typer.prompt("App secret (Meta's app dashboard → App settings → Basic)", hide_input=True)
    value = care.set_meta_app(stack, app_secret=app_secret, verify_token=verify_token)
    say("✓ Kept. In Meta's app dashboard, WhatsApp → Configuration:", style="green")
    say("  Callback URL")
    say(f"  {stack.api_url}/whatsapp", style="bold")
    say("  Verify token")
    say(f"  {value['verify_token']}", style="bold")
    say("  Fields to subscribe to: messages, message_template_status_update, message_template_quality_update,")
    say("  template_category_update, phone_number_quality_update, business_capability_update, account_update,")
    say("  account_alerts, user_preferences")


@privacy.command("list")
def list_tasks(
    context: typer.Context,
    store_ids: SomeStores = None,
) -> None:
    """Lists data protection requests that wait to be carried out."""
    stack = open_stack(context.obj)
    rows = [
        (
            store_id,
            request.request,
            f"{request.at:%Y-%m-%d}",
            f"{request.at + _TO_ANSWER:%Y-%m-%d}",
            request.store_customer_id or "",
            str(len(request.order_ids)),
            task_id,
        )
        for store_id in store_ids or records.list_store_ids(stack)
        for task_id, request in care.list_privacy_tasks(stack, store_id)
    ]
    if rows:
        show_table(("store", "request", "asked on", "answer by", "customer", "orders", "task"), rows)
    else:
        say("No request waits.")


@quarantine.command("list")
def show_quarantine(context: typer.Context) -> None:
    """Lists webhooks that could not be read, and why; their content is not shown."""
    found = list_quarantined(open_stack(context.obj))
    if found:
        rows = [(entry.quarantine_id[:12], entry.store_id, entry.source, entry.path, entry.reason) for entry in found]
        show_table(("id", "store", "webhook", "where", "why"), rows)
        say("After a fix is deployed: okaeri quarantine replay")
    else:
        say("Nothing is in quarantine.")


@quarantine.command("replay")
def replay(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="As listed; all if none is named.")] = None,
) -> None:
    """Sends quarantined webhooks through the front door again, signed anew."""
    stack = open_stack(context.obj)
    whole = {entry.quarantine_id for entry in list_quarantined(stack)} if ids else set()
    chosen = {full for full in whole if any(full.startswith(given) for given in ids or ())}
    if ids and not chosen:
        raise CommandFailure("no webhook in quarantine has such an id", at="ID", fix="See okaeri quarantine list.")
    replays = replay_quarantined(stack, chosen)
    for entry in replays:
        mark = _MARKS[Verdict.OK if entry.done else Verdict.NOT_READY]
        OUTPUT.print(
            f"{mark} {entry.quarantined.quarantine_id[:12]} {escape(entry.quarantined.source)}: {escape(entry.result)}"
        )
    if not all(entry.done for entry in replays):
        raise typer.Exit(1)
    say(f"{len(replays)} sent again.")


@dead_letters.command("list")
def show_dead_letters(context: typer.Context) -> None:
    """Lists messages that failed too often, what they are and where they belong."""
    found = list_dead_letters(open_stack(context.obj))
    if not found:
        say("No message failed.")
        return
    show_table(
        ("queue", "what", "store", "since (UTC)", "goes back to"),
        [(e.queue, e.what, e.store_id, f"{e.since:%Y-%m-%d %H:%M}", e.home or "nowhere") for e in found],
    )
    say("The functions' log says why each failed. After a fix: okaeri dead-letters redrive QUEUE")


@dead_letters.command("redrive")
def redrive(
    context: typer.Context,
    queue: Annotated[str, typer.Argument(metavar="QUEUE", help="As listed: EventsDeadLetters, …")],
) -> None:
    """Sends the messages of a dead-letter queue back to where they failed."""
    sent, left = redrive_dead_letters(open_stack(context.obj), queue)
    say(f"✓ {sent} sent again" + (f", {left} left: they belong nowhere" if left else ""))


@timers.command("rebuild")
def rebuild(
    context: typer.Context,
    store_id: Annotated[str | None, typer.Argument(metavar="[STORE]", help="All stores if none is named.")] = None,
) -> None:
    """Arms the timers of all waits again, from the table: after schedules were lost or deleted."""
    say(f"✓ {care.rebuild_timers(open_stack(context.obj), store_id)} customers are looked at again.")
