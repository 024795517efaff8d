"""What is wrong with an answer, a question or a ready reply, said before a shopper reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from okaeri.adapters.message_fields import is_field
from okaeri.adapters.template_engine import open_engine
from okaeri.catalogue.lint_direction import lint_direction
from okaeri.domain.chat_limits import BODY_LIMIT, ROW_TITLE_LIMIT, TEXT_LIMIT
from okaeri.domain.knowledge import QuickReply, ShopAnswer
from okaeri.domain.templates import Problem

NAME = r"[a-z][a-z0-9_]{0,39}"
LOCALE = r"[a-z]{2,3}(_[A-Z]{2})?"
ANSWER_LIMIT = BODY_LIMIT - 124  # of the text as written: what fills it in needs room beside the buttons below it
PHRASE_LIMIT = 80
MOST_PHRASES = 40
SPEAKS_OF = ("store", "customer")  # an answer is the same whichever order or parcel the talk is about

_FIELDS_ARE_LISTED = "The names are listed in docs/templates.md; an answer may speak of store and customer."


def lint_answer(answer: ShopAnswer, *, is_ours: bool) -> list[Problem]:
    """All that is wrong; an empty list means that it can be said. `is_ours`: we ship a question of that name."""
    texts = [("answer", answer.answer), *((f"products.{name}", text) for name, text in answer.products.items())]
    return [
        *_lint_key(answer.faq, answer.locale, "faq"),
        *_lint_question(answer, is_ours=is_ours),
        *(problem for where, text in texts for problem in lint_text(where, text)),
        *lint_direction(answer.locale, [("question", answer.question), *texts]),
    ]


def lint_reply(reply: QuickReply) -> list[Problem]:
    """A ready reply is sent by a person, as they leave it: no fields are filled in."""
    found = list(_lint_key(reply.name, reply.locale, "name"))
    if not reply.text.strip() or len(reply.text) > TEXT_LIMIT:
        found.append(Problem(where="text", what=f"{len(reply.text)} characters", fix=f"1 to {TEXT_LIMIT}."))
    return found


def lint_text(where: str, source: str) -> Iterator[Problem]:
    """A text that is filled in: its length, and what it names."""
    if len(source) > ANSWER_LIMIT:
        yield Problem(where=where, what=f"{len(source)} characters", fix=f"At most {ANSWER_LIMIT}.")
    try:
        named = open_engine().undeclared_variables_in_str(source, nested=True)
    except RuntimeError as error:
        yield Problem(where=where, what=str(error), fix="Write { and } only around a field: {{ store.contact }}.")
        return
    for name in sorted(name for name in named if name.split(".")[0] not in SPEAKS_OF or not is_field(name)):
        yield Problem(where=where, what=f"`{name}` is no field of an answer", fix=_FIELDS_ARE_LISTED)


def _lint_key(name: str, locale: str, where: str) -> Iterator[Problem]:
    if not re.fullmatch(NAME, name):
        fix = "Small letters, digits and _, at most 40, such as gift_wrap."
        yield Problem(where=where, what=f"{name!r} is no name", fix=fix)
    if not re.fullmatch(LOCALE, locale):
        yield Problem(where="language", what=f"{locale!r} is no language", fix="Such as en, ja or pt_BR.")


def _lint_question(answer: ShopAnswer, *, is_ours: bool) -> Iterator[Problem]:
    if not (answer.answer or answer.products or answer.question or answer.phrases or answer.place):
        yield Problem(where="answer", what="nothing is said", fix="Give an answer.")
    if not (answer.question or is_ours):
        fix = f"Give it a question of at most {ROW_TITLE_LIMIT} characters, as a list shows it."
        yield Problem(where="question", what="it is not one of ours, and has no question", fix=fix)
    if len(answer.question) > ROW_TITLE_LIMIT or "\n" in answer.question:
        fix = f"One line of at most {ROW_TITLE_LIMIT} characters: WhatsApp's lists hold no more."
        yield Problem(where="question", what=f"{len(answer.question)} characters", fix=fix)
    if len(answer.phrases) > MOST_PHRASES:
        yield Problem(where="phrases", what=f"{len(answer.phrases)} phrases", fix=f"At most {MOST_PHRASES}.")
    for phrase in answer.phrases:
        if not phrase.strip() or len(phrase) > PHRASE_LIMIT:
            fix = f"What a shopper would type, at most {PHRASE_LIMIT} characters."
            yield Problem(where="phrases", what=f"{phrase[:20]!r} is no phrase", fix=fix)
    if answer.place is not None and answer.place < 1:
        yield Problem(where="place", what=f"{answer.place} is no place", fix="Count from 1.")
