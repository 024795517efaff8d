"""`okaeri consent`: what a customer agreed to and took back, as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer
from boto3.dynamodb.conditions import Key

from command_line.failures import CommandFailure
from command_line.records import read_store
from command_line.screen import say
from command_line.stack import Stack, open_stack
from okaeri.adapters import keys
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import decode_body
from okaeri.domain.consent_copies import SMS
from okaeri.domain.consents import has_lapsed, is_pending
from okaeri.domain.contact_data import normalise_email, normalise_phone
from okaeri.domain.customers import Customer, Identity, IdentityKind
from okaeri.domain.gates import is_stopped
from okaeri.domain.records import ConsentEntry, DecisionRecord
from okaeri.domain.sentences import COPIED, say_copy_reason
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel, Purpose, Stored

app = typer.Typer(help="What customers agreed to.", no_args_is_help=True)

_CHANNELS = {"whatsapp": "on WhatsApp", "email": "by e-mail"}
_PURPOSES = {"order": "news of their orders", "marketing": "marketing", "all": "everything"}
# The words that the code itself gives as a source; any other is the store's own and is quoted.
_SOURCES = {
    "checkout box for e-mail marketing": "the box at the store's checkout",
    "checkout attribute whatsapp_opt_in": "the WhatsApp box at the checkout",
    "checkout phone field": "the phone field at the checkout, under the shop's wording",
    "Shopify e-mail marketing consent": "the customer's settings in Shopify",
    "whatsapp reply": "their own message on WhatsApp",
    "meta user preferences": "their settings in WhatsApp",
    "meta 131050": "WhatsApp, which reported that they want no marketing",
    "complaint": "their mailbox, which reported a complaint",
    "one_click": "the unsubscribe button of their mail program",
    "unsubscribe_page": "our unsubscribe page",
    "confirmation_page": "our confirmation page",
}


@app.command("show")
def show(
    context: typer.Context,
    store_id: Annotated[str, typer.Argument(metavar="STORE")],
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="Our id, an e-mail address, or a phone.")],
) -> None:
    """Prints the ledger of a customer, oldest first, and what follows from it."""
    stack = open_stack(context.obj)
    store = read_store(stack, store_id)
    found = find_customer(stack, store, customer)
    for entry in list_entries(stack, found):
        say(describe_entry(entry))
    for line in describe_state(found, store, datetime.now().astimezone()):
        say(line)
    for decision in list_copies(stack, found):
        say(describe_copy(decision))


def find_customer(stack: Stack, store: Store, named: str) -> Customer:
    """By our id, an e-mail address or a phone number. CommandFailure where nobody is called so."""
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    email, phone = normalise_email(named), normalise_phone(named, store.country)
    identities = [Identity(kind=IdentityKind.EMAIL, value=email)] if email else []
    identities += [Identity(kind=IdentityKind.PHONE, value=phone)] if phone else []
    owners = [record.customer_id for record in customers.find(store.store_id, identities).values()]
    for customer_id in (*owners, named):
        found = customers.load(store.store_id, customer_id)
        if found is not None:
            return found
    raise CommandFailure(
        f"nobody in {store.store_id} is known by this", at="CUSTOMER", fix="Give our id, an e-mail address, or a phone."
    )


def list_entries(stack: Stack, customer: Customer) -> Iterator[ConsentEntry]:
    """The customer's ledger, with that of the records that were joined to it, oldest first."""
    yield from sorted(_query_all(stack, customer, keys.LEDGER, ConsentEntry), key=lambda entry: entry.at)


def list_copies(stack: Stack, customer: Customer) -> list[DecisionRecord]:
    """What the store was told of it in the last 90 days, or why it was not, oldest first."""
    found = _query_all(stack, customer, keys.decision_key(""), DecisionRecord)
    return sorted((one for one in found if one.event in COPIED), key=lambda one: one.occurred_at)


