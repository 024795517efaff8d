"""The WhatsApp stand-in over HTTP, as the business and the shopper meet it."""

from __future__ import annotations

import hashlib
import hmac
import html
import json
from typing import Any

import pytest
import requests

from local.whatsapp.samples import make_sample
from tests.functional.local.conftest import (
    APP_SECRET,
    BUSINESS_PHONE,
    NUMBER,
    OTHER_NUMBER,
    OTHER_WABA,
    TOKEN,
    WABA,
    Business,
    Phones,
    wait_for,
)

MISAKI = "+819012345678"
TRACK = {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "abc"}]}


def code_of(answer: requests.Response) -> int:
    code: int = answer.json()["error"]["code"]
    return code


def id_of(answer: requests.Response) -> str:
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["messages"][0]["id"]
    return found


@pytest.fixture
def shipped(phones: Phones) -> Phones:
    phones.approve("order_shipped")
    return phones


def test_a_template_reaches_the_phone_and_its_statuses_come_back_signed(shipped: Phones, business: Business) -> None:
    answer = shipped.send_template(
        MISAKI, "order_shipped", "みさき", 'Linen "Apron" <M>', buttons=[TRACK], biz_opaque_callback_data="message-1"
    )
    assert answer.json()["contacts"] == [{"input": MISAKI, "wa_id": "819012345678"}]
    [seen] = shipped.shown(MISAKI)
    assert seen["text"] == 'Hello みさき, your order Linen "Apron" <M> is on its way to you.\nHana from Linen & Co'
    assert (seen["template"], seen["language"], seen["category"]) == ("order_shipped", "en", "utility")
    assert seen["buttons"] == [
        {"type": "quick_reply", "text": "Ask a question", "payload": "Ask a question"},
        {"type": "url", "text": "Track", "url": "https://shop.example/o/abc"},
    ]
    assert (seen["to"], seen["phone_number_id"], seen["biz_opaque_callback_data"]) == (MISAKI, NUMBER, "message-1")
    statuses = wait_for(lambda: (found := business.statuses(id_of(answer))) and len(found) == 3 and found)
    assert [s["status"] for s in statuses or []] == ["sent", "delivered", "read"]
    assert all(s["biz_opaque_callback_data"] == "message-1" for s in statuses or [])
    for body, signature in business.bodies:
        assert signature == "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_webhook_bodies_are_escaped_so_that_only_the_raw_bytes_verify(phones: Phones, business: Business) -> None:
    phones.reply(MISAKI, to=NUMBER, text="届きました / ありがとう")
    body = wait_for(lambda: business.bodies)[0][0]
    assert b"\\u5c4a" in body and b"\\/" in body and body.isascii()


@pytest.mark.parametrize(
    ("path", "token", "code", "subcode"),
    [(NUMBER, "stolen", 190, None), (NUMBER, "", 190, None), ("424242", None, 100, 33)],
)
def test_a_wrong_token_or_number_is_refused(
    phones: Phones, path: str, token: str | None, code: int, subcode: int | None
) -> None:
    body = {"messaging_product": "whatsapp", "to": MISAKI, "type": "text", "text": {"body": "Hello"}}
    options: dict[str, Any] = {} if token is None else {"token": token}
    answer = phones.graph("POST", f"{path}/messages", body, **options)
    error = answer.json()["error"]
    assert (error["code"], error.get("error_subcode")) == (code, subcode)
    assert answer.status_code == (401 if code == 190 else 400)
    assert {"message", "type", "fbtrace_id"} <= set(error)


def test_free_form_needs_an_open_window_which_a_reply_opens_and_a_day_closes(phones: Phones) -> None:
    hello: dict[str, Any] = {"to": MISAKI, "type": "text", "text": {"body": "Hello"}}
    assert code_of(phones.send(**hello)) == 131047
    phones.reply(MISAKI, to=NUMBER, text="Hi")
    assert phones.send(**hello).status_code == 200
    phones.control("clock", advance_s=24 * 3600)
    assert code_of(phones.send(**hello)) == 131047


def test_a_window_is_open_only_with_the_number_that_was_written_to(phones: Phones) -> None:
    phones.reply(MISAKI, to=BUSINESS_PHONE, text="Hi")
    assert code_of(phones.send(OTHER_NUMBER, to=MISAKI, type="text", text={"body": "Hello"})) == 131047


