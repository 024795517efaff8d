"""Who may be told what on which channel, and whether a message is still true.

Asked when deciding, and again just before sending.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple, get_args

from okaeri.domain.compare_shipments import has_delivered_all
from okaeri.domain.consents import has_lapsed, is_pending
from okaeri.domain.customers import CONFIRM_SUBSCRIPTION, Customer
from okaeri.domain.delivery_times import find_sent
from okaeri.domain.messages import Message
from okaeri.domain.orders import Order, Payment, Shipment, ShipmentStatus
from okaeri.domain.records import CartRecord, OrderRecord
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel, Purpose

FREE_ENTRY_POINT = timedelta(hours=72)  # Meta: from the shop's answer to who came by an advertisement
SERVICE_WINDOW = timedelta(hours=24)  # Meta: free-form answers within 24 h of the shopper's last message


# Why somebody may not be told something on one channel.
Refusal = Literal[
    "store_paused",
    "stopped_by_customer",
    "shared_identifier",
    "no_email",
    "email_bounced",
    "no_sender_address",
    "no_whatsapp_number",
    "not_on_whatsapp",
    "no_sender_number",
    "no_order_consent",
    "no_marketing_consent",
    "us_number",
]
REFUSALS = frozenset(get_args(Refusal))


class WhatsappAddress(NamedTuple):
    """Where a WhatsApp message goes: `to` (E.164) wins over `recipient` (the business-scoped user id), as at Meta."""

    to: str | None = None
    recipient: str | None = None

    @property
    def key(self) -> str:
        """What a dead address is remembered by."""
        return self.to or self.recipient or ""


def find_whatsapp_address(customer: Customer) -> WhatsappAddress | None:
    """The phone in use, else the WhatsApp user id of one who hides the phone; dead ones are passed over."""
    for phone in customer.phones:
        if f"whatsapp:{phone}" not in customer.dead_addresses:
            return WhatsappAddress(to=phone)
    for user_id in customer.wa_user_ids:
        if f"whatsapp:{user_id}" not in customer.dead_addresses:
            return WhatsappAddress(recipient=user_id)
    return None


def find_answer_address(customer: Customer) -> WhatsappAddress | None:
    """Where free words go: to the number that wrote. WhatsApp's window is that number's, and so is what was asked."""
    number = customer.wrote_from
    if number in customer.phones and f"whatsapp:{number}" not in customer.dead_addresses:
        return WhatsappAddress(to=number)
    return find_whatsapp_address(customer)


def find_email(customer: Customer) -> str | None:
    """The address in use. One that bounced for good is passed over only for a different one of the same person."""
    for email in customer.emails:
        if f"email:{email}" not in customer.dead_addresses:
            return email
    return None


def has_consent(customer: Customer, channel: Channel, purpose: Purpose) -> bool:
    """The present state of the ledger for this channel and purpose."""
    consent = customer.consents.get(f"{channel}:{purpose}")
    return consent is not None and consent.counts


def is_stopped(customer: Customer, channel: Channel) -> bool:
    """Whether the shopper asked for nothing at all on this channel (STOP)."""
    stop = customer.consents.get(f"{channel}:all")
    return stop is not None and not stop.given


def is_marketing_refused_by_meta(phone: str | None) -> bool:
    """Meta delivers no marketing templates to United States numbers (since 2025-04-01).

    +1 is shared with Canada and the Caribbean; `phonenumbers` knows the area codes.
    """
    if not phone or not phone.startswith("+1"):
        return False
    import phonenumbers  # 26 ms to import, needed only for +1

    return bool(phonenumbers.region_code_for_number(phonenumbers.parse(phone)) == "US")


def check_reach(customer: Customer, store: Store, channel: Channel, purpose: Purpose) -> Refusal | None:
    """Why this customer may not be told something of this purpose on this channel; None where they may.

    Order e-mails need no consent. Order messages on WhatsApp need one for `order`, which a marketing consent does
    not imply; marketing needs one for `marketing` on that very channel.
    """
    if store.paused:
        return "store_paused"
    if is_stopped(customer, channel):
        return "stopped_by_customer"
    if purpose is Purpose.MARKETING and customer.shared:
        return "shared_identifier"
    if channel is Channel.EMAIL:
        if not customer.emails:
            return "no_email"
        if find_email(customer) is None:
            return "email_bounced"
        if not store.from_email:
            return "no_sender_address"
        if purpose is Purpose.MARKETING and not has_consent(customer, channel, purpose):
            return "no_marketing_consent"
        return None
    if not customer.phones and not customer.wa_user_ids:
        return "no_whatsapp_number"
    address = find_whatsapp_address(customer)
    if address is None:
        return "not_on_whatsapp"
    if not store.phone_number_id:
        return "no_sender_number"
    if not has_consent(customer, channel, purpose):
        return "no_order_consent" if purpose is Purpose.ORDER else "no_marketing_consent"
    if purpose is Purpose.MARKETING and is_marketing_refused_by_meta(address.to):
        return "us_number"
    return None


def is_window_open(customer: Customer, real_now: datetime) -> bool:
    """Whether free-form answers are allowed: within 24 h of the shopper's last WhatsApp message."""
    return customer.window_opened_at is not None and real_now - customer.window_opened_at < SERVICE_WINDOW


