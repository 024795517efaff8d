"""`okaeri links …`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from command_line import links, records
from command_line.failures import CommandFailure
from command_line.screen import say, show_table, warn
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.domain.entries import find_flow

app = typer.Typer(help="Links, QR codes and advertisements that begin a talk on WhatsApp.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(metavar="CODE", help="What the link carries: spring-quiz.")]
Ads = Annotated[list[str] | None, typer.Option("--ad", metavar="ID", help="An ad's id at Meta; may be repeated.")]
Number = Annotated[
    str | None, typer.Option(help="The WhatsApp number as shoppers know it, where Meta does not tell: +81…")
]


@app.command("set")
def set_code(
    context: typer.Context,
    store_id: StoreId,
    code: Code,
    flow: Annotated[str, typer.Argument(metavar="FLOW", help="The journey that it begins.")],
    ads: Ads = None,
) -> None:
    """Lets a code begin a flow; and the advertisements that are named, for those who come by them."""
    store = links.set_code(open_stack(context.obj), store_id, code, flow, ads or ())
    say(f"✓ {links.check_code(code)} begins {flow}. Functions see it within a minute.")
    say(f"  Its link: okaeri links make {store.store_id} {links.check_code(code)}")


@app.command("remove")
def remove_code(context: typer.Context, store_id: StoreId, code: Code, ads: Ads = None) -> None:
    """Takes a code away, or only the advertisements that are named. Links with it become messages like any other."""
    links.remove_code(open_stack(context.obj), store_id, code, ads or ())
    say(f"✓ {', '.join(ads) if ads else code} begins nothing any more. Functions see it within a minute.")


@app.command("list")
def show_all(context: typer.Context, store_id: StoreId) -> None:
    """Lists the codes of a store, what they begin, and their links."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    found = links.list_beginnings(store)
    if not found:
        say(f"No code yet. Make one: okaeri links set {store_id} spring-quiz FLOW")
        flows = ", ".join(links.list_flows(store))
        say(f"Flows: {flows}" if flows else f"Publish the journeys first: okaeri publish {store_id}")
        return
    try:
        number = links.find_display_number(stack, store)
    except CommandFailure as failure:
        number = ""
        warn(f"{failure.message}: okaeri links make {store_id} {found[0].code} --number +81…")
    show_table(
        ("code", "begins", "ads", "link"),
        [
            (
                one.code,
                one.flow,
                ", ".join(one.ads),
                links.make_link(number, links.write_text(store, one.code)) if number else "",
            )
            for one in found
        ],
    )
    for one in found:
        if not one.is_published:
            warn(f"{one.code} begins nothing: no journey {one.flow} is published that a talk may begin")


@app.command("make")
def make_link(
    context: typer.Context,
    store_id: StoreId,
    code: Code,
    text: Annotated[
        str | None,
        typer.Option(help="What stands ready in the shopper's message; {code} and {shop} are put in.", metavar="WORDS"),
    ] = None,
    language: Annotated[str | None, typer.Option(help="Our own words in: ar, de, en, es, hi, ja, ms, pt_BR.")] = None,
    qr: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it as a QR code: FILE.svg or FILE.png.")] = None,
    number: Number = None,
) -> None:
    """Prints the link that opens WhatsApp with the code, for posts, parcels, mails and the chat bubble."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    known = links.check_known_code(store, code)
    written = links.write_text(store, known, text, language)
    link = links.make_link(links.find_display_number(stack, store, number), written)
    if qr is not None:
        links.draw_qr_code(link, qr)
    say(link)
    say(f"  says: {written}")
    say(f"  begins: {find_flow(known, store)}")
    if qr is not None:
        say(f"  drawn in {qr}")