def test_a_tap_on_a_quick_reply_comes_as_button_and_on_a_link_as_nothing(shipped: Phones, business: Business) -> None:
    payload = {"type": "button", "sub_type": "quick_reply", "index": 0}
    asked = {**payload, "parameters": [{"type": "payload", "payload": "ASK-1001"}]}
    sent = shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[asked, TRACK])
    shipped.reply(MISAKI, button="ask a question")
    [tap] = wait_for(lambda: business.messages)
    assert tap["type"] == "button"
    assert tap["button"] == {"payload": "ASK-1001", "text": "Ask a question"}
    assert tap["context"] == {"id": id_of(sent), "from": BUSINESS_PHONE.removeprefix("+")}
    refusal = requests.post(f"{shipped.address}/_/reply", json={"from": MISAKI, "button": "Track"}, timeout=10)
    assert refusal.status_code == 400 and "url" in refusal.json()["error"]


def test_interactive_buttons_and_lists_are_answered_by_id(phones: Phones, business: Business) -> None:
    phones.reply(MISAKI, to=NUMBER, text="Hi")
    buttons = [{"type": "reply", "reply": {"id": "yes-1", "title": "Yes"}}]
    interactive: dict[str, Any] = {"type": "button", "body": {"text": "Did it arrive?"}, "action": {"buttons": buttons}}
    assert phones.send(to=MISAKI, type="interactive", interactive=interactive).status_code == 200
    phones.reply(MISAKI, button="Yes")
    rows = [{"id": "size", "title": "Size", "description": "Too large"}, {"id": "other", "title": "Other"}]
    action = {"button": "Choose", "sections": [{"rows": rows}]}
    listed = {"type": "list", "body": {"text": "Why?"}, "action": action}
    assert phones.send(to=MISAKI, type="interactive", interactive=listed).status_code == 200
    phones.reply(MISAKI, row="size")
    answers = wait_for(lambda: len(business.messages) == 3 and [m.get("interactive") for m in business.messages])
    assert answers and answers[1:] == [
        {"type": "button_reply", "button_reply": {"id": "yes-1", "title": "Yes"}},
        {"type": "list_reply", "list_reply": {"id": "size", "title": "Size", "description": "Too large"}},
    ]


def test_a_person_known_by_user_id_alone_can_write_and_be_answered(phones: Phones, business: Business) -> None:
    phones.reply(None, user_id="JP.123456789", to=NUMBER, text="Hi")
    [message] = wait_for(lambda: business.messages)
    assert message["from_user_id"] == "JP.123456789" and "from" not in message
    answer = phones.send(recipient="JP.123456789", type="text", text={"body": "Hello"})
    assert answer.json()["contacts"] == [{"input": "JP.123456789", "user_id": "JP.123456789"}]
    statuses = wait_for(lambda: business.statuses(id_of(answer)))
    assert statuses[0]["recipient_user_id"] == "JP.123456789" and "recipient_id" not in statuses[0]
    found = requests.get(f"{phones.address}/_/messages", timeout=10).json()
    assert [(m["to"], m["recipient"]) for m in found] == [(None, "JP.123456789")]


def test_a_phone_that_hides_its_number_is_named_by_user_id_alone(shipped: Phones, business: Business) -> None:
    person = shipped.control("phones", phone=MISAKI, hides_phone=True)
    sent = shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK])
    statuses = wait_for(lambda: business.statuses(id_of(sent)))
    assert "recipient_id" not in statuses[0]
    assert statuses[0]["recipient_user_id"] == person["user_id"]


def test_a_number_that_is_not_on_whatsapp_fails_later_and_shows_no_message(shipped: Phones, business: Business) -> None:
    nobody = "+819012340000"
    shipped.control("phones", phone=nobody, on_whatsapp=False)
    sent = shipped.send_template(nobody, "order_shipped", "Misaki", "#1001", buttons=[TRACK])
    statuses = wait_for(lambda: business.statuses(id_of(sent)))
    assert [(s["status"], s["errors"][0]["code"]) for s in statuses] == [("failed", 131026)]
    assert shipped.shown(nobody) == []


