"""Every shipped message of the 24-hour window, with ordinary and with awkward values, held against Meta's limits."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from local.whatsapp.free_form import show_free_form
from okaeri.adapters.chat_rendering import render_chat
from okaeri.adapters.message_fields import list_field_paths
from okaeri.adapters.template_engine import open_engine
from okaeri.adapters.whatsapp_messages import build_chat
from okaeri.catalogue.compile_templates import TemplatesInvalid, compile_template
from okaeri.catalogue.lint_chat import list_chat_texts
from okaeri.domain.templates import Template
from tests.catalogue import load_templates
from tests.unit.rendering_samples import make_awkward_context, make_context

DOCUMENT = Path(__file__).parents[2] / "docs" / "templates.md"
LONG = "Extraordinarily long-winded name of a thing that nobody would ever print on a label, however wide it may be"
HEAD = """\
name: talk_test
locale: en
purpose: order
chat:
  body: "Your order {{ order.name }} is packed."
"""


@cache
def list_chats() -> list[Template]:
    return [template for template in load_templates() if template.chat]


def fill(template: Template, context: dict[str, Any], value: str) -> dict[str, Any]:
    """The context with everything that the run has learnt, and the question's own rows, all of the same words."""
    assert template.chat
    named = [
        path
        for _, text in list_chat_texts(template.chat)
        for path in open_engine().undeclared_variables_in_str(text, nested=True)
    ]
    filled = context | {"absent": frozenset()}
    for path in named:
        root, *names = path.split(".")
        if path in list_field_paths() and context[root].get(names[0]) not in ("", None):
            continue
        place = filled[root] = dict(filled.get(root, {}))
        for name in names[:-1]:
            place = place.setdefault(name, {})
        place[names[-1]] = place.get(names[-1]) or value
    options = [{"id": f"{n}" * 20, "title": f"{n} {value}", "description": value} for n in range(10)]
    return filled | {"options": options}


@pytest.mark.parametrize("value", ["Blue", LONG, "⁨" + "مئزر كتان طويل جدًا جدًا " * 5 + "⁩", "👩‍👩‍👧" * 30])
def test_meta_takes_every_message_whatever_the_values_are(value: str) -> None:
    assert list_chats()
    for template in list_chats():
        make = make_context if value == "Blue" else make_awkward_context
        content = render_chat(template, fill(template, make(template.locale), value))
        assert content.chat
        body = build_chat(content.chat)
        kind = body["type"]
        shown = show_free_form(kind, {kind: body[kind]})
        assert shown.body, f"{template.name}/{template.locale}"


def test_no_word_of_ours_is_cut() -> None:
    for template in list_chats():
        content = render_chat(template, fill(template, make_context(template.locale), "Blue"))
        assert template.chat
        assert content.chat
        rows = content.chat.list.rows if content.chat.list else ()
        labels = [*(b.text for b in content.chat.buttons), *(row.text for row in rows if ":" not in row.text)]
        ours = {label for label in labels if "…" in label}
        assert not ours, f"{template.name}/{template.locale}: {ours}"


@pytest.mark.parametrize(
    ("added", "line", "words"),
    [
        ("  buttons: [{text: A very long label for a button, payload: 'DO:menu'}]\n", 6, "At most 20"),
        ("  buttons: [{text: Menu, payload: 'DO:dance'}]\n", 6, "`DO:dance` does nothing"),
        ("  buttons: [{text: Menu, payload: menu}]\n", 6, "`menu` does nothing"),
        ("  buttons: [{text: A, payload: 'DO:menu'}, {text: A, payload: 'DO:person'}]\n", 6, "two have the same words"),
        ("  buttons: [{text: A, payload: 'DO:menu'}, {text: B, payload: 'DO:menu'}]\n", 6, "two have the same payload"),
        ("  list: {button: Choose, rows: [{text: A row of twenty-five marks, payload: 'DO:menu'}]}\n", 6, "At most 24"),
        ("  list: {button: Choose}\n", 6, "has no rows"),
        (
            "  list: {button: Choose, choices: true}\n  link: {text: Go, url: 'https://x.example'}\n",
            4,
            "at most one of",
        ),
        ("  header: Packed\n  media: {type: image, url: 'https://x.example/a.png'}\n", 6, "where the picture does"),
        (f"  footer: {'x' * 61}\n", 6, "At most 60"),
        ("  link: {text: Go, url: '{{ order.page }}'}\n", 6, "`order.page` is not a field"),
    ],
)
def test_a_mistake_in_a_chat_is_named_with_its_line_and_a_fix(
    tmp_path: Path, added: str, line: int, words: str
) -> None:
    path = tmp_path / "talk_test" / "en.yaml"
    path.parent.mkdir()
    path.write_text(HEAD + added, "utf-8")
    with pytest.raises(TemplatesInvalid) as found:
        compile_template(path)
    assert f"{path}:{line}: " in str(found.value)
    assert words in str(found.value)
    assert "Fix: " in str(found.value)


def test_four_buttons_are_too_many(tmp_path: Path) -> None:
    intents = ("menu", "person", "return", "invoice")
    buttons = [{"text": name, "payload": f"DO:{name}"} for name in intents]
    path = tmp_path / "talk_test" / "en.yaml"
    path.parent.mkdir()
    path.write_text(f"{HEAD}  buttons: {json.dumps(buttons)}\n", "utf-8")
    with pytest.raises(TemplatesInvalid, match=r"4 buttons\. Fix: At most 3"):
        compile_template(path)


def test_the_documentations_chat_compiles_and_can_be_said(tmp_path: Path) -> None:
    snippets = re.findall(r"```yaml template\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    [text] = [snippet for snippet in snippets if "\nchat:" in snippet]
    path = tmp_path / "talk_parcel_question" / "en.yaml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    options = json.dumps([{"id": "1", "title": "Linen Apron"}])
    content = render_chat(compile_template(path), make_context(data={"options": options}))
    assert content.text == "Order #1001 is on its way.\n\nWhat can I do for you, Aiko?\n\nLinen & Co"
    assert content.chat
    assert content.chat.list
    assert [row.text for row in content.chat.list.rows] == ["Linen Apron", "Another question", "It is not mine"]
