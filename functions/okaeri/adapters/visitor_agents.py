"""Tells programs that open links and pictures by the name that they give themselves (their user agent).

`catalogue/crawlers.json` is a public list (`infra/crawler_list.py`), `catalogue/mail_machines.json` our own of what
fetches a mail's pictures and links before, or instead of, its reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class _Known(NamedTuple):
    whole: Mapping[str, str]
    mail_words: Mapping[str, str]
    words: Sequence[str]
    patterns: Sequence[re.Pattern[str]]


def recognise_machine(agent: str) -> str:
    """Which kind of program it is: `apple_mail_privacy`, `google_image_proxy`, `mail_scanner`, `crawler` …

    Empty for a person's browser or mail program, and for who gives no name.
    """
    known = _load()
    if agent in known.whole:
        return known.whole[agent]
    for word, kind in known.mail_words.items():
        if word.lower() in agent.lower():
            return kind
    if any(word in agent for word in known.words) or any(pattern.search(agent) for pattern in known.patterns):
        return "crawler"
    return ""


@cache
def _load() -> _Known:
    """Read with the first click or opening: most reports are neither."""
    crawlers, mail = _read("crawlers"), _read("mail_machines")
    patterns = tuple(re.compile(pattern) for pattern in crawlers["patterns"])
    return _Known(mail["whole"], mail["words"], crawlers["words"], patterns)


def _read(name: str) -> Any:
    return json.loads(files("okaeri.catalogue").joinpath(f"{name}.json").read_text("utf-8"))
