"""A store's results as plain values for JSON and as rows for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from okaeri.domain.breakdowns import Row
from okaeri.domain.confidence import Interval
from okaeri.domain.engagement import Amounts, Place
from okaeri.domain.results import (
    Cohort,
    Comparison,
    Service,
    Step,
    compare_journeys,
    count_goals,
    list_steps,
    say_all,
    say_comparison,
    say_revenue,
)

COLUMNS = (
    *("message", "channel", "arm", "decided", "sent", "delivered", "read", "clicked", "answered", "goal", "bought"),
    *("revenue", "left", "failed", "withheld", "by programs"),
)
SUM_COLUMNS = ("sent", "delivered", "read", "clicked", "answered", "goal", "bought", "left")
COHORT_COLUMNS = ("first order", "customers", "came again", "of 100", "19 times of 20", "days, median")
SERVICE_COLUMNS = (
    *("month", "orders", "where is my order", "per 100 orders", "tickets", "answered"),
    *("half within", "solved", "at first contact"),
)


def keep_journey(results: Mapping[Place, Amounts], journey: str | None) -> dict[Place, Amounts]:
    """What is counted of one journey; of all without a name."""
    return {place: amounts for place, amounts in results.items() if journey is None or place.journey == journey}


def make_rows(steps: Iterable[Step]) -> list[tuple[str, ...]]:
    """One row for each message; shares are of the step before it."""
    return [
        (
            step.template,
            step.channel,
            step.arm,
            str(step.get("decided")),
            _with_share(step.get("sent"), step.get("decided")),
            _with_share(step.get("delivered"), step.get("sent")),
            _with_share(step.get("read") + step.get("opened"), step.get("delivered")),
            str(step.get("clicked")),
            str(step.get("answered")),
            str(step.get("goals")),
            str(step.get("bought")),
            ", ".join(f"{amount:,} {currency}" for currency, amount in step.revenue.items()),
            str(step.get("unsubscribed")),
            " ".join([str(step.get("failed")), *(f"{code}×{count}" for code, count in step.failures.items())]),
            str(step.get("withheld")),
            str(step.get("machine_opened") + step.get("machine_clicked")),
        )
        for step in steps
    ]


def make_sum_rows(rows: Iterable[Row]) -> list[tuple[str, ...]]:
    """One row for each kind; each share is of those that arrived."""
    return [
        (
            row.name,
            str(row.get("sent")),
            _with_share(row.get("delivered"), row.get("sent")),
            *(
                _with_share(count, row.get("delivered"))
                for count in (
                    row.get("read") + row.get("opened"),
                    *(row.get(name) for name in ("clicked", "answered", "goals", "bought", "unsubscribed")),
                )
            ),
        )
        for row in rows
    ]


def sums_to_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Every count of each kind."""
    return [{"name": row.name, "counts": to_plain(row.counts)} for row in rows]


def list_words(results: Mapping[Place, Amounts]) -> list[str]:
    """Whether telling helps, then what each message's numbers ask for."""
    words: list[str] = []
    for comparison in compare_journeys(results):
        words += filter(None, (say_comparison(comparison), say_revenue(comparison)))
    return [*words, *say_all(list_steps(results))]


def make_cohort_rows(cohorts: Iterable[Cohort]) -> list[tuple[str, ...]]:
    """Who came again, month by month."""
    return [
        (
            cohort.month,
            str(cohort.customers),
            str(cohort.came_again),
            f"{100 * cohort.rate.guess:.1f}",
            f"{100 * cohort.rate.low:.1f} to {100 * cohort.rate.high:.1f}",
            "" if cohort.median_days is None else str(cohort.median_days),
        )
        for cohort in cohorts
    ]


def make_service_rows(months: Iterable[Service]) -> list[tuple[str, ...]]:
    """Questions and answers, month by month."""
    return [
        (
            month.month,
            str(month.orders),
            str(month.where_is_it),
            "" if month.per_hundred is None else f"{month.per_hundred:.1f}",
            str(month.tickets),
            str(month.answered),
            _say_minutes(month.median_minutes),
            str(month.solved),
            _with_share(month.solved_at_first, month.solved),
        )
        for month in months
    ]


def to_json(results: Mapping[Place, Amounts]) -> dict[str, Any]:
    """Every count of every message, goals by journey and arm, comparisons, and the words on them."""
    return {
        "messages": [
            {
                **{name: getattr(step, name) for name in ("journey", "template", "channel", "arm")},
                "counts": to_plain(step.counts),
            }
            for step in list_steps(results)
        ],
        "goals": [
            {"journey": journey, "arm": arm, "reached": goals}
            for (journey, arm), goals in sorted(count_goals(results).items())
        ],
        "comparisons": [_compare_to_json(comparison) for comparison in compare_journeys(results)],
        "words": list_words(results),
    }


def list_to_json(rows: Sequence[Cohort | Service]) -> list[dict[str, Any]]:
    """Months as they are, with what is computed of them."""
    return [{**row._asdict(), **_compute(row)} for row in rows]


def to_plain(amounts: Amounts) -> dict[str, int | str]:
    """Counts as numbers, money as text."""
    return {
        name: str(amount) if "revenue" in name or "squares" in name else int(amount)
        for name, amount in sorted(amounts.items())
    }


def _compute(row: Cohort | Service) -> dict[str, Any]:
    if isinstance(row, Cohort):
        return {"rate": _interval_to_json(row.rate)}
    return {"per_hundred": row.per_hundred}


def _compare_to_json(comparison: Comparison) -> dict[str, Any]:
    return {
        **{name: getattr(comparison, name) for name in ("journey", "told", "told_goals", "held_out", "held_out_goals")},
        "is_enough": comparison.is_enough,
        "difference": _interval_to_json(comparison.difference),
        "currency": comparison.currency,
        "revenue_each": {"told": comparison.told_revenue.mean, "held_out": comparison.held_out_revenue.mean},
        "difference_in_revenue": _interval_to_json(comparison.difference_in_revenue),
    }


def _interval_to_json(interval: Interval) -> dict[str, float]:
    return interval._asdict()


def _with_share(count: int, of: int) -> str:
    return f"{count} ({100 * Decimal(count) / of:.0f}%)" if of else str(count)


def _say_minutes(minutes: int | None) -> str:
    if minutes is None:
        return ""
    if minutes > 7 * 1440:
        return "over a week"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h" if minutes < 1440 else f"{minutes // 1440} d"
