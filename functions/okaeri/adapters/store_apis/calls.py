"""One HTTP call to a store's API, with its time-outs; what went wrong is a typed error. Nothing is repeated here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from okaeri.domain.stores import Store
from okaeri.errors import GiveUp, TryAgain

if TYPE_CHECKING:
    import requests

    from okaeri.ports import Secrets

type Json = dict[str, Any]

CONNECT_S, ANSWER_S = 2.0, 8.0
# All calls of one change together: below the function's 30 s, so that what came of it can still be told.
CHANGE_S = 20.0
NOT_SET_UP = "api_not_set_up"
# A connection that slept longer (the function was frozen) may be dead without our knowing.
_IDLE_LIMIT_S = 20.0


@dataclass(frozen=True, repr=False)
class Access:
    """How to reach a store: where, and with what. `repr` stays silent: it would show the secret."""

    url: str  # without a slash at its end
    secret: Mapping[str, str]


@dataclass(frozen=True)
class Task:
    """One change, with what its calls need. `order_id` is written as the store's API writes it."""

    access: Access
    deadline: Deadline
    order_id: str
    wanted: Mapping[str, str]
    change_id: str


@dataclass(frozen=True)
class Answer:
    """What came back: status, JSON body (None where it is none), the wait in seconds that was asked for, headers."""

    status: int
    body: Any
    wait_s: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # their names in any case


class StoreCalls:
    """Reads how to reach a store and calls it."""

    def __init__(
        self,
        secrets: Secrets,
        *,
        allow_local: bool,
        session: requests.Session | None = None,
        read_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secrets, self._allow_local = secrets, allow_local
        self._session = session
        self._read_seconds = read_seconds
        self._used_at = 0.0

    def read_access(self, store: Store) -> Access:
        """The store's address and credentials. Raises GiveUp("api_not_set_up")."""
        try:
            secret = self._secrets.get(f"stores/{store.store_id}/api")
        except GiveUp as missing:
            raise GiveUp(NOT_SET_UP, "no credentials") from missing
        url = (secret.get("url") or f"https://{store.domain}").rstrip("/")
        if urlsplit(url).scheme != "https" and not self._allow_local:
            raise GiveUp(NOT_SET_UP, "its address is not https")
        return Access(url, secret)

    def begin(self) -> Deadline:
        """The time that one change may take over all its calls."""
        return Deadline(self._read_seconds() + CHANGE_S, self._read_seconds)

    def call(
        self,
        method: str,
        url: str,
        *,
        deadline: Deadline,
        json: Json | None = None,
        headers: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
    ) -> Answer:
        """The answer, whatever its status below 500 but 408 and 429. Raises TryAgain, GiveUp("api_not_set_up").

        A TryAgain may mean that the store did what was asked and only its answer was lost.
        """
        import requests

        session = self._session = self._session or requests.Session()
        if self._read_seconds() - self._used_at > _IDLE_LIMIT_S:
            session.close()  # drops the pooled connections; the session itself goes on
        try:
            found = session.request(
                method,
                url,
                json=json,
                headers={"Accept": "application/json", "User-Agent": "Okaeri"} | dict(headers or {}),
                auth=basic or _add_nothing,
                timeout=(CONNECT_S, deadline.limit(ANSWER_S)),
                allow_redirects=False,
            )
        except requests.Timeout as error:
            raise TryAgain("store_timeout") from error
        except requests.RequestException as error:
            raise TryAgain("store_unreachable", type(error).__name__) from error
        finally:
            self._used_at = self._read_seconds()
        wait_s = _read_wait(found.headers.get("Retry-After"))
        answer = Answer(found.status_code, _read_json(found), wait_s, found.headers)
        if answer.status in (408, 425, 429) or answer.status >= 500:
            raise TryAgain(f"http_{answer.status}", after_s=answer.wait_s)
        if 300 <= answer.status < 400:  # credentials go to the address that was given, and to no other
            raise GiveUp(NOT_SET_UP, "the address leads elsewhere")
        return answer


class Deadline:
    """Until when a change may go on calling."""

    def __init__(self, ends_at: float, read_seconds: Callable[[], float]) -> None:
        self._ends_at, self._read_seconds = ends_at, read_seconds

    def limit(self, most_s: float) -> float:
        """Seconds that the next call may take. Raises TryAgain where too few are left."""
        left_s = self._ends_at - self._read_seconds()
        if left_s < 1:
            raise TryAgain("store_slow")
        return min(most_s, left_s)


def _add_nothing(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """In the place of credentials: without any, `requests` would look for some in the user's .netrc."""
    return request


def _read_json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _read_wait(text: str | None) -> float | None:
    """Seconds of a Retry-After; a date in it is left to the caller's own wait."""
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
