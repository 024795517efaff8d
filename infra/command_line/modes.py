"""How much of what is decided is said: a store's and a journey's mode, its testers, and the one switch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from command_line import checks, records
from command_line.failures import CommandFailure
from command_line.journeys import change_journey
from command_line.stack import Stack
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.due_index import DynamoDueIndex
from okaeri.adapters.messages import DynamoMessages
from okaeri.domain.contact_data import normalise_email, normalise_phone
from okaeri.domain.stores import Mode, PublishedJourney, Sending, Store
from okaeri.use_cases.measure_held_back import HeldBack, MeasureHeldBack

SWITCH = {"on": Sending.ON, "orders-only": Sending.ORDERS_ONLY, "off": Sending.OFF}


def set_journey_mode(stack: Stack, store_id: str, journey: str, mode: Mode, share: int | None = None) -> Store:
    """Puts one journey into a mode; `share` is the percent of the customers that mode `share` is for."""
    percent = read_share(mode, share)

    def change(entry: PublishedJourney) -> PublishedJourney:
        return entry.model_copy(update={"on": mode is not Mode.OFF, "mode": mode, "share": percent})

    return change_journey(stack, store_id, journey, change)


def set_store_mode(stack: Stack, store_id: str, mode: Mode, share: int | None = None) -> Store:
    """Puts the whole store into a mode: the stricter of it and a journey's own counts."""
    percent = read_share(mode, share)
    return records.change_store(
        stack, store_id, lambda store: store.model_copy(update={"mode": mode, "share": percent})
    )


def read_share(mode: Mode, share: int | None) -> int:
    """The percent: asked for by mode `share` alone, 100 in any other. CommandFailure where it does not fit."""
    if mode is not Mode.SHARE:
        if share is not None:
            raise CommandFailure(f"mode {mode} takes no number", at="PERCENT", fix="Only share takes one: share 10.")
        return 100
    if share is None or not 1 <= share <= 99:
        raise CommandFailure(
            "how large is the share?", at="PERCENT", fix="Say how many percent, 1 to 99: share 10. For all: on."
        )
    return share


def set_sending(stack: Stack, store_id: str, sending: Sending) -> Store:
    """Turns the one switch. Engine and senders obey within ten seconds."""
    return records.change_store(stack, store_id, lambda store: store.model_copy(update={"sending": sending}))


def measure_held_back(stack: Stack, store: Store) -> HeldBack:
    """What the switch holds back at this moment."""

    def read_clock() -> datetime:
        return datetime.now(UTC)

    measure = MeasureHeldBack(
        due=DynamoDueIndex(stack.dynamodb, stack.table_name),
        customers=DynamoCustomers(stack.dynamodb, stack.table_name),
        messages=DynamoMessages(stack.dynamodb, stack.table_name, read_clock),
        clock=read_clock,
    )
    return measure(store)


def add_testers(stack: Stack, store_id: str, addresses: Iterable[str]) -> Store:
    """Adds phones and mailboxes that mode `test` sends to. Raises CommandFailure for what is neither."""
    given = list(addresses)

    def change(store: Store) -> Store:
        phones, emails = _read_addresses(given, store)
        return _with_testers(store, {*store.settings.test_phones, *phones}, {*store.settings.test_emails, *emails})

    return records.change_store(stack, store_id, change)


def remove_testers(stack: Stack, store_id: str, addresses: Iterable[str]) -> Store:
    """Takes testers away. Raises CommandFailure for who is none."""
    given = list(addresses)

    def change(store: Store) -> Store:
        phones, emails = _read_addresses(given, store)
        known = {*store.settings.test_phones, *store.settings.test_emails}
        for address in (*phones, *emails):
            checks.check_one_of(address, "ADDRESS", known)
        left = known - phones - emails
        return _with_testers(store, left & {*store.settings.test_phones}, left & {*store.settings.test_emails})

    return records.change_store(stack, store_id, change)


def _read_addresses(texts: Iterable[str], store: Store) -> tuple[set[str], set[str]]:
    """Phones in the one form in which customers' are kept, and addresses in small letters."""
    phones, emails = set(), set()
    for text in texts:
        phone, email = normalise_phone(text, store.country), normalise_email(text)
        if email:
            emails.add(email)
        elif phone:
            phones.add(phone)
        else:
            raise CommandFailure(
                f"{text!r} is neither a phone nor an e-mail address",
                at="ADDRESS",
                fix="Write a phone with its country code, +81 90 1234 5678, or an address, me@shop.example.com.",
            )
    return phones, emails


def _with_testers(store: Store, phones: set[str], emails: set[str]) -> Store:
    changed = {"test_phones": tuple(sorted(phones)), "test_emails": tuple(sorted(emails))}
    return store.model_copy(update={"settings": store.settings.model_copy(update=changed)})
