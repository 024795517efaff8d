"""Where things are in the table (design §3): partition keys per store, sort keys by kind."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from okaeri.domain.customers import Identity
    from okaeri.domain.engagement import Place
from okaeri.domain.values import format_time

AGGREGATE = "A"
LEDGER = "L#"  # what the keys of consent entries begin with
POINTS = "Y#"  # and of the loyalty ledger's
IDENTITY = "I"
RECORD = "K"
STORE = "STORE"
STORES = "STORES"  # the partition that lists them, for nobody should scan a million customers for a few stores
SEEN = "SEEN"
PHONE = "PHONE"
DEFINITION = "DEF"
PRICES = "PRICES"  # the stack's own price list
ORDER_NAME = "order-name"  # the kind of record that leads from an order's name to its id
TRACKING = "tracking"  # and the kind that leads from a tracking number to the parcels that carry it
POOLS = "POOLS"  # the names of a store's pools of coupons
COUPON = "COUPON"
OWNER = "OWNER"  # who passes a code on, beside the code
SPENT = "SPENT"
TAKEN = "TAKEN#"
NUMBER_STATE = "STATE"  # what Meta says of a number, beside whose it is

TICKET = "T"
TOUCHES = "TOUCHES"

_CUSTOMER = "#C#"
_TICKET = "#T#"


def store_key(store_id: str) -> str:
    """A store's settings, and when it last spoke."""
    return f"STORE#{store_id}"


def draw_key(contest: str) -> str:
    """The draw of a contest, beside the store's settings: it is made once."""
    return f"DRAW#{contest}"


def load_key(what: str) -> str:
    """How far a load of the store's things has come, beside its settings."""
    return f"LOAD#{what}"


def phone_key(phone_number_id: str) -> str:
    """Which store a WhatsApp number belongs to."""
    return f"PHONE#{phone_number_id}"


def portfolio_key(waba_id: str) -> str:
    """What the numbers of one WhatsApp account share: how many people were written to, hour by hour."""
    return f"WABA#{waba_id}"


def opened_key(hour: datetime) -> str:
    """One hour's count of conversations that we opened."""
    return f"OPENED#{hour:%Y-%m-%dT%H}"


def definition_key(definition: str) -> str:
    """A compiled journey by its content hash."""
    return f"DEF#{definition}"


def template_key(store_id: str, name: str) -> str:
    """A message template, its languages side by side."""
    return f"TPL#{store_id}#{name}"


def customer_key(store_id: str, customer_id: str) -> str:
    """A customer and what is kept with them."""
    return f"{store_id}{_CUSTOMER}{customer_id}"


def roster_key(store_id: str, shard: int) -> str:
    """One part of the index of a store's customers."""
    return f"{store_id}#{shard}"


def read_customer_key(pk: str) -> tuple[str, str]:
    """Store id and customer id."""
    store_id, _, customer_id = pk.partition(_CUSTOMER)
    return store_id, customer_id


def identity_key(store_id: str, identity: Identity) -> str:
    """Whom an identifier names."""
    return f"{store_id}#I#{identity.kind}#{identity.value}"


def record_key(store_id: str, kind: str, record_id: str) -> str:
    """An order, cart or product."""
    return f"{store_id}#K#{kind}:{record_id}"


def broadcasts_key(store_id: str) -> str:
    """The store's broadcasts, by their ids."""
    return f"{store_id}#B"


def recipients_key(store_id: str, broadcast_id: str) -> str:
    """Who was released for a broadcast."""
    return f"{store_id}#B#{broadcast_id}"


def recipient_page_key(page: int) -> str:
    """One page of them, in the order of their release."""
    return f"P#{page:08d}"


def privacy_key(store_id: str) -> str:
    """The store's data protection requests."""
    return f"{store_id}#PRIVACY"


def ticket_key(store_id: str, ticket_id: str) -> str:
    """A ticket and the notes beside it."""
    return f"{store_id}{_TICKET}{ticket_id}"


def read_ticket_key(pk: str) -> str:
    """The ticket's id."""
    return pk.partition(_TICKET)[2]


def inbox_key(store_id: str, state: str) -> str:
    """One side of the index of a store's tickets: `open` or `solved`."""
    return f"{store_id}#{state}"


def staff_key(store_id: str) -> str:
    """The store's own people, by name."""
    return f"{store_id}#STAFF"


