"""A template as Meta's management API takes it (facts: WhatsApp §3, create)."""

from __future__ import annotations

from typing import Any

from okaeri.adapters.rendering import VARIABLE
from okaeri.adapters.template_engine import tidy_text
from okaeri.domain.templates import Template, WhatsappButton
from okaeri.errors import GiveUp

# What a reviewer at Meta sees behind a button; real suffixes are signed tokens (signed_links.py).
EXAMPLE_SUFFIX = "store.IjEwMDEi.example"


def describe_for_meta(template: Template, public_url: str, *, handle: str = "") -> dict[str, Any]:
    """The body of `POST /{waba_id}/message_templates`. A template without WhatsApp components: GiveUp.

    `handle` names an example that was uploaded, for a header that holds a file.
    """
    whatsapp = template.whatsapp
    if whatsapp is None:
        raise GiveUp("template_without_whatsapp", f"{template.name}/{template.locale}")
    components: list[dict[str, Any]] = []
    if whatsapp.document:
        example = {"example": {"header_handle": [handle]}} if handle else {}
        components.append({"type": "HEADER", "format": "DOCUMENT", **example})
    elif whatsapp.header is not None:
        header: dict[str, Any] = {"type": "HEADER", "format": "TEXT", "text": whatsapp.header}
        if examples := _list_examples(template, whatsapp.header):
            header["example"] = {"header_text_named_params": examples}
        components.append(header)
    body: dict[str, Any] = {"type": "BODY", "text": tidy_text(whatsapp.body)}
    if examples := _list_examples(template, whatsapp.body):
        body["example"] = {"body_text_named_params": examples}
    components.append(body)
    if whatsapp.footer is not None:
        components.append({"type": "FOOTER", "text": whatsapp.footer})
    if whatsapp.buttons:
        buttons = [_describe_button(button, public_url.rstrip("/")) for button in whatsapp.buttons]
        components.append({"type": "BUTTONS", "buttons": buttons})
    return {
        "name": template.meta_name,
        "language": template.meta_language,
        "category": whatsapp.category,
        "parameter_format": "NAMED",
        "components": components,
    }


def _list_examples(template: Template, source: str) -> list[dict[str, str]]:
    names = dict.fromkeys(VARIABLE.findall(source))
    return [{"param_name": name, "example": template.variables[name].example} for name in names]


def _describe_button(button: WhatsappButton, public_url: str) -> dict[str, Any]:
    if button.type == "quick_reply":
        return {"type": "QUICK_REPLY", "text": button.text}
    return {
        "type": "URL",
        "text": button.text,
        "url": f"{public_url}/l/{{{{1}}}}",
        "example": [f"{public_url}/l/{EXAMPLE_SUFFIX}"],
    }
