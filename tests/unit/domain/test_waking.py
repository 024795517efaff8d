"""What a wake-up arms: what is near, what is overdue, and everything where schedules were lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from okaeri.domain.customers import Customer, Run, Waiting
from okaeri.domain.effects import ArmTimer
from okaeri.domain.pace import Pace
from okaeri.domain.waking import make_wake_effects

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def wake(*, rearm: bool) -> tuple[Customer, list[str]]:
    """Wakes a customer with one run for each kind of wait; the keys of the runs that were armed."""
    waits = {
        "overdue": Waiting(due=NOW - timedelta(hours=1)),
        "tomorrow": Waiting(due=NOW + timedelta(days=1), scheduled=True),
        "shelved": Waiting(due=NOW + timedelta(days=300), shelved=True),
        "unshelved": Waiting(due=NOW + timedelta(days=29), shelved=True),
        "event": Waiting(events=("order.delivered",)),
    }
    runs = tuple(
        Run(journey="j", definition="d", key=key, started_at=NOW, waiting=waiting) for key, waiting in waits.items()
    )
    customer = Customer(store_id="aya", customer_id="c", created_at=NOW, runs=runs)
    woken, effects = make_wake_effects(customer, NOW, Pace(), rearm=rearm)
    keys = {run.make_id("aya"): run.key for run in runs}
    return woken, [keys[effect.run_id] for effect in effects if isinstance(effect, ArmTimer)]


def test_the_sweep_arms_what_comes_within_reach_and_what_overslept() -> None:
    customer, armed = wake(rearm=False)
    assert sorted(armed) == ["overdue", "unshelved"]
    by_key = {run.key: run.waiting for run in customer.runs}
    assert by_key["unshelved"] == Waiting(due=NOW + timedelta(days=29), scheduled=True)


def test_lost_schedules_are_all_made_again_but_for_those_that_never_were() -> None:
    customer, armed = wake(rearm=True)
    assert sorted(armed) == ["overdue", "tomorrow", "unshelved"]
    by_key = {run.key: run.waiting for run in customer.runs}
    assert by_key["shelved"] == Waiting(due=NOW + timedelta(days=300), shelved=True)
