"""Answers in files: YAML and JSON by question and language, CSV line by line. What is wrong is told by its place."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import Field, ValidationError

from command_line.csv_rows import Refused
from command_line.failures import CommandFailure
from command_line.source_files import read_source
from okaeri.adapters.shipped_faq import load_entries, load_shipped
from okaeri.catalogue.lint_faq import lint_answer
from okaeri.domain.knowledge import ShopAnswer
from okaeri.domain.languages import match_locale
from okaeri.domain.templates import Problem
from okaeri.domain.values import Value

COLUMNS = ("faq", "language", "question", "answer", "phrases", "product", "place")
_PHRASES_APART = "|"
_SUFFIXES = (".yaml", ".yml", ".json", ".csv")


class FaqFile(NamedTuple):
    """The answers of a file that can be said, and what was refused."""

    answers: tuple[ShopAnswer, ...]
    refused: tuple[Refused, ...]


class _Draft(NamedTuple):
    """One answer as it stands in a file, before anything was checked."""

    where: str
    faq: str
    locale: str
    parts: Any


class _Parts(Value):
    """What may stand under a question's language."""

    question: str = ""
    answer: str = ""
    phrases: tuple[str, ...] = ()
    products: dict[str, str] = Field(default_factory=dict)
    place: int | None = None


def read_faq(path: Path) -> FaqFile:
    """Reads a file by its ending. CommandFailure where it is no such file at all."""
    check_suffix(path)
    text = read_source(path, fix="Give the path of a file with answers.")
    drafts = _read_lines(text, path) if path.suffix == ".csv" else list(_read_tree(_parse(text, path), path))
    answers: list[ShopAnswer] = []
    refused: list[Refused] = []
    for draft in drafts:
        answer, problems = _check(draft)
        refused += problems
        if answer and not problems and not _is_unanswered(answer):
            answers.append(answer)
    return FaqFile(tuple(answers), tuple(refused))


def check_suffix(path: Path) -> None:
    """CommandFailure where the file's ending names no format."""
    if path.suffix not in _SUFFIXES:
        raise CommandFailure(
            f"{path.suffix or 'no ending'} names no format", at=str(path), fix=f"Use one of {', '.join(_SUFFIXES)}."
        )


def write_faq(answers: Iterable[ShopAnswer], suffix: str) -> str:
    """The answers as a file of that ending holds them; `read_faq` reads them again as they were."""
    in_order = sorted(answers, key=lambda answer: (answer.faq, answer.locale))
    if suffix == ".csv":
        return _write_lines(in_order)
    tree: dict[str, dict[str, Any]] = {}
    for answer in in_order:
        parts = answer.model_dump(mode="json")
        kept = {name: parts[name] for name in _Parts.model_fields if parts[name] or name == "answer"}
        tree.setdefault(answer.faq, {})[answer.locale] = kept
    if suffix == ".json":
        return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=100) if tree else ""


# ── YAML and JSON ────────────────────────────────────────────────────────────────────────────────────────────────────


def _parse(text: str, path: Path) -> Any:
    try:
        # Texts alone: a product's id is no number, and Norwegian (`no`) is no refusal.
        return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.BaseLoader)
    except (ValueError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else getattr(error, "lineno", 1)
        raise CommandFailure(
            str(getattr(error, "problem", None) or error), at=f"{path}:{line}", fix="See docs/faq.md for the format."
        ) from error


def _read_tree(tree: Any, path: Path) -> Iterator[_Draft]:
    if not isinstance(tree, Mapping):
        raise CommandFailure("the file names no questions", at=str(path), fix="See docs/faq.md for the format.")
    for faq, languages in tree.items():
        for locale, parts in (languages if isinstance(languages, Mapping) else {"": languages}).items():
            found = {"answer": parts} if locale and isinstance(parts, str) else parts
            yield _Draft(f"{faq}.{locale}".rstrip("."), faq, locale, found)


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_lines(text: str, path: Path) -> list[_Draft]:
    """Lines of one question and language are one answer: those with a product are the product's."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    if missing := [name for name in ("faq", "language", "answer") if name not in columns]:
        raise CommandFailure(
            f"the columns {', '.join(missing)} are missing",
            at=f"{path}:1",
            fix=f"Name the columns in the first line: {', '.join(COLUMNS)}.",
        )
    reader.fieldnames = columns
    drafts: dict[tuple[str, str], _Draft] = {}
    for row in reader:
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if any(cells.values()):
            key = cells["faq"], cells["language"]
            first = drafts.get(key)
            where = first.where if first else f"line {reader.line_num}"
            drafts[key] = _Draft(where, *key, _join_cells(dict(first.parts) if first else {}, cells))
    return list(drafts.values())


def _join_cells(parts: dict[str, Any], cells: Mapping[str, str]) -> dict[str, Any]:
    if cells["product"]:
        parts["products"] = {**parts.get("products", {}), cells["product"]: cells["answer"]}
    elif cells["answer"]:
        parts["answer"] = cells["answer"]
    if cells["question"]:
        parts["question"] = cells["question"]
    if cells["phrases"]:
        phrases = (phrase.strip() for phrase in cells["phrases"].split(_PHRASES_APART))
        parts["phrases"] = [*parts.get("phrases", ()), *filter(None, phrases)]
    if cells["place"]:
        parts["place"] = cells["place"]
    return parts


def _write_lines(answers: Sequence[ShopAnswer]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for answer in answers:
        phrases, place = f" {_PHRASES_APART} ".join(answer.phrases), str(answer.place or "")
        key = {"faq": answer.faq, "language": answer.locale}
        if answer.answer or answer.question or phrases or place:
            said = {"question": answer.question, "answer": answer.answer, "phrases": phrases, "place": place}
            writer.writerow(key | said)
        for product, text in answer.products.items():
            writer.writerow(key | {"product": product, "answer": text})
    return out.getvalue()


# ── What may be said ─────────────────────────────────────────────────────────────────────────────────────────────────


def _check(draft: _Draft) -> tuple[ShopAnswer | None, list[Refused]]:
    fix = f"What a question's language may hold: {', '.join(_Parts.model_fields)} (docs/faq.md)."
    if not isinstance(draft.parts, Mapping):
        return None, [Refused(draft.where, "this is no answer in a language", fix)]
    try:
        parts = _Parts.model_validate(draft.parts)
    except ValidationError as error:
        faults = error.errors()
        return None, [Refused(".".join((draft.where, *map(str, fault["loc"]))), fault["msg"], fix) for fault in faults]
    answer = ShopAnswer(faq=draft.faq, locale=draft.locale.replace("-", "_"), **dict(parts))
    return answer, [
        Refused(f"{draft.where}.{problem.where}", problem.what, problem.fix) for problem in check_answer(answer)
    ]


def _is_unanswered(answer: ShopAnswer) -> bool:
    """One of our questions as `export --open` wrote it, to which nobody has written anything yet."""
    locale = match_locale(answer.locale, load_shipped().locales)
    ours = load_entries(locale).get(answer.faq) if locale else None
    return ours is not None and answer == ShopAnswer(faq=answer.faq, locale=answer.locale, question=ours.question)


def check_answer(answer: ShopAnswer) -> list[Problem]:
    """What is wrong with an answer, wherever it came from."""
    return lint_answer(answer, is_ours=answer.faq in load_entries("en"))
