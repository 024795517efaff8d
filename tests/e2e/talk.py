"""One shopper's talk on the phone, and the inbox of the shop's people, on a running stack."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.e2e.drive import Driver, wait_for

TIMEOUT_S = 30


@dataclass
class Talk:
    """What a phone says to a store, and what comes back; a platform names the store."""

    driver: Driver
    phone: str
    platform: str
    said_at: float = field(default=0, init=False)
    _seen: int = field(default=0, init=False)

    def say(self, text: str) -> None:
        """Types a message."""
        self.send(text=text)

    def tap(self, title: str) -> None:
        """Taps a button, or a row of a list, of the latest message that has it."""
        chosen = next(b for m in reversed(self.messages) for b in m["buttons"] if b["text"] == title)
        self.send(**{"row" if chosen["type"] == "row" else "button": title})

    def send(self, **what: Any) -> None:
        """Sends anything that the stand-in's phones can."""
        self._seen, self.said_at = len(self.messages), time.monotonic()
        self.driver.reply(self.phone, self.platform, **what)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What reached the phone, oldest first."""
        return self.driver.list_messages(self.phone)

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What reached the phone since it last said something."""
        return self.messages[self._seen :]

    def await_answer(self, pattern: str) -> dict[str, Any]:
        """Waits for an answer with these words."""

        def find() -> dict[str, Any]:
            return next((one for one in self.answers if re.search(pattern, one["text"])), {})

        return wait_for(find, f"an answer with {pattern!r} on {self.phone}")

    @property
    def seconds(self) -> float:
        """How long ago the phone last said something."""
        return time.monotonic() - self.said_at

    @property
    def customer_id(self) -> str:
        """Who it is to us: providers hand our own reference back with each message."""
        return str(self.messages[-1]["biz_opaque_callback_data"].split("/")[1])


@dataclass
class Inbox:
    """The inbox's API, as one of the shop's people uses it."""

    url: str
    token: str

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call that must succeed."""
        headers = {"authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"{self.url}/{path}", json=body, headers=headers, timeout=TIMEOUT_S)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def await_ticket(self, customer_id: str, queue: str = "") -> dict[str, Any]:
        """Waits until a customer has an open ticket."""
        path = f"tickets?customer_id={customer_id}&queue={queue}"
        return dict(wait_for(lambda: self.call("GET", path)["tickets"], f"a ticket of {customer_id}", 30)[0])

    def show(self, ticket_id: str) -> dict[str, Any]:
        """A ticket with its talk."""
        return dict(self.call("GET", f"tickets/{ticket_id}"))

    def await_line(self, ticket_id: str, text: str) -> dict[str, Any]:
        """Waits until the customer's words stand in the talk; the ticket with them."""

        def find() -> dict[str, Any]:
            shown = self.show(ticket_id)
            said = [line["text"] for line in shown["lines"] if line["who"] == "customer"]
            return shown if text in said else {}

        return wait_for(find, f"{text!r} in the inbox", 30)

    def reply(self, ticket_id: str, text: str) -> dict[str, Any]:
        """Answers the customer."""
        given = {"reply_id": secrets.token_hex(8), "text": text}
        return dict(self.call("POST", f"tickets/{ticket_id}/replies", given))
