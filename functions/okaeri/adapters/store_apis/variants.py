"""Which form of a product a shopper means, who may have tapped it or written "L" or "the blue one in M"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from okaeri.errors import GiveUp

_LATIN = "[0-9a-z\u00df-\u024f'\u2019]"


@dataclass(frozen=True)
class Form:
    """One form of a product: its id, and its values by what they are of ("Size": "L")."""

    form_id: str
    options: Mapping[str, str] = field(default_factory=dict)


def choose_form(wanted: str, held: Mapping[str, str], forms: Sequence[Form]) -> Form:
    """The form by its id, or the one whose values are named in `wanted`. What is not named stays as it is `held`.

    Raises GiveUp("not_found") where no form, or more than one, can be meant.
    """
    by_id = next((form for form in forms if form.form_id == wanted.strip()), None)
    if by_id is not None:
        return by_id
    named = _read_named(wanted, held, forms)
    if not named:
        raise GiveUp("not_found", "no value of a form is named")
    meant = {**held, **named}
    found = [form for form in forms if all(form.options.get(name) == value for name, value in meant.items())]
    if len(found) != 1:
        raise GiveUp("not_found", f"{len(found)} forms can be meant")
    return found[0]


def _read_named(wanted: str, held: Mapping[str, str], forms: Sequence[Form]) -> dict[str, str]:
    """The values that a text names: of "not M but L", with M held, L. Longer values are read first."""
    text = wanted.casefold()
    named: dict[str, list[str]] = {}
    values = {(name, value) for form in forms for name, value in form.options.items()}
    for name, value in sorted(values, key=lambda pair: (-len(pair[1]), pair)):
        pattern = _make_pattern(value.casefold())
        if pattern.search(text):
            text = pattern.sub(" ", text)  # "XL" names no "L", "dark blue" no "blue"
            named.setdefault(name, []).append(value)
    chosen: dict[str, str] = {}
    for name, found in named.items():
        others = [value for value in found if value != held.get(name)] or found
        if len(others) != 1:
            raise GiveUp("not_found", f"more than one {name} is named")
        chosen[name] = others[0]
    return chosen


def _make_pattern(value: str) -> re.Pattern[str]:
    """As a word of its own among Latin letters ("l'autre" is no L); other scripts put no blanks between words."""
    escaped = re.escape(value)
    return re.compile(rf"(?<!{_LATIN}){escaped}(?!{_LATIN})" if value.isascii() else escaped)