def coupons_key(store_id: str, pool: str) -> str:
    """A pool of coupons: the codes that are free, and those that were given, by who asked."""
    return f"{store_id}#COUPONS#{pool}"


def coupon_key(store_id: str, code: str) -> str:
    """A code that the store once had, in whichever pool."""
    return f"{store_id}#COUPON#{code}"


def made_key(store_id: str, action_id: str) -> str:
    """Which code a step has made in the store."""
    return f"{store_id}#COUPONS#made#{action_id}"


def budget_key(store_id: str, journey: str, month: str) -> str:
    """What a journey's codes of a month have cost, and which steps took it."""
    return f"{store_id}#BUDGET#{journey}#{month}"


def faq_key(store_id: str) -> str:
    """What the store answers to common questions."""
    return f"{store_id}#FAQ"


def replies_key(store_id: str) -> str:
    """The ready replies of the store's people."""
    return f"{store_id}#REPLIES"


def spoken_key(locale: str, name: str) -> str:
    """A question or a ready reply in one language."""
    return f"{locale}#{name}"


def waiting_key(store_id: str, product_id: str) -> str:
    """Who waits for a product, and who looked at it."""
    return f"{store_id}#W#{product_id}"


def wanted_key(store_id: str) -> str:
    """The products that anybody waits for."""
    return f"{store_id}#WANTED"


def shelf_key(store_id: str) -> str:
    """The store's products as a finder sees them, by their ids."""
    return f"{store_id}#SHELF"


def together_key(store_id: str) -> str:
    """What was bought with each of the store's products, by their ids."""
    return f"{store_id}#TOGETHER"


def bought_key(store_id: str) -> str:
    """How often each of the store's products was bought, by their ids."""
    return f"{store_id}#BOUGHT"


def counted_key(store_id: str, order_id: str) -> str:
    """An order that was counted."""
    return f"{store_id}#COUNTED#{order_id}"


def note_key(at: datetime, note_id: str) -> str:
    """A note beside its ticket, in the order of time."""
    return f"N#{format_time(at)}#{note_id}"


def results_key(store_id: str) -> str:
    """What the store's messages led to, month by month."""
    return f"{store_id}#RESULTS"


def result_key(place: Place) -> str:
    """One place where something is counted, its month first."""
    return "#".join(place)


def touches_key(store_id: str, customer_id: str) -> str:
    """Which marketing messages reached a customer lately; beside the customer, not with them, for others write it."""
    return f"{store_id}#TOUCHES#{customer_id}"


def responses_key(store_id: str, survey: str) -> str:
    """What customers answered to one survey of the store."""
    return f"{store_id}#SURVEY#{survey}"


def response_key(at: datetime, response_id: str) -> str:
    """One response, in the order of time."""
    return f"{format_time(at)}#{response_id}"


def goal_key(run_id: str) -> str:
    """A goal of the customer's run that was reached."""
    return f"G#{run_id}"


def message_key(message_id: str) -> str:
    """A message of the customer."""
    return f"M#{message_id}"


def decision_key(event_id: str) -> str:
    """A decision of the customer."""
    return f"D#{event_id}"


def consent_key(at: datetime, entry_id: str) -> str:
    """An entry of the customer's consent ledger, in the order of time."""
    return f"{LEDGER}{format_time(at)}#{entry_id}"


def finished_run_key(run_id: str) -> str:
    """A run of the customer that ended."""
    return f"R#{run_id}"


def points_key(at: datetime, entry_id: str) -> str:
    """A line of the customer's loyalty ledger, in the order of time."""
    return f"{POINTS}{format_time(at)}#{entry_id}"


def timeline_key(at: datetime, entry_id: str) -> str:
    """What the customer said or did, in the order of time."""
    return f"N#{format_time(at)}#{entry_id}"


def media_key(media_id: str) -> str:
    """A file that the customer or the shop sent."""
    return f"F#{media_id}"


def upload_key(key: str) -> str:
    """Under which id the provider has a file of ours, beside the number that sends it."""
    return f"UPLOAD#{key}"


def parked_key(envelope_id: str) -> str:
    """Evidence that came before its order."""
    return f"P#{envelope_id}"


def tracked_key(order_id: str, shipment_id: str) -> str:
    """A parcel under its tracking number."""
    return f"O#{order_id}#{shipment_id}"


def template_state_key(locale: str) -> str:
    """What Meta says of the template in this language, beside the template itself (whose sort key is `locale`)."""
    return f"{locale}#whatsapp"
