"""What of a shopper's consent is told to the store: their present word on marketing, where they gave it to us. Pure.

The store's own words come by its webhooks and are not told back to it. A copy is asked for and not spelled out: whoever
carries it out reads the word that counts by then, so that a later one wins over an earlier one that still waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from okaeri.domain.customers import Customer
from okaeri.domain.effects import RequestAction
from okaeri.domain.events import Event
from okaeri.domain.evidence import ConsentSeen
from okaeri.domain.records import ActionRequest
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel, Purpose, format_time, make_id

# Where a consent's word was given to us; every other source is the store's, or the shop's own.
HEARD_HERE = frozenset(
    {
        "answer page",
        "complaint",
        "confirmation_page",
        "meta 131050",
        "meta user preferences",
        "one_click",
        "unsubscribe_page",
        "whatsapp chat",
        "whatsapp reply",
    }
)
# Of these the address itself is sure: their links came by mail to it.
CONFIRMED = frozenset({"confirmation_page", "one_click", "unsubscribe_page"})
SMS = "sms"  # WhatsApp's word as the store's consent to text messages, where the shop's wording speaks of both
TARGETS = (Channel.EMAIL.value, Channel.WHATSAPP.value, SMS)
TOLD = "consent.told"
_ECHO_FOR = timedelta(hours=1)  # a copy is tried for half an hour


class Word(NamedTuple):
    """Whether marketing is agreed to on a channel, since when, and by which source."""

    given: bool
    at: datetime
    source: str

    @property
    def confirmed(self) -> bool:
        """Whether it was given from the address itself (double opt-in)."""
        return self.given and self.source in CONFIRMED


class ConsentCopy(NamedTuple):
    """A word as it is written to the store: `target` is one of TARGETS, `address` whose word it is."""

    target: str
    word: Word
    address: str | None


def find_word(customer: Customer, channel: str) -> Word | None:
    """Their present word on marketing there; None where they gave none, or have yet to confirm it.

    STOP counts for marketing as well, and START takes it back: the word is of the moment of either.
    """
    own, stop = customer.consents.get(f"{channel}:{Purpose.MARKETING}"), customer.consents.get(f"{channel}:all")
    is_stopped = stop is not None and not stop.given
    if own is None and not is_stopped:
        return None
    latest = max((consent for consent in (own, stop) if consent is not None), key=lambda consent: consent.at)
    if is_stopped or own is None:
        return Word(False, latest.at, latest.source)
    return None if own.given and own.pending else Word(own.given, latest.at, latest.source)


def copy_consents(
    before: Customer, after: Customer, store: Store, now: datetime, events: Iterable[Event] = ()
) -> Iterator[RequestAction]:
    """A request for each word that has changed here, and for those of who is known to the store only now.

    Of two that are carried out at one moment the earlier may come to the store last: what `events` say that it was
    told is held against the word that counts, and told anew where it is another.
    """
    gained = set(after.store_customer_ids) - set(before.store_customer_ids)
    told = {str(event.data.get("channel")): event for event in events if event.name == TOLD}
    for target in store.settings.write_consent:
        channel = find_channel(target)
        word, was = find_word(after, channel), find_word(before, channel)
        if word is None or word.source not in HEARD_HERE:
            continue
        stale = [told[target].event_id] if target in told and is_other(told[target], word) else []
        is_known = was is not None and (was.given, was.confirmed) == (word.given, word.confirmed)
        if is_known and not gained and not stale:
            continue
        name = (after.store_id, after.customer_id, target, format_time(word.at), *sorted(gained), *stale)
        request = ActionRequest(
            store_id=after.store_id,
            customer_id=after.customer_id,
            action_id=make_id("consent", *name),
            kind="consent",
            target=target,
            journey="",
            purpose=Purpose.MARKETING,
            requested_at=now,
        )
        yield RequestAction(id=request.action_id, request=request)


def is_other(told: Event, word: Word) -> bool:
    """Whether the store was told another word than this one."""
    return told.data.get("given", "") == ("no" if word.given else "yes")


def find_channel(target: str) -> str:
    """Whose word it is that goes there."""
    return Channel.WHATSAPP.value if target == SMS else target


def is_echo(evidence: ConsentSeen, customer: Customer, store: Store) -> bool:
    """Whether the store tells of what we have written to it: the same word, of our own, no later than we write it."""
    if evidence.channel not in store.settings.write_consent or evidence.purpose != "marketing":
        return False
    word = find_word(customer, evidence.channel)
    if word is None or word.source not in HEARD_HERE or evidence.source in HEARD_HERE:
        return False
    return evidence.given == word.given and evidence.at <= word.at + _ECHO_FOR
