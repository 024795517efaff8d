"""A world whose engine dies at chosen calls, and is given the same envelope again until it is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from okaeri.domain.evidence import Envelope
from okaeri.errors import TryAgain
from tests.world import World

PORTS = ("customers", "records", "messages", "queues", "timers")


class Crash(Exception):
    """The process dies here: before the call took effect, or just after."""


class Crashing:
    """Stands before a port and dies at the calls that the plan names."""

    def __init__(self, port: Any, plan: Plan) -> None:
        self._port, self._plan = port, plan

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not callable(attribute):
            return attribute

        def call(*args: Any, **kwargs: Any) -> Any:
            before, after = self._plan.take()
            if before:
                raise Crash
            result = attribute(*args, **kwargs)
            if after:
                raise Crash
            return result

        return call


class Plan:
    """At which of the coming port calls to die, and whether before or after their effect."""

    def __init__(self, deaths: dict[int, bool]) -> None:
        self.deaths, self.calls = deaths, 0

    def take(self) -> tuple[bool, bool]:
        self.calls += 1
        if self.calls not in self.deaths:
            return False, False
        return self.deaths[self.calls], not self.deaths[self.calls]


class CrashingWorld(World):
    """A world whose engine dies now and then; the queue gives the envelope again until it is done."""

    plan = Plan({})

    def __post_init__(self) -> None:
        super().__post_init__()
        engine, again = self.advance, self.advance
        for name in PORTS:
            port = Crashing(getattr(self, name), self.plan)
            for holder in (engine, engine._dispatch, engine._find):
                if hasattr(holder, f"_{name}"):
                    setattr(holder, f"_{name}", port)

        gathers = engine._gather_facts
        engine._gather_facts = replace(
            gathers,
            records=Crashing(self.records, self.plan),
            definitions=Crashing(gathers.definitions, self.plan),
        )

        def deliver(envelope: Envelope, *, redelivered: bool = False) -> None:
            for _ in range(50):
                try:
                    again(envelope, redelivered=redelivered)
                    return
                except (Crash, TryAgain):
                    redelivered = True
            raise AssertionError("the envelope never came through")

        self.advance = deliver  # type: ignore[assignment]  # the same call, tried again