def test_refusals_that_are_said_later_can_be_said_at_once(shipped: Phones) -> None:
    shipped.control("phones", phone="+819012340000", on_whatsapp=False)
    shipped.control("configure", said_later=[])
    answer = shipped.send_template("+819012340000", "order_shipped", "Misaki", "#1001", buttons=[TRACK])
    shipped.control("configure", said_later=[131026, 131049])
    assert code_of(answer) == 131026


def test_marketing_stops_for_who_stopped_it_and_in_the_usa_while_order_messages_go_on(
    shipped: Phones, business: Business
) -> None:
    shipped.approve("sale", "MARKETING")
    shipped.control("preferences", **{"from": MISAKI, "to": NUMBER, "value": "stop"})
    heard = wait_for(lambda: [v for v in business.values if "user_preferences" in v])
    assert heard[0]["user_preferences"][0]["value"] == "stop"
    assert code_of(shipped.send_template(MISAKI, "sale", "Misaki", "x", buttons=[TRACK])) == 131050
    assert shipped.send_template(MISAKI, "order_shipped", "Misaki", "x", buttons=[TRACK]).status_code == 200
    american = shipped.send_template("+12125550188", "sale", "Bob", "x", buttons=[TRACK])
    statuses = wait_for(lambda: business.statuses(id_of(american)))
    assert statuses[0]["errors"][0]["code"] == 131049
    assert shipped.send_template("+12125550188", "order_shipped", "Bob", "x", buttons=[TRACK]).status_code == 200


def test_the_forty_sixth_message_at_once_to_a_person_hits_the_pair_rate(shipped: Phones) -> None:
    codes = [
        shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK]).status_code
        for _ in range(45)
    ]
    assert set(codes) == {200}
    assert code_of(shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK])) == 131056
    shipped.control("clock", advance_s=6)
    assert shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK]).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [({"code": 131056}, 400, 131056), ({"code": 131000}, 500, 131000), ({"http_status": 503}, 503, 2)],
)
def test_an_ordered_fault_strikes_as_often_as_ordered(
    shipped: Phones, fault: dict[str, Any], status: int, code: int
) -> None:
    shipped.control("faults", **fault, times=1)
    answer = shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK])
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert shipped.shown(MISAKI) == []
    assert shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK]).status_code == 200


def test_a_dropped_response_leaves_the_message_on_the_phone(shipped: Phones) -> None:
    shipped.control("faults", drop_response=True, times=1)
    with pytest.raises(requests.ConnectionError):
        shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK])
    assert len(shipped.shown(MISAKI)) == 1


def test_a_timeout_leaves_nothing_on_the_phone(shipped: Phones) -> None:
    shipped.control("faults", timeout=True, times=1)
    body = {"messaging_product": "whatsapp", "to": MISAKI, "type": "text", "text": {"body": "Hello"}}
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{shipped.address}/v24.0/{NUMBER}/messages",
            json=body,
            headers={"Authorization": "Bearer EAA-test-token"},
            timeout=0.3,
        )
    assert shipped.shown(MISAKI) == []


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"doubled": True, "read_s": None}, ["delivered", "delivered", "sent", "sent"]),
        ({"read_s": None}, ["delivered", "sent"]),
    ],
)
def test_statuses_come_as_ordered(
    shipped: Phones, business: Business, order: dict[str, Any], expected: list[str]
) -> None:
    shipped.control("statuses", **order)
    sent = id_of(shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK]))
    wait_for(lambda: len(business.statuses(sent)) >= len(expected))
    assert sorted(s["status"] for s in business.statuses(sent)) == expected


def test_shuffled_statuses_come_in_the_wrong_order_with_the_right_times(shipped: Phones, business: Business) -> None:
    shipped.control("statuses", shuffled=True, sent_s=0.01, delivered_s=0.1, read_s=2)
    sent = id_of(shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK]))
    shipped.control("clock", advance_s=2)
    statuses = wait_for(lambda: (found := business.statuses(sent)) and len(found) == 3 and found) or []
    assert [s["status"] for s in statuses] == ["read", "delivered", "sent"]
    assert int(statuses[0]["timestamp"]) > int(statuses[2]["timestamp"])


