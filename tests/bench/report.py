"""What was measured against its budget, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One line of the table. Without a budget it is there for information; `details` says what it is made of."""

    what: str
    measured: float
    budget: float | None
    unit: str = "x"
    details: str = ""

    @property
    def verdict(self) -> str:
        if self.budget is None:
            return "-"
        return "kept" if self.measured <= self.budget else "MISSED"

    def cells(self) -> tuple[str, ...]:
        """As the table shows it."""
        budget = "" if self.budget is None else f"{_write(self.budget, self.unit)}"
        return self.what, _write(self.measured, self.unit), budget, self.verdict, self.details


def _write(value: float, unit: str) -> str:
    return f"${value:.4g}" if unit == "$" else f"{value:.2f} {unit}"


def print_rows(title: str, rows: Sequence[Row]) -> None:
    """The rows under a title."""
    table = Table("what", "measured", "budget", "verdict", "of which", title=title, title_justify="left")
    for row in rows:
        table.add_row(*row.cells(), style="red" if row.verdict == "MISSED" else None)
    Console(width=150).print(table)


def write_rows(file: Path, rows: Sequence[Row], **more: object) -> None:
    """The rows and whatever else was found, as JSON."""
    file.parent.mkdir(exist_ok=True)
    found = [{**asdict(row), "verdict": row.verdict} for row in rows]
    file.write_text(json.dumps({"rows": found, **more}, indent=1, ensure_ascii=False) + "\n")
