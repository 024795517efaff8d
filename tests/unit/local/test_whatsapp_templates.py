"""Which template definitions the stand-in takes, and what a filled one says, by Meta's limits."""

from __future__ import annotations

from typing import Any

import pytest

from local.whatsapp.errors import GraphError
from local.whatsapp.rendering import fill_template
from local.whatsapp.templates import check_definition

Json = dict[str, Any]

BODY = "Hello {{1}}, your order {{2}} is on its way to you today."
URL = {"type": "URL", "text": "Track", "url": "https://shop.example/{{1}}", "example": ["https://shop.example/x"]}
QUICK = {"type": "QUICK_REPLY", "text": "Ask a question"}


def make_body(text: str = BODY, *examples: str) -> Json:
    return {"type": "BODY", "text": text, "example": {"body_text": [list(examples or ("Ada", "#1"))]}}


def make_definition(*components: Json, **change: Any) -> Json:
    return {
        "name": "order_shipped",
        "language": "en",
        "category": "UTILITY",
        "components": list(components) or [make_body()],
        **change,
    }


def make_header(text: str, **example: Any) -> Json:
    return {"type": "HEADER", "format": "TEXT", "text": text, "example": example}


def make_buttons(*buttons: Json) -> Json:
    return {"type": "BUTTONS", "buttons": list(buttons)}


NAMED_BODY = {
    "type": "BODY",
    "text": "こんにちは、{{name}} 様。ご注文の {{item}} を本日発送いたしました。",
    "example": {"body_text_named_params": [{"param_name": n, "example": "x"} for n in ("name", "item")]},
}


@pytest.mark.parametrize(
    "definition",
    [
        make_definition(),
        make_definition(NAMED_BODY, language="ja", parameter_format="NAMED"),
        make_definition(make_header("Order {{1}}", header_text=["#1"]), make_body(), make_buttons(QUICK, QUICK, URL)),
        make_definition({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}}, make_body()),
        make_definition(message_send_ttl_seconds=43_200),
        make_definition({"type": "BODY", "text": "x" * 1024}, {"type": "FOOTER", "text": "y" * 60}),
    ],
)
def test_a_definition_within_the_limits_is_taken(definition: Json) -> None:
    check_definition(definition)


@pytest.mark.parametrize(
    ("definition", "subcode"),
    [
        (make_definition(name="Order-Shipped"), None),
        (make_definition(language="jp"), None),
        (make_definition(category="PROMOTIONAL"), None),
        (make_definition(message_send_ttl_seconds=10), None),
        (make_definition({"type": "BODY", "text": "x" * 1025}), 2388040),
        (make_definition({"type": "BODY", "text": BODY}), 2388043),
        (make_definition(make_body(BODY, "Ada")), 2388043),
        (make_definition(make_body("{{1}}, your order {{2}} is on its way to you today.")), 2388299),
        (make_definition(make_body("On its way to you today is your good order {{1}} {{2}}!")), 2388072),
        (make_definition(make_body("Hello {{1}}, your order {{3}} is on its way to you.")), 2388072),
        (make_definition(make_body("Hello {{1}}, {{2}} thanks")), 2388293),
        (make_definition(make_body("Hello {{name}}, your order {{item}} is on its way.")), 2388072),
        (make_definition(make_header("x" * 61), make_body()), 2388040),
        (make_definition(make_header("*Shipped*"), make_body()), 2388047),
        (make_definition(make_header("Shipped 🎉"), make_body()), 2388047),
        (make_definition(make_header("{{1}} of {{2}}", header_text=["1", "2"]), make_body()), 2388047),
        (make_definition({"type": "HEADER", "format": "IMAGE"}, make_body()), 2388047),
        (make_definition(make_body(), {"type": "FOOTER", "text": "From {{1}}"}), 2388073),
        (make_definition(make_body(), {"type": "FOOTER", "text": "x" * 61}), 2388040),
        (make_definition({"type": "FOOTER", "text": "x"}), 2388072),
        (make_definition(make_body(), make_buttons(URL, URL, URL)), None),
        (make_definition(make_body(), make_buttons(*[QUICK] * 11)), None),
        (make_definition(make_body(), make_buttons(QUICK, URL, QUICK)), None),
        (make_definition(make_body(), make_buttons({**QUICK, "text": "x" * 26})), 2388040),
        (make_definition(make_body(), make_buttons({**URL, "url": "https://x.example/{{1}}/y"})), None),
        (make_definition(make_body(), make_buttons({k: v for k, v in URL.items() if k != "example"})), 2388043),
        (make_definition(make_body(), {"type": "CAROUSEL", "cards": []}), None),
    ],
)
def test_a_definition_beyond_a_limit_is_refused_with_meta_s_subcode(definition: Json, subcode: int | None) -> None:
    with pytest.raises(GraphError) as refused:
        check_definition(definition)
    assert (refused.value.code, refused.value.subcode) == (100, subcode)


