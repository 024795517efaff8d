"""Makes what a template may say: formatted, in the reader's language and time zone, ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from okaeri.adapters.campaign_fields import (
    describe_cart_links,
    describe_community,
    describe_guides,
    find_account_url,
)
from okaeri.adapters.choice_fields import describe_choices
from okaeri.adapters.find_fields import describe_finds
from okaeri.adapters.hours_fields import describe_hours, describe_promise
from okaeri.adapters.invoice_fields import load_paper_words
from okaeri.adapters.item_fields import describe_items, join_items
from okaeri.adapters.locale_formats import (
    LocaleFormats,
    clean_text,
    clean_url,
    load_words,
    name_person,
    split_language,
)
from okaeri.adapters.loyalty_fields import describe_loyalty, describe_minimums, describe_worths
from okaeri.adapters.message_fields import (
    LEARNT_ROOTS,
    BroadcastFields,
    CartFields,
    CustomerFields,
    DocumentFields,
    FaqFields,
    OrderFields,
    ProductFields,
    RefundFields,
    ShipmentFields,
    StoreFields,
    make_blank,
)
from okaeri.adapters.order_fields import STEPS, describe_order, list_parcels
from okaeri.adapters.talk_context import describe_chosen, describe_last_days, describe_reply, read_options
from okaeri.domain.broadcasts import Broadcast, choose_words
from okaeri.domain.customers import Customer
from okaeri.domain.delivery_times import has_more_to_come
from okaeri.domain.invoices import DocumentFile
from okaeri.domain.messages import Message
from okaeri.domain.orders import REASONS, Cart, Order, Refund, Shipment
from okaeri.domain.records import OrderRecord, ProductRecord
from okaeri.domain.stores import Store
from okaeri.domain.templates import Links

REFUND_WORKING_DAYS = 10


def build_context(
    *,
    store: Store,
    customer: Customer,
    message: Message,
    order: Order | None,
    shipment: Shipment | None,
    refund: Refund | None,
    cart: Cart | None,
    broadcast: Broadcast | None = None,
    orders: Sequence[OrderRecord] = (),
    products: Mapping[str, ProductRecord] = MappingProxyType({}),
    links: Links,
    now: datetime,
    document: DocumentFile | None = None,
) -> dict[str, Any]:
    """The fields of message_fields.py, and `words`, `locale`, `links`, `file` and `absent` for the renderer.

    `absent` names what the message is not about: its fields are blank, and a text that names them gives up
    rather than speak of nothing. `orders` and `products` are what a question offers. `now` is the customer's own time.
    """
    words = load_words(message.locale)
    country = customer.country or (order.buyer.country if order else None) or store.country
    formats = LocaleFormats(
        message.locale, country=country, time_zone=customer.time_zone or store.time_zone, words=words
    )
    shop = _describe_store(store, message.locale, formats, now)
    community, guides = describe_community(store, formats), describe_guides(message.data, formats)
    subjects: dict[str, object] = {
        "order": order,
        "shipment": order and shipment,
        "refund": order and refund,
        "cart": cart,
        "broadcast": broadcast,
        "faq": None,
        "product": message.data.get("product.id") or None,
        "reply": message.data.get("reply.text") or message.data.get("reply.media_key"),
        **{name: guide["url"] or None for name, guide in guides.items()},
    }
    return {
        "store": shop,
        "customer": _describe_customer(customer, order, cart, formats),
        "community": community,
        **guides,
        **describe_cart_links(message.data, formats),
        "order": describe_order(order, store, shop, formats, now) if order else make_blank(OrderFields),
        "shipment": (
            _describe_shipment(shipment, order, message.refs.siblings, shop, formats)
            if shipment and order
            else make_blank(ShipmentFields)
        ),
        "refund": _describe_refund(refund, order, formats) if refund and order else make_blank(RefundFields),
        "cart": _describe_cart(cart, message.data, shop, formats) if cart else make_blank(CartFields),
        "broadcast": _describe_broadcast(broadcast, message, store, formats, now)
        if broadcast
        else make_blank(BroadcastFields),
        "message": {
            "today": formats.format_day(now),
            "reason": formats.words[f"reason_{shipment.reason}"] if shipment and shipment.reason in REASONS else "",
            "unsubscribe_url": links.unsubscribe_url,
            "confirm_url": links.confirm_url,
            "questions_url": links.questions_url,
        },
        "talk": {"due": _describe_due(message.data.get("talk.due"), formats, now)},
        "faq": make_blank(FaqFields),
        "reply": describe_reply(message.data, formats),
        "product": _describe_product(message.data, store, formats),
        "document": _describe_document(document, message.locale),
        "file": document,
        **describe_learnt(message.data),
        "until": describe_last_days(message.data, formats),
        "worth": describe_worths(message.data, formats, store.currency),
        "minimum": describe_minimums(message.data, formats, store.currency),
        "loyalty": describe_loyalty(customer, store, formats, now),
        "chosen": describe_chosen(message.data, formats),
        "finds": describe_finds(message.data, products, formats, currency=store.currency, home=shop["url"]),
        "options": read_options(
            message.data.get("options"),
            formats,
            describe_choices(orders, products, formats, currency=store.currency),
            currency=store.currency,
        ),
        "words": words,
        "locale": {"language": message.locale.replace("_", "-"), "direction": formats.direction},
        "links": links,
        "absent": frozenset(name for name, about in subjects.items() if about is None),
    }


def describe_learnt(data: Mapping[str, str]) -> dict[str, Any]:
    """The run's answers, codes and what its calls brought: `answer.rating` as `{"answer": {"rating": …}}`.

    Nothing is put around them: a code is copied into a checkout, and an answer is compared.
    """
    learnt: dict[str, Any] = {root: {} for root in LEARNT_ROOTS}
    for path, value in data.items():
        root, *names = path.split(".")
        if root not in LEARNT_ROOTS or not names or (root in ("answer", "coupon", "link") and len(names) > 1):
            continue
        place = learnt[root]
        for name in names[:-1]:
            place = place.setdefault(name, {})
        place[names[-1]] = clean_text(value)
    return learnt


def _describe_product(data: Mapping[str, str], store: Store, formats: LocaleFormats) -> ProductFields:
    price = data.get("product.price")
    return {
        "id": data.get("product.id", ""),
        "title": formats.isolate(clean_text(data.get("product.title"))),
        "price": formats.format_money(Decimal(price), store.currency) if price else "",
        "url": clean_url(data.get("product.url")),
        "image": clean_url(data.get("product.image")),
    }


def _describe_document(document: DocumentFile | None, locale: str) -> DocumentFields:
    title = document.title if document else ""
    return {"title": title, "label": load_paper_words(locale)["attached"].format(title=title) if title else ""}


def _describe_due(due: str | None, formats: LocaleFormats, now: datetime) -> str:
    return describe_promise(datetime.fromisoformat(due), formats, now) if due else ""


def _describe_store(store: Store, locale: str, formats: LocaleFormats, now: datetime) -> StoreFields:
    contact, words = store.contact, formats.words
    name = formats.isolate(clean_text(store.name) or store.domain)
    person = formats.isolate_name(contact.person)
    form = words["signer_known"] if person else words["signer_unknown"]
    signer = form.format(person=person, shop=name)
    url = clean_url(store.site_url) or f"https://{store.domain}"
    contact_url = clean_url(contact.url)
    email, phone = (formats.isolate(clean_text(way)) for way in (contact.email, contact.phone))
    reach = email or phone or formats.isolate(_shorten_url(contact_url or url))
    promises = store.settings.return_promise
    return {
        "name": name,
        "url": url,
        "person": person,
        "signer": signer,
        "contact": words["contact"].format(signer=signer, reach=reach),
        "reach": reach,
        "email": email,
        "phone": phone,
        "contact_url": contact_url,
        "account_url": find_account_url(store, url),
        "address": formats.isolate(clean_text(contact.address)),
        "catalog": store.settings.whatsapp_catalog_id or "",
        "return_promise": clean_text(promises.get(locale) or promises.get(split_language(locale))),
        **describe_hours(store, formats, now),
    }


def _shorten_url(url: str) -> str:
    return url.split("://", 1)[1].rstrip("/")


def _describe_customer(
    customer: Customer, order: Order | None, cart: Cart | None, formats: LocaleFormats
) -> CustomerFields:
    words = formats.words
    buyer = order.buyer if order else cart.buyer if cart else None
    given, family = customer.first_name, customer.last_name
    if not (given or family) and buyer:
        given, family = buyer.first_name, buyer.last_name
    name = formats.isolate(name_person(words, given, family))
    return {
        "name": name or words["name_unknown"],
        "given_name": formats.isolate_name(given),
        "greeting": words["greeting_known"].format(name=name) if name else words["greeting_unknown"],
        "known": bool(name),
        "has_email": bool(customer.emails),
        "company": formats.isolate(clean_text(customer.company)),
    }


def _describe_shipment(
    shipment: Shipment, order: Order, siblings: Sequence[str], shop: StoreFields, formats: LocaleFormats
) -> ShipmentFields:
    """The parcel, and those of the same order that the message tells of besides."""
    words = formats.words
    parcels = list_parcels(order)
    others = [parcel for parcel in parcels if parcel.shipment_id in siblings]
    told = [shipment, *others]
    ids = [parcel.shipment_id for parcel in parcels]
    positions = sorted(ids.index(parcel.shipment_id) + 1 for parcel in told if parcel.shipment_id in ids)
    position = " + ".join(map(str, positions)) or "1"
    count = max(len(parcels), 1)
    in_them = {line_id for parcel in told for line_id in parcel.line_ids}
    packed = [line for line in order.lines if line.line_id in in_them]
    numbers = (formats.isolate(clean_text(parcel.tracking_number)) for parcel in told)
    items = describe_items(packed or order.lines, order.currency, formats)
    carrier, tracking_url = clean_text(shipment.carrier), clean_url(shipment.tracking_url)
    return {
        "parcel": words["parcel_of"].format(position=position, count=count) if count > 1 else "",
        "position": position,
        "count": count,
        "rest_follows": has_more_to_come(order),
        "items": items,
        "items_line": join_items(items, formats),
        "carrier": formats.isolate(carrier) or words["carrier_unknown"],
        "carrier_known": bool(carrier),
        "tracking_number": words["list_separator"].join(number for number in numbers if number),
        "tracking_url": tracking_url,
        "url": tracking_url or clean_url(order.status_url) or shop["url"],
        "place": formats.isolate(clean_text(shipment.place)),
        "eta": formats.format_day(shipment.eta),
        "hour": formats.format_hour(shipment.eta),
        "day": formats.format_day(shipment.at),
        "step": STEPS.get(shipment.status, 0),
    }


def _describe_refund(refund: Refund, order: Order, formats: LocaleFormats) -> RefundFields:
    method = clean_text(refund.method) or clean_text(order.payment_method)
    return {
        "amount": formats.format_money(refund.amount, order.currency),
        "method": formats.isolate(method) or formats.words["card_statement"],
        "method_known": bool(method),
        "date": formats.format_date(refund.at),
        "by": formats.format_day(add_working_days(refund.at, REFUND_WORKING_DAYS)),
    }


def add_working_days(start: datetime, days: int) -> datetime:
    """`days` Mondays to Fridays after `start`; public holidays are not known here."""
    moment = start
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5
    return moment


def _describe_cart(cart: Cart, data: Mapping[str, str], shop: StoreFields, formats: LocaleFormats) -> CartFields:
    """Its own checkout, else a cart filled by a link of the run, else the shop."""
    items = describe_items(cart.lines, cart.currency, formats)
    return {
        "items": items,
        "items_line": join_items(items, formats),
        "first_item": items[0]["label"] if items else formats.words["items_unknown"],
        "total": formats.format_money(cart.total, cart.currency),
        "url": clean_url(cart.url) or clean_url(data.get("link.cart")) or shop["url"],
    }


def _describe_broadcast(
    broadcast: Broadcast, message: Message, store: Store, formats: LocaleFormats, now: datetime
) -> BroadcastFields:
    words = choose_words(broadcast, message.locale, store.locale)
    ahead = broadcast.early_access.ahead if broadcast.early_access else timedelta(0)
    return {
        "title": formats.isolate(clean_text(words.get("title"))),
        "text": formats.isolate(clean_text(words.get("text"))),
        "url": clean_url(words.get("url")) or clean_url(store.site_url),
        "opens": formats.format_local_day(broadcast.opens_at or now + ahead),
    }
