"""The one template renderer: minijinja, sandboxed by its fuel, strict about names, escaping HTML by itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from minijinja import Environment, TemplateError

from okaeri.adapters.text_direction import remove_isolates
from okaeri.errors import GiveUp

LAYOUTS = Path(__file__).parent.parent / "catalogue" / "email"
# An e-mail of 50 items takes about 12,000 instructions; a loop that never ends is stopped in milliseconds.
FUEL = 200_000
# The full stop of "p.m." or "د.إ." ends the sentence as well; between the two stands at most a direction mark.
TWO_STOPS = re.compile(r"(?<!\.)\.([\u200e\u200f\u2069]*)\.(?=\s|$)")


def _load_layout(name: str) -> str | None:
    path = LAYOUTS / name
    return path.read_text(encoding="utf-8") if path.parent == LAYOUTS and path.is_file() else None


@cache
def open_engine() -> Environment:
    """The engine with the layouts of catalogue/email; `.html` escapes, all else does not."""
    return Environment(
        loader=_load_layout,
        filters={"without_isolates": remove_isolates},
        fuel=FUEL,
        undefined_behavior="strict",
        auto_escape_callback=lambda name: name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_text(source: str, fields: dict[str, Any], *, where: str) -> str:
    """Renders a text of a template as plain text, tidied: no doubled spaces, no empty ends.

    A text that is broken, or that names what the message is not about (`absent`): GiveUp.
    """
    known = {name: value for name, value in fields.items() if name not in fields["absent"]}
    try:
        return tidy_text(open_engine().render_str(source, where, **known))
    except TemplateError as error:
        # `detail` names fields, never their values.
        raise GiveUp("template_broken", f"{where}, line {error.line}: {error.kind} {error.detail or ''}") from error


def render_layout(name: str, fields: dict[str, Any]) -> str:
    """Renders a file of catalogue/email. Broken: GiveUp."""
    try:
        return open_engine().render_template(name, **fields)
    except TemplateError as error:
        raise GiveUp("layout_broken", f"{name}, line {error.line}: {error.kind} {error.detail or ''}") from error


def tidy_text(text: str) -> str:
    """Single spaces, no spaces at line ends, one full stop where two met, at most one empty line in a row."""
    lines = (TWO_STOPS.sub(r".\1", re.sub(r"[ \t\u00a0]+", " ", line).strip()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