def test_a_message_is_read_when_somebody_looks_at_the_phone(shipped: Phones, business: Business) -> None:
    shipped.control("statuses", read_s=None, sent_s=0, delivered_s=0)
    sent = id_of(shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK]))
    wait_for(lambda: shipped.shown(MISAKI)[0]["status"] == "delivered")
    person = shipped.control("phones", phone=MISAKI)
    chat = {"chat": f"{NUMBER}~{person['user_id']}"}
    requests.post(f"{shipped.address}/_/page/seen", params=chat, timeout=10)
    wait_for(lambda: "read" in [s["status"] for s in business.statuses(sent)])


def test_a_webhook_that_is_refused_is_tried_again(phones: Phones, business: Business) -> None:
    business.answers.extend([500])
    phones.reply(MISAKI, to=NUMBER, text="Hi")
    wait_for(lambda: not business.answers)
    phones.control("clock", advance_s=1)
    [message] = wait_for(lambda: business.messages)
    assert message["text"] == {"body": "Hi"}


def test_a_webhook_address_that_fails_the_handshake_is_not_taken(phones: Phones, business: Business) -> None:
    body = {"webhook_url": business.url, "verify_token": "wrong"}
    answer = requests.post(f"{phones.address}/_/configure", json=body, timeout=10)
    assert answer.status_code == 400 and "403" in answer.json()["error"]
    phones.control("configure", verify_token="verify-token")


def test_an_account_without_a_subscribed_app_sends_no_webhook(phones: Phones, business: Business) -> None:
    assert phones.graph("DELETE", f"{OTHER_WABA}/subscribed_apps").json() == {"success": True}
    phones.reply(MISAKI, to=OTHER_NUMBER, text="unheard")
    assert phones.graph("POST", f"{OTHER_WABA}/subscribed_apps").json() == {"success": True}
    phones.reply(MISAKI, to=OTHER_NUMBER, text="heard")
    wait_for(lambda: business.messages)
    assert [m["text"]["body"] for m in business.messages] == ["heard"]


def test_templates_are_reviewed_told_of_listed_in_pages_and_deleted(phones: Phones, business: Business) -> None:
    names = [f"paged_{i}" for i in range(3)]
    for name in names:
        created = phones.create_template(name).json()
        assert created["status"] == "PENDING"
    wait_for(lambda: all(phones.template_status(name) == "APPROVED" for name in names))
    events = wait_for(lambda: len(e := [v for v in business.values if "event" in v]) == 3 and e) or []
    assert {(e["event"], e["message_template_name"]) for e in events} == {("APPROVED", name) for name in names}
    seen: list[str] = []
    path = f"{WABA}/message_templates?name=paged_&limit=2&fields=name"
    while path:
        page = phones.graph("GET", path).json()
        assert all(set(t) == {"name", "id"} for t in page["data"])
        seen += [t["name"] for t in page["data"]]
        path = page.get("paging", {}).get("next", "").removeprefix(f"{phones.address}/v24.0/")
    assert sorted(seen) == names
    assert code_of(phones.graph("GET", f"{WABA}/message_templates?after=nonsense")) == 131059
    for name in names:
        assert phones.graph("DELETE", f"{WABA}/message_templates?name={name}").json() == {"success": True}
    again = phones.create_template(names[0]).json()["error"]
    assert again["error_subcode"] == 2388023


def test_a_template_twice_is_refused_and_a_paused_one_does_not_send(shipped: Phones, business: Business) -> None:
    assert shipped.create_template("order_shipped").json()["error"]["error_subcode"] == 2388024
    for status, code in (("PAUSED", 132015), ("DISABLED", 132016), ("REJECTED", 132001)):
        shipped.control("templates", name="order_shipped", status=status)
        answer = shipped.send_template(MISAKI, "order_shipped", "Misaki", "#1001", buttons=[TRACK])
        assert code_of(answer) == code
        wait_for(lambda status=status: status in [v.get("event") for v in business.values])  # type: ignore[misc]  # a lambda's default
    shipped.control("templates", name="order_shipped", status="APPROVED")


