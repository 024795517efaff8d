"""What AWS charges for the road of one order, computed from the calls that it made. Nothing here is a bill.

List prices of us-east-1 (arm64), without free tiers; each invocation is a batch of one, and everything is warm.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping

from tests.bench.canned_aws import Call
from tests.bench.shop import Invocation

# USD per million.
PRICES = {
    "HTTP API requests": 1.00,
    "Lambda requests": 0.20,
    "Lambda GB-seconds": 13.3334,
    "SQS requests, standard": 0.40,
    "SQS requests, fair queues, besides": 0.10,
    "SQS requests, FIFO": 0.50,
    "Scheduler invocations": 1.00,
    "DynamoDB write units": 0.625,
    "DynamoDB read units": 0.125,
    "CloudWatch Logs GB": 500_000.0,
}
MEMORY_GB = 0.5
# Of one virtual processor, which comes with 1,769 MB: CPU time takes so much longer on the wall.
PROCESSOR = 512 / 1769
# Milliseconds until an answer: assumed, as is usual inside a region; not measured here.
ANSWER_MS = {"dynamodb": 4.0, "sqs": 6.0, "scheduler": 20.0, "sesv2": 60.0}
GRAPH_MS = 200.0
# Bytes: the API's line by template.yaml's format, and receive_whatsapp_event's own, with the 26 around each.
ACCESS_LINE, WEBHOOK_LINE = 286, 196
SQS_CHUNK = 65_536
COUNTING = "count_engagement"
HTTP_FUNCTIONS = ("receive_store_event", "receive_whatsapp_event")

ASSUMPTIONS = (
    "us-east-1, arm64, 512 MB, no free tier, batches of one, warm;"
    f" answers take {', '.join(f'{name} {wait:.0f}' for name, wait in ANSWER_MS.items())}, Meta {GRAPH_MS:.0f} ms;"
    f" CPU as measured here, at {PROCESSOR:.2f} of a processor; SES's and Meta's fees are not in it"
)


def count_uses(road: Iterable[Invocation], cpu_ms: Mapping[str, float]) -> dict[str, float]:
    """What one order uses, in the units of `PRICES`. `cpu_ms` is the CPU time by an invocation's label."""
    used = dict.fromkeys(PRICES, 0.0)
    for invocation in road:
        calls = [call for call in invocation.calls if call.cached_as is None]
        for kind, amount in _list_uses(invocation, calls, cpu_ms[invocation.label]):
            used[kind] += amount
    return used


def count_dollars(used: Mapping[str, float], orders: int) -> dict[str, float]:
    """USD for so many orders, by kind."""
    return {kind: amount * PRICES[kind] * orders / 1e6 for kind, amount in used.items()}


def _list_uses(invocation: Invocation, calls: list[Call], cpu_ms: float) -> Iterator[tuple[str, float]]:
    waiting_ms = sum(ANSWER_MS[call.service] for call in calls)
    waiting_ms += GRAPH_MS if invocation.function == "send_whatsapp" else 0
    yield "Lambda requests", 1
    yield "Lambda GB-seconds", math.ceil(cpu_ms / PROCESSOR + waiting_ms) / 1000 * MEMORY_GB
    if invocation.function in HTTP_FUNCTIONS:
        yield "HTTP API requests", 1
        own_line = WEBHOOK_LINE if invocation.function == "receive_whatsapp_event" else 0
        yield "CloudWatch Logs GB", (ACCESS_LINE + own_line) / 1e9
    elif invocation.function != COUNTING:  # whose reading of the stream Lambda does for nothing
        # Received and deleted; looking into an empty queue belongs to the idle stack.
        is_fifo = invocation.queue in ("EventsQueue", "BulkQueue")
        is_fair = "Transactional" in invocation.queue or "Marketing" in invocation.queue
        yield from _list_requests(len(json.dumps(invocation.event)), is_fifo=is_fifo, is_fair=is_fair)
        yield from _list_requests(0, is_fifo=is_fifo, is_fair=is_fair)
    for call in calls:
        if call.service == "dynamodb":
            yield "DynamoDB write units", call.write_units
            yield "DynamoDB read units", call.read_units
        elif call.service == "sqs":
            is_fifo = call.parameters["QueueUrl"].endswith(".fifo")
            is_fair = not is_fifo and "MessageGroupId" in call.parameters
            yield from _list_requests(len(json.dumps(call.parameters)), is_fifo=is_fifo, is_fair=is_fair)
        elif call.operation == "CreateSchedule":
            yield "Scheduler invocations", 1  # also one that is deleted before its time


def _list_requests(size: int, *, is_fifo: bool, is_fair: bool) -> Iterator[tuple[str, float]]:
    requests = max(1, math.ceil(size / SQS_CHUNK))
    yield "SQS requests, FIFO" if is_fifo else "SQS requests, standard", requests
    if is_fair:
        yield "SQS requests, fair queues, besides", requests
