"""Surveys: nobody is asked too often, and what the scores add up to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from okaeri.domain.conversations import TURN_TAKEN
from okaeri.domain.customers import Customer, Run
from okaeri.domain.journeys import AskStep, Definition, RecordStep, SendStep, WaitStep
from okaeri.domain.records import Response
from okaeri.domain.stores import Store

NEXT_TURN = "customer.next_survey_at"
_ASKS = "survey"  # a run's data: it is the survey that asks now
PROMOTER, DETRACTOR = 9, 6  # Reichheld 2003: 9 and 10 would recommend, 0 to 6 would not


class NetScore(NamedTuple):
    """Answers of one month (`2026-11`): how many, and the net promoter score, -100 to 100."""

    month: str
    answers: int
    promoters: int
    detractors: int

    @property
    def score(self) -> int:
        """Promoters' percent less detractors' percent."""
        return round(100 * (self.promoters - self.detractors) / self.answers) if self.answers else 0


def is_survey(definition: Definition) -> bool:
    """Whether the shop asks by itself and keeps the answers. What a shopper begins is no nagging."""
    if TURN_TAKEN in definition.events:
        return False
    is_asked = any(isinstance(step, AskStep) for step in definition.steps)
    is_kept = any(isinstance(step, RecordStep) for step in definition.steps)
    return (is_asked and is_kept) or any(isinstance(step, SendStep) and step.survey for step in definition.steps)


def begins_by_asking(definition: Definition) -> bool:
    """Whether it is of no use to begin it within the gap: one that waits for its turn may wait."""
    waits = (step.until.field for step in definition.steps if isinstance(step, WaitStep) and step.until)
    return is_survey(definition) and NEXT_TURN not in waits


def was_surveyed(customer: Customer, store: Store, now: datetime) -> bool:
    """Whether any survey has asked them within the shop's gap."""
    return customer.surveyed_at is not None and now - customer.surveyed_at < store.settings.survey_gap


def is_asked_by_another(definition: Definition, run: Run, customer: Customer, store: Store, now: datetime) -> bool:
    """Whether another survey has asked since this one began, which waited: its first question is one too many."""
    return is_survey(definition) and _ASKS not in run.data and was_surveyed(customer, store, now)


def note_survey(run: Run) -> Run:
    """The run has asked its first question: the others follow it."""
    return run.model_copy(update={"data": run.data | {_ASKS: "1"}})


def count_net_scores(responses: Iterable[Response]) -> list[NetScore]:
    """The net promoter score of each month, oldest first; responses without a score are left out."""
    months: dict[str, list[int]] = {}
    for response in responses:
        if response.score is not None:
            months.setdefault(f"{response.at:%Y-%m}", []).append(response.score)
    return [
        NetScore(
            month=month,
            answers=len(scores),
            promoters=sum(score >= PROMOTER for score in scores),
            detractors=sum(score <= DETRACTOR for score in scores),
        )
        for month, scores in sorted(months.items())
    ]
