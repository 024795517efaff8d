"""One journey's page: what it does, its drawing, its settings, and its messages as the shopper reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from handbook.shop import PLACES, make_context
from okaeri.adapters.chat_rendering import render_chat
from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.catalogue.compile_journeys import JOURNEYS_FOLDER, OFF_AT_FIRST, compile_journeys
from okaeri.catalogue.compile_templates import compile_templates
from okaeri.catalogue.journey_yaml import Problems, read_journey_file
from okaeri.domain.journeys import AskStep, CartLinkStep, CouponStep, Definition, FindStep, RecommendStep, SendStep
from okaeri.domain.templates import Template, WhatsappContent
from okaeri.errors import GiveUp
from simulator.drawing import draw_journey
from simulator.wording import say_goal, say_trigger

type Texts = Mapping[str, Mapping[str, Template]]  # name → locale → template


def write_pages(folder: Path) -> Iterator[Path]:
    """Writes a page and a drawing for each shipped journey, and the list of them; each path once it is written."""
    texts = index_texts(compile_templates())
    definitions = compile_journeys()
    for definition in definitions:
        yield _write(folder / f"{definition.journey}.svg", draw_journey(definition))
        yield _write(folder / f"{definition.journey}.md", make_page(definition, texts, list(PLACES)))
    yield _write(folder / "README.md", make_list(definitions))


def index_texts(templates: Iterable[Template]) -> Texts:
    """The templates by name and language."""
    found: dict[str, dict[str, Template]] = {}
    for template in templates:
        found.setdefault(template.name, {})[template.locale] = template
    return found


def make_list(definitions: Iterable[Definition]) -> str:
    """The list of all journeys."""
    rows = []
    for definition in definitions:
        name, begins = definition.journey, "off" if definition.journey in OFF_AT_FIRST else "on"
        rows.append(f"| [{name}]({name}.md) | {definition.purpose} | {begins} | {_read_about(definition)} |")
    head = "Made from their files by `make docs`. How they are written: [journeys.md](../journeys.md).\n"
    return "\n".join(
        ["# The journeys that we ship\n", head, "| journey | purpose | at first | |", "|---|---|---|---|", *rows, ""]
    )


def make_page(definition: Definition, texts: Texts, locales: Iterable[str]) -> str:
    """The page as Markdown, its messages in these languages."""
    name = definition.journey
    is_off = name in OFF_AT_FIRST
    switch = f"Off at first: `okaeri journeys on STORE {name}`." if is_off else "On at first."
    lines = [
        f"# {name}",
        "",
        _read_about(definition),
        "",
        f"{switch} Version {definition.version}, purpose {definition.purpose}. {' '.join(_say_head(definition))}",
        "",
        f"![The way through {name}]({name}.svg)",
        "",
        *_list_settings(definition),
    ]
    said = list(dict.fromkeys(step.template for step in list_speaking(definition)))
    if said:
        lines += ["## What the shopper reads", ""]
    for template in said:
        lines += [f"### {template}", ""]
        for locale in locales:
            if locale in texts.get(template, {}):  # the engine's lint misses no language of a shipped message
                lines += _show(texts[template][locale], definition)
    return "\n".join(lines).rstrip() + "\n"


def list_speaking(definition: Definition) -> list[SendStep | AskStep]:
    """The steps that say something, in the order of the file."""
    return [step for step in definition.steps if isinstance(step, SendStep | AskStep)]


def _read_about(definition: Definition) -> str:
    """The sentence for people, which is not compiled."""
    path = JOURNEYS_FOLDER / f"{definition.journey}.yaml"
    source = read_journey_file(path.read_text("utf-8"), Problems(path.name))
    return str(source["about"]) if source is not None and "about" in source else ""


def _say_head(definition: Definition) -> Iterator[str]:
    for what, words in (("Begins by", say_trigger(definition)), ("Its goal is", say_goal(definition))):
        if words:
            yield f"{what} {'; '.join(words)}."


def _list_settings(definition: Definition) -> list[str]:
    if not definition.settings:
        return []
    rows = [f"| `{name}` | `{value}` |" if value else f"| `{name}` | |" for name, value in definition.settings.items()]
    change = f"`okaeri journeys set STORE {definition.journey} {next(iter(definition.settings))}=…` changes them."
    return ["## Settings", "", "| setting | at first |", "|---|---|", *rows, "", change, ""]


def _show(template: Template, definition: Definition) -> Iterator[str]:
    """One message in one language, folded away."""
    yield f"<details><summary>{_read_language(template.locale)}</summary>"
    yield ""
    direction = ' dir="rtl"' if template.locale == "ar" else ""
    yield f'<div lang="{template.locale.replace("_", "-")}"{direction}>'
    yield ""
    context = make_context(template, _bring(definition))
    for kind, text in _render(template, context):
        yield f"**{kind}**"
        yield ""
        yield from (f"> {line}  " if line else ">" for line in text.strip().splitlines())
        yield ""
    yield "</div></details>"
    yield ""


@cache
def _read_language(locale: str) -> str:
    names: dict[str, str] = json.loads((JOURNEYS_FOLDER.parent / "language_names.json").read_text("utf-8"))
    return names.get(locale) or names[locale.partition("_")[0]]


def _bring(definition: Definition) -> dict[str, str]:
    """What the journey's own steps have brought by then."""
    brought: dict[str, str] = {}
    for step in definition.steps:
        match step:
            case AskStep():
                brought |= {f"answer.{step.ask}": next(iter(step.answers), "…"), f"answer.{step.ask}.title": "…"}
            case CouponStep():
                brought |= {f"coupon.{step.coupon}": "OKAERI-7K4M", f"coupon.{step.coupon}.last_day": "2026-12-24"}
                brought |= {f"coupon.{step.coupon}.percent": "10"}
            case CartLinkStep():
                brought |= {f"link.{step.link}": "https://linen.example/cart/v1:1,v2:2"}
                brought |= {f"link.{step.link}.items": "…", f"link.{step.link}.missing": "…"}
            case FindStep() | RecommendStep():
                brought |= {f"find.{step.find}": "2", f"find.{step.find}.ids": "p1,p2"}
                brought |= {f"find.{step.find}.kind": getattr(step, "kind", "")}
    return brought


def _render(template: Template, context: dict[str, object]) -> Iterator[tuple[str, str]]:
    if template.chat is not None:
        yield "WhatsApp, in a talk", _show_chat(render_chat(template, context))
    if template.whatsapp is not None:
        try:
            content = render_whatsapp(template, context)
        except GiveUp:
            content = None
        buttons = [button.text for button in template.whatsapp.buttons]
        if content is not None:
            yield "WhatsApp", "\n".join([content.text, *_show_buttons(buttons)])
    if template.email is not None:
        mail = render_email(template, context)
        yield "E-mail", f"{mail.subject}\n\n{mail.text}"


def _show_chat(content: WhatsappContent) -> str:
    chat = content.chat
    if chat is None:
        return content.text
    rows = [row.text for row in chat.list.rows] if chat.list else []
    labels = [*(button.text for button in chat.buttons), *rows, *([chat.link.text] if chat.link else [])]
    return "\n".join([content.text, *_show_buttons(labels)])


def _show_buttons(labels: Iterable[str]) -> list[str]:
    shown = [f"[ {label} ]" for label in labels]
    return ["", " ".join(shown)] if shown else []


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path
