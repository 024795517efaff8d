"""A WhatsApp message as Meta's JSON: the same whoever carries it.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

from typing import Any

from okaeri.domain.delivery import MessageKey
from okaeri.domain.gates import WhatsappAddress
from okaeri.domain.media import UploadedFile
from okaeri.domain.templates import ButtonValue, ChatMedia, ChatText, WhatsappContent

Json = dict[str, Any]

_HEADER_KINDS = ("image", "video", "document")


def build_body(
    address: WhatsappAddress,
    content: WhatsappContent,
    *,
    key: MessageKey,
    reply_to: str | None,
    file: UploadedFile | None = None,
) -> Json:
    """The request: a template by name, a message of the window with what there is to tap, a file, or plain text."""
    body: Json = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": str(key),  # at most 512 characters
    }
    # A user id in `to` is dropped without a word, so it has a field of its own.
    body |= {"to": address.to} if address.to else {"recipient": address.recipient}
    if content.meta_name:
        body |= {"type": "template", "template": build_template(content, file)}
    elif content.chat:
        body |= build_chat(content.chat, file, content.media_name)
    elif file:
        body |= build_file(file, content.text, content.media_name)
    else:
        body |= build_text(content.text)
    if reply_to:
        body["context"] = {"message_id": reply_to}
    return body


def build_template(content: WhatsappContent, file: UploadedFile | None = None) -> Json:
    """`template` of a send: only components with variables are named. `file` fills a header that holds one."""
    components: list[Json] = []
    if file:
        components.append({"type": "header", "parameters": [_name_file(file, content.media_name)]})
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


def build_text(text: str) -> Json:
    """`type` and `text` of a send. Without a preview: a link's picture is chosen by whoever made the page."""
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def build_file(file: UploadedFile, caption: str, name: str = "") -> Json:
    """`type` and its object for a file that was uploaded. WhatsApp shows no words beside a sound."""
    named = _name_file(file, name)
    if caption and file.kind != "audio":
        named[file.kind] |= {"caption": caption}
    return named


def _name_file(file: UploadedFile, name: str) -> Json:
    """Only a document has a name on the phone."""
    shown = {"filename": name} if name and file.kind == "document" else {}
    place = {"link": file.link} if file.link else {"id": file.media_id}
    return {"type": file.kind, file.kind: place | shown}


def build_chat(chat: ChatText, file: UploadedFile | None = None, name: str = "") -> Json:
    """`type` and its object for a rendered message of the window: interactive, media with a caption, or text.

    `file` goes along: as the header where there is something to tap and Meta takes it there.
    """
    if action := _build_action(chat):
        interactive: Json = {"type": _name_kind(chat), "body": {"text": chat.body}, "action": action}
        if header := _build_header(chat, file, name):
            interactive["header"] = header
        if chat.footer:
            interactive["footer"] = {"text": chat.footer}
        return {"type": "interactive", "interactive": interactive}
    if file:
        return build_file(file, chat.body, name)
    if chat.media:
        media = _build_media(chat.media) | ({"caption": chat.body} if chat.body else {})
        return {"type": chat.media.type, chat.media.type: media}
    return build_text(chat.body)


def _name_kind(chat: ChatText) -> str:
    if chat.product:
        return "product"
    if chat.buttons:
        return "button"
    if chat.list:
        return "list"
    return "cta_url" if chat.link else "location_request_message"


def _build_action(chat: ChatText) -> Json | None:
    """What there is to tap, None where there is nothing."""
    if chat.product:
        return {"catalog_id": chat.product.catalog, "product_retailer_id": chat.product.item}
    if chat.buttons:
        replies = [{"id": button.payload, "title": button.text} for button in chat.buttons]
        return {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}
    if chat.list:
        rows = [
            {"id": row.payload, "title": row.text} | ({"description": row.description} if row.description else {})
            for row in chat.list.rows
        ]
        return {"button": chat.list.button, "sections": [{"title": chat.list.button, "rows": rows}]}
    if chat.link:
        return {"name": "cta_url", "parameters": {"display_text": chat.link.text, "url": chat.link.url}}
    return {"name": "send_location"} if chat.location_request else None


def _build_header(chat: ChatText, file: UploadedFile | None, name: str) -> Json | None:
    """Media before text; a request for a place takes neither, a list no media."""
    if chat.location_request:
        return None
    if file and not chat.list and file.kind in _HEADER_KINDS:
        return _name_file(file, name)
    if chat.media:
        return {"type": chat.media.type, chat.media.type: _build_media(chat.media)}
    return {"type": "text", "text": chat.header} if chat.header else None


def _build_media(media: ChatMedia) -> Json:
    name = {"filename": media.filename} if media.filename and media.type == "document" else {}
    return {"link": media.url} | name
