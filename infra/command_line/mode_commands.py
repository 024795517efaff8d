"""`okaeri journeys mode`, `okaeri stores mode`, `stores testers` and `stores sending`"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from command_line import modes, records
from command_line.checks import check_one_of
from command_line.failures import CommandFailure
from command_line.screen import say, warn
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.domain.stores import Mode, Sending, Store
from okaeri.use_cases.measure_held_back import HeldBack, is_anything_held

testers = typer.Typer(help="Phones and mailboxes that mode test sends to.", no_args_is_help=True)

ModeName = Annotated[Mode, typer.Argument(metavar="off|shadow|test|share|on", help="How much is said.")]
Percent = Annotated[int | None, typer.Argument(metavar="[PERCENT]", help="With share: of the customers, 1 to 99.")]
Addresses = Annotated[list[str], typer.Argument(metavar="ADDRESS…", help="Phones (+81…) and e-mail addresses.")]

_MEANINGS = {
    Mode.OFF: "begins for nobody; runs that wait end when they wake",
    Mode.SHADOW: "decides and notes everything, and sends nothing",
    Mode.TEST: "sends to the testers alone, and notes what others would get",
    Mode.ON: "speaks to everybody",
}


def set_journey_mode(
    context: typer.Context,
    store_id: StoreId,
    journey: Annotated[str, typer.Argument(metavar="JOURNEY", help="Name of the journey.")],
    mode: ModeName,
    percent: Percent = None,
) -> None:
    """Says how much of a journey is said: off, shadow, test, share PERCENT, on."""
    store = modes.set_journey_mode(open_stack(context.obj), store_id, journey, mode, percent)
    say(f"✓ {journey} {_say_meaning(mode, percent)}. It counts within ten seconds.")
    _warn_of_store(store, mode)


def set_store_mode(
    context: typer.Context,
    store_id: StoreId,
    mode: ModeName,
    percent: Percent = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before every journey ends.")] = False,
) -> None:
    """Says how much of all journeys is said; where a journey's own mode is stricter, that one counts."""
    if mode is Mode.OFF:
        _confirm(f"Every journey of {store_id} ends with this, also for those who wait. Go on?", yes=yes)
    store = modes.set_store_mode(open_stack(context.obj), store_id, mode, percent)
    say(f"✓ {store_id} {_say_meaning(mode, percent)}. It counts within ten seconds.")
    _warn_of_testers(store, mode)


def switch_sending(
    context: typer.Context,
    store_id: StoreId,
    switch: Annotated[
        str | None, typer.Argument(metavar="[on|orders-only|off]", help="Left out: how it stands, and what waits.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before everything stops.")] = False,
) -> None:
    """The one switch of a store: lets everything out, order messages alone, or nothing. Nothing is lost by it."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    wanted = modes.SWITCH[check_one_of(switch, "SWITCH", modes.SWITCH)] if switch else None
    if wanted is Sending.OFF:
        _confirm(f"Nobody hears from {store.name} any more, not even about orders. Stop everything?", yes=yes)
    if wanted is Sending.ON and is_anything_held(store):
        _say_held(modes.measure_held_back(stack, store), "goes out within the hour, marketing at the hours for it")
    if wanted is not None:
        store = modes.set_sending(stack, store_id, wanted)
    say(f"{'✓ ' if wanted else ''}{store_id}: {_SWITCHED[store.sending]}")
    if wanted is None and is_anything_held(store):
        _say_held(modes.measure_held_back(stack, store), "is held back")


@testers.command("add")
def add_testers(context: typer.Context, store_id: StoreId, addresses: Addresses) -> None:
    """Adds phones and mailboxes."""
    _show_testers(modes.add_testers(open_stack(context.obj), store_id, addresses))


@testers.command("remove")
def remove_testers(context: typer.Context, store_id: StoreId, addresses: Addresses) -> None:
    """Takes phones and mailboxes away."""
    _show_testers(modes.remove_testers(open_stack(context.obj), store_id, addresses))


@testers.command("list")
def list_testers(context: typer.Context, store_id: StoreId) -> None:
    """Lists them."""
    _show_testers(records.read_store(open_stack(context.obj), store_id))


_SWITCHED = {
    Sending.ON: "everything goes out.",
    Sending.ORDERS_ONLY: "order messages go out, marketing is held back. It counts within ten seconds.",
    Sending.OFF: "nothing goes out any more, within ten seconds. To undo: okaeri stores sending STORE on",
}


def _say_meaning(mode: Mode, percent: int | None) -> str:
    return f"speaks to {percent} % of the customers, always the same ones" if mode is Mode.SHARE else _MEANINGS[mode]


def _say_held(held: HeldBack, what: str) -> None:
    waiting = held.messages + held.wishes
    least = "at least " if held.is_least else ""
    say(
        f"  {least}{waiting} messages wait ({held.messages} ready, {held.wishes} not yet decided): what is still of use"
    )
    say(f"  {what}; {least}{held.stale} have grown stale, and expire with their reason.")


def _show_testers(store: Store) -> None:
    found = (*store.settings.test_phones, *store.settings.test_emails)
    for address in found:
        say(address)
    if not found:
        say(f"No tester yet. Add one: okaeri stores testers add {store.store_id} +81…")


def _warn_of_store(store: Store, mode: Mode) -> None:
    if mode is not Mode.OFF and store.mode is not Mode.ON:
        warn(
            f"The whole store is in mode {store.mode}; the stricter one counts: okaeri stores mode {store.store_id} on"
        )
    if mode is not Mode.OFF and store.sending is not Sending.ON:
        warn(f"The store's switch is not on: okaeri stores sending {store.store_id}")
    _warn_of_testers(store, mode)


def _warn_of_testers(store: Store, mode: Mode) -> None:
    if mode is Mode.TEST and not store.settings.test_phones and not store.settings.test_emails:
        warn(f"There is no tester yet: okaeri stores testers add {store.store_id} +81…")


def _confirm(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandFailure("nobody is here to be asked", at="--yes", fix="Say --yes to do it without a question.")
    typer.confirm(question, abort=True)
