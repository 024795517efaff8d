"""How a message looks, as it is counted: by the one thing that strikes the eye first. Pure."""

from __future__ import annotations

from okaeri.domain.templates import EmailContent, WhatsappContent

FORMATS = ("text", "buttons", "list", "picture", "video", "document", "product")
_MEDIA = {"image": "picture", "video": "video", "document": "document"}


def find_chat_format(content: WhatsappContent) -> str:
    """A WhatsApp message's: what stands above the words goes before what stands below them."""
    chat = content.chat
    if content.media_key is not None:
        return "document" if content.media_name else "picture"
    if chat is None:
        return "buttons" if content.buttons else "text"
    if chat.product is not None:
        return "product"
    if chat.media is not None:
        return _MEDIA[chat.media.type]
    if chat.list is not None:
        return "list"
    return "buttons" if chat.buttons or chat.link is not None or chat.location_request else "text"


def find_mail_format(content: EmailContent) -> str:
    """An e-mail's: with a file, with pictures of products, or with neither. A button is in nearly all of them."""
    if content.attachments:
        return "document"
    return "picture" if "<img " in content.html else "text"
