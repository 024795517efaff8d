"""What the engine adds to the calls of AWS that an event cannot do without."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.canned_aws import Call
from tests.bench.isolated import Surroundings
from tests.bench.shop import CREDENTIALS, Invocation, Shop


@dataclass(frozen=True)
class Cpu:
    """Milliseconds of CPU of one invocation, those of its calls of AWS alone, and the median of their ratios.

    `least_ms` is what the invocation took in the round that other programs disturbed least.
    """

    ours_ms: float
    floor_ms: float
    ratio: float
    least_ms: float

    def describe(self, calls: int) -> str:
        """For the table."""
        return f"{self.ours_ms:.2f} ms of CPU, its {calls} calls of AWS alone {self.floor_ms:.2f} ms"


def measure_cpu(
    invocation: Invocation,
    shop: Shop,
    surroundings: Surroundings,
    folder: Path,
    *,
    cached: Mapping[str, Call],
    rounds: int,
) -> Cpu:
    """Plays the invocation again and again on the built code, with the recorded answers and what was `cached`."""
    task = folder / "invocation.pickle"
    task.write_bytes(
        pickle.dumps(
            {
                "event": invocation.event,
                "now": invocation.at,
                "calls": [call for call in invocation.calls if call.cached_as is None],
                "cached": dict(cached),
                "rounds": rounds,
            }
        )
    )
    environment = {**CREDENTIALS, **shop.read_environment(invocation.function)}
    return Cpu(**surroundings.run("tests.bench.replay", str(task), environment=environment))


def collect_cached(invocations: Iterable[Invocation]) -> dict[str, Call]:
    """The answers about stores, journeys, templates and secrets, by name."""
    calls = (call for invocation in invocations for call in invocation.calls)
    return {call.cached_as: call for call in calls if call.cached_as is not None}
