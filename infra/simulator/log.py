"""Nobody reads the functions' log in a simulation: what was decided is told by the decisions themselves."""

from __future__ import annotations

from collections.abc import Mapping


class SilentLog:
    """Implements `ports.Log`."""

    def info(self, msg: object, /, *, extra: Mapping[str, object]) -> None:
        """Says nothing."""

    def warning(self, msg: object, /, *, extra: Mapping[str, object]) -> None:
        """Says nothing."""

    def error(self, msg: object, /, *, extra: Mapping[str, object]) -> None:
        """Says nothing."""