def text(value: str, name: str | None = None) -> Json:
    return {"type": "text", "text": value} | ({"parameter_name": name} if name else {})


def body(*parameters: Json) -> Json:
    return {"type": "body", "parameters": list(parameters)}


def button(index: Any, sub_type: str, parameter: Json) -> Json:
    return {"type": "button", "index": index, "sub_type": sub_type, "parameters": [parameter]}


FULL = make_definition(make_body(), {"type": "FOOTER", "text": "Hana"}, make_buttons(QUICK, URL))
SUFFIX = button(1, "url", text("o/1"))
ADA = body(text("Ada"), text("#1001"))


def test_a_filled_template_reads_as_on_the_phone() -> None:
    shown = fill_template(FULL, [ADA, SUFFIX, button("0", "QUICK_REPLY", {"type": "payload", "payload": "ASK"})])
    assert shown.text == "Hello Ada, your order #1001 is on its way to you today.\nHana"
    assert shown.buttons == [
        {"type": "quick_reply", "text": "Ask a question", "payload": "ASK"},
        {"type": "url", "text": "Track", "url": "https://shop.example/o/1"},
    ]


def test_named_parameters_may_come_in_any_order() -> None:
    definition = make_definition(NAMED_BODY, parameter_format="NAMED")
    shown = fill_template(definition, [body(text("エプロン", "item"), text("佐藤", "name"))])
    assert shown.text == "こんにちは、佐藤 様。ご注文の エプロン を本日発送いたしました。"


def test_a_value_that_looks_like_a_variable_stays_what_it_is() -> None:
    assert "Hello {{2}}," in fill_template(FULL, [body(text("{{2}}"), text("#1")), SUFFIX]).text


@pytest.mark.parametrize(
    ("components", "code"),
    [
        ([SUFFIX], 132000),
        ([body(text("Ada")), SUFFIX], 132000),
        ([body(text("Ada"), text("#1"), text("x")), SUFFIX], 132000),
        ([{"type": "header", "parameters": [text("x")]}, ADA, SUFFIX], 132000),
        ([body(text("Ada"), text("")), SUFFIX], 131008),
        ([body(text("Ada"), text("line\nbreak")), SUFFIX], 132018),
        ([body(text("Ada"), text("a\tb")), SUFFIX], 132018),
        ([body(text("Ada"), text("a    b")), SUFFIX], 132018),
        ([body(text("Ada"), {"type": "image", "image": {"link": "https://x"}}), SUFFIX], 132012),
        ([body(text("Ada"), text("x" * 1024)), SUFFIX], 132005),
        ([ADA], 131008),
        ([ADA, button(2, "url", text("o/1"))], 131009),
        ([ADA, button(0, "url", text("o/1"))], 131009),
        ([ADA, button("first", "url", text("o/1"))], 131009),
        ([ADA, button(1, "url", text("o 1"))], 132012),
        ([ADA, SUFFIX, SUFFIX], 132012),
        ([ADA, SUFFIX, button(0, "quick_reply", {"type": "payload", "payload": "x" * 257})], 131009),
    ],
)
def test_parameters_that_do_not_fit_are_refused_with_meta_s_code(components: list[Json], code: int) -> None:
    with pytest.raises(GraphError) as refused:
        fill_template(FULL, components)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ([], 132012),
        ([text("x")], 132012),
        ([{"type": "document", "document": {"link": "https://x.example/a.pdf"}}], 132012),
        ([{"type": "image", "image": {}}], 131008),
        ([{"type": "image", "image": {"link": "javascript:alert(1)"}}], 131009),
    ],
)
def test_a_media_header_needs_media_of_its_format(parameters: list[Json], code: int) -> None:
    definition = make_definition({"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Look at this."})
    with pytest.raises(GraphError) as refused:
        fill_template(definition, [{"type": "header", "parameters": parameters}])
    assert refused.value.code == code


def test_a_carousel_needs_as_many_cards_as_it_was_made_with() -> None:
    card = {"components": [{"type": "BODY", "text": "For you, {{1}}, from us."}]}
    definition = make_definition({"type": "BODY", "text": "New"}, {"type": "CAROUSEL", "cards": [card, card]})
    cards = [{"card_index": i, "components": [body(text(name))]} for i, name in enumerate(("tea", "cups"))]
    shown = fill_template(definition, [{"type": "carousel", "cards": cards}])
    assert shown.text == "New\nFor you, tea, from us.\nFor you, cups, from us."
    with pytest.raises(GraphError) as refused:
        fill_template(definition, [{"type": "carousel", "cards": cards[:1]}])
    assert refused.value.code == 132000
