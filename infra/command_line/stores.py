"""Adding a store and changing what it chose: secrets, settings, number, catalogue, and Meta's subscription."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from command_line import graph, records
from command_line.checks import check_store_id
from command_line.choices import apply_choices
from command_line.failures import CommandFailure
from command_line.numbers import learn_number
from command_line.publish import Catalogue, load_catalogue, publish_catalogue
from command_line.secrets import check_webhook_secret, make_webhook_secret, name_secret, read_secret, write_secret
from command_line.stack import Stack
from okaeri.domain.stores import UNINSTALLED, Platform, Store
from receive_store_event import shopify, woocommerce
from receive_store_event.standard_events import AnyStoreEvent

# What each receiver reads, so that nothing is subscribed in vain and nothing is missed.
TOPICS: Mapping[Platform, tuple[str, ...]] = {
    Platform.SHOPIFY: tuple(shopify.TOPICS),
    Platform.WOOCOMMERCE: tuple(woocommerce.TOPICS),
    Platform.STANDARD: tuple(get_args(event.model_fields["type"].annotation)[0] for event in get_args(AnyStoreEvent)),
}
# Shopify takes these three apart from the others, and from the app's settings alone.
COMPLIANCE_TOPICS = ("customers/data_request", "customers/redact", "shop/redact")


@dataclass(frozen=True)
class AddedStore:
    """What came of adding a store. `secret` is given where we made it or were given it now, else None.

    `warnings` say what is not ready and what to do; the store is in the table all the same.
    """

    store: Store
    created: bool
    events_url: str
    topics: tuple[str, ...]
    secret: str | None = None
    warnings: tuple[str, ...] = field(default=())


def add_store(
    stack: Stack,
    store_id: str,
    choices: Mapping[str, str],
    *,
    platform: Platform | None = None,
    secret: str | None = None,
    whatsapp_token: str | None = None,
    catalogue: Catalogue | None = None,
) -> AddedStore:
    """Adds the store, or changes it where it is there already: what is not given stays as it is.

    `choices` are the keys of `choices.CHOICES` (domain, locale, phone-number-id, …) with their texts. A new store
    needs `platform`, `domain` and, on Shopify, `secret`. Everything is checked before anything is written.
    Raises CommandFailure.
    """
    loaded = catalogue or load_catalogue()
    check_store_id(store_id)
    before = records.find_store(stack, store_id)
    wanted = apply_choices(before or _begin_store(store_id, platform, choices), choices, spoken=loaded.languages)
    if platform and wanted.platform is not platform:
        raise CommandFailure(
            f"{store_id} is a {wanted.platform} store",
            at="--platform",
            fix="A store keeps its platform, for its order ids mean something else elsewhere. Add another store.",
        )
    _check_domain(wanted)
    stored_secret = read_secret(stack, name_secret(stack, store_id, "webhook"))
    fresh_secret = _choose_secret(wanted.platform, secret, kept=stored_secret is not None)
    if fresh_secret:
        _write_webhook_secret(stack, store_id, stored_secret, fresh_secret)
    if read_secret(stack, name_secret(stack, store_id, "links")) is None:
        write_secret(stack, name_secret(stack, store_id, "links"), {"key": make_webhook_secret(Platform.WOOCOMMERCE)})
    if whatsapp_token:
        write_secret(stack, name_secret(stack, store_id, "whatsapp"), {"token": whatsapp_token.strip()})
    if before is None and wanted.phone_number_id:
        records.map_phone_number(stack, wanted.phone_number_id, store_id)
    if before is not None or not records.create_store(stack, wanted):
        change_settings(stack, store_id, choices, catalogue=loaded)
    if before is not None and before.paused == UNINSTALLED:  # it is being installed again
        resume_store(stack, store_id)
    published = publish_catalogue(stack, [store_id], catalogue=loaded)[0]
    return AddedStore(
        store=published.store,
        created=before is None,
        events_url=f"{stack.api_url}/stores/{store_id}/events",
        topics=TOPICS[wanted.platform],
        secret=fresh_secret,
        warnings=tuple(_list_warnings(stack, published.store)),
    )


def change_settings(
    stack: Stack, store_id: str, choices: Mapping[str, str], *, catalogue: Catalogue | None = None
) -> Store:
    """Makes choices of an existing store; its number's mapping follows. Raises CommandFailure."""
    loaded = catalogue or load_catalogue()
    before = records.read_store(stack, store_id)
    wanted = apply_choices(before, choices, spoken=loaded.languages)
    _check_domain(wanted)
    if wanted.phone_number_id:
        records.map_phone_number(stack, wanted.phone_number_id, store_id)
    changed = records.change_store(
        stack, store_id, lambda found: apply_choices(found, choices, spoken=loaded.languages)
    )
    if before.phone_number_id and before.phone_number_id != changed.phone_number_id:
        records.unmap_phone_number(stack, before.phone_number_id, store_id)
    return changed


