"""What goes on the queues, and how it comes off them, against SQS as template.yaml sets it up."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from okaeri import wiring
from okaeri.adapters.queues import SqsQueues, pack_body, read_envelope, read_quarantined
from okaeri.domain.evidence import CustomerSeen, Envelope, MessageReceived
from okaeri.domain.messages import QueuedMessage
from okaeri.domain.orders import Buyer
from okaeri.domain.values import Channel, Lane
from okaeri.errors import GiveUp, TryAgain
from tests.fakes import START
from tests.functional.aws_from_template import MadeStack

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

QUEUES = {
    "events": "EventsQueue",
    "bulk": "BulkQueue",
    "soon": "SoonQueue",
    "statuses": "StatusesQueue",
    "whatsapp_transactional": "WhatsappTransactionalQueue",
    "email_marketing": "EmailMarketingQueue",
    "quarantine": "QuarantineQueue",
}


@pytest.fixture
def queues(made_stack: MadeStack) -> SqsQueues:
    urls = {name: made_stack.queue_url(logical_id) for name, logical_id in QUEUES.items()}
    return SqsQueues(wiring.connect_sqs(), urls)


def make_reply(envelope_id: str = "e1", *, text: str = "hi", phone: str = "+819012345678") -> Envelope:
    evidence = MessageReceived(provider_id="wamid.1", at=START, type="text", phone=phone, text=text)
    return Envelope(id=envelope_id, store_id="s1", source="whatsapp", received_at=START, evidence=evidence)


def receive(stack: MadeStack, queue: str) -> list[MessageTypeDef]:
    """Takes everything that the queue will give, and deletes it so that the next of each group follows."""
    sqs, url, taken = wiring.connect_sqs(), stack.queue_url(queue), list[Any]()
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        taken += messages
    return taken


def test_evidence_comes_off_its_lanes_queue_as_it_went_on(made_stack: MadeStack, queues: SqsQueues) -> None:
    sent = [make_reply(str(number), text=f"配送はいつですか 😀 \x00\x1b {number}") for number in range(23)]
    queues.send_evidence(sent)
    queues.send_evidence(sent[:1], lane=Lane.MARKETING)
    events = receive(made_stack, "EventsQueue")
    assert [read_envelope(message["Body"]) for message in events] == sent
    assert [read_envelope(m["Body"]) for m in receive(made_stack, "BulkQueue")] == sent[:1]
    assert all(message["Body"].isascii() for message in events)


def test_a_group_is_one_thing_of_one_store_and_shows_no_address(made_stack: MadeStack, queues: SqsQueues) -> None:
    other_store = make_reply("3").model_copy(update={"store_id": "s2"})
    queues.send_evidence([make_reply("1"), make_reply("2"), other_store, make_reply("4", phone="+4915112345678")])
    groups = [m["Attributes"]["MessageGroupId"] for m in receive(made_stack, "EventsQueue")]
    assert len(groups) == 4
    assert len(set(groups)) == 3
    assert all(len(group) == 40 and group.isalnum() for group in groups)


def test_a_webhook_that_comes_again_is_queued_once(made_stack: MadeStack, queues: SqsQueues) -> None:
    first = make_reply()
    queues.send_evidence([first])
    queues.send_evidence([first.model_copy(update={"received_at": START + timedelta(seconds=40)})])
    queues.send_evidence([make_reply(text="another text under the same id")])
    texts = [json.loads(m["Body"])["evidence"]["text"] for m in receive(made_stack, "EventsQueue")]
    assert sorted(texts) == ["another text under the same id", "hi"]


def make_long_text(length: int) -> str:
    return "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))


def test_large_evidence_is_compressed_and_comes_back_whole(made_stack: MadeStack, queues: SqsQueues) -> None:
    large = make_reply(text="long " * 60_000)
    queues.send_evidence([large, make_reply("small")])
    bodies = [message["Body"] for message in receive(made_stack, "EventsQueue")]
    assert [read_envelope(body).id for body in bodies] == ["e1", "small"]
    assert read_envelope(bodies[0]) == large
    assert len(bodies[0]) < 10_000


def test_evidence_beyond_the_queues_limit_is_given_up() -> None:
    with pytest.raises(GiveUp, match="evidence_too_large"):
        pack_body(make_reply(text=make_long_text(2_000_000)).to_body())


def test_batches_keep_within_a_mebibyte(made_stack: MadeStack, queues: SqsQueues) -> None:
    sent = [make_reply(str(number), text=make_long_text(190_000)) for number in range(12)]
    queues.send_evidence(sent)
    assert [read_envelope(m["Body"]) for m in receive(made_stack, "EventsQueue")] == sent


def test_a_short_wait_is_a_delay_of_whole_seconds_up_to_fifteen_minutes(
    queues: SqsQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(wiring.connect_sqs(), "send_message", lambda **request: sent.append(request))
    for delay_s in (0, 0.2, 899.1, 5_000):
        queues.send_later(make_reply(), delay_s=delay_s)
    assert [request.get("DelaySeconds", 0) for request in sent] == [0, 1, 900, 900]


def test_a_message_goes_to_the_queue_of_its_channel_and_lane_in_its_stores_turn(
    made_stack: MadeStack, queues: SqsQueues
) -> None:
    queued = QueuedMessage(store_id="s1", customer_id="c1", message_id="m1", attempt=2)
    queues.send_message(queued, channel=Channel.WHATSAPP, lane=Lane.TRANSACTIONAL)
    queues.send_message(queued, channel=Channel.EMAIL, lane=Lane.MARKETING)
    for queue in ("WhatsappTransactionalQueue", "EmailMarketingQueue"):
        [message] = receive(made_stack, queue)
        assert QueuedMessage.model_validate_json(message["Body"]) == queued
        assert message["Attributes"]["MessageGroupId"] == "s1"


def test_statuses_are_passed_on_as_they_are(made_stack: MadeStack, queues: SqsQueues) -> None:
    bodies = [json.dumps({"chunk": number}) for number in range(11)]
    queues.send_statuses(bodies)
    assert sorted(m["Body"] for m in receive(made_stack, "StatusesQueue")) == sorted(bodies)


@pytest.mark.parametrize("size", [0, 100, 3_000_000])
def test_a_quarantined_payload_comes_back_byte_for_byte(made_stack: MadeStack, queues: SqsQueues, size: int) -> None:
    raw = random.Random(2).randbytes(size)
    queues.quarantine("s1", "shopify:orders/create", raw, path="order.lines.0.price", reason="not a number")
    bodies = [message["Body"] for message in receive(made_stack, "QuarantineQueue")]
    assert read_quarantined(reversed(bodies)) == raw
    part = json.loads(bodies[0])
    assert (part["store_id"], part["source"]) == ("s1", "shopify:orders/create")
    assert (part["path"], part["reason"]) == ("order.lines.0.price", "not a number")


class RefusingBatches:
    """An SQS that refuses chosen entries of its first batches."""

    def __init__(self, *refused: set[int]) -> None:
        self.refused = list(refused)
        self.asked: list[list[str]] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.asked.append([json.loads(entry["MessageBody"])["id"] for entry in Entries])
        refused = self.refused.pop(0) if self.refused else set()
        return {"Failed": [{"Id": entry["Id"]} for entry in Entries if int(entry["Id"]) in refused]}


def test_only_the_refused_entries_of_a_batch_are_sent_again() -> None:
    sqs = RefusingBatches({1, 2})
    SqsQueues(sqs, {"events": "u"}).send_evidence([make_reply(i) for i in "abc"])  # type: ignore[arg-type]  # one call of it
    assert sqs.asked == [["a", "b", "c"], ["b", "c"]]


def test_an_entry_that_is_refused_twice_fails_the_send() -> None:
    sqs = RefusingBatches({1}, {0})
    with pytest.raises(TryAgain, match="queue_refused_entries"):
        SqsQueues(sqs, {"events": "u"}).send_evidence([make_reply(i) for i in "ab"])  # type: ignore[arg-type]  # one call of it


@pytest.mark.parametrize(
    "fault",
    [
        ConnectTimeoutError(endpoint_url="https://sqs"),
        ReadTimeoutError(endpoint_url="https://sqs"),
        ClientError({"Error": {"Code": "RequestThrottled"}}, "SendMessage"),
        ClientError({"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "SendMessage"),  # type: ignore[typeddict-item]  # the part that is read
    ],
)
def test_a_queue_that_is_away_asks_to_try_again(
    queues: SqsQueues, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def fail(**request: Any) -> None:
        raise fault

    monkeypatch.setattr(wiring.connect_sqs(), "send_message", fail)
    with pytest.raises(TryAgain):
        queues.send_evidence([make_reply()])


def test_a_permission_that_lacks_is_not_called_a_passing_fault(
    queues: SqsQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**request: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "SendMessage")

    monkeypatch.setattr(wiring.connect_sqs(), "send_message", refuse)
    with pytest.raises(ClientError):
        queues.send_evidence([make_reply()])


def test_a_buyer_without_any_name_still_has_a_group(made_stack: MadeStack, queues: SqsQueues) -> None:
    evidence = CustomerSeen(buyer=Buyer(), at=START)
    queues.send_evidence([Envelope(id="e1", store_id="s1", source="x", received_at=START, evidence=evidence)])
    assert len(receive(made_stack, "EventsQueue")) == 1
