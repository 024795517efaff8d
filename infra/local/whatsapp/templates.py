"""Whether Meta would take a template's definition. Pure.

Limits: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from .errors import GraphError

type Json = dict[str, Any]

LANGUAGES = frozenset(
    """af sq ar ar_EG ar_AE ar_LB ar_MA ar_QA az be_BY bn bn_IN bg ca zh_CN zh_HK zh_TW hr cs da prs_AF nl
    nl_BE en en_GB en_US en_AE en_AU en_CA en_GH en_IE en_IN en_JM en_MY en_NZ en_QA en_SG en_UG en_ZA et fil
    fi fr fr_BE fr_CA fr_CH fr_CI fr_MA ka de de_AT de_CH el gu ha he hi hu id ga it ja kn kk rw_RW ko ky_KG
    lo lv lt mk ms ml mr nb ps_AF fa pl pt_BR pt_PT pa ro ru sr si_LK sk sl es es_AR es_CL es_CO es_CR es_DO
    es_EC es_HN es_MX es_PA es_PE es_ES es_UY sw sv ta te th tr uk ur uz vi zu""".split()  # noqa: SIM905  # ninety lines
)
CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
HEADER_FORMATS = ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "GIF", "LOCATION")
MOST_BUTTONS = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "QUICK_REPLY": 10}
BUTTON_TYPES = (*MOST_BUTTONS, "FLOW", "CATALOG", "MPM", "OTP", "REQUEST_CONTACT_INFO", "VOICE_CALL")
LIFETIMES_S = {"UTILITY": (30, 43_200), "AUTHENTICATION": (30, 900), "MARKETING": (43_200, 2_592_000)}
# Meta refuses a body with few words for its variables and does not publish the ratio; this one is what
# authors of templates report. Scripts without spaces count two characters as a word.
WORDS_PER_VARIABLE = 2
VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAMED = re.compile(r"[a-z][a-z0-9_]*")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u20e3]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def refuse_definition(subcode: int | None, title: str, message: str) -> GraphError:
    """Code 100 with Meta's subcode and a sentence for the author."""
    return GraphError(100, subcode=subcode, user_title=title, user_message=message, message="Invalid parameter")


def find_variables(text: str) -> list[str]:
    """Names of the placeholders in order of appearance, each once."""
    return list(dict.fromkeys(VARIABLE.findall(text)))


def find_component(definition: Json, kind: str) -> Json | None:
    """The component of that type, if the template has one."""
    components: list[Json] = definition["components"]
    return next((c for c in components if str(c.get("type", "")).upper() == kind), None)


def check_definition(definition: Json) -> None:
    """Raises GraphError 100 with subcode 2388040, 2388047, 2388072, 2388073, 2388293, 2388299 or none."""
    name, language = definition.get("name"), definition.get("language")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]{1,512}", name):
        raise refuse_definition(None, "Invalid name", "name: lower-case letters, digits and _, at most 512.")
    if language not in LANGUAGES:
        raise GraphError(100, message=f"(#100) Param language must be one of the supported ones, not {language!r}")
    category = definition.get("category")
    if category not in CATEGORIES:
        raise GraphError(100, message=f"(#100) Param category must be one of {{{', '.join(CATEGORIES)}}}")
    if definition.get("parameter_format", "POSITIONAL") not in ("POSITIONAL", "NAMED"):
        raise GraphError(100, message="(#100) Param parameter_format must be one of {NAMED, POSITIONAL}")
    check_lifetime(category, definition.get("message_send_ttl_seconds"))
    check_components(definition, category, carousel_card=False)


def check_lifetime(category: str, seconds: object) -> None:
    """`message_send_ttl_seconds` within the category's bounds; -1 means 30 days for utility."""
    if seconds is None or (seconds == -1 and category == "UTILITY"):
        return
    shortest, longest = LIFETIMES_S[category]
    if not isinstance(seconds, int) or not shortest <= seconds <= longest:
        raise GraphError(100, message=f"(#100) message_send_ttl_seconds must be {shortest} to {longest}")


