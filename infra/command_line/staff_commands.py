"""`okaeri staff …`"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from command_line import records
from command_line.failures import CommandFailure
from command_line.screen import say, show_table
from command_line.stack import open_stack
from command_line.staff import RoleName, add_member, open_staff
from command_line.store_commands import StoreId
from okaeri.domain.stores import Role, Store

app = typer.Typer(help="The shop's own people: who opens its inbox, and what they may give.", no_args_is_help=True)

MemberName = Annotated[str, typer.Argument(metavar="NAME", help="A short one: a-z, 0-9 and -.")]


@app.command("add")
def add(
    context: typer.Context,
    store_id: StoreId,
    name: MemberName,
    role: Annotated[RoleName, typer.Option(help="A lead tells all who wait, and gives what the shop lets leads give.")],
    new_token: Annotated[
        bool, typer.Option("--new-token", help="Give one who is here already a new token; the old one ends.")
    ] = False,
) -> None:
    """Lets somebody into the inbox. Their token is shown once and not kept."""
    stack = open_stack(context.obj)
    token = add_member(stack, store_id, name, role, new_token=new_token)
    say(f"✓ {name} opens the inbox of {store_id} as {role}. The token, which is not shown again:")
    say(token)
    say(f"The inbox: {stack.api_url}/inbox/{store_id}/tickets with the header Authorization: Bearer TOKEN.")


@app.command("list")
def list_staff(context: typer.Context, store_id: StoreId) -> None:
    """Lists who opens the inbox, and what each role may give."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    members = open_staff(stack).list_all(store_id)
    if not members:
        say(f"Nobody yet. Add somebody: okaeri staff add {store_id} mia --role agent")
        return
    rows = [(one.name, one.role, f"{one.added_at:%Y-%m-%d}", _say_limits(store, one.role)) for one in members]
    show_table(("name", "role", "since", "may give for one ticket"), rows)


@app.command("remove")
def remove(context: typer.Context, store_id: StoreId, name: MemberName) -> None:
    """Shuts the inbox to somebody, from this moment on."""
    stack = open_stack(context.obj)
    records.read_store(stack, store_id)
    if not open_staff(stack).remove(store_id, name):
        raise CommandFailure(f"nobody here is called {name}", at="NAME", fix=f"See okaeri staff list {store_id}.")
    say(f"✓ {name}'s token is worth nothing any more.")


@app.command("role")
def set_role(
    context: typer.Context,
    store_id: StoreId,
    role: Annotated[RoleName, typer.Argument(metavar="agent|lead")],
    refund: Annotated[float | None, typer.Option(min=0, help="Most for one ticket, in the store's currency.")] = None,
    credit: Annotated[float | None, typer.Option(min=0, help="The same of credits.")] = None,
    replacement: Annotated[
        bool | None, typer.Option("--replacement/--no-replacement", help="Whether they may send a thing again.")
    ] = None,
) -> None:
    """Sets what a role may give without asking; what is not given stays as it is."""

    def change(store: Store) -> Store:
        before = store.settings.roles.get(role, Role())
        wanted = {
            "refund": None if refund is None else Decimal(str(refund)),
            "credit": None if credit is None else Decimal(str(credit)),
            "replacement": replacement,
        }
        after = before.model_copy(update={name: value for name, value in wanted.items() if value is not None})
        roles = {**store.settings.roles, role: after}
        return store.model_copy(update={"settings": store.settings.model_copy(update={"roles": roles})})

    store = records.change_store(open_stack(context.obj), store_id, change)
    say(f"✓ {role}: {_say_limits(store, role)}.")


def _say_limits(store: Store, role: str) -> str:
    limits = store.settings.roles.get(role, Role())
    given = [f"{name} up to {amount} {store.currency}" for name, amount in _list_limits(limits) if amount]
    return ", ".join([*(["replacement"] if limits.replacement else []), *given]) or "nothing"


def _list_limits(limits: Role) -> tuple[tuple[str, Decimal], ...]:
    return ("refund", limits.refund), ("credit", limits.credit)
