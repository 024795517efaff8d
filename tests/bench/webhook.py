"""What a store's webhook costs: receive_store_event, warm and at its start, against floors that do only what must be.

Both are measured as CPU time in processes of their own, on the code that `code` names (the built zip and layer, or the
sources), ours and the floor in turns, so that a busy machine slows both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
CLIENTS = ("dynamodb", "ssm", "sqs")
_COLD_STARTS = 9


@dataclass(frozen=True)
class Ratio:
    """Milliseconds of CPU, ours against the floor's, and the most that their ratio may be."""

    what: str
    ours_ms: float
    floor_ms: float
    budget: float

    @property
    def value(self) -> float:
        return self.ours_ms / self.floor_ms

    @property
    def is_kept(self) -> bool:
        return self.value <= self.budget


def measure_warm_webhook(code: Sequence[Path]) -> Ratio:
    """A signed 12 KB Shopify order through the whole handler; AWS is stubbed where its client would open a socket.

    The floor: HMAC, `json.loads`, one `send_message` through the same client and stub.
    """
    program = Path(__file__).with_name("warm_webhook.py")
    answer = subprocess.run(
        [sys.executable, str(program)],
        env=_make_environment(code, ENVIRONMENT),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    measured: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return Ratio("webhook, warm, a 12 KB order", measured["ours_ms"], measured["floor_ms"], 1.5)


def measure_cold_start(
    code: Sequence[Path],
    handler: str = "receive_store_event.handler",
    environment: Mapping[str, str] = ENVIRONMENT,
    clients: Sequence[str] = CLIENTS,
) -> Ratio:
    """A process that imports the handler, against one that imports boto3 and makes the same clients."""
    ours = f"import {handler}"
    floor = "import boto3\n" + "\n".join(f"boto3.client({name!r})" for name in clients)
    surroundings = _make_environment(code, environment)
    starts = [(_time_start(ours, surroundings), _time_start(floor, surroundings)) for _ in range(_COLD_STARTS)]
    return Ratio(
        f"cold start of {handler.partition('.')[0]}",
        min(start for start, _ in starts),
        min(start for _, start in starts),
        1.5,
    )


def _time_start(program: str, environment: Mapping[str, str]) -> float:
    """Milliseconds of CPU that a new process needs for the program, its own start included."""
    with subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{program.splitlines()[0]} failed with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def _make_environment(code: Sequence[Path], environment: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the caller's but the way to Python; no bytecode is written, as in Lambda."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(path) for path in code),
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment,
    }


if __name__ == "__main__":
    sources = [Path(__file__).resolve().parents[2] / "functions"]
    for ratio in (measure_warm_webhook(sources), measure_cold_start(sources)):
        print(f"{ratio.what}: {ratio.ours_ms:.2f} ms, floor {ratio.floor_ms:.2f} ms, {ratio.value:.2f} x")
