"""The request that Meta gets, and what its answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from okaeri.adapters.whatsapp_graph import GraphWhatsapp, read_answer
from okaeri.adapters.whatsapp_messages import build_body
from okaeri.domain.delivery import MessageKey, Receipt
from okaeri.domain.gates import WhatsappAddress
from okaeri.domain.templates import ButtonValue, WhatsappContent
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain
from tests.fakes import FakeSecrets
from tests.unit.use_cases.speaking import STORE

KEY = MessageKey("s1", "c1", "m1")
ADDRESS = WhatsappAddress(to="+819012345678")
CONTENT = WhatsappContent(
    meta_name="order_confirmation_v1",
    language="en",
    header={"order": "#1001"},
    body={"name": "Aiko", "items": 'Linen "Apron" <M>'},
    buttons=(
        ButtonValue(index=0, type="url", value="s1.token"),
        ButtonValue(index=1, type="quick_reply", value="STOP_MARKETING"),
    ),
    text="…",
)


def answer(status: int, body: Any) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return response


class Session(requests.Session):
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, *answers: requests.Response | Exception) -> None:
        super().__init__()
        self.answers, self.asked, self.closed = list(answers), list[tuple[str, Any]](), 0

    def post(self, url: str, data: Any = None, json: Any = None, **how: Any) -> requests.Response:  # type: ignore[override]  # fewer types than requests declares
        self.asked.append((url, {"json": json, **how}))
        given = self.answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    def close(self) -> None:
        self.closed += 1


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def make_sender(session: Session, time: Time | None = None, **secrets: dict[str, str]) -> GraphWhatsapp:
    time = time or Time()
    return GraphWhatsapp(
        FakeSecrets(secrets or {"stores/s1/whatsapp": {"token": "t0ken"}}),
        base_url="https://graph.example",
        version="v24.0",
        session=session,
        read_time=time,
    )


def accepted(message_id: str = "wamid.1", **more: str) -> requests.Response:
    return answer(200, {"messaging_product": "whatsapp", "messages": [{"id": message_id, **more}]})


def send(sender: GraphWhatsapp) -> Receipt:
    return sender.send(STORE, ADDRESS, CONTENT, key=KEY, attempt=0, reply_to=None)


def test_a_template_goes_out_by_names_with_our_key() -> None:
    assert build_body(ADDRESS, CONTENT, key=KEY, reply_to=None) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+819012345678",
        "biz_opaque_callback_data": "s1/c1/m1",
        "type": "template",
        "template": {
            "name": "order_confirmation_v1",
            "language": {"code": "en"},
            "components": [
                {"type": "header", "parameters": [{"type": "text", "parameter_name": "order", "text": "#1001"}]},
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "parameter_name": "name", "text": "Aiko"},
                        {"type": "text", "parameter_name": "items", "text": 'Linen "Apron" <M>'},
                    ],
                },
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "0",
                    "parameters": [{"type": "text", "text": "s1.token"}],
                },
                {
                    "type": "button",
                    "sub_type": "quick_reply",
                    "index": "1",
                    "parameters": [{"type": "payload", "payload": "STOP_MARKETING"}],
                },
            ],
        },
    }


def test_a_user_id_goes_into_recipient_for_meta_drops_it_in_to() -> None:
    body = build_body(WhatsappAddress(recipient="JP.1349"), CONTENT, key=KEY, reply_to=None)
    assert (body.get("to"), body["recipient"]) == (None, "JP.1349")


def test_an_answer_is_plain_text_that_quotes() -> None:
    body = build_body(ADDRESS, WhatsappContent(text="Done."), key=KEY, reply_to="wamid.in")
    assert body["text"] == {"body": "Done.", "preview_url": False}
    assert body["context"] == {"message_id": "wamid.in"}
    assert "template" not in body


def test_the_stores_own_token_number_and_time_limits_are_used() -> None:
    session = Session(accepted())
    assert send(make_sender(session)) == Receipt(provider_id="wamid.1")
    [(url, how)] = session.asked
    assert url == "https://graph.example/v24.0/1001/messages"
    assert how["headers"] == {"Authorization": "Bearer t0ken"}
    assert sum(how["timeout"]) < 30
    assert how["allow_redirects"] is False


def test_the_session_never_repeats_a_post() -> None:
    sender = GraphWhatsapp(FakeSecrets(), base_url="https://graph.example", version="v24.0")
    adapter = sender._session.get_adapter("https://graph.example")
    assert isinstance(adapter, requests.adapters.HTTPAdapter)
    assert adapter.max_retries.total == 0


def test_a_connection_that_slept_is_not_trusted_with_a_message() -> None:
    session, time = Session(accepted(), accepted(), accepted()), Time()
    sender = make_sender(session, time)
    send(sender)
    opened = session.closed
    time.now += 5
    send(sender)
    assert session.closed == opened
    time.now += 60
    send(sender)
    assert session.closed == opened + 1


def test_a_missing_token_stops_the_sender_before_anything_is_asked() -> None:
    session = Session()
    with pytest.raises(StopSender, match="token_missing"):
        send(make_sender(session, None, other={"token": "x"}))
    assert session.asked == []


@pytest.mark.parametrize(
    ("contacts", "phone", "user_id"),
    [
        ([{"input": "+819012345678", "wa_id": "819012345678"}], "+819012345678", None),
        ([{"input": "+5511987654321", "wa_id": "551187654321"}], "+5511987654321", None),
        ([{"input": "+525512345678", "wa_id": "5215512345678"}], "+525512345678", None),
        ([{"input": "JP.1349", "user_id": "JP.1349"}], None, "JP.1349"),
        ([], None, None),
        ("?", None, None),
        ([None], None, None),
    ],
)
def test_whom_meta_says_that_it_reaches_is_read_in_our_form(
    contacts: Any, phone: str | None, user_id: str | None
) -> None:
    body = {"contacts": contacts, "messages": [{"id": "wamid.1"}]}
    receipt = read_answer(answer(200, body), attempt=0)
    assert (receipt.phone, receipt.wa_user_id) == (phone, user_id)


def test_held_is_not_the_same_as_accepted() -> None:
    held = accepted(message_status="held_for_quality_assessment")
    assert read_answer(held, attempt=0).held
    assert not read_answer(accepted(message_status="accepted"), attempt=0).held


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        (answer(400, {"error": {"code": 131026}}), GiveUp, "131026"),
        (answer(401, {"error": {"code": 190}}), StopSender, "190"),
        (answer(500, {"error": {"code": 131000}}), TryAgain, "131000"),
        (answer(500, {"error": {"code": 424242}}), TryAgain, "424242"),
        (answer(429, b"slow down"), TryAgain, "http_429"),
        (answer(404, b"<html>"), GiveUp, "http_404"),
        (answer(302, b""), GiveUp, "http_302"),
        # Nobody can know what a gateway did with the request that it did not answer itself.
        (answer(502, b"<html>Bad Gateway</html>"), AnswerLost, "http_502"),
        (answer(200, b"<html>"), AnswerLost, "http_200"),
        (answer(200, {"messages": []}), AnswerLost, "http_200"),
        (answer(200, {"messages": "?"}), AnswerLost, "http_200"),
        (answer(200, []), AnswerLost, "http_200"),
    ],
)
def test_an_answer_is_a_no_or_it_is_lost(given: requests.Response, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as raised:
        read_answer(given, attempt=0)
    assert getattr(raised.value, "code", None) == code


def test_the_wait_for_one_person_grows_with_the_attempt() -> None:
    with pytest.raises(TryAgain) as raised:
        read_answer(answer(400, {"error": {"code": 131056}}), attempt=2)
    assert raised.value.after_s == 64
