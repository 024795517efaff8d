"""Messages without a template: Meta's lengths and numbers."""

from __future__ import annotations

from typing import Any

import pytest

from local.whatsapp.errors import GraphError
from local.whatsapp.free_form import show_free_form

Json = dict[str, Any]


def make_buttons(*titles: str) -> Json:
    replies = [{"type": "reply", "reply": {"id": f"id-{i}", "title": title}} for i, title in enumerate(titles)]
    return {"type": "button", "body": {"text": "Which?"}, "action": {"buttons": replies}}


def make_list(rows: int, sections: int = 1, title: str | None = "Topics") -> Json:
    listed = [
        {"rows": [{"id": f"{s}-{r}", "title": f"Row {r}"} for r in range(rows)]} | ({"title": title} if title else {})
        for s in range(sections)
    ]
    return {"type": "list", "body": {"text": "Why?"}, "action": {"button": "Choose", "sections": listed}}


def make_link(**change: str) -> Json:
    parameters = {"display_text": "Open", "url": "https://shop.example/", **change}
    return {"type": "cta_url", "body": {"text": "Here"}, "action": {"name": "cta_url", "parameters": parameters}}


def make_place(**parts: Json) -> Json:
    return {"type": "location_request_message", "body": {"text": "Where?"}, "action": {"name": "send_location"}} | parts


def test_header_body_and_footer_are_read_in_this_order() -> None:
    content = make_buttons("Yes") | {"footer": {"text": "Hana"}, "header": {"type": "text", "text": "Order #1"}}
    shown = show_free_form("interactive", {"interactive": content})
    assert shown.text == "Order #1\nWhich?\nHana"
    assert shown.buttons == [{"type": "reply", "text": "Yes", "payload": "id-0"}]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"body": "x" * 4096}),
        ("image", {"link": "https://shop.example/a.png", "caption": "x" * 1024}),
        ("document", {"id": "123", "filename": "invoice.pdf"}),
        ("interactive", make_buttons("Yes", "No", "Later")),
        ("interactive", make_list(5, sections=2)),
        ("interactive", make_list(10, title=None)),
        ("interactive", make_link()),
        ("interactive", make_place()),
    ],
)
def test_what_meta_takes_is_taken(kind: str, content: Json) -> None:
    show_free_form(kind, {kind: content})


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("text", {"body": ""}, 131008),
        ("text", {"body": "x" * 4097}, 131009),
        ("text", "Hello", 100),
        ("poll", {}, 131051),
        ("image", {}, 131008),
        ("image", {"link": "https://x.example/a.png", "id": "1"}, 131008),
        ("image", {"link": "file:///etc/passwd"}, 131009),
        ("audio", {"id": "1", "caption": "x"}, 100),
        ("interactive", make_buttons(), 131009),
        ("interactive", make_buttons("1", "2", "3", "4"), 131009),
        ("interactive", make_buttons("x" * 21), 131009),
        ("interactive", make_buttons("Yes", "Yes"), 131009),
        ("interactive", make_list(11), 131009),
        ("interactive", make_list(1, sections=11), 131009),
        ("interactive", make_list(1, sections=2, title=None), 131008),
        ("interactive", make_link(display_text="x" * 21), 131009),
        ("interactive", make_place(footer={"text": "Hana"}), 131009),
        ("interactive", make_place(action={"name": "locate"}), 131009),
        ("interactive", make_link(url="javascript:alert(1)"), 131009),
        ("interactive", make_list(1) | {"header": {"type": "image", "image": {"id": "1"}}}, 131009),
        ("interactive", {"type": "button", "action": {"buttons": []}}, 131008),
    ],
)
def test_what_meta_refuses_is_refused(kind: str, content: Any, code: int) -> None:
    with pytest.raises(GraphError) as refused:
        show_free_form(kind, {kind: content})
    assert refused.value.code == code
