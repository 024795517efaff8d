"""What a store's counts say: funnels step by step, whether telling people helps, and what to try. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from okaeri.domain.confidence import Interval, Sample, compare_means, compare_rates, find_rate
from okaeri.domain.counted import HOLDOUT, WHERE_IS_IT
from okaeri.domain.engagement import ANSWER_MINUTES, SECOND_ORDERS, Amounts, Place, add_up

# With fewer, one person more or less would turn what is said of them around.
ENOUGH = 100
ENOUGH_HITS = 5

FEW_ARRIVE, FEW_READ, MANY_LEAVE, MANY_FAIL, FEW_CLICK = 0.9, 0.7, 0.01, 0.05, 0.03


class Step(NamedTuple):
    """One message of a journey, on one channel, in one arm."""

    journey: str
    template: str
    channel: str
    arm: str
    counts: Amounts

    def get(self, name: str) -> int:
        """A count by its name, 0 where there is none."""
        return int(self.counts.get(name, 0))

    @property
    def revenue(self) -> dict[str, Decimal]:
        """What is owed to it, by currency."""
        return read_money(self.counts, "revenue")

    @property
    def failures(self) -> dict[str, int]:
        """How often it failed, by the provider's code, the commonest first."""
        found = {name[7:]: int(count) for name, count in self.counts.items() if name.startswith("failed.")}
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))


class Comparison(NamedTuple):
    """Those whom a journey tells, against those whom it does not: goals of how many, and what their orders came to."""

    journey: str
    told: int
    told_goals: int
    held_out: int
    held_out_goals: int
    currency: str = ""
    told_revenue: Sample = Sample(0, 0, 0)
    held_out_revenue: Sample = Sample(0, 0, 0)

    @property
    def is_enough(self) -> bool:
        """Whether anything can be said."""
        goals = self.told_goals + self.held_out_goals
        return min(self.told, self.held_out) >= ENOUGH // 2 and goals >= ENOUGH_HITS

    @property
    def difference(self) -> Interval:
        """By how much more of them reach the goal, as a share."""
        return compare_rates(self.told_goals, self.told, self.held_out_goals, self.held_out)

    @property
    def difference_in_revenue(self) -> Interval:
        """By how much more each of them brings, in `currency`."""
        return compare_means(self.told_revenue, self.held_out_revenue)


class Cohort(NamedTuple):
    """Customers by the month of their first order: how many came again, and the median of days until then."""

    month: str
    customers: int
    came_again: int
    median_days: int | None

    @property
    def rate(self) -> Interval:
        """The share that came again so far."""
        return find_rate(self.came_again, self.customers)


class Service(NamedTuple):
    """One month of questions. `median_minutes` is the edge below which half of the first answers came."""

    month: str
    orders: int
    where_is_it: int
    tickets: int
    answered: int
    median_minutes: int | None
    solved: int
    solved_at_first: int

    @property
    def per_hundred(self) -> float | None:
        """Questions where an order is, for a hundred orders."""
        return 100 * self.where_is_it / self.orders if self.orders else None


def list_steps(results: Mapping[Place, Amounts], *, journey: str = "") -> list[Step]:
    """Every message that was counted, months together, journey by journey, each in the order of how often."""
    parts: dict[tuple[str, str, str, str], list[Amounts]] = {}
    for place, amounts in results.items():
        if place.template and (not journey or place.journey == journey):
            parts.setdefault((place.journey, place.template, place.channel, place.arm), []).append(amounts)
    steps = (Step(*names, add_up(amounts)) for names, amounts in parts.items())
    return sorted(steps, key=lambda step: (step.journey, -step.get("decided"), step.template, step.channel, step.arm))


def count_goals(results: Mapping[Place, Amounts]) -> dict[tuple[str, str], int]:
    """Goals that were reached, by journey and arm."""
    found: dict[tuple[str, str], int] = {}
    for place, amounts in results.items():
        goals = int(amounts.get("goals", 0))
        if goals and not place.template:
            found[place.journey, place.arm] = found.get((place.journey, place.arm), 0) + goals
    return found