def test_an_approved_template_is_edited_once_a_day(phones: Phones) -> None:
    phones.approve("edited")
    listed = phones.graph("GET", f"{WABA}/message_templates?name=edited&fields=components").json()["data"][0]
    body = {"components": [{"type": "BODY", "text": "Your order is on its way."}]}
    assert phones.graph("POST", listed["id"], body).json() == {"success": True}
    wait_for(lambda: phones.template_status("edited") == "APPROVED")
    assert code_of(phones.graph("POST", listed["id"], body)) == 100


def test_pictures_can_be_sent_by_a_phone_and_fetched_by_the_business(phones: Phones, business: Business) -> None:
    phones.reply(MISAKI, to=NUMBER, media={"type": "document", "filename": "receipt.pdf", "caption": "My receipt"})
    [message] = wait_for(lambda: business.messages)
    assert message["document"]["filename"] == "receipt.pdf"
    described = phones.graph("GET", message["document"]["id"]).json()
    assert requests.get(described["url"], timeout=10).status_code == 401, "without the token nobody reads it"
    content = fetch(described["url"])
    assert content.startswith(b"%PDF") and len(content) == described["file_size"]
    assert hashlib.sha256(content).hexdigest() == described["sha256"]


@pytest.mark.parametrize(
    ("kind", "as_meta_names_it", "begins"),
    [
        ("image", "image", b"\x89PNG"),
        ("voice", "audio", b"OggS"),
        ("audio", "audio", b"OggS"),
        ("video", "video", b"\x00\x00\x00\x18ftyp"),
        ("sticker", "sticker", b"RIFF"),
    ],
)
def test_a_phone_sends_files_that_open(
    phones: Phones, business: Business, kind: str, as_meta_names_it: str, begins: bytes
) -> None:
    phones.reply(MISAKI, to=NUMBER, media=kind)
    [message] = wait_for(lambda: business.messages)
    assert message["type"] == as_meta_names_it
    assert message["audio"]["voice"] is (kind == "voice") if as_meta_names_it == "audio" else True
    described = phones.graph("GET", message[as_meta_names_it]["id"]).json()
    assert fetch(described["url"]).startswith(begins)


def test_a_file_is_gone_after_a_week_and_its_address_after_five_minutes(phones: Phones, business: Business) -> None:
    phones.reply(MISAKI, to=NUMBER, media="image")
    [message] = wait_for(lambda: business.messages)
    media_id = message["image"]["id"]
    address = phones.graph("GET", media_id).json()["url"]
    phones.control("clock", advance_s=301)
    with pytest.raises(requests.HTTPError):
        fetch(address)
    assert fetch(phones.graph("GET", media_id).json()["url"])
    phones.control("clock", advance_s=7 * 86_400)
    gone = phones.graph("GET", media_id)
    assert (code_of(gone), gone.json()["error"]["error_subcode"]) == (100, 33)


def test_a_business_uploads_a_file_once_and_sends_it_by_its_id(phones: Phones) -> None:
    picture = make_sample("image")[1]
    uploaded = phones.upload(NUMBER, "image/png", picture)
    media_id = uploaded.json()["id"]
    phones.reply(MISAKI, to=NUMBER, text="Hi")
    assert phones.send(to=MISAKI, type="image", image={"id": media_id, "caption": "Your item"}).ok
    [shown] = wait_for(lambda: phones.shown(MISAKI))
    assert requests.get(f"{phones.address}{shown['media']['link']}", timeout=10).content == picture
    assert code_of(phones.send(to=MISAKI, type="image", image={"id": "12345"})) == 131009
    assert code_of(phones.send(OTHER_NUMBER, to=MISAKI, type="image", image={"id": media_id})) == 131009


@pytest.mark.parametrize(
    ("kind", "content"), [("text/html", b"<p>Hi</p>"), ("image/webp", bytes(600_000)), ("image/png", b"")]
)
def test_meta_takes_no_file_of_another_kind_or_size(phones: Phones, kind: str, content: bytes) -> None:
    assert code_of(phones.upload(NUMBER, kind, content)) == 100


