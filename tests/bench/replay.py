"""Run by engine.py in a process of its own: the CPU time of one invocation, ours and that of its calls of AWS alone.

Every answer of AWS is the recorded one, so each round does the same work; what a warm process has cached stays so.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from okaeri import wiring
from okaeri.adapters import sending_pace
from tests.bench.canned_aws import Call, CannedAws

CONNECTIONS: dict[str, Callable[[], BaseClient]] = {
    "dynamodb": wiring.connect_dynamodb,
    "sqs": wiring.connect_sqs,
    "scheduler": wiring.connect_scheduler,
    "ssm": wiring.connect_ssm,
    "sesv2": wiring.connect_ses,
}
ROUND_S = 0.2  # of CPU, ours and the floor's each


class Context:
    """What Lambda tells a function of itself, as far as ours ask."""

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def make_floor(calls: list[Call]) -> Callable[[], None]:
    """The same calls with the same parameters through the same clients, and nothing around them."""
    steps = [
        (getattr(CONNECTIONS[call.service](), xform_name(call.operation)), call.parameters, call.status)
        for call in calls
    ]

    def run() -> None:
        for method, parameters, status in steps:
            try:
                method(**parameters)
            except ClientError:
                if status < 400:
                    raise

    return run


def measure(run: Callable[[], None], prepare: Callable[[], None], times: int) -> float:
    """Milliseconds of CPU each time."""
    start = time.process_time()
    for _ in range(times):
        prepare()
        run()
    return (time.process_time() - start) * 1000 / times


def main() -> None:
    """Ours and the floor in turns; the median of the rounds."""
    task: dict[str, Any] = pickle.loads(Path(sys.argv[1]).read_bytes())
    vars(wiring)["read_clock"] = lambda: task["now"]  # the moment of the recording
    # Each round writes to the same person at the same moment: nobody's turn is waited for.
    vars(wiring)["WHATSAPP_WORKERS"], vars(sending_pace)["PAIR_GAP_S"] = 0, 0
    vars(time)["monotonic"] = lambda: 0.0  # nothing that is cached grows old, however long a busy machine takes
    handler = importlib.import_module(f"{os.environ['POWERTOOLS_SERVICE_NAME']}.handler")
    calls: list[Call] = task["calls"]
    services = {call.service for call in (*calls, *task["cached"].values())}
    aws = CannedAws((CONNECTIONS[service]() for service in services), task["cached"])
    context = Context()

    def ours() -> None:
        answer = handler.lambda_handler(task["event"], context) or {}
        assert not answer.get("batchItemFailures"), "the event failed"
        assert answer.get("statusCode", 200) == 200, "the webhook was refused"

    def prepare() -> None:
        aws.expect(calls)

    floor = make_floor(calls)
    for run in (ours, floor):
        measure(run, prepare, 5)
    aws.cached.clear()  # from here on, everything that may be cached is
    times = max(3, round(ROUND_S * 1000 / measure(ours, prepare, 5)))
    rounds = [(measure(ours, prepare, times), measure(floor, prepare, times)) for _ in range(task["rounds"])]
    ours_ms, floor_ms = (median(measured) for measured in zip(*rounds, strict=True))
    ratio, least_ms = median(a / b for a, b in rounds), min(ours for ours, _ in rounds)
    print(json.dumps({"ours_ms": ours_ms, "floor_ms": floor_ms, "ratio": ratio, "least_ms": least_ms}))


if __name__ == "__main__":
    main()
