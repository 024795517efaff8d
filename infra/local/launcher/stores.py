"""The three shops of a laptop, one for each platform."""

import secrets
from dataclasses import dataclass, field


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
    return_promise: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StoreKeys:
    """What a store signs its webhooks with, and what opens its inbox."""

    webhook_secret: str
    staff_token: str


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
        return_promise={
            "ja": "未使用のお品は、到着後14日以内でしたら返品を承ります。",
            "en": "Unused items can come back within 14 days of arrival.",
        },
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
        return_promise={"en": "Not quite right? Send it back within 30 days."},
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
        return_promise={"en": "Books that were not read can come back within 14 days."},
    ),
)

PHONE_FIELD_WORDING = "We send news of your order to this number on WhatsApp."


def invent_access(store: LocalStore, shops_url: str) -> dict[str, str] | None:
    """New credentials of the store's own API, which the stand-in at `shops_url` plays.

    None where the platform has no such API: what shoppers ask for there becomes a ticket.
    """
    url = f"{shops_url}/{store.domain}"
    match store.platform:
        case "shopify":
            return {"client_id": secrets.token_hex(16), "client_secret": secrets.token_hex(16), "url": url}
        case "woocommerce":
            return {"key": f"ck_{secrets.token_hex(20)}", "secret": f"cs_{secrets.token_hex(20)}", "url": url}
    return None


def list_choices(store: LocalStore) -> dict[str, str]:
    """The shop's facts under the names that `okaeri stores add` knows."""
    contact = {f"contact-{key}": text for key, text in store.contact.items()}
    promises = {f"return-promise.{language}": text for language, text in store.return_promise.items()}
    return (
        contact
        | promises
        | {
            "name": store.name,
            "domain": store.domain,
            "country": store.country,
            "locale": store.locale,
            "languages": "en,ja",
            "time-zone": store.time_zone,
            "currency": store.currency,
            "from-email": store.from_email,
            "waba-id": store.waba_id,
            "phone-number-id": store.phone_number_id,
            "phone-field-is-opt-in": "yes",
            "phone-field-wording": PHONE_FIELD_WORDING,
        }
    )
