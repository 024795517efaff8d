"""Durations, conditions, waits and steps in words: the same in drawings, simulations and previews."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from okaeri.domain.conditions import Condition, Span
from okaeri.domain.facts import parse_duration
from okaeri.domain.journeys import (
    AskStep,
    CallStep,
    CartLinkStep,
    ChangeOrderStep,
    ConsentStep,
    CouponStep,
    Definition,
    DrawStep,
    EmitStep,
    EscalateStep,
    EventMatch,
    ExitStep,
    FindStep,
    FocusStep,
    JumpStep,
    LanguageStep,
    Moment,
    PointsStep,
    RecommendStep,
    RecordStep,
    SendStep,
    SetStep,
    SplitStep,
    Step,
    TagStep,
    TicketStep,
    WaitStep,
)

_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ALL_DAYS = len(_DAYS)


def say_duration(span: timedelta) -> str:
    """`2 weeks`, `1 hour 30 minutes`, `at once`."""
    left = int(abs(span).total_seconds())
    parts = []
    for name, size in _UNITS:
        if name == "week" and left % size:
            continue  # ten days are no week and three days
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " ".join(parts) or "at once"


def say_span(span: Span, settings: Mapping[str, str] | None = None) -> str:
    """`2 days`; a setting with its value, a rule of the shop with what counts where it knows nothing."""
    if span.fixed is not None:
        return say_duration(span.fixed)
    default = say_duration(span.default) if span.default is not None else None
    if span.rule:
        return f"as long as the shop's rule {_say_name(span.rule)} says" + (f" (else {default})" if default else "")
    value = (settings or {}).get(span.setting or "")
    shown = say_duration(parse_duration(value)) if value else default
    return f"{shown} (setting {span.setting})" if shown else f"setting {span.setting}"


def say_condition(condition: Condition) -> str:
    """One clause, or several joined by `and`, `or`; groups within groups stand in brackets."""
    if condition.all:
        return " and ".join(map(_say_part, condition.all))
    if condition.any:
        return " or ".join(map(_say_part, condition.any))
    if condition.none:
        if len(condition.none) == 1:
            return _say_test(condition.none[0], is_not=True)
        return "none of: " + "; ".join(map(say_condition, condition.none))
    return _say_test(condition)


def _say_part(condition: Condition) -> str:
    is_group = len(condition.all) > 1 or len(condition.any) > 1 or len(condition.none) > 1
    return f"({say_condition(condition)})" if is_group else say_condition(condition)


def _say_test(condition: Condition, *, is_not: bool = False) -> str:
    if condition.all or condition.any or condition.none:
        return f"not ({say_condition(condition)})" if is_not else say_condition(condition)
    field, not_ = say_field(condition.field or ""), "not " if is_not else ""
    if condition.field == "run.outcome" and isinstance(condition.equals, str):
        return _say_outcome(condition.equals, is_not=is_not)
    if condition.exists is not None:
        return f"{field}: {'not empty' if condition.exists is not is_not else 'empty'}"
    if condition.one_of:
        return f"{field} is {not_}{_say_or(condition.one_of)}"
    if condition.one_of_field:
        return f"{field} is {not_}in {say_field(condition.one_of_field)}"
    if condition.has is not None:
        return f"{field} {'lack' if is_not else 'hold'} {condition.has}"
    if condition.at_least is not None:
        return f"{field} is {not_}at least {condition.at_least:g}"
    if condition.less_than is not None:
        return f"{field} is {not_}less than {condition.less_than:g}"
    if condition.older_than is not None:
        return f"{field} is {not_}more than {say_duration(condition.older_than)} ago"
    if condition.newer_than is not None:
        return f"{field} is {not_}less than {say_duration(condition.newer_than)} ago"
    if isinstance(condition.equals, bool):
        holds = condition.equals is not is_not
        root, is_, state = field.partition(" is ")
        return f"{root} is {'' if holds else 'not '}{state}" if is_ else f"{field}: {'yes' if holds else 'no'}"
    return f"{field} is {not_}{condition.equals}"


def _say_outcome(outcome: str, *, is_not: bool) -> str:
    if outcome == "timeout":
        return "it came in time" if is_not else "the time is up"
    return f"not by {outcome}" if is_not else f"{outcome} came" if "." in outcome else f"it is {outcome}"


def say_field(path: str) -> str:
    """`order.is_first` as `order is first`; what a journey itself made is called by its name."""
    root, _, name = path.partition(".")
    match root:
        case "run" if name == "outcome":
            return "what ended the wait"
        case "answer":
            return f"the answer to {name}"
        case "split":
            return f"the arm of {name}"
        case "setting":
            return f"setting {name}"
        case "event" if name == "name":
            return "event"
    return f"{root} {_say_name(name)}".strip()


def say_trigger(definition: Definition) -> list[str]:
    """What begins a run: the events, the key, the condition, re-entry, hold-out."""
    lines = [_say_or(definition.events), f"one run for each {_say_name(definition.key)}"]
    match definition.again:
        case "after_end":
            lines.append("again after the former has ended")
        case "always":
            lines.append("again at any time")
    if definition.again_limit:
        limit = definition.again_limit
        lines.append(f"at most {limit.times} in {say_duration(limit.per)}")
    if definition.when:
        lines.append(f"if {say_condition(definition.when)}")
    if definition.holdout:
        lines.append(f"{definition.holdout} % are held out, for comparison")
    return lines


def say_match(match: EventMatch) -> str:
    """`order.paid (same order)`."""
    about = {"customer": "of this customer"}.get(match.match, f"same {_say_name(match.match.partition('.')[0])}")
    return f"{match.event} ({about})" + (f" if {say_condition(match.when)}" if match.when else "")


def say_matches(matches: Iterable[EventMatch], joint: str = " or ") -> str:
    """Several events; what they share with the run is said once, where it is the same."""
    listed = list(matches)
    if len({(match.match, match.when) for match in listed}) > 1:
        return joint.join(map(say_match, listed))
    tail = say_match(listed[-1])
    return joint.join([*(match.event for match in listed[:-1]), tail])


def say_goal(definition: Definition) -> list[str]:
    """What the journey is for, and for how long it is credited."""
    goal = definition.goal
    if goal is None:
        return []
    ends = "ends the run" if goal.ends else "the run goes on"
    return [say_matches(goal.events), f"within {say_duration(goal.within)}; {ends}"]


def say_wait(step: WaitStep, settings: Mapping[str, str] | None = None) -> list[str]:
    """What a wait waits for, a line for each thing."""
    lines = []
    if step.unchanged_for:
        lines.append(f"until nothing new for {say_span(step.unchanged_for, settings)}")
        lines.append(say_matches(step.events))
    elif step.events:
        lines.append(f"for {say_matches(step.events, ' and ' if step.all_of else ' or ')}")
        if step.timeout:
            lines.append(f"at most {say_span(step.timeout, settings)}")
        if step.timeout_at:
            lines.append(f"at the latest {_say_moment(step.timeout_at, settings)}")
    if step.until:
        lines.append(f"until {_say_moment(step.until, settings)}")
    if step.span:
        lines.append(say_span(step.span, settings))
    hour = _say_hour(step, settings)
    if hour:
        lines.append(f"then {hour}" if lines else hour)
    return lines or ["at once"]


def _say_hour(step: WaitStep, settings: Mapping[str, str] | None) -> str:
    at = step.at or ""
    if at.startswith("setting."):
        name = at.removeprefix("setting.")
        at = f"{(settings or {}).get(name, '?')} (setting {name})"
    days = f" on {_say_or(_DAYS[day] for day in step.on)}" if step.on and len(step.on) < _ALL_DAYS else ""
    if step.best_hour:
        return f"at their best hour{f' (else {at})' if at else ''}{days}"
    return f"{f'at {at}' if at else ''}{days}, their time".lstrip() if at or days else ""


def _say_moment(moment: Moment, settings: Mapping[str, str] | None) -> str:
    shift = ""
    if moment.plus:
        side = "after" if moment.plus > timedelta(0) else "before"
        shift = f"{say_duration(moment.plus)} {side} "
    otherwise = f" (else {say_span(moment.otherwise, settings)})" if moment.otherwise else ""
    return f"{shift}{say_field(moment.field)}{otherwise}"


def say_step(step: Step, settings: Mapping[str, str] | None = None) -> tuple[str, list[str]]:
    """A step's name and what it does, a line for each thing."""
    match step:
        case WaitStep():
            return "wait", say_wait(step, settings)
        case SendStep():
            return f"send {step.template}", _say_sending(step, settings)
        case AskStep():
            return f"ask {step.template}", _say_asking(step, settings)
        case SplitStep():
            return f"split {step.split}", []
        case JumpStep():
            return "branch", [say_condition(step.unless)] if step.unless else []
        case TagStep():
            changes = [*(f"+ {tag}" for tag in step.add), *(f"- {tag}" for tag in step.remove)]
            changes += [f"+ {step.prefix}each of {say_field(step.each)}"] if step.each else []
            return "tag", [", ".join(changes)]
        case SetStep():
            value = say_field(step.field) if step.field else step.value
            return f"set {step.attribute}", [f"to {value}"]
        case EmitStep():
            return f"emit {step.event}", [", ".join(step.data)] if step.data else []
        case TicketStep():
            clock = " of the shop's hours" if step.hours else ""
            due = [f"due after {say_span(step.due, settings)}{clock}"] if step.due else []
            person = ["a person takes over"] if step.hand_over else []
            return "open a ticket", [f"{step.queue}, priority {step.priority}", *due, *person]
        case CallStep():
            return f"call {step.webhook}", [f"signed; waits at most {say_span(step.timeout, settings)}"]
        case CouponStep():
            return f"issue coupon {step.coupon}", _say_coupon(step)
        case ExitStep():
            return "end", [step.reason]
        case _:
            return _say_talking(step)


