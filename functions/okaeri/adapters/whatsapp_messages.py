"""A WhatsApp message as Meta's JSON: the same whoever carries it.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

from typing import Any

from okaeri.domain.delivery import MessageKey
from okaeri.domain.gates import WhatsappAddress
from okaeri.domain.templates import ButtonValue, WhatsappContent

Json = dict[str, Any]


def build_body(address: WhatsappAddress, content: WhatsappContent, *, key: MessageKey, reply_to: str | None) -> Json:
    """The request: a template by name, or (where the content names none) plain text."""
    body: Json = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": str(key),  # at most 512 characters
    }
    # A user id in `to` is dropped without a word, so it has a field of its own.
    body |= {"to": address.to} if address.to else {"recipient": address.recipient}
    if content.meta_name:
        body |= {"type": "template", "template": build_template(content)}
    else:
        body |= {"type": "text", "text": {"body": content.text, "preview_url": False}}
    if reply_to:
        body["context"] = {"message_id": reply_to}
    return body


def build_template(content: WhatsappContent) -> Json:
    """`template` of a send: only components with variables are named."""
    components: list[Json] = []
    for kind, values in (("header", content.header), ("body", content.body)):
        if values:
            parameters = [{"type": "text", "parameter_name": n, "text": v} for n, v in values.items()]
            components.append({"type": kind, "parameters": parameters})
    components += [_build_button(button) for button in content.buttons]
    template: Json = {"name": content.meta_name, "language": {"code": content.language}}
    return template | ({"components": components} if components else {})


def _build_button(button: ButtonValue) -> Json:
    parameter = (
        {"type": "text", "text": button.value} if button.type == "url" else {"type": "payload", "payload": button.value}
    )
    return {"type": "button", "sub_type": button.type, "index": str(button.index), "parameters": [parameter]}
