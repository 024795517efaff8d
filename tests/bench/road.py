"""One order's whole road through the shop: seven store events, what is said of them, and what comes back."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from okaeri.domain.messages import QueuedMessage
from tests.bench.shop import START, STORE, Invocation, Shop

Json = dict[str, Any]

EVENTS = Path(__file__).parents[1] / "events"
DAYS_BETWEEN = 30  # one shopper's orders
_DATE = re.compile(r"2026-1[01]-\d\d")


@cache
def _read(path: str) -> str:
    return (EVENTS / f"{path}.json").read_text()


def _read_later(path: str, order: int) -> Json:
    """A recorded payload, as it would be of the shopper's later order."""
    later = timedelta(days=(order - 1) * DAYS_BETWEEN)
    payload: Json = json.loads(_DATE.sub(lambda day: str(date.fromisoformat(day[0]) + later), _read(path)))
    return payload


def name_order(shopper: int, order: int) -> int:
    """The store's number of it."""
    return shopper * 1000 + order


def make_order(shopper: int, order: int) -> Json:
    """The recorded order, of another shopper, who ticked the WhatsApp box."""
    number = name_order(shopper, order)
    payload = _read_later("shopify/orders_create", order)
    email, phone = f"shopper{shopper}@example.jp", f"+8190{shopper:08d}"
    payload |= {
        "id": number,
        "name": f"#{number}",
        "email": email,
        "contact_email": email,
        "token": f"token{number}",
        "cart_token": f"cart{number}",
        "checkout_token": f"checkout{number}",
        "note_attributes": [{"name": "whatsapp_opt_in", "value": "yes"}],
    }
    payload["customer"] |= {"id": shopper, "email": email, "phone": phone}
    payload["customer"]["default_address"]["customer_id"] = shopper
    return payload


def make_parcel(shopper: int, order: int) -> Json:
    """The recorded fulfillment, of the shopper's order."""
    number = name_order(shopper, order)
    return _read_later("shopify/fulfillments_create", order) | {"id": number, "order_id": number}


def make_scan(shopper: int, order: int, status: str, hour: int) -> Json:
    """What the carrier says of the parcel, so many hours after it was shipped."""
    number = name_order(shopper, order)
    payload = _read_later("shopify/fulfillment_events_create", order)
    moment = START + timedelta(days=(order - 1) * DAYS_BETWEEN, hours=hour)
    at = moment.isoformat()
    changes = {"fulfillment_id": number, "order_id": number, "status": status, "estimated_delivery_at": None}
    return payload | changes | {"happened_at": at, "created_at": at, "updated_at": at}


# Hours after the order, Shopify's topic, the carrier's status.
ROAD = (
    (0.0, "orders/create", ""),
    (0.05, "orders/paid", ""),  # says nothing new
    (20.2, "fulfillments/create", ""),
    (26.0, "fulfillment_events/create", "in_transit"),
    (38.0, "fulfillment_events/create", "out_for_delivery"),
    (44.0, "fulfillment_events/create", "delivered"),
    (45.0, "orders/fulfilled", ""),  # likewise
)


def _make_payload(topic: str, status: str, shopper: int, order: int, hours: float) -> Json:
    if status:
        return make_scan(shopper, order, status, int(hours))
    return make_parcel(shopper, order) if topic == "fulfillments/create" else make_order(shopper, order)


def play_order(shop: Shop, shopper: int, order: int = 1) -> list[Invocation]:
    """The road from the order to the review; each message is reported as sent, delivered and read."""
    begin = START + timedelta(days=(order - 1) * DAYS_BETWEEN)
    shop.turn_clock(begin)
    begun = answered = len(shop.done)
    for hours, topic, status in ROAD:
        shop.run_until(begin + timedelta(hours=hours))
        shop.post_webhook(topic, _make_payload(topic, status, shopper, order, hours), f"{topic} {status}".strip())
        shop.run_until(shop.now)
        answered = _answer_messages(shop, answered)
    while shop.now < begin + timedelta(days=DAYS_BETWEEN - 1):
        shop.run_until(shop.now + timedelta(hours=12))
        answered = _answer_messages(shop, answered)
    shop.count_changes()
    return shop.done[begun:]


def _answer_messages(shop: Shop, since: int) -> int:
    sent = [done for done in shop.done[since:] if done.function in ("send_whatsapp", "send_email")]
    for done in sent:
        queued = QueuedMessage.model_validate_json(done.event["Records"][0]["body"])
        if done.function == "send_whatsapp":
            for status in ("sent", "delivered", "read"):
                shop.post_status(_make_status(queued, status), f"status {status}")
        else:
            for event in ("delivery", "open"):
                shop.queue("StatusesQueue", _make_ses_event(queued, event), f"e-mail {event}")
        shop.run_until(shop.now + timedelta(minutes=1))
    return len(shop.done)


def _make_status(queued: QueuedMessage, status: str) -> Json:
    payload: Json = json.loads(_read("whatsapp/statuses"))
    change = payload["entry"][0]["changes"][0]
    reference = f"{queued.store_id}/{queued.customer_id}/{queued.message_id}"
    change["value"]["metadata"]["phone_number_id"] = STORE.phone_number_id
    change["value"]["statuses"][0] |= {"status": status, "biz_opaque_callback_data": reference, "id": "wamid.bench"}
    payload["entry"][0]["changes"] = [change]
    return payload


def _make_ses_event(queued: QueuedMessage, event: str) -> str:
    payload: Json = json.loads(_read(f"ses/{event}"))
    payload["detail"]["mail"]["tags"] |= {
        "store": [queued.store_id],
        "customer": [queued.customer_id],
        "message": [queued.message_id],
    }
    return json.dumps(payload)