def is_free_entry_open(customer: Customer, real_now: datetime) -> bool:
    """Whether Meta asks nothing: the shopper came by an advertisement, and the 72 hours after it are not over."""
    return customer.free_entry_until is not None and real_now < customer.free_entry_until


# The one answer to STOP, and its kin: the shopper has just written, and asked for it.
_ANSWERS_TO_KEYWORDS = ("stop_confirmed", "start_confirmed", "marketing_stopped")


def is_answerable(refusal: str | None, channel: Channel, customer: Customer, real_now: datetime) -> bool:
    """Whether what stands against messages does not stand against the answer to who has just asked.

    Who stopped the shop's messages and then asks something wants an answer, and no more than that.
    """
    is_about_wishes = refusal in ("stopped_by_customer", "no_order_consent")
    return is_about_wishes and channel is Channel.WHATSAPP and is_window_open(customer, real_now)


def check_permission(message: Message, *, customer: Customer, store: Store, real_now: datetime) -> Refusal | None:
    """Why this message may not be said to this customer, None where it may: consent and reach, asked once more."""
    if message.template in _ANSWERS_TO_KEYWORDS:
        return None
    refusal = check_reach(customer, store, message.channel, message.purpose)
    is_answer = message.is_answer and not was_stopped_since(message.decided_at, customer)
    return None if is_answer and is_answerable(refusal, message.channel, customer, real_now) else refusal


def was_stopped_since(asked_at: datetime, customer: Customer) -> bool:
    """Whether STOP came after what the shopper had asked, at `asked_at` of their own time: it takes that back too."""
    stop = customer.consents.get("whatsapp:all")
    return stop is not None and not stop.given and asked_at < stop.at + timedelta(seconds=customer.ahead_s)


def has_asked_since_stop(customer: Customer) -> bool:
    """Whether the shopper has written since their STOP, or never said it: what a person planned is no answer else."""
    stop = customer.consents.get("whatsapp:all")
    opened = customer.window_opened_at
    return stop is None or stop.given or (opened is not None and opened > stop.at)


