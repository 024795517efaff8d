"""The three shops of a laptop, one for each platform."""

import secrets
from dataclasses import dataclass, field

from command_line.stack import open_stack
from command_line.stores import add_store
from okaeri.domain.stores import Platform


class StoreNotReady(Exception):
    """A store was added with a part missing; the message says which."""


@dataclass(frozen=True)
class LocalStore:
    """A made-up shop; its numbers at Meta are made up too."""

    store_id: str
    platform: str
    name: str
    domain: str
    country: str
    locale: str
    time_zone: str
    currency: str
    from_email: str
    waba_id: str
    phone_number_id: str
    display_phone_number: str
    contact: dict[str, str] = field(default_factory=dict)


STORES = (
    LocalStore(
        store_id="kinari",
        platform="shopify",
        name="Kinari Linen",
        domain="kinari.myshopify.com",
        country="JP",
        locale="ja",
        time_zone="Asia/Tokyo",
        currency="JPY",
        from_email="hello@kinari.example",
        waba_id="200000000000001",
        phone_number_id="100000000000001",
        display_phone_number="+81 3-4567-8901",
        contact={"person": "Aya", "email": "hello@kinari.example", "url": "https://kinari.example/contact"},
    ),
    LocalStore(
        store_id="casa-lima",
        platform="woocommerce",
        name="Casa Lima",
        domain="casa-lima.example",
        country="US",
        locale="en",
        time_zone="America/New_York",
        currency="USD",
        from_email="hola@casa-lima.example",
        waba_id="200000000000002",
        phone_number_id="100000000000002",
        display_phone_number="+1 212-555-0143",
        contact={"person": "Marta", "email": "hola@casa-lima.example", "phone": "+1 212-555-0143"},
    ),
    LocalStore(
        store_id="hallo-welt",
        platform="standard",
        name="Hallo Welt Books",
        domain="hallo-welt.example",
        country="DE",
        locale="en",
        time_zone="Europe/Berlin",
        currency="EUR",
        from_email="post@hallo-welt.example",
        waba_id="200000000000003",
        phone_number_id="100000000000003",
        display_phone_number="+49 30 901820",
        contact={"person": "Jonas", "email": "post@hallo-welt.example"},
    ),
)

PHONE_FIELD_WORDING = "We send news of your order to this number on WhatsApp."


def list_choices(store: LocalStore) -> dict[str, str]:
    """The shop's facts under the names that `okaeri stores add` knows."""
    contact = {f"contact-{key}": text for key, text in store.contact.items()}
    return contact | {
        "name": store.name,
        "domain": store.domain,
        "country": store.country,
        "locale": store.locale,
        "time-zone": store.time_zone,
        "currency": store.currency,
        "from-email": store.from_email,
        "waba-id": store.waba_id,
        "phone-number-id": store.phone_number_id,
        "phone-field-is-opt-in": "yes",
        "phone-field-wording": PHONE_FIELD_WORDING,
    }


def add_local_stores(access_token: str) -> dict[str, str]:
    """Adds the shops as `okaeri stores add` does; returns each store's webhook secret by its id.

    AWS's usual environment variables say which AWS. Raises CommandFailure.
    """
    stack = open_stack()
    secrets_by_store: dict[str, str] = {}
    for store in STORES:
        platform = Platform(store.platform)
        added = add_store(
            stack,
            store.store_id,
            list_choices(store),
            platform=platform,
            # Shopify gives an app its secret, so here one is made up; the others get one of ours.
            secret=secrets.token_hex(16) if platform is Platform.SHOPIFY else None,
            whatsapp_token=access_token,
        )
        if added.warnings or added.secret is None:
            raise StoreNotReady(f"{store.store_id}: {' '.join(added.warnings) or 'no secret was made'}")
        secrets_by_store[store.store_id] = added.secret
    return secrets_by_store