def check_components(definition: Json, category: str, carousel_card: bool) -> None:
    """Each component by itself, and that they may stand together."""
    components = definition.get("components")
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise GraphError(100, message="(#100) Param components must be an array of objects")
    kinds = [str(c.get("type", "")).upper() for c in components]
    if len(kinds) != len(set(kinds)):
        raise refuse_definition(None, "Invalid components", "Each component type may be given once.")
    named = definition.get("parameter_format") == "NAMED"
    longest_body = 160 if carousel_card else 600 if "LIMITED_TIME_OFFER" in kinds else 1024
    checks: dict[str, Callable[[Json], None]] = {
        "HEADER": lambda c: check_header(c, named),
        "BODY": lambda c: check_body(c, named, longest_body),
        "FOOTER": check_footer,
        "BUTTONS": lambda c: check_buttons(c.get("buttons")),
        "LIMITED_TIME_OFFER": lambda c: check_offer(c, kinds, category),
        "CAROUSEL": lambda c: check_carousel(c, category, definition.get("parameter_format", "POSITIONAL")),
    }
    for kind, component in zip(kinds, components, strict=True):
        if kind not in checks:
            raise GraphError(100, message=f"(#100) Unknown component type {kind!r}")
        if kind == "BODY" and category == "AUTHENTICATION":
            continue  # its text is Meta's own
        checks[kind](component)
    if "BODY" not in kinds and not carousel_card:
        raise refuse_definition(2388072, "Missing body", "A template needs a BODY component.")


def check_header(component: Json, named: bool) -> None:
    """Text of 60 characters with one variable, or media with an example handle (2388047, 2388040)."""
    header_format = str(component.get("format", "")).upper()
    if header_format not in HEADER_FORMATS:
        raise refuse_definition(2388047, "Header format incorrect", f"format: one of {', '.join(HEADER_FORMATS)}.")
    example = component.get("example") or {}
    if header_format == "TEXT":
        text = read_text(component, "HEADER", 60)
        if "\n" in text or "*" in text or _EMOJI.search(text):
            raise refuse_definition(
                2388047,
                "Header format incorrect",
                "No new lines, formatting characters, emojis or asterisks.",
            )
        if len(check_variables(text, named, "HEADER")) > 1:
            raise refuse_definition(2388047, "Header format incorrect", "A header takes one variable.")
        if find_variables(text):
            check_examples(text, named, [example.get("header_text")], example.get("header_text_named_params"), "HEADER")
    elif header_format != "LOCATION" and not example.get("header_handle"):
        raise refuse_definition(2388047, "Missing example", f"A {header_format} header needs example.header_handle.")


def check_body(component: Json, named: bool, longest: int) -> None:
    """Length, variables and their examples, words against variables (2388040, 2388072, 2388293, 2388299)."""
    text = read_text(component, "BODY", longest)
    variables = check_variables(text, named, "BODY")
    if not variables:
        return
    if VARIABLE.match(text.strip()) or re.search(VARIABLE.pattern + r"\Z", text.strip()):
        raise refuse_definition(
            2388299, "Leading or trailing variable", "Variables can't be at the start or end of the template."
        )
    if count_words(VARIABLE.sub(" ", text)) < WORDS_PER_VARIABLE * len(variables) + 1:
        raise refuse_definition(
            2388293,
            "Parameters words ratio exceeds limit",
            "This template contains too many variables for its length. Add words or take variables away.",
        )
    example = component.get("example") or {}
    rows = example.get("body_text") or [None]
    check_examples(text, named, rows, example.get("body_text_named_params"), "BODY")


def check_footer(component: Json) -> None:
    """60 characters, one line, no variables (2388073, 2388040)."""
    text = read_text(component, "FOOTER", 60)
    if "\n" in text or VARIABLE.search(text):
        raise refuse_definition(2388073, "Footer format incorrect", "A footer is one line without variables.")


def read_text(component: Json, kind: str, longest: int) -> str:
    """The component's text, neither empty nor too long (2388040)."""
    text = component.get("text")
    if not isinstance(text, str) or not text.strip():
        raise refuse_definition(2388043, "Missing text", f"The {kind} component has no text.")
    if len(text) > longest:
        raise refuse_definition(
            2388040,
            "Character limit exceeded",
            f"{kind}: {len(text)} characters, at most {longest} are allowed.",
        )
    return text


def check_variables(text: str, named: bool, kind: str) -> list[str]:
    """Names that fit the format, in sequence, none adjacent (2388072); returns them."""
    subcode = {"HEADER": 2388047, "BODY": 2388072}[kind]
    names = find_variables(text)
    if text.count("{{") != len(VARIABLE.findall(text)):
        raise refuse_definition(subcode, "Variable format incorrect", "A variable is written {{name}}.")
    if named and not all(_NAMED.fullmatch(n) for n in names):
        raise refuse_definition(subcode, "Variable format incorrect", "Named variables: lower-case letters, digits, _.")
    if not named and sorted(names, key=lambda n: (len(n), n)) != [str(i + 1) for i in range(len(names))]:
        raise refuse_definition(subcode, "Variable format incorrect", "Variables are {{1}}, {{2}}, … without gaps.")
    if re.search(r"\}\}\s*\{\{", text):
        raise refuse_definition(subcode, "Variable format incorrect", "Two variables need words between them.")
    return names


