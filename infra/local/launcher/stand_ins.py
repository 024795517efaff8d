"""The stand-ins for WhatsApp, mailboxes and the stores' own APIs: how to start them and what they are told."""

import json
import secrets
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.commands import make_environment
from local.launcher.aws import LocalAws, list_inherited_settings
from local.launcher.deploy import Outputs
from local.launcher.ports import Ports
from local.launcher.stores import LocalStore, StoreKeys

INBOUND_DOMAIN = "reply.okaeri.test"  # where the laptop's mail is received


@dataclass(frozen=True)
class MetaApp:
    """The app at Meta that all stores share: what signs its webhooks, and what its handshake shows."""

    app_secret: str
    verify_token: str
    access_token: str

    @classmethod
    def invent(cls) -> "MetaApp":
        """A new app with secrets of its own."""
        return cls(secrets.token_hex(16), secrets.token_urlsafe(16), f"EAA{secrets.token_hex(24)}")


class StandInRefused(Exception):
    """A stand-in did not take what it was told; the message holds its answer."""


def describe_phones(app: MetaApp, stores: Sequence[LocalStore]) -> dict[str, Any]:
    """The configuration of the WhatsApp stand-in: one account with one number for each store."""
    return {
        "app_secret": app.app_secret,
        "verify_token": app.verify_token,
        "access_tokens": [app.access_token],
        "accounts": [
            {
                "waba_id": store.waba_id,
                "name": store.name,
                "phone_numbers": [
                    {
                        "phone_number_id": store.phone_number_id,
                        "display_phone_number": store.display_phone_number,
                        "verified_name": store.name,
                    }
                ],
            }
            for store in stores
        ],
    }


def describe_post(aws: LocalAws, outputs: Outputs) -> dict[str, Any]:
    """The configuration of the mailbox: where SES's events go, and where letters do."""
    return {
        "aws_endpoint_url": aws.endpoint_url,
        "statuses_queue_url": outputs["StatusesQueueUrl"],
        "letters_domain": INBOUND_DOMAIN,
        "letters_bucket": outputs["MediaBucketName"],
        "letters_function": outputs["ReceiveEmailEventArn"],
    }


def describe_shops(
    stores: Sequence[LocalStore], accesses: Mapping[str, Mapping[str, str]], keys: Mapping[str, StoreKeys], api_url: str
) -> dict[str, Any]:
    """The configuration of the stores' APIs: who may call each, and where its webhooks go."""
    return {
        "shops": [
            {name: text for name, text in accesses[store.store_id].items() if name != "url"}
            | {
                "store_id": store.store_id,
                "platform": store.platform,
                "domain": store.domain,
                "events_url": f"{api_url}/stores/{store.store_id}/events",
                "webhook_secret": keys[store.store_id].webhook_secret,
            }
            for store in stores
            if store.store_id in accesses
        ]
    }


def describe_whatsapp(ports: Ports, configuration: Path) -> tuple[list[str], dict[str, str]]:
    """The command of the WhatsApp stand-in and its environment."""
    command = [sys.executable, "-m", "local.whatsapp", "--port", str(ports.whatsapp)]
    return [*command, "--config", str(configuration)], _make_environment()


def describe_mailbox(ports: Ports, aws: LocalAws) -> tuple[list[str], dict[str, str]]:
    """The command of the mailbox and its environment; it puts SES's events on a queue of the local AWS."""
    command = [sys.executable, "-m", "local.mailbox", "--port", str(ports.mailbox)]
    return command, _make_environment() | aws.environment


def describe_store_apis(ports: Ports) -> tuple[list[str], dict[str, str]]:
    """The command of the stores' APIs and its environment."""
    return [sys.executable, "-m", "local.shops", "--port", str(ports.shops)], _make_environment()


def describe_front_door(ports: Ports, api_host: str) -> tuple[list[str], dict[str, str]]:
    """The command of the front door and its environment."""
    addresses = [str(ports.api), str(ports.aws), api_host]
    return [sys.executable, "-m", "local.launcher.front_door", *addresses], _make_environment()


def _make_environment() -> dict[str, str]:
    ours = make_environment()
    return list_inherited_settings() | {"PYTHONPATH": ours["PYTHONPATH"]}


def configure(url: str, change: dict[str, Any]) -> None:
    """Changes the configuration of the stand-in at `url`. Raises StandInRefused."""
    body = json.dumps(change).encode()
    request = urllib.request.Request(f"{url}/_/configure", body, {"Content-Type": "application/json"})
    try:
        # The stand-in may itself call a Lambda that starts cold.
        with urllib.request.urlopen(request, timeout=60):
            pass
    except urllib.error.HTTPError as refusal:
        raise StandInRefused(f"{url} refused its configuration: {refusal.read().decode()}") from refusal
