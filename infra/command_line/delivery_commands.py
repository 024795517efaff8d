"""`okaeri stores add-carrier`, `stores delivery` and `stores voice`"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from command_line import carriers, delivery, records, voices
from command_line.delivery import DeliveryChanges
from command_line.screen import say, show_table, warn
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.domain.carriers import Carrier
from okaeri.domain.shop_hours import WEEK
from okaeri.domain.stores import Store
from okaeri.domain.voices import PLATFORM

_WHERE = {
    Carrier.AFTERSHIP: (
        "AfterShip Tracking → Settings → Webhooks → add this address; events: all of tracking.",
        "Have AfterShip know the parcels: connect the store there, or post them to its API.",
    ),
    Carrier.EASYPOST: (
        "EasyPost → Webhooks → add this address with this webhook secret (or POST /v2/webhooks with both).",
        "Parcels whose labels EasyPost made are tracked by themselves; others need a tracker (POST /v2/trackers).",
    ),
    Carrier.SHIPPO: (
        "Shippo → Settings → API → Webhooks → add this address; event: Track Updated; mode: live.",
        "Parcels whose labels Shippo made are tracked by themselves; others are registered (POST /tracks).",
    ),
}


def add_carrier(
    context: typer.Context,
    store_id: StoreId,
    carrier: Annotated[Carrier, typer.Argument(metavar="aftership|easypost|shippo", help="Who tells of parcels.")],
    secret: Annotated[
        str | None,
        typer.Option(
            help="AfterShip's webhook secret (asked for); with Shippo, the one that it signs with, where it does.",
            show_default=False,
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Listen no more.")] = False,
) -> None:
    """Listens to a service that asks the carriers where the shop's parcels are (docs/carriers.md)."""
    stack = open_stack(context.obj)
    if remove:
        carriers.remove_carrier(stack, store_id, carrier)
        say(f"✓ {store_id} listens to {carrier} no more. Take its webhook away there too.")
        return
    if secret is None and carrier in carriers.GIVEN_BY_CARRIER and sys.stdin.isatty():
        secret = typer.prompt("AfterShip's webhook secret (Settings → Webhooks)", hide_input=True)
    added = carriers.add_carrier(stack, store_id, carrier, secret=secret)
    say(f"✓ {store_id} listens to {carrier}, for parcels that are sent from now on.")
    say(f"  address: {added.url}")
    if added.secret is not None:
        say(f"  secret:  {added.secret}")
    for line in _WHERE[carrier]:
        say(f"  {line}")
    say(f"  Then: okaeri doctor {store_id} shows when it last told of a parcel.")


def set_delivery(
    context: typer.Context,
    store_id: StoreId,
    pairs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WAY:COUNTRY=DAYS]…",
            help='Business days on the way: "Standard Shipping:US=3-5", "*:JP=1-2", "Express=1". none takes one away.',
        ),
    ] = None,
    handling: Annotated[
        str | None, typer.Option(metavar="DAYS", help="Business days until a parcel leaves: 0-1.")
    ] = None,
    cutoff: Annotated[
        str | None, typer.Option(metavar="TIME", help="What is ordered later counts from the next day: 14:00.")
    ] = None,
    days: Annotated[str | None, typer.Option(metavar="DAYS", help="Days on which parcels travel: mon-sat.")] = None,
) -> None:
    """Shows or sets how long parcels take: for orders of which no carrier has named a day."""
    stack = open_stack(context.obj)
    changes = DeliveryChanges(pairs=tuple(pairs or ()), handling=handling, cutoff=cutoff, days=days)
    if changes:
        store = delivery.change_delivery(stack, store_id, changes)
        say(f"✓ The table of {store_id} is changed. Functions see it within a minute.")
    else:
        store = records.read_store(stack, store_id)
    _show_delivery(store)


def set_voice(
    context: typer.Context,
    store_id: StoreId,
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="A kind of message: order_confirmation.")] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CHANNEL=VOICE]…", help="email=platform, whatsapp=nobody, email=okaeri."),
    ] = None,
) -> None:
    """Shows or sets who says what: Okaeri, the store's platform, or nobody (docs/voice.md)."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    if kind:
        store = voices.change_voices(stack, store_id, kind, pairs or ())
        if pairs:
            say(f"✓ {store_id}: {kind} is said as it stands below, within a minute.")
    rows = [row for row in voices.list_voices(store) if kind in (None, row[0])]
    show_table(("kind", "when", "WhatsApp", "e-mail"), rows)
    if any(row[2] == PLATFORM for row in rows):
        warn("A platform that does not write on WhatsApp says nothing there: whatsapp=nobody says so.")


def _show_delivery(store: Store) -> None:
    times = store.settings.delivery_times
    rows = delivery.list_rows(times)
    if not rows:
        say(f"{store.name} names no day of its own: where no carrier does, none is told.")
        say(f'  okaeri stores delivery {store.store_id} "*:{store.country or "US"}=2-3" --handling 0-1 --cutoff 14:00')
        return
    handling = delivery.say_days(times.handling_least, times.handling_most)
    say(f"A parcel leaves after {handling} business days; what is ordered from {times.cutoff} on counts a day later.")
    show_table(("way", "country", "business days"), rows)
    travels = ", ".join(WEEK[day] for day in sorted(times.days))
    say(f"Parcels travel on {travels}, and not on holidays of the shop's and the customer's country.")
