"""A store and what its shop chose: language, zone, voice, switches, and the journeys published for it."""

from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from okaeri.domain.conditions import Condition
from okaeri.domain.values import Stored


class Platform(StrEnum):
    """Where a store's webhooks come from."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    STANDARD = "standard"


UNINSTALLED = "uninstalled"  # why a store is paused whose shop removed the app: its runs end


class Contact(Stored):
    """How to reach the shop; stands on each message. `person` signs the messages, never claimed to be typing them."""

    person: str | None = None
    email: str | None = None
    phone: str | None = None
    url: str | None = None
    address: str | None = None


class ReviewRule(Stored):
    """How long after delivery a product is ready to be reviewed. `by` one of product, sku_prefix, vendor, type, tag."""

    by: str
    value: str
    after: timedelta


class AttentionBudget(Stored):
    """How many messages a customer may get over all journeys; order messages always pass and are not counted.

    `purposes` limits one purpose in the week besides.
    """

    per_day: int = 1
    per_week: int = 3
    purposes: dict[str, int] = Field(default_factory=dict)


class SegmentRules(Stored):
    """Where the lines between new, second-time, loyal, at risk and lost customers run. Days since the last order.

    `big_spender_from` is a sum in the store's currency; None where the shop draws no such line.
    """

    loyal_orders: int = 3
    at_risk_days: int = 90
    lost_days: int = 180
    big_spender_from: Decimal | None = None


class ShopHours(Stored):
    """When people of the shop answer, by the store's own clock. No days at all: always.

    `days` maps mon…sun to spans such as ("09:00", "12:30"); public holidays of the store's country are closed unless
    `on_holidays`. `closed` are further dates (2026-12-24), `open` dates with hours of their own.
    """

    days: dict[str, tuple[tuple[str, str], ...]] = Field(default_factory=dict)
    on_holidays: bool = False
    closed: tuple[str, ...] = ()
    open: dict[str, tuple[tuple[str, str], ...]] = Field(default_factory=dict)
    answer_within: timedelta = timedelta(hours=4)  # of those hours: what is promised, and a ticket's deadline
    peak_answer_within: timedelta | None = None  # while the shop says that it is a peak


class Role(Stored):
    """What a person of the shop may give without asking: money in the store's currency, per ticket."""

    refund: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    replacement: bool = False


class TransitTime(Stored):
    """How long a parcel travels: `least` to `most` business days, by the store's name of the way and the country.

    `*` stands for any of them; what names both goes before what names one.
    """

    method: str = "*"
    country: str = "*"
    least: int
    most: int


class DeliveryTimes(Stored):
    """The shop's own table, for parcels of which no carrier has said a day. Business days; empty: nothing is said.

    What is ordered after `cutoff`, by the store's clock, counts from the next business day. `days` are those on which
    parcels travel, 0 is Monday.
    """

    handling_least: int = 0
    handling_most: int = 1
    cutoff: str = "14:00"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    transit: tuple[TransitTime, ...] = ()


class Tier(Stored):
    """A step of the loyalty programme: who earned so many points in the latest twelve months stands on it."""

    name: str
    from_points: int


class Loyalty(Stored):
    """The shop's programme; no programme while `per_unit` is 0.

    `per_unit` points for each whole unit of the store's currency paid; `worth` is what a point gives back. Those of an
    order can be spent `hold_days` after its delivery, once it can no longer be sent back; 0: at once.
    """

    per_unit: Decimal = Decimal(0)
    worth: Decimal = Decimal(0)
    hold_days: int = 14
    tiers: tuple[Tier, ...] = ()


class Community(Stored):
    """Where the shop's customers meet: its channel or group on WhatsApp, or a place of its own; `handle` to tag."""

    name: str = ""
    url: str = ""
    handle: str = ""


class InvoiceSettings(Stored):
    """Whether orders get a PDF, and the shop's details on it. What is empty is left out.

    `is_legal` is the shop's word that its order numbers may number invoices; without it the paper claims no more than
    to be a receipt. `number_prefix` stands before the number of such an invoice. `address` has a line for each of its
    lines, `footer` is one text for each language (registration, bank).
    """

    on: bool = False
    is_legal: bool = False
    number_prefix: str = ""
    legal_name: str = ""
    address: str = ""
    tax_id: str = ""
    footer: dict[str, str] = Field(default_factory=dict)


