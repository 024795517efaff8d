"""Messages without a template: what Meta takes, and how the phone shows them. Pure."""

from typing import Any

from .errors import GraphError
from .rendering import Shown

type Json = dict[str, Any]

MEDIA_TYPES = ("image", "video", "audio", "document", "sticker")


def show_free_form(kind: str, payload: Json) -> Shown:
    """The message of `payload[kind]`. Raises 131008, 131009, 131051 or 100 as Meta does."""
    content = payload.get(kind)
    if kind not in ("text", "interactive", "location", *MEDIA_TYPES):
        raise GraphError(131051, f"Message type {kind!r} is not supported by the stand-in")
    if not isinstance(content, dict):
        raise GraphError(100, f"Invalid parameter: {kind} must be an object")
    if kind == "text":
        return Shown(body=read_string(content, "text", "body", 4096))
    if kind == "interactive":
        return show_interactive(content)
    if kind == "location":
        if not all(isinstance(content.get(key), int | float | str) for key in ("latitude", "longitude")):
            raise GraphError(131008, "location needs latitude and longitude")
        return Shown(body=str(content.get("name") or ""), media={"type": kind, **content})
    return show_media(kind, content)


def read_string(content: Json, where: str, key: str, longest: int, required: bool = True) -> str:
    """`content[key]`, within its length (131008, 131009)."""
    value = content.get(key)
    if value in (None, "") and not required:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise GraphError(131008, f"Required parameter is missing: {where}.{key}")
    if len(value) > longest:
        raise GraphError(131009, f"{where}.{key}: {len(value)} characters, at most {longest}")
    return value


def show_media(kind: str, content: Json) -> Shown:
    """By `link` (https or http) or by `id`, exactly one."""
    link, media_id = content.get("link"), content.get("id")
    if bool(link) == bool(media_id):
        raise GraphError(131008, f"{kind}: give exactly one of id and link")
    if link and not str(link).startswith(("https://", "http://")):
        raise GraphError(131009, f"{kind}.link is not a valid URL")
    caption = read_string(content, kind, "caption", 1024, required=False)
    if caption and kind in ("audio", "sticker"):
        raise GraphError(100, f"Invalid parameter: {kind} takes no caption")
    return Shown(body=caption, media={"type": kind, **content})


def show_interactive(content: Json) -> Shown:
    """Reply buttons, a list, a link button, a product or a location request."""
    kind = content.get("type")
    builders = {
        "button": show_reply_buttons,
        "list": show_list,
        "cta_url": show_link,
        "product": show_product,
        "location_request_message": show_location_request,
    }
    if kind not in builders:
        raise GraphError(131009, f"interactive.type {kind!r} is not supported by the stand-in")
    action = content.get("action")
    if not isinstance(action, dict):
        raise GraphError(131008, "Required parameter is missing: interactive.action")
    body = content.get("body")
    if not isinstance(body, dict):
        raise GraphError(131008, "Required parameter is missing: interactive.body")
    shown = Shown(body=read_string(body, "body", "text", 4096 if kind == "list" else 1024))
    if footer := content.get("footer"):
        shown.footer = read_string(footer, "footer", "text", 60)
    if header := content.get("header"):
        add_header(shown, header, text_only=kind == "list")
    builders[kind](shown, action)
    return shown


def add_header(shown: Shown, header: Json, text_only: bool) -> None:
    """Text of 60 characters, or media where the type of message takes it."""
    kind = header.get("type")
    if kind == "text":
        shown.header = read_string(header, "header", "text", 60)
    elif kind in ("image", "video", "document") and not text_only:
        shown.media = show_media(kind, header.get(kind) or {}).media
    else:
        raise GraphError(131009, f"interactive.header.type {kind!r} is not allowed here")


def show_reply_buttons(shown: Shown, action: Json) -> None:
    """1 to 3, titles of 20 and ids of 256 characters, each once."""
    buttons = action.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise GraphError(131009, "interactive.action.buttons: 1 to 3 buttons")
    for button in buttons:
        reply = button.get("reply")
        if button.get("type") != "reply" or not isinstance(reply, dict):
            raise GraphError(131009, 'interactive.action.buttons: each is {"type": "reply", "reply": {"id", "title"}}')
        shown.buttons.append(
            {
                "type": "reply",
                "text": read_string(reply, "reply", "title", 20),
                "payload": read_string(reply, "reply", "id", 256),
            }
        )
    for key in ("text", "payload"):
        if len({button[key] for button in shown.buttons}) != len(shown.buttons):
            raise GraphError(131009, "interactive.action.buttons: titles and ids must be unique")


def show_list(shown: Shown, action: Json) -> None:
    """At most 10 sections and 10 rows in all; sections need titles when there are several."""
    shown.list_button = read_string(action, "action", "button", 20)
    sections = action.get("sections")
    if not isinstance(sections, list) or not 1 <= len(sections) <= 10:
        raise GraphError(131009, "interactive.action.sections: 1 to 10 sections")
    for section in sections:
        title = read_string(section, "section", "title", 24, required=len(sections) > 1)
        for row in section.get("rows") or []:
            shown.buttons.append(
                {
                    "type": "row",
                    "text": read_string(row, "row", "title", 24),
                    "payload": read_string(row, "row", "id", 200),
                    "description": read_string(row, "row", "description", 72, required=False),
                    "section": title,
                }
            )
    if not 1 <= len(shown.buttons) <= 10:
        raise GraphError(131009, "interactive.action.sections: 1 to 10 rows in all")
    if len({row["payload"] for row in shown.buttons}) != len(shown.buttons):
        raise GraphError(131009, "interactive.action.sections: row ids must be unique")


def show_link(shown: Shown, action: Json) -> None:
    """One button that opens an address."""
    parameters = action.get("parameters")
    if action.get("name") != "cta_url" or not isinstance(parameters, dict):
        raise GraphError(131008, 'interactive.action: {"name": "cta_url", "parameters": {"display_text", "url"}}')
    url = read_string(parameters, "parameters", "url", 2000)
    if not url.startswith(("https://", "http://")):
        raise GraphError(131009, "interactive.action.parameters.url is not a valid URL")
    label = read_string(parameters, "parameters", "display_text", 20)
    shown.buttons.append({"type": "url", "text": label, "url": url})


def show_product(shown: Shown, action: Json) -> None:
    """A product of the shop's catalogue, which the phone shows by itself. Meta takes no header beside it."""
    if shown.header or shown.media:
        raise GraphError(131009, "product takes no header")
    read_string(action, "interactive.action", "catalog_id", 64)
    item = read_string(action, "interactive.action", "product_retailer_id", 100)
    shown.buttons.append({"type": "product", "text": item})


def show_location_request(shown: Shown, action: Json) -> None:
    """The phone offers to send its place. Meta takes words here, and nothing above or below them."""
    if action.get("name") != "send_location":
        raise GraphError(131009, "interactive.action.name must be send_location")
    if shown.header or shown.footer or shown.media:
        raise GraphError(131009, "location_request_message takes neither header nor footer")
    shown.buttons.append({"type": "location", "text": "Send location"})
