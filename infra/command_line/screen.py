"""How commands show things: plain lines that can be copied, tables, and failures that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from command_line.failures import CommandFailure

OUTPUT = Console(highlight=False)
FAULTS = Console(stderr=True, highlight=False)


def say(text: str = "", *, style: str = "") -> None:
    """One line, never broken, so that addresses and secrets can be copied. `text` may hold anything."""
    OUTPUT.print(escape(text), style=style, soft_wrap=True)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows under headings; a terminal that is too narrow wraps cells, a pipe gets them whole."""
    lines = [[escape(cell) for cell in row] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*line)
    if OUTPUT.is_terminal:
        OUTPUT.print(table)
    else:
        Console(file=OUTPUT.file, highlight=False, width=240).print(table)


def warn(text: str) -> None:
    """Something that is not ready, on standard error."""
    FAULTS.print(f"[yellow]![/] {escape(text)}", soft_wrap=True)


def show_failure(failure: CommandFailure) -> None:
    """What, where, and how to mend it."""
    where = f"{failure.at}: " if failure.at else ""
    FAULTS.print(f"[red]✗[/] {escape(where + failure.message)}", soft_wrap=True)
    if failure.fix:
        FAULTS.print(f"  {escape(failure.fix)}", soft_wrap=True)
