"""What a store's webhook costs, warm, against a floor that does only what must be."""

from __future__ import annotations

from tests.bench.isolated import Surroundings
from tests.bench.report import Row

BUDGET = 1.5
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "STAGE": "dev",
    "STACK_NAME": "bench",
    "POWERTOOLS_SERVICE_NAME": "receive_store_event",
    "TABLE_NAME": "bench",
    "EVENTS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/bench.fifo",
    "QUARANTINE_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/quarantine",
}


def measure_warm_webhook(surroundings: Surroundings) -> Row:
    """A signed 12 KB Shopify order through the whole handler; AWS is stubbed where its client would open a socket.

    The floor: HMAC, `json.loads`, one `send_message` through the same client and stub.
    """
    measured: dict[str, float] = surroundings.run("tests.bench.warm_webhook", environment=ENVIRONMENT)
    ours_ms, floor_ms = measured["ours_ms"], measured["floor_ms"]
    return Row(
        "webhook, warm, a 12 KB order",
        ours_ms / floor_ms,
        BUDGET,
        details=f"{ours_ms:.2f} ms of CPU, floor {floor_ms:.2f} ms",
    )