def compare_journeys(results: Mapping[Place, Amounts]) -> list[Comparison]:
    """Each journey that holds customers out."""
    journeys = sorted({place.journey for place, amounts in results.items() if "compared" in amounts})
    return [_compare(journey, results) for journey in journeys]


def _compare(journey: str, results: Mapping[Place, Amounts]) -> Comparison:
    of_journey = [(place, amounts) for place, amounts in results.items() if place.journey == journey]
    told = add_up(amounts for place, amounts in of_journey if place.arm != HOLDOUT and not place.template)
    held_out = add_up(amounts for place, amounts in of_journey if place.arm == HOLDOUT)
    money = read_money(told, "goal_revenue") | read_money(held_out, "goal_revenue")
    currency = max(money, key=lambda name: money[name], default="")
    return Comparison(
        journey,
        int(told.get("compared", 0)),
        int(told.get("goals", 0)),
        int(held_out.get("compared", 0)),
        int(held_out.get("goals", 0)),
        currency,
        _make_sample(told, currency),
        _make_sample(held_out, currency),
    )


def _make_sample(amounts: Amounts, currency: str) -> Sample:
    total, squares = (amounts.get(f"{name}.{currency}", Decimal(0)) for name in ("goal_revenue", "goal_squares"))
    return Sample(float(total), float(squares), int(amounts.get("compared", 0)))


def list_cohorts(results: Mapping[Place, Amounts]) -> list[Cohort]:
    """Oldest first."""
    return [
        _make_cohort(month, amounts, results.get(Place(month, SECOND_ORDERS), {}))
        for month, amounts in _list_months(results)
        if amounts.get("first_orders")
    ]


def _make_cohort(month: str, first: Amounts, second: Amounts) -> Cohort:
    days = ((int(name[13:]), int(count)) for name, count in second.items() if name[:13] == "second_after.")
    return Cohort(month, int(first["first_orders"]), int(second.get("second_orders", 0)), _find_median(days))


def list_service(results: Mapping[Place, Amounts]) -> list[Service]:
    """Oldest first."""
    asked = {p.month: int(n.get("started", 0)) for p, n in results.items() if p == Place(p.month, WHERE_IS_IT)}
    late = ANSWER_MINUTES[-1] + 1
    return [
        Service(
            month,
            int(amounts.get("orders", 0)),
            asked.get(month, 0),
            int(amounts.get("tickets", 0)),
            int(amounts.get("answered_tickets", 0)),
            _find_median(
                (int(name[13:]) if name[13:].isdecimal() else late, int(count))
                for name, count in amounts.items()
                if name[:13] == "first_answer."
            ),
            int(amounts.get("solved", 0)),
            int(amounts.get("solved_at_first", 0)),
        )
        for month, amounts in _list_months(results)
    ]


def read_money(amounts: Amounts, name: str) -> dict[str, Decimal]:
    """Sums of money by currency."""
    return {key.partition(".")[2]: amount for key, amount in amounts.items() if key.startswith(f"{name}.")}


def say_all(steps: Iterable[Step]) -> Iterator[str]:
    """What the numbers of each ask for, and of which there are too few to tell."""
    few = []
    for step in steps:
        if step.get("decided") < ENOUGH:
            few.append(f"{_name(step)} {step.get('decided')}")
        else:
            yield from suggest(step)
    if few:
        yield f"Too few to tell, with under {ENOUGH} so far: {', '.join(few)}."


