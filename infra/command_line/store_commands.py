"""`okaeri stores …`"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from command_line import invoices, records, stores
from command_line.choices import read_pairs
from command_line.failures import CommandFailure
from command_line.journeys import list_journeys
from command_line.screen import say, show_table, warn
from command_line.secrets import name_secret, read_secret
from command_line.stack import Stack, open_stack
from okaeri.domain.stores import Platform, Store

app = typer.Typer(help="Add stores and change what they chose.", no_args_is_help=True)

StoreId = Annotated[str, typer.Argument(metavar="STORE", help="Id of the store.")]
SomeStores = Annotated[list[str] | None, typer.Argument(metavar="[STORE]…", help="All stores if none is named.")]


@app.command("add")
def add(
    context: typer.Context,
    store_id: Annotated[
        str, typer.Argument(metavar="STORE", help="A new id (a-z, 0-9, -), or one that exists, to change it.")
    ],
    platform: Annotated[Platform | None, typer.Option(help="Where its webhooks come from.")] = None,
    domain: Annotated[str | None, typer.Option(help="Host of the store; on Shopify NAME.myshopify.com.")] = None,
    site_url: Annotated[str | None, typer.Option(help="Address that shoppers know.")] = None,
    name: Annotated[str | None, typer.Option(help="Name that shoppers know.")] = None,
    secret: Annotated[
        str | None,
        typer.Option(
            help="Secret of its webhooks; asked for on Shopify, made by us for the others.", show_default=False
        ),
    ] = None,
    phone_number_id: Annotated[str | None, typer.Option(help="WhatsApp: id of the number (not the number).")] = None,
    waba_id: Annotated[str | None, typer.Option(help="WhatsApp: id of the business account.")] = None,
    whatsapp_token: Annotated[
        str | None,
        typer.Option(help="WhatsApp: System User token; asked for when there is none yet.", show_default=False),
    ] = None,
    from_email: Annotated[str | None, typer.Option(help="Sender of e-mails; its domain is verified in SES.")] = None,
    locale: Annotated[str | None, typer.Option(help="Language of the shop: en, ja, …")] = None,
    languages: Annotated[
        str | None, typer.Option(help="Languages it speaks to shoppers: en,ja. Its own and English if left out.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="ISO code: US, JP, …")] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA name: Asia/Tokyo, …")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO code: USD, JPY, …")] = None,
    contact_person: Annotated[str | None, typer.Option(help="Who signs the messages.")] = None,
    contact_email: Annotated[str | None, typer.Option(help="Where shoppers write to.")] = None,
    contact_phone: Annotated[str | None, typer.Option(help="Where shoppers call: +81 3 1234 5678.")] = None,
    contact_url: Annotated[str | None, typer.Option(help="A contact page.")] = None,
    contact_address: Annotated[str | None, typer.Option(help="Postal address, as the law asks in marketing.")] = None,
    phone_field_is_opt_in: Annotated[
        bool | None,
        typer.Option(
            "--phone-field-is-opt-in/--phone-field-is-no-opt-in", help="The checkout's phone field carries our wording."
        ),
    ] = None,
    phone_field_wording: Annotated[str | None, typer.Option(help="That wording, kept as proof.")] = None,
) -> None:
    """Adds a store, or changes the one of that id: what is not given stays as it is."""
    stack = open_stack(context.obj)
    opt_in = None if phone_field_is_opt_in is None else ("yes" if phone_field_is_opt_in else "no")
    given = {
        "domain": domain, "site-url": site_url, "name": name, "phone-number-id": phone_number_id, "waba-id": waba_id,
        "from-email": from_email, "locale": locale, "languages": languages, "country": country, "time-zone": time_zone,
        "currency": currency, "contact-person": contact_person, "contact-email": contact_email,
        "contact-phone": contact_phone, "contact-url": contact_url, "contact-address": contact_address,
        "phone-field-is-opt-in": opt_in, "phone-field-wording": phone_field_wording,
    }  # fmt: skip
    if (
        platform is Platform.SHOPIFY
        and secret is None
        and read_secret(stack, name_secret(stack, store_id, "webhook")) is None
    ):
        secret = _ask("The app's client secret (Shopify's Dev Dashboard → the app → Settings)", "--secret")
    if (
        phone_number_id
        and whatsapp_token is None
        and read_secret(stack, name_secret(stack, store_id, "whatsapp")) is None
    ):
        whatsapp_token = _ask("WhatsApp System User token (Meta Business settings → System users)", "--whatsapp-token")
    added = stores.add_store(
        stack,
        store_id,
        {key: text for key, text in given.items() if text is not None},
        platform=platform,
        secret=secret,
        whatsapp_token=whatsapp_token,
    )
    _show_added(stack, added, secret_is_new=secret is None)


@app.command("list")
def show_all(context: typer.Context) -> None:
    """Lists the stores of the stack."""
    stack = open_stack(context.obj)
    found = [records.read_store(stack, store_id) for store_id in records.list_store_ids(stack)]
    if not found:
        say("No store yet. Add one: okaeri stores add --help")
        return
    show_table(
        ("store", "name", "platform", "domain", "languages", "state", "webhooks go to"),
        [
            (
                s.store_id,
                s.name,
                s.platform,
                s.domain,
                ", ".join(s.settings.languages) or s.locale,
                _describe_state(s),
                f"{stack.api_url}/stores/{s.store_id}/events",
            )
            for s in found
        ],
    )


# `stores hours` and `links list` show these as people read them.
_SHOWN_ELSEWHERE = {"shop_hours", "is_peak", "loyalty", "entry_codes", "entry_ads", "delivery_times", "voices"}


@app.command("show")
def show(context: typer.Context, store_id: StoreId) -> None:
    """Shows what a store chose; no secrets."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    data = store.model_dump(mode="json", exclude={"triggers", "templates", "settings", "contact", "schema_version"})
    rows = [(key.replace("_", "-"), str(value)) for key, value in data.items() if value is not None]
    rows += [(f"contact-{key}", str(value)) for key, value in store.contact.model_dump().items() if value]
    rows += [
        (key.replace("_", "-"), str(value))
        for key, value in store.settings.model_dump(mode="json", exclude=_SHOWN_ELSEWHERE).items()
        if value not in (None, [], {})
    ]
    rows.append(("events go to", f"{stack.api_url}/stores/{store_id}/events"))
    rows.append(("journeys on", ", ".join(j.journey for j in list_journeys(store) if j.on) or "none"))
    show_table(("", ""), rows)


