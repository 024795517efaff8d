"""How well and how fast typed words are understood, on the corpus, with all eight languages loaded."""

from __future__ import annotations

import statistics
import time

from rich.console import Console
from rich.table import Table

from okaeri.domain.interpretations import INTENTS
from okaeri.domain.languages import SHIPPED
from tests.bench.report import Row
from tests.utterances import Score, Tally, load_utterances, make_reading, read_all

BUDGET_MS = 5.0


def measure_understanding() -> tuple[list[Row], Score, Score]:
    """Rows for the budgets, and the scores of the tuned and of the held-out utterances."""
    begun = time.perf_counter()
    read = make_reading()
    read("", None)
    loaded_ms = (time.perf_counter() - begun) * 1000
    utterances = load_utterances()
    tuned, held_out = (
        read_all([entry for entry in utterances if entry.is_held_out is is_held_out], read)
        for is_held_out in (False, True)
    )
    abroad = read_all(utterances, read, knows_locale=False)
    wrong_stops = len(tuned.wrong_stops + held_out.wrong_stops + abroad.wrong_stops)
    again = read_all(utterances, read).milliseconds
    rows = [
        Row(
            "a typed message, 8 languages, mean",
            statistics.mean(again),
            BUDGET_MS,
            "ms",
            f"99 % within {statistics.quantiles(again, n=100)[98]:.1f} ms; loading {loaded_ms:.0f} ms, once",
        ),
        Row("messages wrongly taken for STOP", wrong_stops, 0, "", f"of {2 * len(utterances):,} readings"),
        Row("precision, held out", held_out.overall.precision, None, "", _describe(held_out)),
        Row(
            "recall, held out",
            held_out.overall.recall,
            None,
            "",
            f"language unknown: {abroad.overall.recall:.3f} of all",
        ),
    ]
    return rows, tuned, held_out


def _describe(score: Score) -> str:
    count = sum(tally.meant for tally in score.tallies.values())
    return f"{len(score.mistakes)} of {count} misread, {score.offered} of them offered"


def print_understanding(tuned: Score, held_out: Score) -> None:
    """Precision and recall of each intent and recall of each language."""
    table = Table(
        *("intent", "utterances", "precision", "recall", "held out", "precision", "recall"),
        title="Typed words",
        title_justify="left",
    )
    for intent in INTENTS:
        table.add_row(intent, *_list_cells(tuned.tallies[intent]), *_list_cells(held_out.tallies[intent]))
    table.add_section()
    for language in SHIPPED:
        known, unknown = tuned.by_language[language], held_out.by_language[language]
        table.add_row(
            language, str(known.meant), "", f"{known.recall:.2f}", str(unknown.meant), "", f"{unknown.recall:.2f}"
        )
    table.add_section()
    table.add_row("all but unknown", *_list_cells(tuned.overall), *_list_cells(held_out.overall))
    Console(width=100).print(table)


def _list_cells(tally: Tally) -> tuple[str, str, str]:
    return str(tally.meant), f"{tally.precision:.2f}", f"{tally.recall:.2f}"


if __name__ == "__main__":
    from tests.bench.report import print_rows

    rows, *scores = measure_understanding()
    print_understanding(*scores)
    print_rows("Typed words", rows)
