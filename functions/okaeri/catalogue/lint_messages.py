"""What a journey says, held against the templates: are they there, in each language, and do they fit."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from okaeri.adapters.template_engine import open_engine
from okaeri.catalogue.journey_flow import State
from okaeri.catalogue.journey_words import find_event
from okaeri.catalogue.journey_yaml import Problems
from okaeri.catalogue.lint_templates import list_texts
from okaeri.catalogue.read_parts import suggest
from okaeri.domain.journeys import AskStep, Definition, SendStep
from okaeri.domain.templates import ANSWER, Template
from okaeri.domain.values import Channel, Purpose

# What a text may be about, and the reference that the run needs for it.
_SUBJECTS = {"order": "order.id", "shipment": "shipment.id", "refund": "refund.id", "cart": "cart.token"}
_ONE_OF_A_CUSTOMER = ("customer", "broadcast.id")

type Templates = Mapping[str, Mapping[str, Template]]


def index_templates(templates: Iterable[Template]) -> Templates:
    """Templates by name and language."""
    index: dict[str, dict[str, Template]] = defaultdict(dict)
    for template in templates:
        index[template.name][template.locale] = template
    return index


def lint_message(
    step: SendStep | AskStep,
    state: State,
    definition: Definition,
    templates: Templates,
    languages: Sequence[str],
    problems: Problems,
) -> None:
    """Checks what one step says. Without any templates there is nothing to hold it against."""
    if isinstance(step, SendStep) and step.gather and definition.key in _ONE_OF_A_CUSTOMER:
        fix = "leave gather out, or give the trigger a key such as shipment.id"
        problems.warn(step.line, f"gather: a customer has one run by {definition.key}, so no sibling comes", fix)
    if step.best and Purpose.MARKETING not in (step.purpose, definition.purpose):
        fix = "leave it out: what concerns an order keeps to the listed channels"
        problems.warn(step.line, "channels: best is for marketing alone", fix)
    if not templates:
        return
    again = step.again_template if isinstance(step, AskStep) else None
    for name in filter(None, (step.template, again)):
        texts = templates.get(name)
        if not texts:
            problems.report(
                step.line, f"no template {name!r}", suggest(name, templates, where="write it: docs/templates.md")
            )
            continue
        _lint_languages(step, name, texts, definition, templates, languages, problems)
        _lint_purpose(step, name, texts, definition, problems)
        _lint_channels(step, name, texts, problems)
        _lint_subjects(step, name, texts, state, problems)
        _lint_answers(step, name, texts, problems)
        _lint_learnt(step, name, texts, state, definition, problems)


def _lint_languages(
    step: SendStep | AskStep,
    name: str,
    texts: Mapping[str, Template],
    definition: Definition,
    templates: Templates,
    languages: Sequence[str],
    problems: Problems,
) -> None:
    wanted = set(languages) or {
        locale
        for other in definition.steps
        if isinstance(other, SendStep | AskStep)
        for locale in templates.get(other.template, {})
    }
    if missing := sorted(wanted - texts.keys()):
        fix = "translate it: who speaks these gets another language, or nothing"
        problems.warn(step.line, f"{name} is not there in {', '.join(missing)}", fix)


def _lint_purpose(
    step: SendStep | AskStep, name: str, texts: Mapping[str, Template], definition: Definition, problems: Problems
) -> None:
    purpose = step.purpose or definition.purpose
    written_for = next(iter(texts.values())).purpose
    if written_for != purpose:
        fix = f"write purpose: {written_for} at the step, or choose another template"
        problems.report(step.line, f"{name} is a template for {written_for}, said for {purpose}", fix)


def _has_part(template: Template, channel: Channel) -> bool:
    if channel is Channel.EMAIL:
        return template.email is not None
    return any(part is not None for part in (template.whatsapp, template.chat))


def _lint_channels(step: SendStep | AskStep, name: str, texts: Mapping[str, Template], problems: Problems) -> None:
    silent = [channel for channel in step.channels if not any(_has_part(text, channel) for text in texts.values())]
    if len(silent) == len(step.channels):
        problems.report(step.line, f"{name} has no words for {' or '.join(silent)}", "add a part, or another channel")
    elif silent and isinstance(step, SendStep) and step.both:
        problems.warn(step.line, f"{name} has no words for {' or '.join(silent)}", "leave both out, or add that part")


def _list_named(template: Template) -> Iterator[str]:
    for _, text in list_texts(template):
        yield from open_engine().undeclared_variables_in_str(text, nested=True)


def _list_subjects(template: Template) -> Iterator[str]:
    for path in _list_named(template):
        root = path.partition(".")[0]
        if root in _SUBJECTS:
            yield root


def _is_about(event: str, subject: str) -> bool:
    """Whether a run that the event began knows the subject. An order's messages say nothing of the cart before it."""
    shape = find_event(event)
    refs = shape.refs if shape is not None else ()
    return _SUBJECTS[subject] in refs and (subject != "cart" or "order.id" not in refs or event.startswith("custom."))


