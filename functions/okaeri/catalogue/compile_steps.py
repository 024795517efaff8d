"""Steps as they are written → the flat list that the engine walks: what is nested becomes jumps."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from okaeri.catalogue.compile_campaign_steps import compile_campaign_step, compile_coupon
from okaeri.catalogue.compile_conditions import Reading, read_fields, read_span_of, take_id
from okaeri.catalogue.compile_talk_steps import compile_talk_step, read_choices
from okaeri.catalogue.compile_waits import compile_wait
from okaeri.catalogue.journey_source import (
    BEST,
    BRANCH,
    Channels,
    SourceArm,
    SourceAsk,
    SourceCall,
    SourceCoupon,
    SourceEmit,
    SourceExit,
    SourcePart,
    SourceSend,
    SourceSet,
    SourceSplit,
    SourceSplitArm,
    SourceTag,
    SourceTicket,
    SourceWait,
)
from okaeri.catalogue.journey_words import Field, Kind
from okaeri.catalogue.journey_yaml import SourceList, SourceMap
from okaeri.catalogue.read_parts import read_part, suggest
from okaeri.catalogue.talk_source import ALL_STEPS, STEP_NAMES
from okaeri.domain.conditions import Condition
from okaeri.domain.journeys import (
    AskStep,
    CallStep,
    EmitStep,
    ExitStep,
    JumpStep,
    SendStep,
    SetStep,
    SplitStep,
    Step,
    TagStep,
    TicketStep,
)
from okaeri.domain.values import Channel, Purpose


class _Arm(NamedTuple):
    """Steps that are walked if `condition` holds; `raw` is their list, at `place`."""

    condition: Condition | None
    raw: Any
    place: int
    line: int


class StepCompiler:
    """Compiles the steps of one journey. What cannot be used is among the reading's problems, and is left out."""

    def __init__(self, reading: Reading, channels: Channels) -> None:
        """`channels` are those of steps that name none."""
        self._reading = reading
        self._channels = channels
        self._problems = reading.problems

    def compile_steps(self, raw: Any, start: int, line: int) -> list[Step]:
        """The steps of a list; jumps are absolute, `start` is the index of the first step."""
        if not isinstance(raw, SourceList):
            self._problems.report(line, "steps are a list", "begin each with `- `")
            return []
        steps: list[Step] = []
        for item, place in zip(raw, raw.lines, strict=True):
            steps += self._compile_step(item, start + len(steps), place)
        return steps

    def _compile_step(self, raw: Any, index: int, line: int) -> list[Step]:
        if not isinstance(raw, SourceMap):
            self._problems.report(line, f"{raw!r} is no step", f"write it as `{raw}: …`")
            return []
        names = list(raw)
        if len(names) != 1 or names[0] not in STEP_NAMES:
            unknown = [name for name in names if name not in STEP_NAMES]
            found = ", ".join(names) or "nothing"
            fix = suggest(unknown[0], STEP_NAMES) if len(names) == 1 else "begin each step with its own `- `"
            self._problems.report(line, f"a step is one of {', '.join(STEP_NAMES)}; found {found}", fix)
            return []
        name, body = names[0], raw[names[0]]
        if name == BRANCH:
            return self._compile_branch(body, index, line)
        part = read_part(ALL_STEPS[name], body, self._problems, raw.lines[name], name)
        if isinstance(part, SourceSplit):
            return self._compile_split(part, index, line)
        step = self._compile_part(part, line) if part is not None else None
        return [step] if step is not None else []

    def _compile_part(self, part: SourcePart, line: int) -> Step | None:
        match part:
            case SourceWait():
                return compile_wait(part, self._reading, line)
            case SourceSend():
                if part.both and part.channels == BEST:
                    self._problems.report(part.find_line("channels"), "best is one of them, not both", "leave one out")
                channels, best = self._read_channels(part)
                return SendStep(
                    template=part.template,
                    channels=channels,
                    best=best and not part.both,
                    both=part.both,
                    purpose=part.purpose,
                    content=part.content,
                    gather=read_span_of(self._reading, part, "gather"),
                    valid_for=read_span_of(self._reading, part, "valid_for"),
                    survey=part.survey,
                    line=line,
                )
            case SourceAsk():
                return self._compile_ask(part, line)
            case SourceTag():
                return self._compile_tag(part, line)
            case SourceSet():
                return self._compile_set(part, line)
            case SourceEmit():
                return EmitStep(event=part.event, data=read_fields(self._reading, part, "data"), line=line)
            case SourceTicket():
                return TicketStep(
                    queue=part.queue,
                    subject=part.subject,
                    priority=part.priority,
                    due=read_span_of(self._reading, part, "due"),
                    hours=part.hours,
                    hand_over=part.hand_over,
                    stage=part.stage,
                    data=read_fields(self._reading, part, "data"),
                    line=line,
                )
            case SourceCall():
                return self._compile_call(part, line)
            case SourceCoupon():
                return compile_coupon(part, self._reading, line)
            case SourceExit():
                return ExitStep(reason=part.reason, line=line)
        step = compile_campaign_step(part, self._reading, line)
        return step if step is not None else compile_talk_step(part, self._reading, line)

    def _read_channels(self, part: SourceSend | SourceAsk) -> tuple[tuple[Channel, ...], bool]:
        """The channels in their order, and whether the one that the customer heeds goes first.

        What a journey says of an order's business keeps to the order of the list, whatever holds for its marketing.
        """
        if part.channels is None and self._channels == BEST and part.purpose is Purpose.ORDER:
            return tuple(Channel), False
        chosen = part.channels or self._channels
        return (tuple(Channel), True) if chosen == BEST else (tuple(map(Channel, chosen)), False)

    def _compile_branch(self, raw: Any, index: int, line: int) -> list[Step]:
        """Each arm: jump past it unless its condition holds; at its end, jump past the rest."""
        if not isinstance(raw, SourceList) or not all(isinstance(arm, SourceMap) for arm in raw):
            fix = "begin each with `- when:` or `- otherwise:`"
            self._problems.report(line, "a branch is a list of arms", fix)
            return []
        arms: list[_Arm] = []
        for number, item in enumerate(raw):
            arm = read_part(SourceArm, item, self._problems, item.line, "an arm")
            if arm is None:
                continue
            if (arm.when is None) != (arm.steps is None) or (arm.when is None) == (arm.otherwise is None):
                fix = "it has `when` and `steps`, or `otherwise` with a list of steps"
                self._problems.report(item.line, "an arm is incomplete", fix)
                continue
            if arm.when is None and number != len(raw) - 1:
                self._problems.report(item.line, "`otherwise` comes last", "move it to the end of the branch")
            condition = self._reading.read_condition(arm.when, arm.find_line("when")) if arm.when is not None else None
            body, place = (arm.steps, arm.find_line("steps")) if arm.when is not None else (arm.otherwise, item.line)
            arms.append(_Arm(condition, body, place, item.line))
        return self._lay_arms(arms, index)

    def _compile_split(self, part: SourceSplit, index: int, line: int) -> list[Step]:
        arms = [
            read_part(SourceSplitArm, raw, self._problems, part.find_line("arms", number), "an arm")
            for number, raw in enumerate(part.arms)
        ]
        chosen = [arm for arm in arms if arm is not None]
        names = tuple(arm.name for arm in chosen)
        for arm in chosen:
            if names.count(arm.name) > 1:
                self._problems.report(arm.find_line("name"), f"two arms are named {arm.name!r}", "rename one")
        if chosen and not sum(arm.weight for arm in chosen):
            self._problems.report(part.find_line("arms"), "every weight is 0", "give one arm a weight")
        take_id(self._reading, "split", part.id, Field("text", names), part, ())
        head = SplitStep(split=part.id, names=names, weights=tuple(arm.weight for arm in chosen), line=line)
        laid = [
            # Whoever is in no arm before is in the last.
            _Arm(
                Condition(field=f"split.{part.id}", equals=arm.name) if arm is not chosen[-1] else None,
                arm.steps if arm.steps != [] else SourceList(arm.find_line(), [], []),
                arm.find_line("steps"),
                arm.find_line(),
            )
            for arm in chosen
        ]
        return [head, *self._lay_arms(laid, index + 1)]

    def _lay_arms(self, arms: list[_Arm], index: int) -> list[Step]:
        """Lays arms one after the other from `index` on; at its end each but the last jumps past the rest."""
        laid: list[list[Step]] = []
        at = index
        for arm in arms:
            body = self.compile_steps(arm.raw, at + (1 if arm.condition else 0), arm.place)
            size = len(body) + (1 if arm.condition else 0) + (1 if arm is not arms[-1] else 0)
            at += size
            laid.append([*([JumpStep(unless=arm.condition, to=at, line=arm.line)] if arm.condition else []), *body])
        steps: list[Step] = []
        for arm, body in zip(arms, laid, strict=True):
            steps += body
            if arm is not arms[-1]:
                steps.append(JumpStep(to=at, line=arm.line))
        return steps

    def _compile_ask(self, ask: SourceAsk, line: int) -> AskStep | None:
        answers = {
            name: tuple(str(word) for word in (words if isinstance(words, list) else [words]))
            for name, words in ask.answers.items()
        }
        if not (answers or ask.text or ask.media or ask.choices):
            fix = "add answers, choices, text: true, or media: true"
            self._problems.report(line, f"no reply answers the question {ask.id!r}", fix)
        seen: dict[str, str] = {}
        for name, words in answers.items():
            for word in (name, *words):  # its own name is typed too
                other = seen.setdefault(word.strip().casefold(), name)
                if other != name:
                    fix = "give each its own words"
                    self._problems.report(ask.find_line("answers", name), f"{word!r} means {other} and {name}", fix)
        if ask.again and not ask.retries:
            self._problems.report(ask.find_line("again"), "again: it is never asked again", "add retries: 1")
        free = ask.text or ask.media or ask.choices
        outcomes = ("answered", "skipped", "timeout", "unreachable")
        kind: Kind = "number" if answers and all(name.isdecimal() for name in answers) and not free else "text"
        take_id(self._reading, "answer", ask.id, Field(kind, () if free else tuple(answers)), ask, outcomes)
        timeout = read_span_of(self._reading, ask, "timeout")
        if timeout is None:
            return None
        channels, best = self._read_channels(ask)
        return AskStep(
            ask=ask.id,
            template=ask.template,
            channels=channels,
            best=best,
            purpose=ask.purpose,
            content=ask.content,
            answers=answers,
            choices=read_choices(ask, self._reading),
            text=ask.text,
            media=ask.media,
            timeout=timeout,
            retries=ask.retries,
            again_template=ask.again,
            valid_for=read_span_of(self._reading, ask, "valid_for"),
            line=line,
        )

    def _compile_tag(self, part: SourceTag, line: int) -> TagStep:
        add, remove = ((tags,) if isinstance(tags, str) else tuple(tags) for tags in (part.add, part.remove))
        if not (add or remove or part.each):
            self._problems.report(line, "tag names none", "tag: vip")
        each = self._reading.use_field(part.each, part.find_line("each"), "has") if part.each else ""
        for tag in (*add, *remove):
            if not re.fullmatch(r"\S(.{0,38}\S)?", tag):
                self._problems.report(line, f"{tag!r} is no tag", "1 to 40 characters")
        for tag in sorted({*add} & {*remove}):
            self._problems.report(line, f"tag {tag!r} is added and removed", "keep one of them")
        return TagStep(add=add, remove=remove, each=each, prefix=part.prefix, line=line)

    def _compile_set(self, part: SourceSet, line: int) -> SetStep:
        if (part.value is None) == (part.field is None):
            self._problems.report(line, f"set {part.attribute!r}: to what is open", "give it value or field")
        path = self._reading.use_field(part.field, part.find_line("field")) if part.field else None
        value = str(part.value) if part.value is not None else None
        return SetStep(attribute=part.attribute, value=value, field=path, line=line)

    def _compile_call(self, part: SourceCall, line: int) -> CallStep | None:
        take_id(self._reading, "call", part.id, Field("any"), part, ("answered", "failed", "timeout"))
        timeout = read_span_of(self._reading, part, "timeout")
        if timeout is None:
            return None
        data = read_fields(self._reading, part, "data")
        return CallStep(call=part.id, webhook=part.webhook, data=data, timeout=timeout, line=line)
