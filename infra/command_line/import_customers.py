"""Customers of before: who they are, and what they agreed to or took back, each consent with its proof."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from command_line.csv_rows import CellRefused, Refused, Row, read_rows, refuse
from command_line.loads import Taking
from okaeri.adapters.store_apis.calls import Json
from okaeri.domain.contact_data import normalise_email, normalise_phone
from okaeri.domain.country_rules import find_rule
from okaeri.domain.evidence import ConsentSeen, CustomerSeen, Envelope
from okaeri.domain.orders import Buyer
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import make_id
from okaeri.use_cases.receive_store_event import PayloadRefused, Request
from receive_store_event.buyers import clean_country, make_buyer
from receive_store_event.dialects import load_dialect

SOURCE = "okaeri import customers"
IMPORTED = "imported"
PERSON = (
    *("id", "email", "phone", "first_name", "last_name", "locale", "country", "region", "postcode"),
    *("birthday", "company", "has_account"),
)
WISHES: Mapping[str, tuple[str, str]] = {
    "email_marketing": ("email", "marketing"),
    "whatsapp_marketing": ("whatsapp", "marketing"),
    "whatsapp_order": ("whatsapp", "order"),
    "email_all": ("email", "all"),
    "whatsapp_all": ("whatsapp", "all"),
}
PROOF = ("consent_source", "consent_at", "consent_wording", "consent_confirmed", "consent_page", "consent_reference")
COLUMNS = (*PERSON, *WISHES, *PROOF)
_NEEDED_PROOF = ("consent_source", "consent_at", "consent_wording")
_YES, _NO = ("yes", "true", "1", "subscribed"), ("no", "false", "0", "unsubscribed")
_WRITE_YES_OR_NO = "Write yes, no, or nothing where they were never asked."
_TOPICS = {
    Platform.SHOPIFY: ("x-shopify-topic", "customers/update"),
    Platform.WOOCOMMERCE: ("x-wc-webhook-topic", "customer.updated"),
}


def read_customers(path: Path, store: Store, now: datetime) -> list[Callable[[], Taking]]:
    """Each line of a file, to be taken in its turn."""
    return [partial(_take_row, row, store, now) for row in read_rows(path, COLUMNS, needed=())]


def take_customer(item: Json, store: Store, now: datetime) -> Taking:
    """One that the store's API lists, with the consent that the store keeps."""
    header, topic = _TOPICS[store.platform]
    seen = _read_webhook({header: topic}, item, store, now)
    if not isinstance(seen, CustomerSeen):
        return Taking(refused=(_name_nobody(f"customer {item.get('id')}"),))
    envelopes = [_wrap(seen.model_copy(update={"quiet": IMPORTED}), store, now)]
    consent = item.get("email_marketing_consent") or {}
    if store.platform is not Platform.SHOPIFY or consent.get("state") not in ("subscribed", "unsubscribed"):
        return Taking(tuple(envelopes))
    if consent["state"] == "subscribed" and not consent.get("consent_updated_at"):
        what = "the store does not say when they agreed to marketing by e-mail: that consent is not taken"
        refused = Refused(f"customer {item.get('id')}, email_marketing_consent", what, _HOW_TO_PROVE)
        return Taking(tuple(envelopes), (refused,))
    told = {"customer_id": item["id"], "email_address": item.get("email"), "email_marketing_consent": consent}
    agreed = _read_webhook({header: "customers_email_marketing_consent/update"}, told, store, now)
    if isinstance(agreed, ConsentSeen):
        envelopes.append(_wrap(agreed.model_copy(update={"quiet": IMPORTED}), store, now))
    return Taking(tuple(envelopes))


def _read_webhook(headers: dict[str, str], body: Json, store: Store, now: datetime) -> Any:
    request = Request(store.store_id, headers, json.dumps(body).encode())
    try:
        reading = load_dialect(store.platform).read(request, store, now)
    except PayloadRefused:
        return None
    return next(iter(reading.evidence), None)


def _take_row(row: Row, store: Store, now: datetime) -> Taking:
    refused = list(_check_addresses(row, store))
    buyer = _make_buyer(row, store)
    for name, read in _EXTRAS:
        try:
            buyer = buyer.model_copy(update={name: read(row)})
        except CellRefused as error:
            refused.append(error.refused)
    if not (buyer.store_customer_id or buyer.email or buyer.phone):
        return Taking(refused=(*refused, _name_nobody(f"line {row.line}")))
    seen: list[CustomerSeen | ConsentSeen] = [CustomerSeen(buyer=buyer, at=now, quiet=IMPORTED)]
    for column in WISHES:
        try:
            consent = _read_consent(row, column, buyer, now)
        except CellRefused as error:
            refused.append(error.refused)
            continue
        if consent is None:
            continue
        seen.append(consent)
        if _must_confirm(consent, buyer, store):
            what = "kept, and counts for nothing until it is confirmed: their country asks for double opt-in"
            fix = "Write yes in consent_confirmed where you had it confirmed from the address itself."
            refused.append(refuse(row.line, column, what, fix))
    return Taking(tuple(_wrap(one, store, now) for one in seen), tuple(refused))


