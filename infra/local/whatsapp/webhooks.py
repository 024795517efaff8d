"""Webhooks to the business: signed, batched, tried again until they are answered 200."""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
from dataclasses import dataclass, field
from typing import Any

import requests

from .clock import Clock, Timetable
from .rules import HOUR_S
from .state import State

type Json = dict[str, Any]

log = logging.getLogger(__name__)

TIMEOUT_S = 15
RETRY_FOR_S = 36 * HOUR_S
LONGEST_PAUSE_S = 300
WORKERS = 4


@dataclass
class Change:
    """One update of one account, and how often it was tried."""

    waba_id: str
    field: str
    value: Json
    at: float
    attempts: int = 0


@dataclass
class Tally:
    """What became of webhooks since the last reset."""

    answered: int = 0
    refused: int = 0
    dropped: int = 0
    last_error: str | None = None


@dataclass
class Webhooks:
    """The road to `webhook_url`."""

    state: State
    clock: Clock
    timetable: Timetable
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self._ready: asyncio.Queue[Change] = asyncio.Queue()

    def send(self, waba_id: str, field_name: str, value: Json) -> None:
        """Only accounts with a subscribed app speak, as at Meta."""
        if not self.state.configuration.webhook_url or waba_id not in self.state.subscribed:
            self.tally.dropped += 1
            log.info("webhook of %s dropped: no webhook_url, or no app subscribed to the account", waba_id)
            return
        self._ready.put_nowait(Change(waba_id, field_name, value, self.clock.now()))

    def forget(self) -> None:
        """Drop what waits."""
        while not self._ready.empty():
            self._ready.get_nowait()
        self.tally = Tally()

    async def run(self) -> None:
        """Forever: post what is ready."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(WORKERS):
                workers.create_task(self._post_forever())

    async def _post_forever(self) -> None:
        with requests.Session() as session:
            while True:
                batch = [await self._ready.get()]
                while len(batch) < self.state.configuration.webhook_batch and not self._ready.empty():
                    batch.append(self._ready.get_nowait())
                configuration = self.state.configuration
                error = await asyncio.to_thread(
                    post_webhook, session, str(configuration.webhook_url), configuration.app_secret, batch
                )
                if error is None:
                    self.tally.answered += len(batch)
                else:
                    self._try_again(batch, error)

    def _try_again(self, batch: list[Change], error: str) -> None:
        self.tally.refused += 1
        self.tally.last_error = error
        log.info("webhook refused: %s", error)
        for change in batch:
            change.attempts += 1
            if self.clock.now() - change.at > RETRY_FOR_S:
                self.tally.dropped += 1
                continue
            pause_s = min(2 ** (change.attempts - 1), LONGEST_PAUSE_S)
            self.timetable.call_later(pause_s, lambda change=change: self._ready.put_nowait(change))  # type: ignore[misc]  # mypy does not infer a lambda's default


def encode_body(batch: list[Change]) -> bytes:
    """One entry per account; escaped as Meta does, `\\uXXXX` and `\\/`, so that only the raw bytes verify."""
    entries: dict[str, Json] = {}
    for change in batch:
        entry = entries.setdefault(change.waba_id, {"id": change.waba_id, "changes": []})
        if change.field != "messages":
            entry["time"] = int(change.at)
        entry["changes"].append({"value": change.value, "field": change.field})
    body = {"object": "whatsapp_business_account", "entry": list(entries.values())}
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode()


def sign(body: bytes, app_secret: str) -> str:
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def post_webhook(session: requests.Session, url: str, app_secret: str, batch: list[Change]) -> str | None:
    """None when answered 200, else why not."""
    body = encode_body(batch)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature-256": sign(body, app_secret),
    }
    try:
        answer = session.post(url, data=body, headers=headers, timeout=TIMEOUT_S)
    except requests.RequestException as error:
        return f"{type(error).__name__} at {url}"
    return None if answer.status_code == 200 else f"HTTP {answer.status_code} from {url}"


def verify_webhook(url: str, verify_token: str) -> str | None:
    """Meta's handshake: None when the challenge came back, else why not."""
    challenge = str(secrets.randbelow(10**10))
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        answer = requests.get(url, params=query, timeout=TIMEOUT_S)
    except requests.RequestException as error:
        return f"{type(error).__name__} at {url}"
    if answer.status_code != 200:
        return f"HTTP {answer.status_code} from {url}"
    return None if answer.text == challenge else f"{url} did not answer with the bare challenge"