def _say_talking(step: Step) -> tuple[str, list[str]]:
    match step:
        case FocusStep():
            whose = "the latest order" if step.order == "latest" else f"the order in {say_field(step.order)}"
            return "take up", [whose]
        case FindStep():
            wanted = [f"{name.replace('_', ' ')}: {say_field(field)}" for name, field in step.where.items()]
            return f"find {step.find}", [*wanted, f"at most {step.most}"]
        case ChangeOrderStep():
            return f"ask the store: {step.do}", [f"with {', '.join(step.wanted)}"] if step.wanted else []
        case LanguageStep():
            return "speak", [say_field(step.language)]
        case ConsentStep():
            return "note consent", [f"{step.purpose} on {step.channel}: {'given' if step.given else 'withdrawn'}"]
        case RecordStep():
            return f"record {step.survey}", [", ".join(filter(None, (step.score and "score", *step.answers)))]
        case EscalateStep():
            return "escalate", ["the ticket goes to the front"]
        case _:
            return _say_campaigning(step)


def _say_campaigning(step: Step) -> tuple[str, list[str]]:
    match step:
        case RecommendStep():
            at_hand = "what they bought lately" if step.of == "customer" else f"the {step.of}"
            return f"recommend {step.find}", [f"{step.kind} to {at_hand}", f"at most {step.most}"]
        case CartLinkStep():
            return f"make cart link {step.link}", [
                f"from the {step.of}",
                *(["without what they left out"] * bool(step.without)),
            ]
        case PointsStep():
            does, amount = ("give", step.add) if step.add else ("take", step.take)
            return f"{does} points", [f"{_say_amount(amount)}, for {step.reason}"]
        case DrawStep():
            return f"draw {step.draw}", [f"{_say_amount(step.percent)} of a hundred win, once a {step.per}"]
    raise AssertionError(f"{step.op} is a step without words")