def check_examples(text: str, named: bool, rows: list[Any], named_rows: Any, kind: str) -> None:
    """A sample value for each variable (2388043)."""
    names = find_variables(text)
    if named:
        given = {r.get("param_name") for r in named_rows or [] if isinstance(r, dict) and r.get("example")}
        complete = given == set(names)
    else:
        row = rows[0]
        complete = isinstance(row, list) and len(row) == len(names) and all(row)
    if not complete:
        raise refuse_definition(2388043, "Missing example", f"{kind}: give one example for each of {names}.")


def check_buttons(buttons: object) -> None:
    """Numbers of each type, quick replies together, labels and addresses."""
    if not isinstance(buttons, list) or not buttons or len(buttons) > 10:
        raise refuse_definition(None, "Invalid buttons", "BUTTONS takes 1 to 10 buttons.")
    kinds = [str(b.get("type", "")).upper() for b in buttons]
    for kind, most in MOST_BUTTONS.items():
        if kinds.count(kind) > most:
            raise refuse_definition(None, "Invalid buttons", f"At most {most} buttons of type {kind}.")
    changes = sum((a == "QUICK_REPLY") != (b == "QUICK_REPLY") for a, b in pairwise(kinds))
    if changes > 1:
        raise refuse_definition(None, "Invalid buttons", "Quick replies must stand together.")
    for kind, button in zip(kinds, buttons, strict=True):
        check_button(kind, button)


def check_button(kind: str, button: Json) -> None:
    """Label of 25 characters; a URL with at most one variable, at its end, with an example."""
    if kind not in BUTTON_TYPES:
        raise GraphError(100, message=f"(#100) Unknown button type {kind!r}")
    label = str(button.get("text") or "")
    if kind not in ("COPY_CODE", "OTP") and (not label.strip() or VARIABLE.search(label)):
        raise refuse_definition(None, "Invalid button", "A button needs a label without variables.")
    if len(label) > 25:
        raise refuse_definition(2388040, "Character limit exceeded", f"Button {label!r}: at most 25 characters.")
    if kind == "PHONE_NUMBER" and not 1 <= len(str(button.get("phone_number") or "")) <= 20:
        raise refuse_definition(None, "Invalid button", "A phone number of at most 20 characters is needed.")
    if kind == "COPY_CODE" and not button.get("example"):
        raise refuse_definition(2388043, "Missing example", "A COPY_CODE button needs an example.")
    if kind == "URL":
        url = str(button.get("url") or "")
        placeholders = VARIABLE.findall(url)
        if not re.match(r"https?://[^/\s]", url) or len(url) > 2000:
            raise refuse_definition(None, "Invalid button", "A URL button needs an address of at most 2000 characters.")
        if placeholders and (placeholders != ["1"] or not url.endswith("}}")):
            raise refuse_definition(None, "Invalid button", "A URL takes one variable, {{1}}, at its end.")
        if placeholders and not button.get("example"):
            raise refuse_definition(2388043, "Missing example", "A URL with a variable needs an example.")


def check_offer(component: Json, kinds: list[str], category: str) -> None:
    """Limited-time offers: marketing only, 16 characters, no footer."""
    if category != "MARKETING" or "FOOTER" in kinds:
        raise refuse_definition(None, "Invalid offer", "A limited-time offer is marketing and has no footer.")
    if len(str((component.get("limited_time_offer") or {}).get("text") or "")) > 16:
        raise refuse_definition(2388040, "Character limit exceeded", "LIMITED_TIME_OFFER: at most 16 characters.")


def check_carousel(component: Json, category: str, parameter_format: str) -> None:
    """2 to 10 cards of the same build; marketing only."""
    cards = component.get("cards")
    if category != "MARKETING" or not isinstance(cards, list) or not 2 <= len(cards) <= 10:
        raise refuse_definition(None, "Invalid carousel", "A carousel is marketing and has 2 to 10 cards.")
    for card in cards:
        check_components({**card, "parameter_format": parameter_format}, category, carousel_card=True)
    if len({tuple(str(c.get("type")).upper() for c in card["components"]) for card in cards}) > 1:
        raise refuse_definition(None, "Invalid carousel", "All cards need the same components.")


def count_words(text: str) -> int:
    """Words of the fixed text; two characters of a script without spaces count as one."""
    unspaced = len(_UNSPACED.findall(text))
    return len(re.findall(r"[^\W_]+", _UNSPACED.sub(" ", text))) + (unspaced + 1) // 2
