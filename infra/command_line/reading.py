"""Long readings: everything of a store, with a count on the terminal once it takes a while."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from command_line.screen import FAULTS

_PATIENCE_S = 2


def count_aloud[T](items: Iterable[T], what: str) -> Iterator[T]:
    """Passes the items on; from the third second on a line on standard error counts them."""
    columns = (SpinnerColumn(), TextColumn("{task.completed} {task.description}"), TimeElapsedColumn())
    progress = Progress(*columns, console=FAULTS, transient=True)
    task = progress.add_task(what, total=None)
    started = time.monotonic()
    try:
        for count, item in enumerate(items, 1):
            if time.monotonic() - started > _PATIENCE_S:
                progress.start()
                progress.update(task, completed=count)
            yield item
    finally:
        progress.stop()
