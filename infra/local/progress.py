"""Tells what is going on: a line for each slow step, with its seconds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)


@contextmanager
def show_step(doing: str, done: str) -> Iterator[list[str]]:
    """Says `doing` while the block runs and `done` with the seconds it took; what is put in the list follows.

    A failure is told by whoever catches it.
    """
    notes: list[str] = []
    began = time.monotonic()
    with console.status(f"{doing} …"):
        yield notes
    note = f"  [dim]{', '.join(notes)}[/]" if notes else ""
    console.print(f"[green]✓[/] {done:<46} [dim]{time.monotonic() - began:5.1f} s[/]{note}")
