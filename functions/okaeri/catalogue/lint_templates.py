"""What Meta and our own style refuse in a template, said before Meta says it (facts: WhatsApp §3)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from okaeri.adapters.email_blocks import FACTS
from okaeri.adapters.message_fields import is_field
from okaeri.adapters.rendering import BODY_LIMIT, HEADER_LIMIT, VARIABLE
from okaeri.adapters.template_engine import open_engine
from okaeri.catalogue.lint_chat import lint_chat, list_chat_texts
from okaeri.catalogue.lint_direction import lint_direction
from okaeri.domain.templates import Problem, Template, WhatsappText

FOOTER_LIMIT = 60
BUTTON_LABEL_LIMIT = 25
_PROMOTION = "email.promotion"
NAME_LIMIT = 512
ANSWER_NAME = r"[a-z0-9][a-z0-9_]{0,39}"
MOST_BUTTONS = 10
MOST_URL_BUTTONS = 2
# Meta wants more fixed words than variables and does not publish the ratio; at twice and one more none was refused.
FIXED_WORDS_PER_VARIABLE = 2
CJK_CHARACTERS_PER_WORD = 2

_CJK = r"\u3040-\u30ff\u3400-\u9fff"


def lint_template(template: Template) -> list[Problem]:
    """All that is wrong with one template; an empty list means that Meta and our senders will take it."""
    return [
        *_lint_shape(template),
        *_lint_whatsapp(template),
        *lint_chat(template),
        *_lint_texts(template),
        *_lint_promotion(template),
        *_lint_answers(template),
        *lint_direction(template.locale, _list_shown_texts(template)),
    ]


def lint_languages(templates: Iterable[Template]) -> Iterator[tuple[tuple[str, str], Problem]]:
    """What differs between the languages of one name and may not: variables, purpose, buttons, version."""
    first: dict[str, Template] = {}
    for template in sorted(templates, key=lambda template: (template.name, template.locale)):
        leader = first.setdefault(template.name, template)
        for what, ours, theirs in (
            ("variables", sorted(template.variables), sorted(leader.variables)),
            ("purpose", template.purpose, leader.purpose),
            ("version", template.version, leader.version),
            ("valid_for", template.valid_for, leader.valid_for),
            ("whatsapp.buttons", _list_button_types(template), _list_button_types(leader)),
            ("document", _list_documents(template), _list_documents(leader)),
            ("answers", template.answers, leader.answers),
            ("page", template.page is not None, leader.page is not None),
        ):
            if ours != theirs:
                fix = f"{leader.locale} has {theirs}, {template.locale} has {ours}: make them equal."
                yield (
                    (template.name, template.locale),
                    Problem(where=what, what=f"differs from {leader.locale}", fix=fix),
                )


def _list_button_types(template: Template) -> list[str]:
    return [button.type for button in template.whatsapp.buttons] if template.whatsapp else []


def _list_documents(template: Template) -> list[str]:
    parts = (template.whatsapp, template.chat, template.email)
    return [part.document or "" if part else "" for part in parts]


def _lint_shape(template: Template) -> Iterator[Problem]:
    if not re.fullmatch(r"[a-z0-9_]+", template.name) or len(template.meta_name) > NAME_LIMIT:
        yield Problem(where="name", what="Meta refuses the name", fix="Small letters, digits and `_` only.")
    if not (template.whatsapp or template.email or template.chat):
        yield Problem(where="name", what="says nothing", fix="Add `chat`, `whatsapp` or `email`.")


def _lint_whatsapp(template: Template) -> Iterator[Problem]:
    whatsapp = template.whatsapp
    if whatsapp is None:
        return
    if template.email and template.email.promotion:
        fix = "Say it on WhatsApp by a marketing template of its own: Meta moves what promotes out of UTILITY."
        yield Problem(where=_PROMOTION, what="stands beside a part for WhatsApp", fix=fix)
    if (whatsapp.category == "UTILITY") != (template.purpose == "order"):
        fix = "UTILITY goes with `purpose: order`, MARKETING with `purpose: marketing`."
        yield Problem(where="whatsapp.category", what="does not fit the purpose", fix=fix)
    yield from _lint_variables(template, whatsapp)
    yield from _lint_body(whatsapp.body)
    yield from _lint_header(whatsapp.header)
    if whatsapp.document and whatsapp.header is not None:
        fix = "Leave the header out, or write it at the beginning of the body."
        yield Problem(where="whatsapp.header", what="stands where the document does", fix=fix)
    yield from _lint_buttons(whatsapp)
    footer = whatsapp.footer or ""
    if len(footer) > FOOTER_LIMIT or VARIABLE.search(footer) or "\n" in footer:
        fix = f"One line of at most {FOOTER_LIMIT} characters without variables."
        yield Problem(where="whatsapp.footer", what="Meta refuses the footer", fix=fix)


def _lint_variables(template: Template, whatsapp: WhatsappText) -> Iterator[Problem]:
    used = set(VARIABLE.findall((whatsapp.header or "") + whatsapp.body))
    for name in sorted(used - set(template.variables)):
        fix = f"Add `{name}` under `variables` with `value` and `example`."
        yield Problem(where="whatsapp.body", what=f"variable `{name}` is not defined", fix=fix)
    for name in sorted(set(template.variables) - used):
        fix = "Use it in the header or the body, or remove it."
        yield Problem(where=f"variables.{name}", what="is defined and not used", fix=fix)
    for name, variable in template.variables.items():
        if not variable.example.strip() or re.search(r"\n|\t| {4}", variable.example):
            fix = "One line without tabs, as a shopper would read it."
            yield Problem(where=f"variables.{name}.example", what="Meta refuses the example", fix=fix)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            yield Problem(where=f"variables.{name}", what="Meta refuses the name", fix="lower_snake_case only.")


def _lint_answers(template: Template) -> Iterator[Problem]:
    """A question offers the same answers on both channels, each once, and with labels that a button holds."""
    offered = template.answers
    if len(set(offered.values())) > 1:
        fix = "Offer the same answers in the same order on WhatsApp and by e-mail."
        yield Problem(where="email.blocks", what="other answers than on WhatsApp", fix=fix)
    elif len(offered) == 1 and template.whatsapp and template.email and not _leads_on_both(template):
        fix = "Add an `answers` block to the e-mail, or quick replies with the payload ANSWER:<name> on WhatsApp."
        yield Problem(where="email.blocks", what="one of the channels offers no answers", fix=fix)
    for channel, names in offered.items():
        if len(set(names)) < len(names):
            yield Problem(where=channel, what="an answer is offered twice", fix="Offer each once.")
        for name in names:
            if not re.fullmatch(ANSWER_NAME, name):
                fix = "lower_snake_case, at most 40 characters, as in the journey's `answers`."
                yield Problem(where=channel, what=f"`{name}` is no answer's name", fix=fix)
    for index, block in enumerate(template.email.blocks if template.email else ()):
        for answer in block.answers or ():
            where = f"email.blocks.{index}.answers"
            if len(answer.text) > BUTTON_LABEL_LIMIT or not answer.text.strip():
                fix = f"At most {BUTTON_LABEL_LIMIT} characters, as on WhatsApp."
                yield Problem(where=where, what=f"the label {answer.text!r} does not fit a button", fix=fix)


def _leads_on_both(template: Template) -> bool:
    """Whether both parts lead somewhere: the answers are beside that, and a mail is replied to."""
    is_led = template.whatsapp is not None and any(button.type == "url" for button in template.whatsapp.buttons)
    return is_led and any(block.button for block in (template.email.blocks if template.email else ()))


def _lint_body(source: str) -> Iterator[Problem]:
    body = source.strip()
    where = "whatsapp.body"
    if len(body) > BODY_LIMIT:
        yield Problem(where=where, what=f"{len(body)} characters", fix=f"At most {BODY_LIMIT}.")
    if "\n\n\n" in body:
        yield Problem(where=where, what="two empty lines in a row", fix="One empty line between paragraphs.")
    pieces = VARIABLE.split(body)
    fixed = pieces[::2]
    if re.search(r"[{}]", "".join(fixed)):
        fix = "Variables are `{{lower_snake_case}}`; expressions belong under `variables`."
        yield Problem(where=where, what="braces that are no variable", fix=fix)
    if len(fixed) == 1:
        return
    # A mark alone (`.`, `)`) before or after a variable was refused as often as taken: a word is always taken.
    if not re.search(r"\w", fixed[0]) or not re.search(r"\w", fixed[-1]):
        yield Problem(where=where, what="a variable stands at the start or the end", fix="Put words around it.")
    if not all(re.search(r"\w", between) for between in fixed[1:-1]):
        yield Problem(where=where, what="two variables stand side by side", fix="Put a word between them.")
    words = _count_words(" ".join(fixed))
    needed = FIXED_WORDS_PER_VARIABLE * (len(fixed) - 1) + 1
    if words < needed:
        fix = f"At least {needed} fixed words, or fewer variables."
        yield Problem(where=where, what=f"{words} fixed words for {len(fixed) - 1} variables", fix=fix)


def _count_words(text: str) -> int:
    characters = len(re.findall(f"[{_CJK}]", text))
    # By spaces: Devanagari's vowel signs are no word characters to `re`, and would make three words of नमस्ते.
    others = [piece for piece in re.sub(f"[{_CJK}]", " ", text).split() if re.search(r"\w", piece)]
    return len(others) + characters // CJK_CHARACTERS_PER_WORD


def _lint_header(header: str | None) -> Iterator[Problem]:
    if header is None:
        return
    fixed = VARIABLE.split(header)
    if len(VARIABLE.sub("", header)) > HEADER_LIMIT or len(fixed) > 3:
        fix = f"At most {HEADER_LIMIT} characters and one variable."
        yield Problem(where="whatsapp.header", what="Meta refuses the header", fix=fix)
    if re.search(r"[*_~`\n]|[\U0001f000-\U0001ffff]", "".join(fixed[::2])):
        fix = "No line breaks, emoji or formatting marks."
        yield Problem(where="whatsapp.header", what="Meta refuses the header", fix=fix)


def _lint_buttons(whatsapp: WhatsappText) -> Iterator[Problem]:
    types = [button.type for button in whatsapp.buttons]
    labels = [button.text for button in whatsapp.buttons]
    if len(types) > MOST_BUTTONS or types.count("url") > MOST_URL_BUTTONS:
        fix = f"At most {MOST_BUTTONS} buttons, {MOST_URL_BUTTONS} of them with an address."
        yield Problem(where="whatsapp.buttons", what="too many", fix=fix)
    if len(re.findall(r"(?:quick_reply )+", " ".join(types) + " ")) > 1:
        yield Problem(where="whatsapp.buttons", what="quick replies are apart", fix="Put them side by side.")
    if len(set(labels)) < len(labels):
        yield Problem(where="whatsapp.buttons", what="two have the same label", fix="Name each for what it does.")
    for index, label in enumerate(labels):
        if len(label) > BUTTON_LABEL_LIMIT or re.search(r"[{}\n]", label):
            fix = f"At most {BUTTON_LABEL_LIMIT} characters, no variables."
            yield Problem(where=f"whatsapp.buttons.{index}.text", what="Meta refuses the label", fix=fix)


def _list_whatsapp_texts(template: Template) -> Iterator[tuple[str, str]]:
    """What WhatsApp shows around the values, with its places."""
    whatsapp = template.whatsapp
    if whatsapp is None:
        return
    yield "whatsapp.header", whatsapp.header or ""
    yield "whatsapp.body", whatsapp.body
    yield "whatsapp.footer", whatsapp.footer or ""
    for index, button in enumerate(whatsapp.buttons):
        yield f"whatsapp.buttons.{index}.text", button.text


def _list_shown_texts(template: Template) -> Iterator[tuple[str, str]]:
    """What a shopper reads, with its places: nobody sees what a tap sends."""
    for where, text in (*_list_whatsapp_texts(template), *list_texts(template)):
        if not where.endswith(".payload"):
            yield where, text


def list_texts(template: Template) -> Iterator[tuple[str, str]]:
    """Every minijinja text of a template with its place."""
    for name, variable in template.variables.items():
        yield f"variables.{name}.value", variable.value
    for index, button in enumerate(template.whatsapp.buttons if template.whatsapp else ()):
        if button.url is not None:
            yield f"whatsapp.buttons.{index}.url", button.url
    if template.chat is not None:
        yield from list_chat_texts(template.chat)
    if template.page is not None:
        yield from (("page.question", template.page.question), ("page.hint", template.page.hint))
    email = template.email
    if email is None:
        return
    yield from (("email.subject", email.subject), ("email.preheader", email.preheader))
    yield "email.heading", email.heading
    placed = [(f"email.blocks.{index}", block) for index, block in enumerate(email.blocks)]
    placed += [(f"{_PROMOTION}.{index}", block) for index, block in enumerate(email.promotion)]
    for place, block in placed:
        for source in (block.text, block.note, block.callout):
            if source is not None:
                yield place, source
        if block.button is not None:
            yield from ((f"{place}.button", block.button.text), (f"{place}.button", block.button.url))
        yield from ((f"{place}.answers", answer.text) for answer in block.answers or ())


def _lint_texts(template: Template) -> Iterator[Problem]:
    for where, source in list_texts(template):
        try:
            named = open_engine().undeclared_variables_in_str(source, nested=True)
        except RuntimeError as error:
            yield Problem(where=where, what=str(error), fix="See docs/templates.md.")
            continue
        for name in sorted(name for name in named if not is_field(name)):
            fix = "The names are listed in docs/templates.md."
            yield Problem(where=where, what=f"`{name}` is not a field", fix=fix)
    for index, block in enumerate(template.email.blocks if template.email else ()):
        for fact in block.facts or ():
            if fact not in FACTS:
                fix = f"One of {', '.join(sorted(FACTS))}."
                yield Problem(where=f"email.blocks.{index}", what=f"`{fact}` is not a fact", fix=fix)


@cache
def _load_promotional_words() -> dict[str, list[str]]:
    """Patterns by language for words by which Meta's reviewers know an advertisement.

    A utility template that holds one becomes marketing.
    """
    words: dict[str, list[str]] = json.loads(
        resources.files("okaeri.catalogue").joinpath("promotional_words.json").read_text("utf-8")
    )
    return words


def _lint_promotion(template: Template) -> Iterator[Problem]:
    if template.purpose != "order":
        return
    words = _load_promotional_words().get(re.split("[-_]", template.locale)[0])
    if words is None:
        return
    bounded = re.compile(rf"(?<![a-z])(?:{'|'.join(words)})(?![a-z])", re.IGNORECASE)
    for where, text in (*_list_whatsapp_texts(template), *list_texts(template)):
        # Nobody at Meta reviews what is said inside the window, and whoever asks for a voucher there gets its name.
        if not where.startswith(("chat.", _PROMOTION)) and (found := bounded.search(text)):
            fix = "An order message carries no promotion: say it in a marketing template."
            yield Problem(where=where, what=f"`{found[0]}` is promotional", fix=fix)
