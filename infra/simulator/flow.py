"""A compiled journey as a graph of boxes: jumps become arrows, and what an arrow asks becomes a label of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from okaeri.domain.conditions import Condition
from okaeri.domain.journeys import (
    AskStep,
    CallStep,
    CouponStep,
    Definition,
    ExitStep,
    JumpStep,
    SendStep,
    SplitStep,
    Step,
    WaitStep,
)
from simulator.wording import say_condition, say_step, say_trigger

START, END = "start", "end"
OTHERWISE = "otherwise"


@dataclass(frozen=True)
class Box:
    """One thing to draw. `kind` is start, wait, send, ask, act, split, branch, label or end; `step` its index."""

    name: str
    kind: str
    title: str
    lines: tuple[str, ...] = ()
    step: int | None = None


@dataclass
class Flow:
    """Boxes in the order of the steps, and arrows by the names of the boxes."""

    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, box: Box) -> str:
        """Puts a box down; returns its name."""
        self.boxes[box.name] = box
        return box.name

    def join(self, before: str, after: str, label: str = "") -> None:
        """An arrow, over a label of its own where it asks for something."""
        if label:
            before = self._join_label(before, label)
        if (before, after) not in self.arrows:
            self.arrows.append((before, after))

    def _join_label(self, before: str, label: str) -> str:
        name = self.add(Box(f"{before}:{label}", "label", label))
        self.arrows.append((before, name))
        return name


def make_flow(definition: Definition) -> Flow:
    """The graph of everything that the run can reach."""
    return _Maker(definition).make()


class _Maker:
    def __init__(self, definition: Definition) -> None:
        self.definition, self.steps, self.flow = definition, definition.steps, Flow()
        self.entries = Counter(self._list_entries())

    def make(self) -> Flow:
        start = self.flow.add(Box(START, "start", "begins with", tuple(say_trigger(self.definition))))
        waiting = [self._join(start, 0)]
        done: set[int] = set()
        while waiting:
            index = waiting.pop(0)
            if index is None or index in done:
                continue
            done.add(index)
            waiting += self._follow(index)
        return self.flow

    def _list_entries(self) -> Iterator[int]:
        """Every way into a step: from the one before it, and by each jump."""
        yield 0
        for index, step in enumerate(self.steps):
            if isinstance(step, JumpStep):
                yield self._skip(step.to)
            if not isinstance(step, ExitStep) and not (isinstance(step, JumpStep) and step.unless is None):
                yield self._skip(index + 1)

    def _skip(self, index: int) -> int:
        """Where a run goes on that comes to this step: over jumps without a condition."""
        while index < len(self.steps):
            step = self.steps[index]
            if not isinstance(step, JumpStep) or step.unless is not None:
                break
            index = step.to
        return index

    def _join(self, before: str, index: int, label: str = "") -> int | None:
        """An arrow to the box of a step; the step's index where it is to be followed, None at an end."""
        index = self._skip(index)
        if index >= len(self.steps):
            self.flow.join(before, self.flow.add(Box(END, "end", "end", ("done",))), label)
            return None
        self.flow.join(before, self.flow.add(self._make_box(index)), label)
        return index

    def _make_box(self, index: int) -> Box:
        step = self.steps[index]
        title, lines = say_step(step, self.definition.settings)
        if isinstance(step, JumpStep):
            title, lines = "which?", []
        return Box(str(index), _find_kind(step), title, tuple(lines), index)

    def _follow(self, index: int) -> list[int | None]:
        step = self.steps[index]
        match step:
            case ExitStep():
                return []
            case SplitStep():
                return self._follow_split(index, step)
            case JumpStep():
                return self._follow_branch(str(index), index)
        return [self._join(str(index), index + 1)]

    def _follow_branch(self, before: str, index: int) -> list[int | None]:
        """All arms that are asked one after the other leave one box; an arm that others lead to has its own."""
        found: list[int | None] = []
        while True:
            step = self.steps[index]
            assert isinstance(step, JumpStep)
            assert step.unless is not None
            found.append(self._join(before, index + 1, say_condition(step.unless)))
            following = self._skip(step.to)
            is_arm = following < len(self.steps) and self.entries[following] == 1
            if not is_arm or not isinstance(self.steps[following], JumpStep):
                return [*found, self._join(before, following, OTHERWISE)]
            index = following

    def _follow_split(self, index: int, step: SplitStep) -> list[int | None]:
        """The arms with their parts of the whole; who is in none of those asked for is in the last."""
        found: list[int | None] = []
        whole = sum(step.weights)
        at = index + 1
        for name, weight in zip(step.names, step.weights, strict=True):
            arm = self.steps[at] if at < len(self.steps) else None
            label = f"{name}: {100 * weight / whole:.3g} %"
            if isinstance(arm, JumpStep) and _asks_for(arm.unless, step.split, name):
                found.append(self._join(str(index), at + 1, label))
                at = self._skip(arm.to)
            else:
                found.append(self._join(str(index), at, label))
        return found


def _asks_for(condition: Condition | None, split: str, name: str) -> bool:
    return condition is not None and condition.field == f"split.{split}" and condition.equals == name


def _find_kind(step: Step) -> str:
    match step:
        case WaitStep():
            return "wait"
        case SendStep():
            return "send"
        case AskStep():
            return "ask"
        case SplitStep():
            return "split"
        case JumpStep():
            return "branch"
        case ExitStep():
            return "end"
        case CallStep() | CouponStep():
            return "act"
    return "act"
