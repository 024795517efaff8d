"""What a local stack is asked to be, and what `stack.json` says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.launcher.deploy import Outputs
from local.launcher.ports import LOOPBACK, Ports
from local.launcher.stand_ins import INBOUND_DOMAIN, MetaApp
from local.launcher.stores import STORES, StoreKeys

REAL_SECONDS_PER_DAY = 86400


class PaceRefused(Exception):
    """A person asked for days of no possible length; the message says what is possible."""


@dataclass(frozen=True)
class Pace:
    """How fast days pass and how long the stack waits, in seconds: parameters of the template."""

    seconds_per_day: int = REAL_SECONDS_PER_DAY
    queue_delay_limit: int = 900
    delivery_patience: int = 900

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], seconds_per_day: int | None = None) -> "Pace":
        """SECONDS_PER_DAY, else `seconds_per_day`, else real time; quick days shorten the patience too.

        Raises PaceRefused.
        """
        chosen = _read_seconds(environment, "SECONDS_PER_DAY", seconds_per_day or REAL_SECONDS_PER_DAY, 86400)
        patience = 900 if chosen == REAL_SECONDS_PER_DAY else 20
        return cls(
            seconds_per_day=chosen,
            queue_delay_limit=_read_seconds(environment, "QUEUE_DELAY_LIMIT_SECONDS", 900, 900),
            delivery_patience=_read_seconds(environment, "DELIVERY_PATIENCE_SECONDS", patience, 43200),
        )


def _read_seconds(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise PaceRefused(f"{name} must be a whole number of seconds from 1 to {most}, not {text!r}.")
    return int(text)


def describe_stack(
    pace: Pace, ports: Ports, outputs: Outputs, app: MetaApp, keys: Mapping[str, StoreKeys]
) -> dict[str, Any]:
    """The content of `stack.json`: all that another program needs to drive the running stack."""
    api_url = f"http://{LOOPBACK}:{ports.api}"
    return {
        "api_url": api_url,
        "console_url": None,
        "whatsapp_url": f"http://{LOOPBACK}:{ports.whatsapp}",
        "mailbox_url": f"http://{LOOPBACK}:{ports.mailbox}",
        "shops_url": f"http://{LOOPBACK}:{ports.shops}",
        "aws_endpoint_url": f"http://{LOOPBACK}:{ports.aws}",
        "table_name": outputs["TableName"],
        "inbound_domain": INBOUND_DOMAIN,
        "media_bucket": outputs["MediaBucketName"],
        "seconds_per_day": pace.seconds_per_day,
        "stores": [
            {
                "store_id": store.store_id,
                "platform": store.platform,
                "domain": store.domain,
                "events_url": f"{api_url}/stores/{store.store_id}/events",
                "secret": keys[store.store_id].webhook_secret,
                "inbox_url": f"{api_url}/inbox/{store.store_id}",
                "staff_token": keys[store.store_id].staff_token,
                "phone_number_id": store.phone_number_id,
                "from_email": store.from_email,
            }
            for store in STORES
        ],
        "whatsapp": {
            "phone_number_id": STORES[0].phone_number_id,
            "waba_id": STORES[0].waba_id,
            "verify_token": app.verify_token,
            "app_secret": app.app_secret,
            "webhook_url": f"{api_url}/whatsapp",
        },
        "admin": None,
    }
