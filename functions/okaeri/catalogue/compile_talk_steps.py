"""The steps that conversations need, as they are written → as the engine walks them."""

from __future__ import annotations

from okaeri.catalogue.compile_conditions import Reading, read_fields, take_id
from okaeri.catalogue.journey_source import SourceAsk, SourcePart
from okaeri.catalogue.journey_words import Field
from okaeri.catalogue.talk_source import (
    SourceChangeOrder,
    SourceConsent,
    SourceEscalate,
    SourceFind,
    SourceFocus,
    SourceLanguage,
    SourceRecord,
)
from okaeri.domain.journeys import (
    ChangeOrderStep,
    Choices,
    ConsentStep,
    EscalateStep,
    FindStep,
    FocusStep,
    LanguageStep,
    RecordStep,
    Step,
)

LATEST = "latest"
# What each change cannot do without, and what it may have besides.
_NEEDED: dict[str, tuple[str, ...]] = {"note": ("note",), "address": ("address1",), "variant": ("line", "variant")}


def compile_talk_step(part: SourcePart, reading: Reading, line: int) -> Step | None:
    """The compiled step; what cannot be used is among the reading's problems."""
    match part:
        case SourceFocus():
            order = part.order if part.order == LATEST else reading.use_field(part.order, part.find_line("order"))
            reading.outcomes.update(dict.fromkeys(("focused", "none")))
            return FocusStep(order=order, line=line)
        case SourceFind():
            take_id(reading, "find", part.id, Field("number"), part)
            reading.ids["find"][f"{part.id}.fit"] = Field("number")
            where = read_fields(reading, part, "where")
            return FindStep(find=part.id, where=where, most=part.most, line=line)
        case SourceChangeOrder():
            return _compile_change(part, reading, line)
        case SourceLanguage():
            return LanguageStep(language=reading.use_field(part.language, part.find_line("language")), line=line)
        case SourceConsent():
            files = reading.use_field(part.files, part.find_line("files")) if part.files else ""
            return ConsentStep(channel=part.channel, purpose=part.purpose, given=part.given, files=files, line=line)
        case SourceRecord():
            score = reading.use_field(part.score, part.find_line("score")) if part.score else None
            answers = read_fields(reading, part, "answers")
            return RecordStep(survey=part.survey, score=score, answers=answers, line=line)
        case SourceEscalate():
            return EscalateStep(line=line)
    raise AssertionError(f"{type(part).__name__} is a step without a compiled form")


def _compile_change(part: SourceChangeOrder, reading: Reading, line: int) -> ChangeOrderStep:
    take_id(reading, "change", part.id, Field("any"), part, ("done", "refused", "failed", "timeout"))
    missing = [name for name in _NEEDED.get(part.do, ()) if name not in part.with_]
    if missing:
        shown = ", ".join(f"{name}: answer.…" for name in missing)
        reading.problems.report(line, f"change_order {part.do!r} lacks {', '.join(missing)}", f"with: {{{shown}}}")
    wanted = read_fields(reading, part, "with", "with_")
    return ChangeOrderStep(change=part.id, do=part.do, wanted=wanted, line=line)


def read_choices(ask: SourceAsk, reading: Reading) -> Choices | None:
    """Where the answers come from, None where they are all written in the file."""
    if ask.choices is None:
        return None
    line = ask.find_line("choices")
    of, _, rest = ask.choices.partition(":")
    find, _, setting = rest.partition(":") if of in ("products", "budgets") else ("", "", rest)
    if find and find not in reading.ids.get("find", {}):
        fix = "write `find: {id: …}` above the question"
        reading.problems.report(line, f"no find step {find!r} before the question", fix)
    if setting:
        setting = reading.use_field(f"setting.{setting}", line)
    return Choices.model_validate({"of": of, "find": find, "setting": setting})
