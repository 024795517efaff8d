"""A store's answers and ready replies in the table, as the commands read and write them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from command_line import records
from command_line.csv_rows import Refused
from command_line.failures import CommandFailure
from command_line.faq_files import check_answer, check_suffix, read_faq, write_faq
from command_line.stack import Stack
from okaeri.adapters.knowledge import MOST_ITEMS, DynamoKnowledge
from okaeri.adapters.shipped_faq import load_shipped
from okaeri.adapters.stores import DynamoStores
from okaeri.catalogue.lint_faq import lint_reply
from okaeri.domain.faq import KnownWords, list_faq, list_store_data
from okaeri.domain.knowledge import QuickReply, ShopAnswer
from okaeri.domain.languages import match_locale
from okaeri.domain.stores import Store
from okaeri.domain.templates import Problem


class Standing(NamedTuple):
    """How a question stands: by whose words it is answered in each language, and for how many products besides."""

    faq: str
    question: str
    answered: Mapping[str, str]  # language → shop, ours, or nothing
    products: int


def list_standings(stack: Stack, store_id: str, *, language: str | None = None) -> list[Standing]:
    """Every question as shoppers see the list, in one language or in all that the shop speaks."""
    store, answers = records.read_store(stack, store_id), _open(stack).read_answers(store_id)
    languages = (language,) if language else list_languages(store)
    entries = list_faq(KnownWords(store, answers, ()), load_shipped(), languages[0])
    return [
        Standing(
            faq=entry.faq,
            question=entry.question,
            answered={name: _say_whose(entry.faq, name, answers, store) for name in languages},
            products=len({product for answer in answers if answer.faq == entry.faq for product in answer.products}),
        )
        for entry in entries
    ]


def list_languages(store: Store) -> tuple[str, ...]:
    """What the shop speaks to shoppers, its own language first."""
    return tuple(dict.fromkeys((store.locale, *(store.settings.languages or ("en",)))))


def _say_whose(faq: str, language: str, answers: Iterable[ShopAnswer], store: Store) -> str:
    theirs = {answer.locale for answer in answers if answer.faq == faq and answer.answer}
    if match_locale(language, theirs):
        return "shop"
    shipped = load_shipped()
    locale = match_locale(language, shipped.locales)
    ours = shipped.load(locale).get(faq) if locale else None
    is_ours = ours and ours.answer and list_store_data(store, language).issuperset(ours.needs)
    return "ours" if is_ours else ""


def set_answer(
    stack: Stack,
    store_id: str,
    faq: str,
    locale: str,
    *,
    answer: str | None = None,
    question: str | None = None,
    phrases: Sequence[str] = (),
    product: str | None = None,
    place: int | None = None,
) -> ShopAnswer:
    """Puts what is given; what is not given stays as it was. Raises CommandFailure."""
    knowledge, found = _open(stack), _read_all(stack, store_id)
    before = found.get((faq, locale)) or ShopAnswer(faq=faq, locale=locale)
    changes: dict[str, object] = {"question": question, "phrases": tuple(phrases) or None, "place": place}
    if product:
        changes["products"] = {**before.products, product: answer or ""}
    else:
        changes["answer"] = answer
    after = before.model_copy(update={name: value for name, value in changes.items() if value is not None})
    _refuse(check_answer(after))
    _check_room({*found, (faq, locale)})
    knowledge.put_answer(store_id, after)
    return after


def remove_answer(
    stack: Stack, store_id: str, faq: str, *, locale: str | None = None, product: str | None = None
) -> list[ShopAnswer]:
    """Takes the shop's words to a question away, in one language or all, for one product or altogether: what it had."""
    knowledge, found = _open(stack), _read_all(stack, store_id)
    gone = [
        answer
        for (name, language), answer in found.items()
        if name == faq and locale in (None, language) and (product is None or product in answer.products)
    ]
    if not gone:
        own = ", ".join(sorted({name for name, _ in found})) or "none"
        raise CommandFailure(f"{store_id} has no such answer of its own to {faq}", at="FAQ", fix=f"Its own: {own}.")
    for answer in gone:
        left = {name: text for name, text in answer.products.items() if name != product}
        after = answer.model_copy(update={"products": left})
        if product is not None and after != ShopAnswer(faq=answer.faq, locale=answer.locale):
            knowledge.put_answer(store_id, after)
        else:
            knowledge.remove_answer(store_id, answer.faq, answer.locale)
    return gone


