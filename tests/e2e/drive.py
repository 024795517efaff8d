"""Drives a running stack as its shops, shoppers and providers do: over HTTP, and over AWS's own API."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import requests
from standardwebhooks.webhooks import Webhook

from local.story.shops import Shop

POLL_S = 0.1  # at first; up to five times that later
PATIENCE_S = 60


def wait_for[Found](find: Callable[[], Found], what: str, patience_s: float = PATIENCE_S) -> Found:
    """Polls until `find` gives something; fails with `what` and the last thing seen."""
    until, pause_s = time.monotonic() + patience_s, POLL_S
    while True:
        found = find()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not happen within {patience_s} s")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.1, 5 * POLL_S)


@dataclass
class Driver:
    """Everything that a test does to a stack."""

    description: dict[str, Any]

    # -- shops -----------------------------------------------------------------------------------------------------

    def describe_store(self, platform: str) -> dict[str, Any]:
        """The store of a platform, as `stack.json` has it."""
        return next(store for store in self.description["stores"] if store["platform"] == platform)

    def find_shop(self, platform: str) -> Shop:
        """A shop that signs and posts as Shopify or WooCommerce do."""
        store = self.describe_store(platform)
        return Shop(store["store_id"], platform, store["domain"], store["events_url"], store["secret"])

    def post_standard(self, type_: str, data: dict[str, Any], *, key: str | None = None) -> requests.Response:
        """Posts an event of our own store API, signed by the Standard Webhooks library."""
        store = self.describe_store("standard")
        body = json.dumps({"type": type_, "timestamp": datetime.now(UTC).isoformat(), "data": data})
        message_id, now = key or f"msg_{secrets.token_hex(8)}", datetime.now(UTC)
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(store["secret"]).sign(message_id, now, body),
            "content-type": "application/json",
        }
        return requests.post(store["events_url"], data=body.encode(), headers=headers, timeout=10)

    # -- phones and mailboxes --------------------------------------------------------------------------------------

    def list_messages(self, phone: str) -> list[dict[str, Any]]:
        """What reached a phone, oldest first."""
        messages: list[dict[str, Any]] = get(f"{self.description['whatsapp_url']}/_/messages?to={digits(phone)}")
        return messages

    def list_templates(self, phone: str) -> list[str]:
        """The templates that reached a phone, without their versions."""
        return [(message["template"] or "text").rpartition("_v")[0] for message in self.list_messages(phone)]

    def await_message(self, phone: str, template: str, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """Waits for a template (or "text") on a phone."""

        def find() -> dict[str, Any] | None:
            wanted = [m for m in self.list_messages(phone) if (m["template"] or m["type"]).startswith(template)]
            return wanted[-1] if wanted else None

        return wait_for(lambda: find() or {}, f"{template} on {phone}", patience_s)

    def list_mails(self, address: str) -> list[dict[str, Any]]:
        """The e-mails to an address, oldest first."""
        mails: list[dict[str, Any]] = get(f"{self.description['mailbox_url']}/_/messages?to={address}")
        return mails

    def await_mails(self, address: str, count: int, patience_s: float = PATIENCE_S) -> list[dict[str, Any]]:
        """Waits for so many e-mails to an address."""
        return wait_for(
            lambda: self.list_mails(address) if len(self.list_mails(address)) >= count else [],
            f"{count} e-mails to {address}",
            patience_s,
        )

    def reply(self, phone: str | None, platform: str, **what: Any) -> None:
        """A shopper answers on WhatsApp."""
        to = self.describe_store(platform)["phone_number_id"]
        self.control("reply", {"from": phone, "to": to} | what)

    def control(self, call: str, body: dict[str, Any]) -> None:
        """One call of the WhatsApp stand-in's control API."""
        url = f"{self.description['whatsapp_url']}/_/{call}"
        response = requests.post(url, json=body, timeout=30)
        assert response.ok, response.text

    def clear_faults(self) -> None:
        """Nothing strikes any more."""
        for url in (self.description[f"{name}_url"] for name in ("whatsapp", "mailbox", "shops")):
            requests.delete(f"{url}/_/faults", timeout=10).raise_for_status()

    # -- AWS -------------------------------------------------------------------------------------------------------

    def connect(self, service: str) -> Any:
        """A client as the account's owner."""
        return boto3.client(  # type: ignore[call-overload]  # the name is an argument here
            service,
            endpoint_url=self.description["aws_endpoint_url"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def find_queue(self, part: str) -> str:
        """The URL of the one queue whose name holds `part`."""
        urls = self.connect("sqs").list_queues().get("QueueUrls", [])
        (url,) = [url for url in urls if part.lower() in url.rsplit("/", 1)[-1].lower()]
        return str(url)

    def read_queue(self, part: str) -> list[dict[str, Any]]:
        """Receives what lies in a queue, and leaves it there."""
        received = self.connect("sqs").receive_message(
            QueueUrl=self.find_queue(part),
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
            WaitTimeSeconds=0,
            MessageAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = received.get("Messages", [])
        return messages


def digits(phone: object) -> str:
    """A phone without its plus."""
    return str(phone or "").lstrip("+")


def get(url: str) -> Any:
    """A JSON answer."""
    response = requests.get(url, timeout=30)
    response.raise_for_status()
    return response.json()


def make_shopper() -> tuple[str, str, int]:
    """An e-mail address, a Japanese mobile number and a number to make ids of, new to the stack."""
    number = secrets.randbelow(90_000_000) + 10_000_000
    return f"shopper.{number}@example.jp", f"+8190{number}", number
