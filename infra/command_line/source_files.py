"""Files that people hand to a command: journeys, stories, segments, broadcasts."""

from __future__ import annotations

from pathlib import Path

from command_line.failures import CommandFailure


def read_source(path: Path, *, fix: str) -> str:
    """The text of a file in UTF-8. CommandFailure where it cannot be read, or is no such text."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise CommandFailure(str(error), at=str(path), fix=fix) from error
    except UnicodeDecodeError as error:
        raise CommandFailure("this is no text in UTF-8", at=str(path), fix="Save it as UTF-8.") from error