class StoreSettings(Stored):
    """A shop's choices. Every field has a working default."""

    phone_field_is_opt_in: bool = False
    phone_field_wording: str = ""
    languages: tuple[str, ...] = ()  # what the shop speaks to shoppers; empty means its locale and English
    marketing_hours: tuple[str, str] = ("09:00", "20:00")
    confirmation: str = "auto"  # auto (welcome for a first order, else plain), or one of order_mail.KINDS
    confirmations: dict[str, str] = Field(default_factory=dict)  # segment → kind, the first that fits goes before
    delivery_updates: tuple[str, ...] = (
        "label_created",
        "shipped",
        "in_transit",
        "out_for_delivery",
        "pickup_ready",
        "attempt_failed",
        "delayed",
        "exception",
        "delivered",
        "returned",
    )
    quiet_sources: tuple[str, ...] = ("test", "draft", "point_of_sale", "marketplace", "old")
    review_rules: tuple[ReviewRule, ...] = ()
    return_promise: dict[str, str] = Field(default_factory=dict)  # language → one honest line on returns
    invoice: InvoiceSettings = Field(default_factory=InvoiceSettings)  # the PDF of an order
    payment_instructions: dict[str, str] = Field(default_factory=dict)  # offline payment method → how to pay
    shared_identifiers: tuple[str, ...] = ()
    asks_to_confirm: bool = True  # False where the store platform sends its own double opt-in mail
    marketing_days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)  # 0 is Monday
    attention: AttentionBudget = Field(default_factory=AttentionBudget)
    segments: dict[str, Condition] = Field(default_factory=dict)  # the shop's own, by name
    segment_rules: SegmentRules = Field(default_factory=SegmentRules)
    test_phones: tuple[str, ...] = ()  # E.164
    test_emails: tuple[str, ...] = ()
    webhooks: dict[str, str] = Field(default_factory=dict)  # name → https address that journeys may call
    shop_hours: ShopHours = Field(default_factory=ShopHours)
    is_peak: bool = False
    roles: dict[str, Role] = Field(
        default_factory=lambda: {"agent": Role(replacement=True), "lead": Role(replacement=True)}
    )
    entry_codes: dict[str, str] = Field(default_factory=dict)  # the code in a link, QR code or bubble → its flow
    entry_ads: dict[str, str] = Field(default_factory=dict)  # an advertisement's id at Meta → a code
    burst_s: int = 3  # seconds after which what was typed is read, where it says nothing complete by itself
    self_service: tuple[str, ...] = ("cancel", "address", "variant", "note", "return")  # what shoppers may ask for
    survey_gap: timedelta = timedelta(days=30)  # between two surveys of one customer
    waiting_per_piece: int = 3  # of those who wait for a product, told at once for each piece in stock
    attribution_window: timedelta = timedelta(days=5)  # for how long an order is owed to the last message before it
    whatsapp_catalog_id: str | None = None  # Meta's catalogue of the shop, for product messages
    completed_means: str = "shipped"  # what WooCommerce's "completed" says of an order: shipped, delivered, nothing
    delivery_times: DeliveryTimes = Field(default_factory=DeliveryTimes)
    write_consent: tuple[str, ...] = ()  # what of marketing consents the store is told: email, whatsapp, sms
    carriers: tuple[str, ...] = ()  # services that tell of its parcels: aftership, easypost, shippo
    voices: dict[str, dict[str, str]] = Field(default_factory=dict)  # kind of message → channel → who says it
    loyalty: Loyalty = Field(default_factory=Loyalty)
    community: Community = Field(default_factory=Community)
    cart_link: str = ""  # the address of a filled cart, with {items}: "https://shop.example/cart?items={items}"
    account_url: str = ""  # where a shopper opens an account; the platform's own page where it is empty
    learn: str = "on"  # whether marketing takes the channel that a customer heeds, where a journey asks for it; or off
    coupon_prefix: str = ""  # of codes that are made in the store; the store's id where it is empty


class Mode(StrEnum):
    """How much of what is decided is said (G12)."""

    OFF = "off"
    SHADOW = "shadow"  # decided and recorded, not sent
    TEST = "test"  # sent to the shop's test phones and mailboxes alone, recorded for all others
    SHARE = "share"  # for `share` percent of the customers, by a stable hash
    ON = "on"


class Sending(StrEnum):
    """The one switch of a store, obeyed by engine and senders within seconds."""

    ON = "on"
    ORDERS_ONLY = "orders_only"  # marketing is held back
    OFF = "off"  # everything is held back


class Transport(StrEnum):
    """By whom a store's WhatsApp messages go out; the messages are the same."""

    GRAPH = "graph"  # Meta's own API
    AWS = "aws"  # End User Messaging Social


class PublishedJourney(Stored):
    """One journey as it stands published for a store. `definition` is the content hash that runs are pinned to.

    `mode` is how it is said, None where `on` alone decides. `past` are the hashes published before, newest first.
    """

    journey: str
    definition: str
    on: bool = True
    mode: Mode | None = None
    share: int = 100  # percent, with mode `share`
    settings: dict[str, str] = Field(default_factory=dict)
    past: tuple[str, ...] = ()  # at most 10
    intents: tuple[str, ...] = ()  # of the turns that may begin it; none named: any, or it begins by no turn
    recommends: bool = False  # purchases are counted for it


class PublishedTemplate(Stored):
    """What the engine must know of a message template to choose channel and language."""

    whatsapp: tuple[str, ...] = ()  # locales
    email: tuple[str, ...] = ()  # locales
    chat: tuple[str, ...] = ()  # locales in which it may be said inside the 24-hour window without a template
    valid_for: timedelta | None = None


class Store(Stored):
    """One shop, a tenant. `triggers` maps an event's name to the published journeys that it may start."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    name: str
    platform: Platform
    domain: str
    site_url: str
    locale: str = "en"
    country: str | None = None
    time_zone: str = "UTC"
    currency: str = "USD"
    from_email: str | None = None
    contact: Contact = Field(default_factory=Contact)
    phone_number_id: str | None = None
    waba_id: str | None = None
    whatsapp_transport: Transport = Transport.GRAPH
    aws_phone_number_id: str | None = None  # the number's id at AWS, where it carries the messages
    whatsapp_per_second: int | None = None  # messages, where Meta gives another rate: 20 beside the Business app
    sending: Sending = Sending.ON
    mode: Mode = Mode.ON  # over all journeys: the stricter of this and the journey's own counts
    share: int = 100
    paused: str | None = None  # the reason, None where the store is at work
    settings: StoreSettings = Field(default_factory=StoreSettings)
    triggers: dict[str, tuple[PublishedJourney, ...]] = Field(default_factory=dict)
    templates: dict[str, PublishedTemplate] = Field(default_factory=dict)
    catalogue: str = ""  # content hash of the catalogue that was published last

    model_config = Stored.model_config | {"populate_by_name": True}
