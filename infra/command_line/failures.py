"""How a command says that it cannot do what was asked."""

from __future__ import annotations


class CommandFailure(Exception):
    """What is wrong, where (an option, a file, a resource), and how to mend it. Holds no secrets."""

    def __init__(self, message: str, *, at: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.message, self.at, self.fix = message, at, fix
