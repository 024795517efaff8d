"""What WhatsApp gets: values that Meta takes, and a text that reads well whatever is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from local.whatsapp.rendering import fill_template
from local.whatsapp.templates import check_definition
from okaeri.adapters.chat_rendering import render_chat
from okaeri.adapters.meta_templates import describe_for_meta
from okaeri.adapters.rendering import BODY_LIMIT, VARIABLE, build_context, render_whatsapp, sanitise_value
from okaeri.domain.orders import Buyer, OrderLine, Payment
from okaeri.domain.templates import ChatText, Links, Template, WhatsappContent
from okaeri.errors import GiveUp
from tests.catalogue import load_templates
from tests.each_template import each_template
from tests.unit.rendering_samples import (
    AWKWARD_TITLE,
    CUSTOMER,
    JAPANESE_ORDER,
    LINKS,
    NAMELESS_CUSTOMER,
    NOW,
    ORDER,
    REFUND,
    SHIPMENT,
    STORE,
    make_awkward_context,
    make_context,
    make_message,
)

TEMPLATES = {(t.name, t.locale): t for t in load_templates() if t.whatsapp}
CHATS = {(t.name, t.locale): t for t in load_templates() if t.chat}
EACH = each_template(TEMPLATES.values())
Make = Callable[..., dict[str, Any]]
BROKEN = re.compile(r"None|\{\{(?! store\.name)|\{%|  |\(\)|（）|undefined|,\s*,|、、|: *\n|：\n|\u202e| [.,;:!?।،؛]")


@cache
def say(name: str, locale: str, make: Make) -> WhatsappContent:
    """Rendered once for all that is looked at."""
    return render_whatsapp(TEMPLATES[name, locale], make(locale))


@cache
def make_early_context(locale: str, ships: bool) -> dict[str, Any]:
    """Nothing is packed yet; `ships` says whether anything will be."""
    lines = tuple(line.model_copy(update={"needs_shipping": ships}) for line in ORDER.lines)
    order = ORDER.model_copy(update={"lines": lines, "shipments": (), "refunds": (REFUND,)})
    return make_context(locale, order=order, shipment=SHIPMENT)


@cache
def make_worst_context(locale: str) -> dict[str, Any]:
    long = "Extraordinarily long and detailed title of a thing " * 6
    lines = tuple(OrderLine(line_id=str(i), title=long, quantity=9, price=Decimal(1)) for i in range(200))
    changes = {"lines": lines, "payment_instructions": "Bank line\n" * 200, "name": "#" + "9" * 80}
    return make_context(locale, order=ORDER.model_copy(update=changes))


@EACH
@pytest.mark.parametrize("make", [make_context, make_awkward_context])
def test_every_message_reads_well(template: Template, make: Make) -> None:
    content = say(template.name, template.locale, make)
    assert content.text
    assert not BROKEN.search(content.text), content.text
    for value in (*content.header.values(), *content.body.values()):
        assert value.strip() == value != ""
        assert not re.search(r"\n|\t| {4}", value)


@EACH
@pytest.mark.parametrize("ships", [True, False])
def test_a_message_before_the_parcel_reads_well(template: Template, ships: bool) -> None:
    text = render_whatsapp(template, make_early_context(template.locale, ships)).text
    assert not BROKEN.search(text), text
    assert not re.search(r" [;،؛।]", text), text


@EACH
def test_the_parameters_are_those_that_meta_was_told(template: Template) -> None:
    content = say(template.name, template.locale, make_context)
    if template.whatsapp is None:
        assert (content.header, content.body, content.buttons) == ({}, {}, ())
        return
    described = describe_for_meta(template, "https://api.example")
    components = {component["type"]: component for component in described["components"]}
    examples = components["BODY"]["example"]["body_text_named_params"]
    assert content.body.keys() == {example["param_name"] for example in examples}
    header = components.get("HEADER", {}).get("example", {}).get("header_text_named_params", [])
    assert content.header.keys() == {example["param_name"] for example in header}
    assert (described["name"], described["language"]) == (content.meta_name, content.language)
    buttons = components.get("BUTTONS", {}).get("buttons", [])
    assert [button.index for button in content.buttons] == list(range(len(buttons)))


@EACH
def test_the_worst_order_still_fits(template: Template) -> None:
    content = render_whatsapp(template, make_worst_context(template.locale))
    if template.whatsapp:
        assert len(VARIABLE.sub(lambda m: content.body[m[1]], template.whatsapp.body.strip())) <= BODY_LIMIT
        header = VARIABLE.sub(lambda m: content.header[m[1]], template.whatsapp.header or "")
        assert len(header) <= 60


def test_a_confirmation_says_all_that_matters() -> None:
    text = render_whatsapp(TEMPLATES["order_confirmation", "en"], make_context()).text
    for said in (
        "Hi Aiko,",
        "#1001",
        "Linen Apron (M, Natural) × 2, Tea Towel × 1",
        "Total: $109.08 (shipping $5.00, tax $8.08), paid by Visa\n",
        "12 Mill Lane, Portland, OR 97201",
        "Tue, Nov 24",
        "You can return unused items within 30 days, postage on us.",
        "Mia from Linen & Co (help@linen.example)",
    ):
        assert said in text


def test_a_japanese_confirmation_is_japanese() -> None:
    text = render_whatsapp(TEMPLATES["order_confirmation", "ja"], make_context("ja")).text
    for said in (
        "田中 愛子様のご注文 #1001",
        "リネンエプロン（M・生成り） × 2、ティータオル × 1",
        "￥13,800（送料￥550、うち消費税￥1,254）、クレジットカードにてお支払い済み",
        "〒605-0001 京都府京都市東山区祇園町1-2-3 祇園ハイツ405号室",
        "11月24日(火)",
        "リネン商店 三田（help@linen.example）",
    ):
        assert said in text


def test_a_spanish_delay_is_spanish() -> None:
    parcel = ORDER.shipments[0].model_copy(update={"reason": "weather"})
    text = render_whatsapp(TEMPLATES["shipment_delayed", "es"], make_context("es", shipment=parcel)).text
    assert "Hola, Aiko: el paquete de tu pedido #1001 llegará con retraso." in text
    assert "Nueva fecha: martes 24 de noviembre. El motivo: mal tiempo en la ruta.\n" in text


def test_a_hindi_shopper_is_addressed_with_respect_whichever_name_is_known() -> None:
    template = TEMPLATES["order_cancelled", "hi"]
    for given, family, greeting in (("अनन्या", "शर्मा", "अनन्या जी"), (None, "शर्मा", "शर्मा जी"), (None, None, "जी")):
        customer = CUSTOMER.model_copy(update={"first_name": given, "last_name": family})
        order = ORDER.model_copy(update={"buyer": Buyer(), "cancel_reason": "नीला कपड़ा खत्म हो गया"})
        text = render_whatsapp(template, make_context("hi", customer=customer, order=order)).text
        assert f"नमस्ते {greeting}, आपका ऑर्डर #1001" in text
        assert "नीला कपड़ा खत्म हो गया। आपका पैसा वापस किया जाएगा" in text


def test_a_shopper_without_a_name_is_still_greeted() -> None:
    order = ORDER.model_copy(update={"buyer": Buyer()})
    nobody: dict[str, Any] = {"customer": NAMELESS_CUSTOMER, "order": order}
    assert "Hi there," in render_whatsapp(TEMPLATES["order_confirmation", "en"], make_context(**nobody)).text
    assert "お客様のご注文" in render_whatsapp(TEMPLATES["order_confirmation", "ja"], make_context("ja", **nobody)).text


@pytest.mark.parametrize("name", ["Win $$$ www.spam.example", "https://spam.example", "x" * 60, " \u202e ", "a@b.c"])
def test_a_name_that_is_none_is_not_spoken(name: str) -> None:
    customer = CUSTOMER.model_copy(update={"first_name": name, "last_name": None})
    assert "Hi there," in render_whatsapp(TEMPLATES["order_confirmation", "en"], make_context(customer=customer)).text


def test_a_title_is_said_as_it_is_written() -> None:
    assert AWKWARD_TITLE in render_whatsapp(TEMPLATES["order_confirmation", "ja"], make_awkward_context("ja")).text


def test_a_template_in_a_title_is_not_obeyed() -> None:
    line = ORDER.lines[0].model_copy(update={"title": "{{ store.email }}{% for x in range(9) %}"})
    context = make_context(order=ORDER.model_copy(update={"lines": (line,)}))
    content = render_whatsapp(TEMPLATES["order_confirmation", "en"], context)
    assert "{{ store.email }}{% for x in range(9) %}" in content.body["items"]


def test_a_parcel_of_several_says_which_it_is() -> None:
    text = render_whatsapp(TEMPLATES["shipment_delayed", "en"], make_awkward_context()).text
    assert "(parcel 2 of 3)" in text
    assert "（全3個中2個目）" in render_whatsapp(TEMPLATES["shipment_delayed", "ja"], make_awkward_context("ja")).text
    assert "parcel 1" not in render_whatsapp(TEMPLATES["shipment_delayed", "en"], make_context()).text


def test_parcels_that_are_told_together_are_all_named() -> None:
    first = SHIPMENT.model_copy(update={"line_ids": (ORDER.lines[0].line_id,), "tracking_number": "1Z001"})
    second = first.model_copy(
        update={"shipment_id": "s2", "line_ids": (ORDER.lines[1].line_id,), "tracking_number": "1Z002"}
    )
    order = ORDER.model_copy(update={"shipments": (first, second, first.model_copy(update={"shipment_id": "s3"}))})
    message = make_message("en", "shipment_shipped")
    together = message.model_copy(update={"refs": message.refs.model_copy(update={"siblings": ("s2",)})})
    context = build_context(
        store=STORE,
        customer=CUSTOMER,
        message=together,
        order=order,
        shipment=first,
        refund=None,
        cart=None,
        links=LINKS,
        now=NOW,
    )
    text = render_whatsapp(TEMPLATES["shipment_shipped", "en"], context).text
    assert "(parcel 1 + 2 of 3)" in text
    assert "1Z001, 1Z002" in text
    assert all(line.title in text for line in ORDER.lines[:2])


def test_a_delay_says_so_in_its_first_line_with_the_new_date() -> None:
    content = render_whatsapp(TEMPLATES["shipment_delayed", "en"], make_context())
    assert content.text.splitlines()[0] == "Your delivery is delayed"
    assert "New date: Tue, Nov 24." in content.text


def test_a_date_is_the_shoppers_own() -> None:
    evening = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    parcel = SHIPMENT.model_copy(update={"eta": evening})
    abroad = CUSTOMER.model_copy(update={"time_zone": "Asia/Tokyo"})
    template = TEMPLATES["shipment_out_for_delivery", "en"]
    assert "around 3:00 PM" in render_whatsapp(template, make_context(shipment=parcel)).text
    delayed = TEMPLATES["shipment_delayed", "en"]
    assert "Wed, Nov 25" in render_whatsapp(delayed, make_context(shipment=parcel, customer=abroad)).text


def test_a_carriers_date_without_a_time_keeps_its_day_everywhere() -> None:
    text = render_whatsapp(TEMPLATES["shipment_out_for_delivery", "en"], make_context()).text
    assert "has not named an hour" in text
    assert "Tue, Nov 24" in render_whatsapp(TEMPLATES["shipment_shipped", "en"], make_context()).text


def test_money_has_the_decimals_of_its_currency() -> None:
    context = make_context("en", order=JAPANESE_ORDER)
    assert context["order"]["total"] == "¥13,800"
    assert make_context()["order"]["total"] == "$109.08"


@pytest.mark.parametrize(
    ("payment", "words"),
    [
        (Payment.PAID, "paid back to you"),
        (Payment.PENDING, "not been charged"),
        (Payment.AUTHORIZED, "not been charged"),
    ],
)
def test_a_cancellation_says_what_becomes_of_the_money(payment: Payment, words: str) -> None:
    order = ORDER.model_copy(update={"payment": payment, "cancel_reason": "customer"})
    text = render_whatsapp(TEMPLATES["order_cancelled", "en"], make_context(order=order)).text
    assert words in text
    assert "cancelled as you asked" in text


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("out of stock", "Out of stock. What"), ("We ran out!", "We ran out! What"), ("在庫切れ", "在庫切れ。 What")],
)
def test_a_reason_in_the_shops_words_is_a_sentence(reason: str, sentence: str) -> None:
    order = ORDER.model_copy(update={"payment": Payment.PAID, "cancel_reason": reason})
    assert sentence in render_whatsapp(TEMPLATES["order_cancelled", "en"], make_context(order=order)).text


@pytest.mark.parametrize("reason", ["fraud", "staff", "other"])
def test_a_shops_own_reason_is_not_told(reason: str) -> None:
    order = ORDER.model_copy(update={"cancel_reason": reason})
    assert reason not in render_whatsapp(TEMPLATES["order_cancelled", "en"], make_context(order=order)).text


def test_a_refund_names_amount_way_and_an_honest_day() -> None:
    text = render_whatsapp(TEMPLATES["order_refunded", "en"], make_context()).text
    assert "$38.00" in text
    assert "Visa •••• 4242" in text
    assert "by about Thu, Dec 3" in text


def test_buttons_carry_the_signed_target_and_the_payload() -> None:
    signed: list[str] = []

    def sign(url: str) -> str:
        signed.append(url)
        return "linen.token"

    context = make_context()
    context["links"] = Links(sign=sign)
    content = render_whatsapp(TEMPLATES["browse_reminder", "en"], context)
    assert signed == ["https://linen.example/products/apron"]
    assert [button.value for button in content.buttons] == ["linen.token", "STOP_MARKETING"]


def test_a_carriers_script_is_no_link() -> None:
    assert make_awkward_context()["shipment"]["url"] == "https://linen.example"


def test_a_value_is_one_line_without_tabs_and_runs_of_spaces() -> None:
    assert sanitise_value("IBAN  DE89\t3704\r\n\n  Linen \u00a0 & Co\n") == "IBAN DE89 3704 · Linen & Co"


def test_an_empty_value_is_refused_before_meta_refuses_it() -> None:
    template = TEMPLATES["order_confirmation", "en"]
    variables = template.variables | {"items": template.variables["items"].model_copy(update={"value": " "})}
    with pytest.raises(GiveUp) as refused:
        render_whatsapp(template.model_copy(update={"variables": variables}), make_context())
    assert refused.value.code == "template_variable_empty"


@pytest.mark.parametrize("source", ["{{ order.nothing }}", "{% for i in range(10000000) %}x{% endfor %}", "{{ order."])
def test_a_broken_template_gives_up_without_a_name_in_the_error(source: str) -> None:
    template = Template(name="t", locale="en", purpose="order", chat=ChatText(body=source))
    with pytest.raises(GiveUp) as refused:
        render_chat(template, make_context())
    assert refused.value.code == "template_broken"
    assert "Aiko" not in str(refused.value)


def test_a_stop_is_confirmed_in_one_text() -> None:
    reached = CUSTOMER.model_copy(update={"emails": ("aiko@example.com",)})
    text = render_chat(CHATS["stop_confirmed", "en"], make_context(customer=reached)).text
    assert "no more messages on WhatsApp" in text
    assert "by e-mail instead" in text
    assert "by e-mail" not in render_chat(CHATS["stop_confirmed", "en"], make_context()).text


def test_meta_gets_a_button_with_our_fixed_base() -> None:
    described = describe_for_meta(TEMPLATES["browse_reminder", "ja"], "https://api.example/")
    buttons = described["components"][-1]["buttons"]
    assert buttons[0]["url"] == "https://api.example/l/{{1}}"
    assert buttons[0]["example"][0].startswith("https://api.example/l/")
    assert buttons[1] == {"type": "QUICK_REPLY", "text": "お知らせを停止する"}
    assert described["parameter_format"] == "NAMED"
    assert (described["category"], described["language"]) == ("MARKETING", "ja")
    with pytest.raises(GiveUp):
        describe_for_meta(CHATS["stop_confirmed", "en"], "https://api.example")


@EACH
def test_the_stand_in_that_enforces_metas_rules_takes_template_and_values(template: Template) -> None:
    if template.whatsapp is None:
        return
    definition = describe_for_meta(template, "https://api.example", handle="4::example")
    check_definition(definition)
    for make in (make_context, make_awkward_context):
        content = say(template.name, template.locale, make)
        components: list[dict[str, Any]] = [
            {
                "type": kind,
                "parameters": [{"type": "text", "parameter_name": k, "text": v} for k, v in values.items()],
            }
            for kind, values in (("header", content.header), ("body", content.body))
            if values
        ]
        if content.media_key:
            document = {"id": "1", "filename": content.media_name}
            components.append({"type": "header", "parameters": [{"type": "document", "document": document}]})
        for button in content.buttons:
            key = "text" if button.type == "url" else "payload"
            parameters = [{"type": key, key: button.value}]
            components.append(
                {"type": "button", "sub_type": button.type, "index": button.index, "parameters": parameters}
            )
        shown = fill_template(definition, components)
        assert shown.text.split() == content.text.split()
        targets = [button.get("url") or button.get("payload") for button in shown.buttons]
        assert all(targets)
