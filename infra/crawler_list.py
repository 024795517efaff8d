"""Makes the list of programs that open links, from a list that many keep up to date.

`python -m crawler_list > functions/okaeri/catalogue/crawlers.json`. A test compares the file with what it would be now.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

# People read in these: browsers inside of apps. What previews a link in WhatsApp begins with its name (`EXTRA`).
_PEOPLE = frozenset({"MetaIAB Facebook", "WhatsApp"})
_EXTRA = (r"^WhatsApp\/",)
_SPECIAL = frozenset(".^$*+?{}[]|()")


def list_crawlers() -> dict[str, list[str]]:
    """`words` stand in a user agent as they are, `patterns` are regular expressions."""
    source = files("crawleruseragents").joinpath("crawler-user-agents.json").read_text("utf-8")
    known: list[dict[str, Any]] = json.loads(source)
    patterns = sorted({entry["pattern"] for entry in known} - _PEOPLE | set(_EXTRA))
    words = {pattern: _read_plain(pattern) for pattern in patterns}
    return {
        "words": [word for word in words.values() if word is not None],
        "patterns": [pattern for pattern, word in words.items() if word is None],
    }


def write_crawlers() -> str:
    """The text of crawlers.json."""
    return json.dumps(list_crawlers(), indent=0, ensure_ascii=False) + "\n"


def _read_plain(pattern: str) -> str | None:
    """The text that a pattern stands for where it is nothing but one."""
    bare = re.sub(r"\\[^A-Za-z0-9]", "", pattern)
    if "\\" in bare or _SPECIAL & set(bare):
        return None
    return re.sub(r"\\([^A-Za-z0-9])", r"\1", pattern)


if __name__ == "__main__":
    print(write_crawlers(), end="")