def describe_copy(decision: DecisionRecord) -> str:
    """ "2026-11-02 09:43 UTC  the store was told: refused marketing by e-mail"."""
    data, at = decision.data, f"{decision.occurred_at:%Y-%m-%d %H:%M} UTC  "
    where = "by text message" if data["channel"] == SMS else _CHANNELS[data["channel"]]
    if "reason" in data:
        return f"{at}the store was not told of marketing {where}: {say_copy_reason(data['reason'])}"
    verb = "agreed to" if data["given"] == "yes" else "refused"
    told = "the store was told" if data["written"] == "yes" else "the store knew already"
    return f"{at}{told}: {verb} marketing {where}"


def _query_all[Kept: Stored](stack: Stack, customer: Customer, prefix: str, model: type[Kept]) -> Iterator[Kept]:
    for holder in (customer.customer_id, *customer.absorbed):
        yield from _query(stack, keys.customer_key(customer.store_id, holder), prefix, model)


def _query[Kept: Stored](stack: Stack, pk: str, prefix: str, model: type[Kept]) -> Iterator[Kept]:
    condition = Key("pk").eq(pk) & Key("sk").begins_with(prefix)
    found = stack.table.query(KeyConditionExpression=condition, ConsistentRead=True)
    while True:
        for item in found["Items"]:
            yield decode_body(model, {"B": bytes(item["body"])})  # type: ignore[arg-type]  # the body is binary
        if "LastEvaluatedKey" not in found:
            return
        found = stack.table.query(
            KeyConditionExpression=condition, ConsistentRead=True, ExclusiveStartKey=found["LastEvaluatedKey"]
        )


def describe_entry(entry: ConsentEntry) -> str:
    """ "2026-11-02 09:41 UTC  agreed to marketing by e-mail; source: …"."""
    verb = "agreed to" if entry.given else "refused"
    if entry.needs_confirmation:
        verb = "signed up, to be confirmed, for"
    elif entry.confirmed:
        verb = "confirmed"
    said = f"{verb} {_PURPOSES[entry.purpose]} {_CHANNELS[entry.channel]}"
    parts = [f"{entry.at:%Y-%m-%d %H:%M} UTC  {said}", f"source: {_SOURCES.get(entry.source, repr(entry.source))}"]
    if entry.address:
        parts.append(f"address: {entry.address}")
    if entry.wording:
        parts.append(f"words: “{entry.wording}”")
    if entry.proof:
        parts.append("proof: " + ", ".join(f"{name} {value}" for name, value in entry.proof.items()))
    return "; ".join(parts)


def describe_state(customer: Customer, store: Store, now: datetime) -> Iterator[str]:
    """What may be said today, one line for each channel and purpose."""
    for channel in Channel:
        if is_stopped(customer, channel):
            yield f"Now: nothing {_CHANNELS[channel]}, they said STOP."
            continue
        for purpose in Purpose:
            yield f"Now: {_PURPOSES[purpose]} {_CHANNELS[channel]}: {_judge(customer, store, channel, purpose, now)}."


def _judge(customer: Customer, store: Store, channel: Channel, purpose: Purpose, now: datetime) -> str:
    consent = customer.consents.get(f"{channel}:{purpose}")
    if purpose is Purpose.ORDER and channel is Channel.EMAIL:
        return "yes, these need no consent"
    if consent is None:
        return "no, they were never asked or never answered"
    if purpose is Purpose.MARKETING and is_pending(customer, channel):
        return f"no, the sign-up of {consent.at:%Y-%m-%d} waits to be confirmed"
    if not consent.given:
        return f"no, since {consent.at:%Y-%m-%d}"
    if purpose is Purpose.MARKETING and has_lapsed(customer, channel, store, now):
        return f"no, the consent of {consent.at:%Y-%m-%d} has lapsed in their country"
    return f"yes, since {consent.at:%Y-%m-%d}"