def suggest(step: Step) -> Iterator[str]:
    """What its numbers ask for, in plain words; nothing where they are fine, or where chance may have made them."""
    name = _name(step)
    sent, delivered = step.get("sent"), step.get("delivered")
    failed = find_rate(step.get("failed"), sent)
    if failed.low > MANY_FAIL and step.failures:
        code = next(iter(step.failures))
        yield f"{name} fails {step.get('failed')} times of {sent}, most often with {code}: docs/whatsapp.md says why."
    elif sent >= ENOUGH and find_rate(delivered, sent).high < FEW_ARRIVE:
        yield f"{name} loses {_of_ten(1 - delivered / sent)} between sent and delivered: are these addresses alive?"
    if step.channel == "whatsapp" and delivered >= ENOUGH and find_rate(step.get("read"), delivered).high < FEW_READ:
        lost = _of_ten(1 - step.get("read") / delivered)
        yield f"{name} loses {lost} between delivered and read: try a later hour or e-mail."
    seen = step.get("read") + step.get("opened")
    has_links = step.get("clicked") + step.get("machine_clicked") > 0
    if has_links and seen >= ENOUGH and find_rate(step.get("clicked"), seen).high < FEW_CLICK:
        yield f"{name} is read by {seen}, its link followed by {step.get('clicked')}: say first what it is good for."
    left = find_rate(step.get("unsubscribed"), delivered)
    if delivered >= ENOUGH and left.low > MANY_LEAVE:
        yield f"{name} makes {step.get('unsubscribed')} of {delivered} leave: send it to fewer, or less often."


def _name(step: Step) -> str:
    return f"{step.template} ({step.channel}{f', {step.arm}' if step.arm else ''})"


def say_comparison(comparison: Comparison) -> str:
    """Whether telling helps, and how sure that is."""
    told, held_out = comparison.told, comparison.held_out
    counted = (
        f"{comparison.journey}: {comparison.told_goals} of {told} who were told reach the goal, "
        f"{comparison.held_out_goals} of {held_out} who were not"
    )
    if not comparison.is_enough:
        return f"{counted}: too few to tell."
    difference = comparison.difference
    between = f"{100 * difference.low:+.1f} to {100 * difference.high:+.1f} points of 100"
    if difference.is_above:
        return f"{counted}. It helps: {between}, 19 times of 20."
    if difference.is_below:
        return f"{counted}. It does harm: {between}, 19 times of 20."
    return f"{counted}. Whether it helps cannot be told yet: {between}."


def say_revenue(comparison: Comparison) -> str:
    """What each customer brings, told and not told; empty where the goal is no order, or too few reached it."""
    if not comparison.currency or not comparison.is_enough:
        return ""
    one, other, currency = comparison.told_revenue, comparison.held_out_revenue, comparison.currency
    difference = comparison.difference_in_revenue
    sure = "19 times of 20" if difference.is_above or difference.is_below else "which may be chance"
    return (
        f"Each brings {one.mean:.2f} {currency} where told and {other.mean:.2f} where not: "
        f"{difference.low:+.2f} to {difference.high:+.2f}, {sure}."
    )


def say_change(what: str, before: tuple[int, int], after: tuple[int, int]) -> str:
    """Whether a share is another one than before; each is (hits, of)."""
    if min(before[1], after[1]) < ENOUGH:
        return f"{what}: too few to tell, {before[1]} before and {after[1]} since."
    difference = compare_rates(*after, *before)
    rates = f"{100 * before[0] / before[1]:.1f} before, {100 * after[0] / after[1]:.1f} since, of 100"
    if difference.is_above or difference.is_below:
        return f"{what}: {rates}; {'more' if difference.is_above else 'fewer'}, 19 times of 20."
    return f"{what}: {rates}; which may be chance."


def _list_months(results: Mapping[Place, Amounts]) -> list[tuple[str, Amounts]]:
    """What is counted of the store as a whole."""
    return sorted((place.month, amounts) for place, amounts in results.items() if place == Place(place.month))


def _find_median(histogram: Iterable[tuple[int, int]]) -> int | None:
    """The least value that half of them do not exceed."""
    found = sorted(histogram)
    total, seen = sum(count for _, count in found), 0
    for value, count in found:
        seen += count
        if 2 * seen >= total > 0:
            return value
    return None


def _of_ten(share: float) -> str:
    return f"{round(10 * share)} of 10"
