"""Wake-ups: when the sweep has to look at a customer, and what it finds to do. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from okaeri.domain.customers import Customer, Run
from okaeri.domain.decide import make_timer_event
from okaeri.domain.effects import ArmTimer, Effect
from okaeri.domain.events import Event
from okaeri.domain.evidence import TimerDue
from okaeri.domain.pace import Pace
from okaeri.domain.turns import make_read_effect
from okaeri.domain.values import Lane
from okaeri.domain.walk import SHELF_DAYS, name_timer

GRACE = timedelta(minutes=5)  # a wake-up this late was lost; the sweep sends it again
MARGIN = timedelta(days=1)  # the sweep arms a shelved wait well before its 30 days begin


def make_wake_event(timer: TimerDue) -> Event:
    """The event of a wait that is over."""
    return make_timer_event(timer.run_id, timer.step, timer.due, timer.due)


def skip_ahead(customer: Customer, due: datetime, real_now: datetime, pace: Pace) -> Customer:
    """On a laptop, waits are shorter than they say: the customer's clock jumps to the time waited for."""
    ahead_s = (due - real_now).total_seconds()
    if not pace.is_compressed or ahead_s <= customer.ahead_s:
        return customer
    return customer.model_copy(update={"ahead_s": ahead_s})


def find_sweep_time(customer: Customer, real_now: datetime, pace: Pace) -> datetime | None:
    """When the sweep must look: soon where effects are pending, after a wake-up's time, before a shelved one's."""
    moments = [real_now + GRACE] if customer.pending else []
    talk = customer.conversation
    if talk is not None and talk.read_at is not None:
        moments.append(talk.read_at + GRACE)
    now = real_now + timedelta(seconds=customer.ahead_s)
    for run in customer.runs:
        if run.waiting is None or run.waiting.due is None:
            continue
        real_due = real_now + timedelta(seconds=pace.to_real_delay((run.waiting.due - now).total_seconds()))
        moments.append(real_due - timedelta(days=SHELF_DAYS) + MARGIN if run.waiting.shelved else real_due + GRACE)
    return min(moments, default=None)


def make_wake_effects(
    customer: Customer, real_now: datetime, pace: Pace, *, rearm: bool = False
) -> tuple[Customer, tuple[Effect, ...]]:
    """Arms what is near enough now, and sends again what is overdue; with `rearm` every wait that is not shelved."""
    now = real_now + timedelta(seconds=customer.ahead_s)
    runs: list[Run] = []
    effects: list[Effect] = []
    talk = customer.conversation
    if talk is not None and talk.read_at is not None and talk.read_at <= real_now:
        effects.append(make_read_effect(customer.customer_id, talk.read_at, talk.unread, after_s=0))
    for run in customer.runs:
        waiting = run.waiting
        due = waiting.due if waiting else None
        if waiting is None or due is None:
            runs.append(run)
            continue
        delay_s = pace.to_real_delay((due - now).total_seconds())
        is_near = delay_s <= SHELF_DAYS * 86_400
        if is_near and (waiting.shelved or rearm):
            waiting = waiting.model_copy(update={"shelved": False, "scheduled": delay_s > pace.queue_delay_limit_s})
            run = run.model_copy(update={"waiting": waiting})
            effects.append(_arm(customer, run, due))
        elif due <= now:
            effects.append(_arm(customer, run, due))
        runs.append(run)
    return customer.model_copy(update={"runs": tuple(runs)}), tuple(effects)


def _arm(customer: Customer, run: Run, due: datetime) -> ArmTimer:
    run_id = run.make_id(customer.store_id)
    return ArmTimer(
        id=name_timer(customer.customer_id, run_id, run, due),
        run_id=run_id,
        step=run.step,
        due=due,
        lane=Lane.TRANSACTIONAL,
    )
