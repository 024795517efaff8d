"""Which question a shopper can ask, and whose words answer it: the shop's before ours, the nearest language first."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from okaeri.domain.knowledge import FaqEntry, QuickReply, ShopAnswer
from okaeri.domain.languages import match_locale
from okaeri.domain.stores import Store


class ShippedEntry(NamedTuple):
    """A question as we ship it. `answer` is empty where no words of ours hold for any shop.

    `needs` names what of the shop the answer speaks of: `return_promise`, `hours`, `reach`.
    """

    question: str
    phrases: tuple[str, ...]
    answer: str = ""
    needs: tuple[str, ...] = ()


class Shipped(NamedTuple):
    """Our questions: the languages that there are, and those of one language, commonest first."""

    locales: Collection[str]
    load: Callable[[str], Mapping[str, ShippedEntry]]


class KnownWords(NamedTuple):
    """What a shop has written, and the shop itself: None where nobody knows it."""

    store: Store | None
    answers: Sequence[ShopAnswer]
    replies: Sequence[QuickReply]


def list_faq(known: KnownWords, shipped: Shipped, locale: str) -> tuple[FaqEntry, ...]:
    """Every question in the language, else in the shop's, else in English.

    First those that the shop gave a place, then its own, then ours, commonest first.
    """
    locales = list_locales(locale, known.store)
    ours = shipped.load(_choose_shipped(shipped, locales))
    theirs = _group(known.answers)
    has = _list_known_data(known.store, locales)
    entries = {faq: _make_entry(faq, theirs.get(faq, {}), ours.get(faq), has, locales) for faq in (*theirs, *ours)}
    places = {faq: _find_place(theirs.get(faq, {}), locales) for faq in entries}
    commonness = {faq: place for place, faq in enumerate(ours)}
    return tuple(
        sorted(
            (entry for entry in entries.values() if entry.question),
            key=lambda entry: (
                places[entry.faq] is None,
                places[entry.faq] or 0,
                commonness.get(entry.faq, -1),
                entry.faq,
            ),
        )
    )


def find_answer(
    known: KnownWords, shipped: Shipped, faq: str, locale: str, *, product_id: str | None = None
) -> str | None:
    """The product's answer, else the shop's, each in the nearest language, else ours. None where nobody knows."""
    locales = list_locales(locale, known.store)
    theirs = _order_by_language(_group(known.answers).get(faq, {}), locales)
    if product_id is not None:
        for answer in theirs:
            if product_id in answer.products:
                return answer.products[product_id]
    for answer in theirs:
        if answer.answer:
            return answer.answer
    ours = shipped.load(_choose_shipped(shipped, locales)).get(faq)
    return ours.answer if ours and _is_answered(ours, _list_known_data(known.store, locales)) else None


def list_quick_replies(known: KnownWords, locale: str) -> tuple[QuickReply, ...]:
    """Each ready reply once, by name, in the nearest language; a person reads it before it is sent, so any will do."""
    locales = list_locales(locale, known.store)
    by_name: dict[str, dict[str, QuickReply]] = {}
    for reply in known.replies:
        by_name.setdefault(reply.name, {})[reply.locale] = reply
    return tuple(
        (_order_by_language(by_name[name], locales) or list(by_name[name].values()))[0] for name in sorted(by_name)
    )


def list_locales(locale: str, store: Store | None) -> tuple[str, ...]:
    """The languages to look in, in turn: the one asked for, the shop's, English."""
    return tuple(dict.fromkeys((locale, *((store.locale,) if store else ()), "en")))


def list_store_data(store: Store, locale: str) -> frozenset[str]:
    """What answers of ours may speak of, as `ShippedEntry.needs` names it."""
    contact, promises = store.contact, store.settings.return_promise
    has = {
        "return_promise": bool(promises.get(locale) or promises.get(re.split("[-_]", locale)[0].lower())),
        "hours": bool(store.settings.shop_hours.days),
        "reach": bool(contact.email or contact.phone or contact.url),
    }
    return frozenset(name for name, is_there in has.items() if is_there)


def _make_entry(
    faq: str,
    theirs: Mapping[str, ShopAnswer],
    ours: ShippedEntry | None,
    has: frozenset[str],
    locales: Sequence[str],
) -> FaqEntry:
    is_answered = ours is not None and _is_answered(ours, has)
    if not theirs and ours is not None:  # nearly all, in most shops
        return FaqEntry(faq=faq, question=ours.question, phrases=ours.phrases, is_answered=is_answered)
    said = _order_by_language(theirs, locales)
    native = [answer for answer in said if match_locale(locales[0], (answer.locale,))]
    questions = (*(answer.question for answer in native), ours.question if ours else "", *(a.question for a in said))
    phrases = [phrase for answer in (*native, *theirs.values()) for phrase in answer.phrases]
    return FaqEntry(
        faq=faq,
        question=next(filter(None, questions), ""),
        phrases=tuple(dict.fromkeys((*phrases, *(ours.phrases if ours else ())))),
        is_answered=is_answered or any(answer.answer for answer in said),
    )


def _list_known_data(store: Store | None, locales: Sequence[str]) -> frozenset[str]:
    return list_store_data(store, locales[0]) if store else frozenset()


def _is_answered(ours: ShippedEntry, has: frozenset[str]) -> bool:
    return bool(ours.answer) and has.issuperset(ours.needs)


def _find_place(theirs: Mapping[str, ShopAnswer], locales: Sequence[str]) -> int | None:
    return next((answer.place for answer in _order_by_language(theirs, locales) if answer.place is not None), None)


def _group(answers: Iterable[ShopAnswer]) -> dict[str, dict[str, ShopAnswer]]:
    grouped: dict[str, dict[str, ShopAnswer]] = {}
    for answer in answers:
        grouped.setdefault(answer.faq, {})[answer.locale] = answer
    return grouped


def _order_by_language[T](by_locale: Mapping[str, T], locales: Sequence[str]) -> list[T]:
    """Those in one of the languages, nearest first; what is written in others is left out."""
    if not by_locale:
        return []
    found = dict.fromkeys(match for locale in locales if (match := match_locale(locale, by_locale)))
    return [by_locale[locale] for locale in found]


def _choose_shipped(shipped: Shipped, locales: Sequence[str]) -> str:
    return next(match for locale in locales if (match := match_locale(locale, shipped.locales)))