def rotate_secret(stack: Stack, store_id: str, *, secret: str | None = None) -> str:
    """The current webhook secret becomes the previous one, which is still believed; the new one is returned."""
    store = records.read_store(stack, store_id)
    stored = read_secret(stack, name_secret(stack, store_id, "webhook"))
    fresh = _choose_secret(store.platform, secret, kept=False)
    assert fresh is not None  # nothing is kept, so one was chosen
    _write_webhook_secret(stack, store_id, stored, fresh)
    return fresh


def pause_store(stack: Stack, store_id: str, reason: str) -> Store:
    """Stops everything that the store would say, until it is resumed; evidence is still taken in."""
    return records.change_store(stack, store_id, lambda store: store.model_copy(update={"paused": reason}))


def resume_store(stack: Stack, store_id: str) -> Store:
    """Lets a paused store speak again."""
    return records.change_store(stack, store_id, lambda store: store.model_copy(update={"paused": None}))


def _begin_store(store_id: str, platform: Platform | None, choices: Mapping[str, str]) -> Store:
    if platform is None:
        raise CommandFailure(
            "a new store needs its platform", at="--platform", fix="Say shopify, woocommerce or standard."
        )
    if not choices.get("domain"):
        raise CommandFailure(
            "a new store needs its domain", at="--domain", fix="Say for instance aya.myshopify.com or shop.example.com."
        )
    if not choices.get("name"):
        raise CommandFailure("a new store needs its name", at="--name", fix="Give the name that shoppers know.")
    domain = choices["domain"].strip().lower()
    return Store(
        store_id=store_id, name=choices["name"], platform=platform, domain=domain, site_url=f"https://{domain}"
    )


def _check_domain(store: Store) -> None:
    if store.platform is Platform.SHOPIFY and not store.domain.endswith(".myshopify.com"):
        raise CommandFailure(
            f"Shopify signs with the shop's myshopify.com domain, not {store.domain}",
            at="--domain",
            fix="NAME.myshopify.com, NAME as in the admin's address (…/store/NAME). The public one is --site-url.",
        )


def _choose_secret(platform: Platform, given: str | None, *, kept: bool) -> str | None:
    """The secret to write: the one given, else a new one, else (`kept`) none."""
    if given is not None:
        check_webhook_secret(platform, given)
        return given
    if kept:
        return None
    if platform is Platform.SHOPIFY:
        raise CommandFailure(
            "Shopify signs with the app's client secret",
            at="--secret",
            fix="Copy it from the app's settings in Shopify's Dev Dashboard.",
        )
    return make_webhook_secret(platform)


def _write_webhook_secret(stack: Stack, store_id: str, stored: dict[str, str] | None, fresh: str) -> None:
    before = (stored or {}).get("current")
    if before == fresh:
        return
    value = {"current": fresh, "previous": before} if before else {"current": fresh}
    write_secret(stack, name_secret(stack, store_id, "webhook"), value)


def _list_warnings(stack: Stack, store: Store) -> list[str]:
    warnings = []
    token = read_secret(stack, name_secret(stack, store.store_id, "whatsapp"))
    if store.phone_number_id and store.waba_id and token:
        try:
            graph.subscribe_app(stack, store.waba_id, token["token"])
            learn_number(stack, store, token["token"])
        except CommandFailure as failure:
            warnings.append(
                f"Meta's app is not subscribed to the account {store.waba_id}: {failure.message}. {failure.fix}"
            )
    elif store.phone_number_id or store.waba_id or token:
        missing = [
            name
            for name, there in (
                ("--phone-number-id", store.phone_number_id),
                ("--waba-id", store.waba_id),
                ("--whatsapp-token", token),
            )
            if not there
        ]
        warnings.append(
            f"WhatsApp also needs {' and '.join(missing)}: run okaeri stores add {store.store_id} again with it."
        )
    if not store.from_email:
        warnings.append(f"No e-mail is sent without a sender: okaeri stores set {store.store_id} from-email=….")
    return warnings