# What makes an order message stale: the order was cancelled, unless the message says so or is about money.
_SPEAKS_OF_CANCELLED = ("order_cancelled", "order_refunded")
_PAYMENT_TEMPLATES = ("payment_pending", "payment_failed")
_UNPAID = (Payment.PENDING, Payment.FAILED)
_AT_THE_DOOR = (ShipmentStatus.OUT_FOR_DELIVERY, ShipmentStatus.PICKUP_READY)
_OVER = (ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED)
_AHEAD_OF: dict[str, tuple[ShipmentStatus, ...]] = {
    # A message of a stage that the parcel has left behind is not sent late.
    "shipment_label_created": (ShipmentStatus.SHIPPED, ShipmentStatus.IN_TRANSIT, *_AT_THE_DOOR, *_OVER),
    "shipment_shipped": _OVER,
    "shipment_in_transit": (*_AT_THE_DOOR, *_OVER),
    "shipment_out_for_delivery": (ShipmentStatus.PICKUP_READY, *_OVER),
    "shipment_pickup_ready": _OVER,
    "shipment_attempt_failed": _OVER,
    "shipment_delayed": _OVER,
    "shipment_exception": _OVER,
    "shipment_moved": (*_AT_THE_DOOR, *_OVER),
    "shipment_waiting": (ShipmentStatus.IN_TRANSIT, *_AT_THE_DOOR, *_OVER),
}
# What is said of a whole order while it is awaited: no more once all of it is there, or has left the shop.
_BEFORE_DELIVERY = ("delivery_late", "arrival_check", "order_reassurance_guide", "order_reassurance_prepare")
_BEFORE_DISPATCH = ("order_delayed", "order_reassurance_next")


def check_truth(
    message: Message,
    *,
    customer: Customer,
    store: Store,
    order: OrderRecord | None,
    cart: CartRecord | None,
    now: datetime,
) -> str | None:
    """Why a decided message is no longer true and must not be said; None where it still is. `now` is the customer's."""
    if message.valid_until is not None and now > message.valid_until:
        return "too_late"
    if message.template == CONFIRM_SUBSCRIPTION and not is_pending(customer, message.channel):
        return "nothing_to_confirm"
    if message.purpose is Purpose.MARKETING and has_lapsed(customer, message.channel, store, now):
        return "consent_lapsed"
    if message.refs.cart_token:
        if cart is None or cart.cart is None:
            return "cart_gone"
        if cart.order_id or cart.cart.completed_at:
            return "bought_already"
        if cart.customer_id not in (None, customer.customer_id, *customer.absorbed):
            return "cart_of_another"  # a mistyped address was mended, or somebody else took the cart over
        if not cart.cart.lines:
            return "cart_emptied"
    if message.refs.order_id:
        if order is None or order.order is None:
            return "order_gone"
        return _check_order(message, order)
    return None


def _check_order(message: Message, record: OrderRecord) -> str | None:
    order = record.order
    assert order is not None
    if message.is_answer:
        return None
    if order.quiet == "deleted":
        return "order_deleted"
    if order.cancelled_at and message.template not in _SPEAKS_OF_CANCELLED:
        return "order_cancelled"
    if message.template in _PAYMENT_TEMPLATES and order.payment not in _UNPAID:
        return "paid_already"
    if message.purpose is Purpose.MARKETING and order.payment in (Payment.REFUNDED, Payment.VOIDED):
        return "order_refunded"
    if message.template in _BEFORE_DELIVERY and has_delivered_all(order):
        return "parcel_delivered"
    if message.template in _BEFORE_DISPATCH and find_sent(order) is not None:
        return "parcel_shipped"
    parcels = _list_parcels(message, order)
    if parcels and not list_current_parcels(message, order):
        return f"parcel_{parcels[0].status}"
    return None


def list_current_parcels(message: Message, order: Order) -> list[str]:
    """The parcels that the message tells of and that have not left its stage behind, its own one first."""
    gone = _AHEAD_OF.get(message.template, ())
    return [parcel.shipment_id for parcel in _list_parcels(message, order) if parcel.status not in gone]


def _list_parcels(message: Message, order: Order) -> list[Shipment]:
    own = message.refs.shipment_id
    told = [parcel for parcel in order.shipments if parcel.shipment_id in (own, *message.refs.siblings)]
    return sorted(told, key=lambda parcel: parcel.shipment_id != own)