def _say_coupon(step: CouponStep) -> list[str]:
    worth = f"{_say_amount(step.percent)} %" if step.percent else _say_amount(step.amount)
    made = [f"worth {worth}, made in the store"] if step.percent or step.amount else []
    days = [f"good for {_say_amount(step.days)} days"] if step.days else []
    named = say_field(step.pool) if step.pool.startswith("setting.") else step.pool
    pool = [f"from the pool {named}"] if named else []
    uses = [f"to pass on, for {_say_amount(step.uses)} orders"] if step.uses else []
    budget = [f"within {_say_amount(step.budget)} a month"] if step.budget else []
    return [*made, *days, *pool, *uses, *budget]


def _say_amount(text: str) -> str:
    return say_field(text) if text[:1].isalpha() else text


def _say_sending(step: SendStep, settings: Mapping[str, str] | None) -> list[str]:
    lines = [_say_channels(step)]
    if step.purpose:
        lines.append(f"as {step.purpose} message")
    if step.gather:
        lines.append(f"gathers siblings for {say_span(step.gather, settings)}")
    if step.valid_for:
        lines.append(f"put off at most {say_span(step.valid_for, settings)}")
    return lines


def _say_asking(step: AskStep, settings: Mapping[str, str] | None) -> list[str]:
    offered = [step.choices.of.replace("_", " ")] if step.choices else []
    kinds = [*offered, *step.answers, *(["any text"] if step.text else []), *(["a picture"] if step.media else [])]
    lines = [_say_channels(step), f"answers: {', '.join(kinds)}"]
    lines.append(f"waits at most {say_span(step.timeout, settings)}")
    if step.retries:
        times = "once" if step.retries == 1 else f"{step.retries} times"
        lines.append(f"asks again {times}" + (f" ({step.again_template})" if step.again_template else ""))
    return lines


def _say_channels(step: SendStep | AskStep) -> str:
    if step.best:
        return f"{' or '.join(step.channels)}, whichever they heed"
    return (" and " if isinstance(step, SendStep) and step.both else ", else ").join(step.channels)


def _say_name(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")


def _say_or(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}" if listed else ""