def _lint_subjects(
    step: SendStep | AskStep, name: str, texts: Mapping[str, Template], state: State, problems: Problems
) -> None:
    for subject in sorted({subject for text in texts.values() for subject in _list_subjects(text)}):
        without = sorted(event for event in state.begun if not _is_about(event, subject))
        if not without:
            continue
        fix = f"begin with events that have {_SUBJECTS[subject]}, or choose another template"
        problems.report(step.line, f"{name} names the {subject}: {', '.join(without)} brings none", fix)


def _lint_answers(step: SendStep | AskStep, name: str, texts: Mapping[str, Template], problems: Problems) -> None:
    offered = {answer for text in texts.values() for names in text.answers.values() for answer in names}
    asked = set(step.answers) if isinstance(step, AskStep) else set()
    if isinstance(step, SendStep) and offered:
        fix = f"ask it, with answers {', '.join(sorted(offered))}"
        problems.warn(step.line, f"{name} has buttons that answer, and nobody asks", fix)
        return
    for answer in sorted(offered - asked):
        if isinstance(step, AskStep):
            fix = f"add it to answers, or remove the button {ANSWER}{answer}"
            problems.report(step.line, f"{name} offers the answer {answer!r}, which the question does not know", fix)
    if (unoffered := sorted(asked - offered)) and any(text.whatsapp for text in texts.values()):
        fix = f"add quick replies with the payload {ANSWER}{unoffered[0]}; typed words are understood all the same"
        problems.warn(step.line, f"{name} has no button for {', '.join(unoffered)}", fix)


# What is said beside what a step brings, by the root of what it brings.
_BESIDE = {
    "chosen": "answer",
    "until": "coupon",
    "worth": "coupon",
    "minimum": "coupon",
    "missing": "link",
    "filled": "link",
    "finds": "find",
}
_BRINGERS = {
    "answer": "an ask step",
    "coupon": "an issue_coupon step",
    "call": "a call step",
    "link": "a cart_link step",
    "find": "a recommend step",
}


def _find_bringer(path: str) -> str:
    root, _, rest = path.partition(".")
    return f"{_BESIDE.get(root, root)}.{rest}"


# A text that asks whether there is one says something without it too.
_ASKED = re.compile(r"\b(\w+\.\w+) is (?:not )?defined")


def _list_learnt(template: Template) -> Iterator[str]:
    """What its texts need of the run, and the products that its e-mail shows."""
    for _, text in list_texts(template):
        named = open_engine().undeclared_variables_in_str(text, nested=True)
        yield from (_find_bringer(path) for path in named if path not in _ASKED.findall(text))
    blocks = template.email.blocks if template.email else ()
    yield from (f"find.{block.products}" for block in blocks if block.products)


def _lint_learnt(
    step: SendStep | AskStep,
    name: str,
    texts: Mapping[str, Template],
    state: State,
    definition: Definition,
    problems: Problems,
) -> None:
    """Without its code a voucher's message is not sent: better to hear of it here."""
    named = {".".join(path.split(".")[:2]) for text in texts.values() for path in _list_learnt(text)}
    for path in sorted(named - state.set_before):
        root, _, setting = path.partition(".")
        if bringer := _BRINGERS.get(root):
            fix = f"put {bringer} of that id before it, or choose another template"
            problems.report(step.line, f"{name} names {path}, which no step before it brings", fix)
        elif root == "setting" and setting not in definition.settings:
            fix = f"add {setting} to the journey's settings, or choose another template"
            problems.report(step.line, f"{name} names {path}, which the journey does not have", fix)