def test_a_phone_changes_takes_back_and_says_what_meta_does_not_hand_on(phones: Phones, business: Business) -> None:
    first = phones.reply(MISAKI, to=NUMBER, text="Order 1001")["id"]
    phones.reply(MISAKI, edit={"text": "Order 1002"})
    phones.reply(MISAKI, edit={"id": first})
    phones.reply(MISAKI, revoke="last")
    phones.reply(MISAKI, unsupported="poll")
    phones.reply(MISAKI, location={"name": "Tokyo Tower"})
    phones.reply(MISAKI, contacts=[{"name": "Yuki Tanaka", "phone": "+81 90-1111-2222"}])
    heard = wait_for(lambda: business.messages if len(business.messages) == 7 else [])
    by_type = {(m["type"], bool(m.get("edit", {}).get("message"))): m for m in heard}
    assert by_type["edit", True]["edit"] == {
        "original_message_id": first,
        "message": {"type": "text", "text": {"body": "Order 1002"}},
    }
    assert by_type["edit", False]["edit"] == {"original_message_id": first}
    assert by_type["revoke", False]["revoke"] == {"original_message_id": first}
    assert by_type["unsupported", False]["errors"][0]["code"] == 131051
    assert by_type["location", False]["location"]["name"] == "Tokyo Tower"
    assert by_type["contacts", False]["contacts"][0]["phones"] == [{"phone": "+81 90-1111-2222", "type": "CELL"}]


def fetch(address: str) -> bytes:
    """A file at the address that Meta gave, with the token."""
    answer = requests.get(address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)
    answer.raise_for_status()
    return answer.content


def test_what_the_doctor_asks_is_answered(phones: Phones) -> None:
    token = phones.graph("GET", "debug_token?input_token=EAA-test-token").json()["data"]
    assert token["is_valid"] and "whatsapp_business_messaging" in token["scopes"]
    assert not phones.graph("GET", "debug_token?input_token=other").json()["data"]["is_valid"]
    number = phones.graph("GET", f"{NUMBER}?fields=verified_name,quality_rating").json()
    assert number["verified_name"] == "Linen" and number["quality_rating"] == "GREEN"
    assert [n["id"] for n in phones.graph("GET", f"{WABA}/phone_numbers").json()["data"]] == [NUMBER]
    assert phones.graph("GET", f"{WABA}/subscribed_apps").json()["data"]


@pytest.mark.parametrize("path", ["reply", "faults", "statuses", "clock", "reset", "configure", "phones"])
def test_an_unknown_key_of_a_control_body_is_named(phones: Phones, path: str) -> None:
    answer = requests.post(f"{phones.address}/_/{path}", json={"nonsense": 1}, timeout=10)
    assert answer.status_code == 400 and "nonsense" in answer.json()["error"]


def test_a_request_of_another_shape_is_refused_as_meta_does(phones: Phones) -> None:
    phones.reply(MISAKI, to=NUMBER, text="Hi")
    strange: list[dict[str, Any]] = [
        {"to": MISAKI, "type": "interactive", "interactive": {"type": "button", "body": [], "action": {}}},
        {"to": MISAKI, "type": "template", "template": {"name": "x", "language": "en"}},
        {"to": MISAKI, "type": "text", "text": "Hello"},
        {"to": {"a": 1}, "type": "text", "text": {"body": "Hello"}},
    ]
    for message in strange:
        answer = phones.send(**message)
        assert answer.status_code == 400 and answer.json()["error"]["type"] == "OAuthException"


def test_the_phone_page_shows_what_was_said_and_executes_none_of_it(shipped: Phones) -> None:
    shipped.send_template(MISAKI, "order_shipped", "<script>alert(1)</script>", "*#1001*", buttons=[TRACK])
    page = requests.get(shipped.address, timeout=10).text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<strong>#1001</strong>" in page
    assert 'href="https://shop.example/o/abc"' in html.unescape(page)
    version = json.loads(requests.get(f"{shipped.address}/_/page", timeout=10).text)["version"]
    wait_for(lambda: shipped.shown(MISAKI)[0]["status"] == "read")
    later = json.loads(requests.get(f"{shipped.address}/_/page?version={version}", timeout=10).text)
    unchanged = requests.get(f"{shipped.address}/_/page?version={later['version']}", timeout=10)
    assert "ticks read" in later["conversation"] and unchanged.status_code == 204
