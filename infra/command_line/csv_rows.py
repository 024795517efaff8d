"""Lines of a spreadsheet by their columns, and what of them could not be taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from command_line.failures import CommandFailure
from command_line.source_files import read_source

_APART = (",", ";", "\t")  # what spreadsheets put between cells: it depends on their language


class Row(NamedTuple):
    """One line with its cells by column; what is empty is left out."""

    line: int
    cells: Mapping[str, str]


class Refused(NamedTuple):
    """What of a file was not taken: where it stands, what is wrong, how to mend it."""

    where: str
    what: str
    fix: str


class CellRefused(Exception):
    """A cell that cannot be read."""

    def __init__(self, line: int, column: str, what: str, fix: str) -> None:
        super().__init__(what)
        self.refused = refuse(line, column, what, fix)


def refuse(line: int, column: str, what: str, fix: str) -> Refused:
    """What was refused at a cell."""
    return Refused(f"line {line}, {column}", what, fix)


def read_rows(path: Path, columns: Sequence[str], *, needed: Collection[str]) -> list[Row]:
    """The lines of a CSV file. CommandFailure where one of `needed` columns is missing, or one is unknown."""
    text = read_source(path, fix="Give the path of a CSV file.")
    heads = text.partition("\n")[0]
    apart = max(_APART, key=heads.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=apart)
    found = [name.strip().lower() for name in reader.fieldnames or ()]
    strange = [name for name in found if name not in columns]
    missing = [name for name in needed if name not in found]
    if strange or missing:
        what = f"unknown columns: {', '.join(strange)}" if strange else f"missing columns: {', '.join(missing)}"
        raise CommandFailure(what, at=f"{path}:1", fix=f"Name the columns in the first line: {', '.join(columns)}.")
    reader.fieldnames = found
    rows = []
    for row in reader:
        cells = {name: value for name in found if (value := (row.get(name) or "").strip())}
        if cells:
            rows.append(Row(reader.line_num, cells))
    return rows


def group_rows(rows: Sequence[Row], column: str) -> list[list[Row]]:
    """The lines of one thing, wherever they stand; a line without a value stands alone, to be refused."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.cells.get(column) or f"\n{row.line}", []).append(row)
    return list(found.values())


def write_report(path: Path, refused: Sequence[Refused], *, goes_on: bool) -> None:
    """What was refused, line by line; a load that goes on adds to what is there."""
    is_new = not (goes_on and path.exists())
    with path.open("w" if is_new else "a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(("where", "what is wrong", "how to mend it"))
        writer.writerows(refused)
