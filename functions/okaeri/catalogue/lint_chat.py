"""What Meta refuses of a message inside the 24-hour window, said before a shopper waits for it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from okaeri.domain.chat_limits import (
    BODY_LIMIT,
    BUTTON_TITLE_LIMIT,
    FOOTER_LIMIT,
    HEADER_LIMIT,
    MOST_BUTTONS,
    MOST_ROWS,
    ROW_DESCRIPTION_LIMIT,
    ROW_TITLE_LIMIT,
    TEXT_LIMIT,
)
from okaeri.domain.interpretations import BEGIN, FAQ, INTENTS
from okaeri.domain.templates import ChatButton, ChatRow, ChatText, Problem, Template, read_answer

DO = "DO:"
_MARKUP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_CONDITIONAL = re.compile(r"\{% if (?P<denied>not )?(?P<thing>[\w.]+) %\}[^{}]*\{% endif %\}")
_DETAILED = (FAQ, BEGIN)  # intents that a payload may name with what they are about: `DO:faq:delivery_time`


def lint_chat(template: Template) -> Iterator[Problem]:
    """Everything that can be told from the words alone; a value that is too long is cut when it is said."""
    chat = template.chat
    if chat is None:
        return
    yield from _lint_lengths(chat)
    yield from _lint_shape(chat)
    taps: list[tuple[str, ChatButton | ChatRow]] = [
        (f"chat.buttons.{index}", button) for index, button in enumerate(chat.buttons)
    ]
    taps += [(f"chat.list.rows.{index}", row) for index, row in enumerate(chat.list.rows if chat.list else ())]
    yield from _lint_unique(taps)
    for where, tap in taps:
        yield from _lint_payload(where, tap.payload)


def list_chat_texts(chat: ChatText) -> Iterator[tuple[str, str]]:
    """Every minijinja text of it with its place."""
    for part in ("header", "body", "footer"):
        yield f"chat.{part}", getattr(chat, part)
    for index, button in enumerate(chat.buttons):
        yield f"chat.buttons.{index}.text", button.text
        yield f"chat.buttons.{index}.payload", button.payload
    if chat.list:
        yield "chat.list.button", chat.list.button
        for index, row in enumerate(chat.list.rows):
            yield f"chat.list.rows.{index}.text", row.text
            yield f"chat.list.rows.{index}.payload", row.payload
            yield f"chat.list.rows.{index}.description", row.description
    if chat.link:
        yield from (("chat.link.text", chat.link.text), ("chat.link.url", chat.link.url))
    if chat.media:
        yield from (("chat.media.url", chat.media.url), ("chat.media.filename", chat.media.filename))
    if chat.product:
        yield from (("chat.product.catalog", chat.product.catalog), ("chat.product.item", chat.product.item))


def _lint_lengths(chat: ChatText) -> Iterator[Problem]:
    """The fixed words must fit: only values are cut."""
    is_tapped = bool(chat.buttons or chat.link or chat.location_request or chat.media)
    limits = {
        "chat.header": HEADER_LIMIT,
        "chat.body": BODY_LIMIT if is_tapped else TEXT_LIMIT,
        "chat.footer": FOOTER_LIMIT,
        "chat.list.button": BUTTON_TITLE_LIMIT,
        "chat.link.text": BUTTON_TITLE_LIMIT,
    }
    for where, source in list_chat_texts(chat):
        limit = limits.get(where)
        if re.fullmatch(r"chat\.buttons\.\d+\.text", where):
            limit = BUTTON_TITLE_LIMIT
        elif where.startswith("chat.list.rows."):
            limits_of_row = {"text": ROW_TITLE_LIMIT, "description": ROW_DESCRIPTION_LIMIT}
            limit = limits_of_row.get(where.rpartition(".")[2])
        fixed = len(_MARKUP.sub("", source).strip())
        if limit is not None and fixed > limit:
            yield Problem(where=where, what=f"{fixed} characters", fix=f"At most {limit}, values included.")


def _lint_shape(chat: ChatText) -> Iterator[Problem]:
    if not chat.body.strip():
        yield Problem(where="chat.body", what="says nothing", fix="Write the message.")
    if len(chat.buttons) > MOST_BUTTONS:
        fix = f"At most {MOST_BUTTONS}; a `list` has room for {MOST_ROWS}."
        yield Problem(where="chat.buttons", what=f"{len(chat.buttons)} buttons", fix=fix)
    if chat.list and (count := _count_rows(chat.list.rows)) > MOST_ROWS:
        yield Problem(where="chat.list.rows", what=f"{count} rows", fix=f"At most {MOST_ROWS}.")
    if chat.list and not (chat.list.rows or chat.list.choices):
        yield Problem(where="chat.list", what="has no rows", fix="Add `rows`, or `choices: true`.")
    if chat.document and (chat.header or chat.media or chat.list or chat.location_request):
        fix = "A document goes with buttons, a link or text alone, and without a header."
        yield Problem(where="chat.document", what="has no place here", fix=fix)
    if chat.media and chat.header:
        fix = "Leave the header out, or write it at the beginning of the body."
        yield Problem(where="chat.header", what="stands where the picture does", fix=fix)
    if chat.media and (chat.list or chat.location_request):
        fix = "Show it with buttons, a link or text alone."
        yield Problem(where="chat.media", what="Meta takes none here", fix=fix)
    for where, text in (("chat.header", chat.header), ("chat.footer", chat.footer)):
        if "\n" in text.strip():
            yield Problem(where=where, what="has more than one line", fix="One line; the rest belongs into the body.")


def _count_rows(rows: Sequence[ChatRow]) -> int:
    """How many stand at most: of two whose words depend on the same thing, one `if` it is so and one `if not`."""
    always, by_thing = 0, defaultdict[str, Counter[bool]](Counter)
    for row in rows:
        if found := _CONDITIONAL.fullmatch(row.text.strip()):
            by_thing[found["thing"]][bool(found["denied"])] += 1
        else:
            always += 1
    return always + sum(max(counts.values()) for counts in by_thing.values())


def _lint_unique(taps: Sequence[tuple[str, ChatButton | ChatRow]]) -> Iterator[Problem]:
    for part, name in (("text", "the same words"), ("payload", "the same payload")):
        seen: set[str] = set()
        for where, tap in taps:
            value = getattr(tap, part)
            if value in seen:
                yield Problem(where=f"{where}.{part}", what=f"two have {name}", fix="Name each for what it does.")
            seen.add(value)


def _lint_payload(where: str, payload: str) -> Iterator[Problem]:
    if read_answer(payload) is not None:
        return
    intent, _, detail = payload.removeprefix(DO).partition(":")
    if payload == f"{DO}{FAQ}":
        return  # the list of questions
    if payload.startswith(DO) and intent in INTENTS and (detail or intent not in _DETAILED):
        return
    fix = "`ANSWER:<name>`, or `DO:<intent>` with an intent of domain/interpretations.py (`DO:faq:<entry>`)."
    yield Problem(where=f"{where}.payload", what=f"`{payload}` does nothing", fix=fix)
