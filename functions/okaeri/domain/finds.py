"""What was recommended to somebody, as a run and its messages carry it, and which texts speak of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from okaeri.domain.templates import Template

_KIND = re.compile(r"find\.([a-z]\w*)\.kind")
_NAMED = re.compile(r"\bfinds\.([a-z]\w*)\.")


def list_finds(data: Mapping[str, str]) -> dict[str, list[str]]:
    """Product ids by the id of the recommend step, the best first; not what a shopper's own wishes found."""
    steps = (found[1] for name in data if (found := _KIND.fullmatch(name)))
    return {step: [name for name in data.get(f"find.{step}.ids", "").split(",") if name] for step in steps}


def list_spoken_of(template: Template) -> set[str]:
    """The recommend steps whose products the template shows."""
    blocks = template.email.blocks if template.email else ()
    return {*_NAMED.findall(template.model_dump_json()), *(block.products for block in blocks if block.products)}