@app.command("set")
def change(
    context: typer.Context,
    store_id: StoreId,
    pairs: Annotated[
        list[str],
        typer.Argument(metavar="KEY=VALUE…", help="Such as confirmation=plain or review.tag.experience=PT0S."),
    ],
) -> None:
    """Changes choices of a store. An empty value takes one away: contact-phone="""
    stores.change_settings(open_stack(context.obj), store_id, read_pairs(pairs))
    say(f"✓ {store_id} is changed. Functions see it within a minute.")
    if any(pair.startswith("languages=") or pair.startswith("locale=") for pair in pairs):
        say(f"  Now publish its languages: okaeri publish {store_id}, okaeri templates push {store_id}")


@app.command("invoice")
def show_invoice(
    context: typer.Context,
    store_id: StoreId,
    order: Annotated[str, typer.Argument(help="The order's id in the store, or its name.")],
    into: Annotated[Path | None, typer.Option(help="The file to write.", show_default="as shoppers get it")] = None,
    locale: Annotated[str | None, typer.Option(help="Another language than the customer's, such as de.")] = None,
) -> None:
    """Makes an order's PDF here, to look at."""
    made = invoices.make_invoice(open_stack(context.obj), store_id, order, into=into, locale=locale)
    say(f"✓ {made.path}: {made.title}")
    if not made.is_on:
        say(f"  Shoppers get none yet. To send them: okaeri stores set {store_id} invoice=yes")


@app.command("rotate-secret")
def rotate(
    context: typer.Context,
    store_id: StoreId,
    secret: Annotated[
        str | None,
        typer.Option(help="The new one; asked for on Shopify, made by us for the others.", show_default=False),
    ] = None,
) -> None:
    """Replaces the webhooks' secret; the one before stays valid until the next time."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    if store.platform is Platform.SHOPIFY and secret is None:
        secret = _ask("The app's new client secret", "--secret")
    fresh = stores.rotate_secret(stack, store_id, secret=secret)
    say(f"✓ {store_id} believes the new secret within 5 minutes, and the one before until the next rotation.")
    if secret is None:
        _show_secret(fresh)


@app.command("pause")
def pause(
    context: typer.Context,
    store_id: StoreId,
    reason: Annotated[str, typer.Option(help="Why; it is shown wherever a message did not go.")] = "paused by the shop",
) -> None:
    """Stops everything that the store says, until it is resumed."""
    stores.pause_store(open_stack(context.obj), store_id, reason)
    say(f"✓ {store_id} is silent. It still takes events. To undo: okaeri stores resume {store_id}")


@app.command("resume")
def resume(context: typer.Context, store_id: StoreId) -> None:
    """Lets a paused store speak again."""
    stores.resume_store(open_stack(context.obj), store_id)
    say(f"✓ {store_id} speaks again.")


def _ask(question: str, option: str) -> str:
    if not sys.stdin.isatty():
        raise CommandFailure("nobody is here to be asked for a secret", at=option, fix=f"Give it with {option}.")
    answer: str = typer.prompt(question, hide_input=True)
    return answer.strip()


def _describe_state(store: Store) -> str:
    return f"paused: {store.paused}" if store.paused else "on"


def _show_secret(secret: str) -> None:
    say("  Its secret, shown this once:")
    say(f"  {secret}", style="bold")


def _list_topics(added: stores.AddedStore) -> list[str]:
    """The topics in the form in which the platform takes them."""
    if added.store.platform is not Platform.SHOPIFY:
        return [" ".join(added.topics)]
    topics = [topic for topic in added.topics if topic not in stores.COMPLIANCE_TOPICS]
    return [
        "[[webhooks.subscriptions]]",
        f"topics = {json.dumps(topics)}",
        f"compliance_topics = {json.dumps(stores.COMPLIANCE_TOPICS)}",
        f"uri = {json.dumps(added.events_url)}",
    ]


def _show_added(stack: Stack, added: stores.AddedStore, *, secret_is_new: bool) -> None:
    store = added.store
    say(f"✓ {store.name} ({store.store_id}) is {'added' if added.created else 'changed'}.", style="green")
    say()
    say("  Webhooks go to")
    say(f"  {added.events_url}", style="bold")
    if added.secret and secret_is_new:
        _show_secret(added.secret)
    say(f"  {_TOPIC_HEADINGS[store.platform]}")
    for line in _list_topics(added):
        say(f"  {line}")
    if store.phone_number_id:
        say("  Meta's app calls back at")
        say(f"  {stack.api_url}/whatsapp", style="bold")
    say()
    for warning in added.warnings:
        warn(warning)
    say(f"  Next: okaeri templates push {store.store_id}, then okaeri doctor {store.store_id}")


_TOPIC_HEADINGS = {
    Platform.SHOPIFY: "For the app's shopify.app.toml, below [webhooks]:",
    Platform.WOOCOMMERCE: "One webhook for each topic (API version: WP REST API Integration v3):",
    Platform.STANDARD: "Event types (docs/store-api.md):",
}
