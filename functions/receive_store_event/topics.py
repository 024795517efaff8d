"""A platform's topics: how each is read, and what it is evidence of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from okaeri.domain.evidence import Evidence
from okaeri.domain.stores import Store
from okaeri.use_cases.receive_store_event import PayloadRefused, Reading
from receive_store_event.payload import load_json, parse_payload


@dataclass(frozen=True, slots=True)
class Topic[Model: BaseModel]:
    """The model of a topic's payload, and what that says (None: nothing we need)."""

    model: type[Model]
    read: Callable[[Model, Store, datetime], Evidence | None]


def read_topic(
    topics: Mapping[str, Topic[Any]],
    platform: str,
    name: str,
    delivery: str,
    body: bytes,
    store: Store,
    now: datetime,
) -> Reading:
    """What a webhook of this topic says: one thing, or nothing where we do not use the topic."""
    source = f"{platform}:{name}"
    if not name:
        raise PayloadRefused(source, "headers", "the topic is missing")
    topic = topics.get(name)
    if topic is None:
        load_json(body)
        return Reading(source, delivery)
    found = topic.read(parse_payload(topic.model, body, source), store, now)
    return Reading(source, delivery, (found,) if found else ())
