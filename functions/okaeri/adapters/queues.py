"""What goes on SQS, and how it is read off again."""

from __future__ import annotations

import base64
import gzip
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from okaeri.adapters.aws_errors import aws_errors
from okaeri.domain.evidence import Envelope, name_group
from okaeri.domain.values import Channel, Lane, make_id
from okaeri.errors import GiveUp, TryAgain

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from okaeri.domain.messages import QueuedMessage
    from okaeri.domain.records import ActionRequest

_MOST_ENTRIES = 10  # of a SendMessageBatch
_MOST_BYTES = 1_048_576 - 10_240  # of a message, and of a batch; some room for what stands around the bodies
_PLAIN_BYTES = 200_000  # larger bodies are compressed: SQS charges each 64 KB
_PART_BYTES = 900_000  # of base64 in one quarantined message
_LONGEST_DELAY_S = 900

Entry = dict[str, Any]


class SqsQueues:
    """Implements `ports.Queues` with the queues that `urls` names (`events`, `soon`, `email_marketing`, …)."""

    def __init__(self, client: SQSClient, urls: Mapping[str, str]) -> None:
        self._client, self._urls = client, urls

    def send_evidence(self, envelopes: Sequence[Envelope], *, lane: Lane = Lane.TRANSACTIONAL) -> None:
        """FIFO. The same evidence of the same id is dropped for 5 minutes, whenever it was received."""
        queue = "events" if lane is Lane.TRANSACTIONAL else "bulk"
        self._send(queue, [_make_fifo_entry(envelope) for envelope in envelopes])

    def send_later(self, envelope: Envelope, *, delay_s: float) -> None:
        """Given after `delay_s` seconds, rounded up, at most 900."""
        self._send("soon", [{"MessageBody": pack_body(envelope.to_body()), **_delay(delay_s)}])

    def send_message(self, queued: QueuedMessage, *, channel: Channel, lane: Lane, delay_s: float = 0) -> None:
        """A standard queue, grouped by store: SQS gives each store its turn (fair queues)."""
        entry: Entry = {
            "MessageBody": queued.model_dump_json(by_alias=True, exclude_none=True, ensure_ascii=True),
            "MessageGroupId": queued.store_id,
            **_delay(delay_s),
        }
        self._send(f"{channel}_{lane}", [entry])

    def send_statuses(self, bodies: Sequence[str]) -> None:
        """Chunks of a provider's reports, in ASCII."""
        self._send("statuses", [{"MessageBody": body} for body in bodies])

    def request_action(self, request: ActionRequest) -> None:
        """A standard queue, grouped by store: a slow webhook of one shop does not hold up another's."""
        body = request.model_dump_json(by_alias=True, exclude_none=True, ensure_ascii=True)
        self._send("actions", [{"MessageBody": body, "MessageGroupId": request.store_id}])

    def quarantine(self, store_id: str, source: str, body: bytes, *, path: str, reason: str) -> None:
        """The raw bytes, gzipped, in as many messages as they need; `read_quarantined` puts them together."""
        text = _compress(body)
        parts = [text[start : start + _PART_BYTES] for start in range(0, len(text), _PART_BYTES)]
        head = {"schema": 1, "store_id": store_id, "source": source, "path": path, "reason": reason}
        head["id"] = make_id(store_id, source, text)
        entries = (
            {"MessageBody": json.dumps({**head, "part": number, "parts": len(parts), "gzip": part})}
            for number, part in enumerate(parts)
        )
        self._send("quarantine", entries)

    def _send(self, queue: str, entries: Iterable[Entry]) -> None:
        url = self._urls[queue]
        for batch in _make_batches(entries):
            if len(batch) == 1:
                with aws_errors():
                    self._client.send_message(QueueUrl=url, **batch[0])
                continue
            failed = self._send_batch(url, batch)
            if failed and self._send_batch(url, failed):
                raise TryAgain("queue_refused_entries")

    def _send_batch(self, url: str, batch: list[Entry]) -> list[Entry]:
        """Returns the entries that SQS did not take."""
        with aws_errors():
            answer = self._client.send_message_batch(
                QueueUrl=url,
                Entries=[{"Id": str(number), **entry} for number, entry in enumerate(batch)],  # type: ignore[typeddict-item]  # MessageBody is in each
            )
        return [batch[int(failure["Id"])] for failure in answer.get("Failed", [])]


def make_group_id(envelope: Envelope) -> str:
    """What must stay in order, within one store. A hash: keys hold characters that SQS refuses, and addresses."""
    return make_id(envelope.store_id, name_group(envelope.evidence))


def pack_body(body: str) -> str:
    """An envelope's body, compressed where it is large. Raises GiveUp where even that exceeds SQS's 1 MiB."""
    if len(body) <= _PLAIN_BYTES:
        return body
    packed = json.dumps({"schema": 1, "gzip": _compress(body.encode())})
    if len(packed) > _MOST_BYTES:
        raise GiveUp("evidence_too_large")
    return packed


def read_envelope(body: str) -> Envelope:
    """The envelope of a queue body, compressed or not."""
    if '"gzip":' in body[:32]:
        return Envelope.model_validate_json(_decompress(json.loads(body)["gzip"]))
    return Envelope.model_validate_json(body)


def read_quarantined(bodies: Iterable[str]) -> bytes:
    """The raw payload of the messages that one `quarantine` made, in any order, all of the same `id`."""
    parts = sorted((json.loads(body) for body in bodies), key=lambda part: int(part["part"]))
    return _decompress("".join(part["gzip"] for part in parts))


def _make_fifo_entry(envelope: Envelope) -> Entry:
    body = envelope.to_body()
    evidence = body[body.index('"evidence":') :]  # what was received, without when
    return {
        "MessageBody": pack_body(body),
        "MessageGroupId": make_group_id(envelope),
        "MessageDeduplicationId": make_id(envelope.id, evidence),
    }


def _compress(data: bytes) -> str:
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()


def _decompress(text: str) -> bytes:
    return gzip.decompress(base64.b64decode(text))


def _delay(delay_s: float) -> Entry:
    return {"DelaySeconds": min(max(math.ceil(delay_s), 0), _LONGEST_DELAY_S)} if delay_s > 0 else {}


def _make_batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        length = len(entry["MessageBody"])  # all of it ASCII: characters are bytes
        if batch and (len(batch) == _MOST_ENTRIES or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch
