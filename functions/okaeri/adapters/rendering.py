"""Turns a published template and a context into what WhatsApp and a mailbox take. Pure: no network, no clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from okaeri.adapters.email_blocks import render_blocks
from okaeri.adapters.locale_formats import cut_text
from okaeri.adapters.message_context import build_context
from okaeri.adapters.template_engine import render_layout, render_text, tidy_text
from okaeri.domain.invoices import PDF, DocumentFile
from okaeri.domain.templates import (
    ANSWER,
    ButtonValue,
    EmailAttachment,
    EmailBlock,
    EmailContent,
    Links,
    Template,
    WhatsappContent,
    read_answer,
)
from okaeri.errors import GiveUp

if TYPE_CHECKING:
    from css_inline import CSSInliner

__all__ = ["VARIABLE", "build_context", "render_email", "render_whatsapp"]

# Meta's limits for the finished text (facts: WhatsApp §2 and §3).
HEADER_LIMIT = 60
BODY_LIMIT = 1024
SUBJECT_LIMIT = 150
VARIABLE = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")


def render_whatsapp(template: Template, context: dict[str, Any]) -> WhatsappContent:
    """Fills the template's variables with values that Meta takes. Unfit, or without its `document`: GiveUp."""
    where = f"{template.name}/{template.locale}"
    if template.whatsapp is None:
        raise GiveUp("template_without_whatsapp", where)
    whatsapp = template.whatsapp
    file: DocumentFile | None = context["file"] if whatsapp.document else None
    if whatsapp.document and file is None:
        raise GiveUp("document_missing", where)
    header_source, body_source = whatsapp.header or "", tidy_text(whatsapp.body)
    values = {
        name: sanitise_value(render_text(template.variables[name].value, context, where=f"{where} {name}"))
        for name in dict.fromkeys(VARIABLE.findall(header_source + body_source))
    }
    for name, value in values.items():
        if not value:
            raise GiveUp("template_variable_empty", f"{where}: {name} has no value, and Meta takes no empty ones")
    header = _fit_values(header_source, values, HEADER_LIMIT)
    body = _fit_values(body_source, values, BODY_LIMIT)
    buttons: list[ButtonValue] = []
    links: Links = context["links"]
    for index, button in enumerate(whatsapp.buttons):
        if (answer := read_answer(button.payload)) is not None:
            value = f"{ANSWER}{links.question}:{answer}"
        elif button.url is not None:
            value = links.sign(render_text(button.url, context, where=f"{where} button {index}"))
        else:
            value = render_text(button.payload or "", context, where=f"{where} button {index}")
        buttons.append(ButtonValue(index=index, type=button.type, value=value))
    parts = (_fill(header_source, header), _fill(body_source, body), whatsapp.footer or "")
    return WhatsappContent(
        meta_name=template.meta_name,
        language=template.meta_language,
        header=header,
        body=body,
        buttons=tuple(buttons),
        text="\n\n".join(filter(None, parts)),
        media_key=file.key if file else None,
        media_name=file.filename if file else "",
    )


def sanitise_value(value: str) -> str:
    """A parameter as Meta takes it: one line, no tabs, no runs of spaces."""
    return " · ".join(filter(None, (" ".join(line.split()) for line in value.splitlines())))


def _fill(source: str, values: dict[str, str]) -> str:
    return VARIABLE.sub(lambda match: values[match[1]], source)


def _fit_values(source: str, values: dict[str, str], limit: int) -> dict[str, str]:
    """The values of the variables in `source`, the longest ones cut until the whole fits."""
    used = {name: values[name] for name in VARIABLE.findall(source)}
    while (over := len(_fill(source, used)) - limit) > 0:
        longest = max(used, key=lambda name: len(used[name]))
        if len(used[longest]) <= 8:
            raise GiveUp("template_too_long", "the fixed text leaves no room for the values")
        times = VARIABLE.findall(source).count(longest)
        used[longest] = cut_text(used[longest], max(len(used[longest]) - -(-over // times), 8))
    return used


def render_email(template: Template, context: dict[str, Any]) -> EmailContent:
    """Subject, preheader, HTML with its styles inline, and the text part that says the same. Unfit: GiveUp.

    The context's file is attached where the template wants one, and the last line says so.
    """
    where = f"{template.name}/{template.locale}"
    if template.email is None:
        raise GiveUp("template_without_email", where)
    email = template.email

    def render_line(source: str, part: str) -> str:
        return " ".join(render_text(source, context, where=f"{where} email.{part}").split())

    subject = cut_text(render_line(email.subject, "subject"), SUBJECT_LIMIT)
    preheader = render_line(email.preheader, "preheader")
    rtl = context["locale"]["direction"] == "rtl"
    links: Links = context["links"]
    promotes = bool(links.unsubscribe_url) and _has_finds(email.promotion, context)  # never without a way out
    promotion = email.promotion if promotes else ()
    blocks = render_blocks((*email.blocks, *promotion), context, where=where)
    attached: DocumentFile | None = context["file"] if email.document else None
    if attached:
        blocks.append({"kind": "note", "paragraphs": [[context["document"]["label"]]]})
    fields = {
        **context,
        "subject": subject,
        "preheader": preheader,
        "heading": render_line(email.heading, "heading"),
        "blocks": blocks,
        "purpose": "marketing" if promotion else template.purpose,
        "help": context["words"]["help"].format(signer=context["store"]["signer"]),
        "why": _find_why(context["words"], template, bool(promotion)).format(shop=context["store"]["name"]),
        "start": "right" if rtl else "left",
        "end": "left" if rtl else "right",
    }
    del fields["links"], fields["file"]
    html = _open_inliner().inline(render_layout("layout.html", fields))
    return EmailContent(
        subject=subject,
        preheader=preheader,
        html=html,
        text=tidy_text(render_layout("layout.txt", fields)) + "\n",
        attachments=(EmailAttachment(filename=attached.filename, content_type=PDF, body=attached.body),)
        if attached
        else (),
    )


def _has_finds(blocks: Sequence[EmailBlock], context: dict[str, Any]) -> bool:
    """Whether what the blocks introduce is still there to be shown."""
    return all(block.products in context["finds"] for block in blocks if block.products)


def _find_why(words: dict[str, str], template: Template, promotes: bool) -> str:
    """Why this person gets this mail: the template's own reason, else its purpose's, and why it promotes besides."""
    why = words.get(f"why_{template.name}") or words[f"why_{template.purpose}"]
    return f"{why} {words['why_marketing']}" if promotes else why


@cache
def _open_inliner() -> CSSInliner:
    """Inlines styles.css; the media queries of the other two stay in the head, where they work."""
    from css_inline import CSSInliner  # 10 MB of a parser that WhatsApp's sender never needs

    return CSSInliner(load_remote_stylesheets=False)