def import_answers(stack: Stack, store_id: str, path: Path) -> tuple[int, tuple[Refused, ...]]:
    """Puts the answers of a file, each in the place of the one before: how many, and what of it was refused."""
    found, read = _read_all(stack, store_id), read_faq(path)
    _check_room({*found, *((answer.faq, answer.locale) for answer in read.answers)})
    knowledge = _open(stack)
    for answer in read.answers:
        knowledge.put_answer(store_id, answer)
    return len(read.answers), read.refused


def export_answers(stack: Stack, store_id: str, path: Path, *, with_open: bool) -> tuple[int, int]:
    """Writes the shop's answers to a file, and `with_open` our questions that nobody answers: how many of each."""
    check_suffix(path)
    found = _read_all(stack, store_id)
    store = records.read_store(stack, store_id)
    still_open = list(_list_open(store, list(found.values()))) if with_open else []
    path.write_text(write_faq([*found.values(), *still_open], path.suffix), encoding="utf-8", newline="")
    return len(found), len(still_open)


def _list_open(store: Store, answers: Sequence[ShopAnswer]) -> Iterable[ShopAnswer]:
    """Our questions, in the languages of the shop, that neither its words nor ours answer."""
    shipped = load_shipped()
    known = {(answer.faq, answer.locale) for answer in answers}
    for language in list_languages(store):
        locale = match_locale(language, shipped.locales)
        for faq, entry in (shipped.load(locale) if locale else {}).items():
            if (faq, language) not in known and not _say_whose(faq, language, answers, store):
                yield ShopAnswer(faq=faq, locale=language, question=entry.question)


# ── Ready replies ────────────────────────────────────────────────────────────────────────────────────────────────────


def list_replies(stack: Stack, store_id: str) -> list[QuickReply]:
    """By name and language."""
    records.read_store(stack, store_id)
    return sorted(_open(stack).read_replies(store_id), key=lambda reply: (reply.name, reply.locale))


def set_reply(stack: Stack, store_id: str, reply: QuickReply) -> None:
    """Puts or replaces it. Raises CommandFailure."""
    known = {(found.name, found.locale) for found in list_replies(stack, store_id)}
    _refuse(lint_reply(reply))
    _check_room({*known, (reply.name, reply.locale)})
    _open(stack).put_reply(store_id, reply)


def remove_reply(stack: Stack, store_id: str, name: str, *, locale: str | None = None) -> int:
    """Takes it away in one language or all: how many there were. Raises CommandFailure."""
    found = list_replies(stack, store_id)
    gone = [reply for reply in found if reply.name == name and locale in (None, reply.locale)]
    if not gone:
        known = ", ".join(sorted({reply.name for reply in found})) or "none"
        raise CommandFailure(f"{store_id} has no such ready reply", at="NAME", fix=f"Those that it has: {known}.")
    for reply in gone:
        _open(stack).remove_reply(store_id, reply.name, reply.locale)
    return len(gone)


def _open(stack: Stack) -> DynamoKnowledge:
    return DynamoKnowledge(stack.dynamodb, stack.table_name, DynamoStores(stack.dynamodb, stack.table_name))


def _read_all(stack: Stack, store_id: str) -> dict[tuple[str, str], ShopAnswer]:
    records.read_store(stack, store_id)
    return {(answer.faq, answer.locale): answer for answer in _open(stack).read_answers(store_id)}


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        first = problems[0]
        raise CommandFailure(first.what, at=f"--{first.where.partition('.')[0]}", fix=first.fix)


def _check_room(kept: Collection[object]) -> None:
    if len(kept) > MOST_ITEMS:
        raise CommandFailure(
            f"{len(kept)} of them are more than are read",
            at="STORE",
            fix=f"At most {MOST_ITEMS}, over all languages.",
        )
