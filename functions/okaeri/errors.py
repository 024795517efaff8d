"""What can go wrong, and what the caller does next.

    OkaeriError
    ├── TryAgain        raise it; the queue hides the event for `after_s` and gives it again
    │   └── Conflict    somebody else wrote first; reload and decide again
    ├── GiveUp          this one thing can never work: record why, finish
    ├── StopSender      nothing of this sender can work until a person acts: park, alarm
    └── RefuseRequest   the caller of our HTTP API made a mistake: `status`, what, where, how to mend it

A provider's codes become these in one place: the provider's adapter.
"""

from __future__ import annotations


class OkaeriError(Exception):
    """The root of what we raise on purpose. `code` is stable and safe to log; the text never holds personal data."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class TryAgain(OkaeriError):
    """A passing fault. `after_s` seconds is the least time to wait, None lets the queue choose."""

    def __init__(self, code: str, message: str = "", *, after_s: float | None = None) -> None:
        super().__init__(code, message)
        self.after_s = after_s


class Conflict(TryAgain):
    """A conditional write lost its race."""


class GiveUp(OkaeriError):
    """A definite and permanent refusal."""


class StopSender(OkaeriError):
    """The account, token, number or template cannot send at present. `until_s` is how long to park, in seconds."""

    def __init__(self, code: str, message: str = "", *, until_s: float = 900) -> None:
        super().__init__(code, message)
        self.until_s = until_s


class AnswerLost(OkaeriError):
    """A request may have reached the provider, but no answer came: sent or not, we cannot know."""


class RefuseRequest(OkaeriError):
    """An HTTP answer of 4xx: `status`, a code, what is wrong, where (`at`) and how to mend it (`fix`)."""

    def __init__(self, status: int, code: str, message: str, *, at: str = "", fix: str = "") -> None:
        super().__init__(code, message)
        self.status, self.at, self.fix = status, at, fix
