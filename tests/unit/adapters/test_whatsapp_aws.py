"""WhatsApp carried by AWS: the same message, and AWS's errors as ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from okaeri import wiring
from okaeri.adapters.whatsapp_aws import AwsWhatsapp
from okaeri.adapters.whatsapp_transports import ChosenWhatsapp
from okaeri.domain.delivery import Receipt
from okaeri.domain.stores import Store, Transport
from okaeri.errors import AnswerLost, GiveUp, OkaeriError, StopSender, TryAgain
from tests.unit.adapters.test_whatsapp_graph import ADDRESS, CONTENT, KEY, Session, accepted, make_sender
from tests.unit.use_cases.speaking import STORE

HOSTED = STORE.model_copy(update={"whatsapp_transport": Transport.AWS, "aws_phone_number_id": "phone-number-id-1"})


@pytest.fixture
def stub() -> Iterator[Stubber]:
    client: Any = boto3.client(
        "socialmessaging", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber:
        yield stubber


def send(stub: Stubber, store: Store = HOSTED) -> Receipt:
    client: Any = stub.client
    return AwsWhatsapp(client, version="v24.0").send(store, ADDRESS, CONTENT, key=KEY, attempt=2, reply_to="wamid.in")


def test_a_file_of_ours_goes_along_by_its_address(stub: Stubber) -> None:
    client: Any = stub.client
    content = CONTENT.model_copy(update={"media_key": "documents/s1/o/c.pdf", "media_name": "Receipt 1001.pdf"})
    sent: list[dict[str, Any]] = []
    client.meta.events.register(
        "provide-client-params.*.SendWhatsAppMessage", lambda params, **_: sent.append(json.loads(params["message"]))
    )
    stub.add_response("send_whatsapp_message", {"messageId": "4f1c"})
    whatsapp = AwsWhatsapp(client, version="v24.0", make_link=lambda key: f"https://files.example/{key}?signed")
    whatsapp.send(HOSTED, ADDRESS, content, key=KEY, attempt=0, reply_to=None)
    header = sent[0]["template"]["components"][0]
    document = {"link": "https://files.example/documents/s1/o/c.pdf?signed", "filename": "Receipt 1001.pdf"}
    assert header == {"type": "header", "parameters": [{"type": "document", "document": document}]}


def test_a_file_that_has_no_address_is_not_sent(stub: Stubber) -> None:
    client: Any = stub.client
    content = CONTENT.model_copy(update={"media_key": "files/s1/o/c.png"})
    with pytest.raises(GiveUp, match="media_not_supported"):
        AwsWhatsapp(client, version="v24.0").send(HOSTED, ADDRESS, content, key=KEY, attempt=0, reply_to=None)


def test_both_transports_carry_the_same_message(stub: Stubber) -> None:
    session = Session(accepted())
    make_sender(session).send(STORE, ADDRESS, CONTENT, key=KEY, attempt=2, reply_to="wamid.in")
    [(_, how)] = session.asked
    stub.add_response(
        "send_whatsapp_message",
        {"messageId": "4f1c"},
        {
            "originationPhoneNumberId": "phone-number-id-1",
            "message": json.dumps(how["json"]).encode(),
            "metaApiVersion": "v24.0",
        },
    )
    assert send(stub).provider_id == "aws:4f1c"
    stub.assert_no_pending_responses()


def test_a_store_without_a_number_at_aws_stops_its_sender(stub: Stubber) -> None:
    with pytest.raises(StopSender, match="no_sender_number"):
        send(stub, STORE)


@pytest.mark.parametrize(
    ("code", "text", "error", "ours"),
    [
        ("ThrottledRequestException", "", TryAgain, "aws_throttled"),
        ("AccessDeniedException", "", StopSender, "aws_AccessDeniedException"),
        ("ResourceNotFoundException", "", StopSender, "aws_ResourceNotFoundException"),
        ("ValidationException", "", GiveUp, "aws_ValidationException"),
        ("InvalidParametersException", "", GiveUp, "aws_InvalidParametersException"),
        # Nobody can know whether Meta had the message by then.
        ("InternalServiceException", "", AnswerLost, "aws_InternalServiceException"),
        ("DependencyException", "", AnswerLost, "aws_DependencyException"),
        # Where AWS quotes Meta, Meta's own code decides.
        ("DependencyException", "(#131026) Message undeliverable to +819012345678", GiveUp, "131026"),
        ("InvalidParametersException", '{"error":{"code":131056}}', TryAgain, "131056"),
        ("DependencyException", "(#7) not one of Meta's", AnswerLost, "aws_DependencyException"),
    ],
)
def test_what_aws_refuses_has_one_next_step(
    stub: Stubber, code: str, text: str, error: type[OkaeriError], ours: str
) -> None:
    stub.add_client_error("send_whatsapp_message", code, text)
    with pytest.raises(error) as raised:
        send(stub)
    assert raised.value.code == ours
    assert "+819012345678" not in str(raised.value)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (EndpointConnectionError(endpoint_url="https://aws"), TryAgain),
        (ConnectTimeoutError(endpoint_url="https://aws"), TryAgain),
        (ReadTimeoutError(endpoint_url="https://aws"), AnswerLost),
        (ConnectionClosedError(endpoint_url="https://aws"), AnswerLost),
    ],
)
def test_only_what_was_surely_not_sent_is_tried_again(
    stub: Stubber, failure: Exception, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**request: Any) -> None:
        raise failure

    monkeypatch.setattr(stub.client, "send_whatsapp_message", fail)
    with pytest.raises(error):
        send(stub)


def test_each_store_is_carried_as_it_chose(stub: Stubber) -> None:
    session = Session(accepted())
    client: Any = stub.client
    made: list[Transport] = []

    def make(transport: Transport, sender: Any) -> Any:
        made.append(transport)
        return sender

    chosen = ChosenWhatsapp(
        {
            Transport.GRAPH: lambda: make(Transport.GRAPH, make_sender(session)),
            Transport.AWS: lambda: make(Transport.AWS, AwsWhatsapp(client, version="v24.0")),
        }
    )
    receipt = chosen.send(STORE, ADDRESS, CONTENT, key=KEY, attempt=0, reply_to=None)
    assert (receipt.provider_id, made) == ("wamid.1", [Transport.GRAPH])
    for _ in range(2):
        stub.add_response("send_whatsapp_message", {"messageId": "4f1c"})
        assert chosen.send(HOSTED, ADDRESS, CONTENT, key=KEY, attempt=0, reply_to=None).provider_id == "aws:4f1c"
    assert made == [Transport.GRAPH, Transport.AWS]


def test_the_client_makes_one_attempt_and_ends_before_its_function() -> None:
    wiring.connect_social_messaging.cache_clear()
    client: Any = wiring.connect_social_messaging()
    assert client.meta.config.retries["total_max_attempts"] == 1
    wiring.connect_social_messaging.cache_clear()