def _check_addresses(row: Row, store: Store) -> Iterator[Refused]:
    """An address that cannot be read is left out and told; the line is taken by what else names the person."""
    cells = row.cells
    if (email := cells.get("email")) and normalise_email(email) is None:
        yield refuse(row.line, "email", "this is no e-mail address: it is left out", "Write it as name@example.com.")
    country = clean_country(cells.get("country"))
    if cells.get("country") and country is None:
        yield refuse(row.line, "country", "this is no country: it is left out", "Write two letters, such as DE.")
    if (phone := cells.get("phone")) and normalise_phone(phone, country or store.country) is None:
        where = country or store.country or "no country"
        what = f"no whole number can be read ({where}): it is left out"
        yield refuse(row.line, "phone", what, "Write it with its country code: +4915112345678.")


def _make_buyer(row: Row, store: Store) -> Buyer:
    cells = row.cells
    buyer = make_buyer(
        store,
        country=cells.get("country"),
        region=cells.get("region"),
        postcode=cells.get("postcode"),
        customer_id=cells.get("id"),
        emails=(cells.get("email"),),
        phones=(cells.get("phone"),),
        first_name=cells.get("first_name"),
        last_name=cells.get("last_name"),
        locale=cells.get("locale"),
    )
    return buyer.model_copy(update={"company": cells.get("company")})


def _read_consent(row: Row, column: str, buyer: Buyer, now: datetime) -> ConsentSeen | None:
    """A yes needs its proof; a no needs none: whoever wants nothing gets nothing."""
    given = _read_flag(row, column)
    if given is None:
        return None
    channel, purpose = WISHES[column]
    if given and purpose == "all":
        raise CellRefused(row.line, column, "this column takes back, it gives nothing", "Write no, or nothing.")
    if given:
        missing = [name for name in _NEEDED_PROOF if name not in row.cells]
        if missing:
            what = f"this consent has no proof ({', '.join(missing)} missing): it is not taken"
            raise CellRefused(row.line, column, what, _HOW_TO_PROVE)
    proof = {name: text for name in ("page", "reference") if (text := row.cells.get(f"consent_{name}"))}
    return ConsentSeen.model_validate(
        {
            "channel": channel,
            "purpose": purpose,
            "given": given,
            "at": _read_moment(row, "consent_at", now),
            "source": row.cells.get("consent_source") or "import",
            "wording": row.cells.get("consent_wording", ""),
            "confirmed": bool(_read_flag(row, "consent_confirmed")),
            "buyer": buyer,
            "proof": proof,
            "quiet": IMPORTED,
        }
    )


def _must_confirm(consent: ConsentSeen, buyer: Buyer, store: Store) -> bool:
    rule = find_rule(buyer.country or store.country)
    is_open = consent.given and not consent.confirmed and consent.channel == "email"
    return is_open and rule.needs_confirmation(consent.purpose, consent.channel)


def _read_moment(row: Row, column: str, now: datetime) -> datetime:
    text = row.cells.get(column)
    if text is None:
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        what = f"{text[:40]!r} is no time"
        raise CellRefused(row.line, column, what, "Write it as 2024-03-01 or 2024-03-01T10:00:00+01:00.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now + timedelta(days=1):
        raise CellRefused(row.line, column, f"{text[:40]!r} lies ahead", "Write when it was given.")
    return moment


def _read_birthday(row: Row) -> str | None:
    """`1990-05-21`, or `--05-21` where the year is nobody's business."""
    text = row.cells.get("birthday", "")
    try:
        # A leap year for those that name none: the 29th of February is a birthday.
        date.fromisoformat(f"2000{text[1:]}" if text.startswith("--") else text or "2000-01-01")
    except ValueError:
        fix = "Write 1990-05-21, or --05-21 without a year."
        raise CellRefused(row.line, "birthday", f"{text[:20]!r} is no day", fix) from None
    return text or None


def _read_flag(row: Row, column: str) -> bool | None:
    text = row.cells.get(column, "").lower()
    if text and text not in (*_YES, *_NO):
        raise CellRefused(row.line, column, f"{text[:20]!r} is neither yes nor no", _WRITE_YES_OR_NO)
    return text in _YES if text else None


def _name_nobody(where: str) -> Refused:
    return Refused(
        where, "nobody is named: no id, e-mail or phone that can be read", "Write at least one of the three."
    )


def _wrap(evidence: CustomerSeen | ConsentSeen, store: Store, now: datetime) -> Envelope:
    key = make_id(store.store_id, SOURCE, evidence.model_dump_json())
    return Envelope(id=key, store_id=store.store_id, source=SOURCE, received_at=now, evidence=evidence)


_HOW_TO_PROVE = "Give source, time and wording: the columns consent_source, consent_at and consent_wording of a file."
_EXTRAS: tuple[tuple[str, Callable[[Row], str | bool | None]], ...] = (
    ("birthday", _read_birthday),
    ("is_registered", lambda row: _read_flag(row, "has_account")),
)
