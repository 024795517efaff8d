"""What the use cases need of the outside world, as small Protocols. Adapters implement them; tests fake them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from okaeri.domain.coupons import Coupon, NewCoupon
from okaeri.domain.values import Channel, Lane

if TYPE_CHECKING:  # names alone: a function that needs one port need not load what the others speak of
    from okaeri.domain.broadcasts import Broadcast
    from okaeri.domain.consent_copies import ConsentCopy
    from okaeri.domain.customers import Customer, Identity, IdentityRecord
    from okaeri.domain.delivery import MessageKey, Receipt
    from okaeri.domain.engagement import Amounts, Place
    from okaeri.domain.evidence import Envelope, PrivacyRequested
    from okaeri.domain.gates import WhatsappAddress
    from okaeri.domain.histories import History
    from okaeri.domain.interpretations import Interpretation
    from okaeri.domain.invoices import DocumentFile, Invoice
    from okaeri.domain.journeys import Definition
    from okaeri.domain.knowledge import FaqEntry, QuickReply
    from okaeri.domain.media import UploadedFile
    from okaeri.domain.message_facts import MessageFacts
    from okaeri.domain.messages import Charge, Message, MessageCost, MessageState, QueuedMessage
    from okaeri.domain.numbers import NumberState
    from okaeri.domain.orders import Order
    from okaeri.domain.prices import PriceList
    from okaeri.domain.records import (
        ActionRequest,
        CartRecord,
        ConsentEntry,
        DecisionRecord,
        DueItem,
        FinishedRun,
        GoalReached,
        Interest,
        MediaRecord,
        OrderRecord,
        PointsEntry,
        ProductRecord,
        Response,
        ShelfEntry,
        Ticket,
        TimelineEntry,
    )
    from okaeri.domain.remedies import Remedy
    from okaeri.domain.roster import RosterPage
    from okaeri.domain.staff import StaffMember
    from okaeri.domain.stores import Store
    from okaeri.domain.templates import EmailContent, Template, TemplateState, WhatsappContent
    from okaeri.domain.tickets import TicketNote
    from okaeri.domain.touches import Touches
    from okaeri.domain.tracking import Tracked, TrackedParcel
    from okaeri.domain.visits import Visit, Visitor


class Clock(Protocol):
    """Real time, UTC."""

    def __call__(self) -> datetime: ...


class Stores(Protocol):
    """Reads stores, cached for seconds. Unknown → None (also cached, briefly)."""

    def get(self, store_id: str) -> Store | None: ...

    def list_ids(self) -> Sequence[str]:
        """Every store of this stack."""

    def find_by_phone_number(self, phone_number_id: str) -> Store | None: ...

    def forget(self, store_id: str) -> None:
        """Has this process read the store again at its next use: it was changed just now."""


class Definitions(Protocol):
    """Compiled journeys by content hash; immutable, cached for the life of the process."""

    def get(self, definition: str) -> Definition:
        """Raises TryAgain where it is not published: the event waits, then goes to the dead letters."""


class Templates(Protocol):
    """A store's message templates as published, cached for seconds. Unknown → None."""

    def get(self, store_id: str, name: str, locale: str) -> Template | None: ...

    def get_state(self, store_id: str, name: str, locale: str) -> TemplateState | None:
        """What Meta says of it; None where it was never pushed."""

    def put_state(self, store_id: str, name: str, locale: str, state: TemplateState) -> None:
        """Keeps what Meta says now."""


class Prices(Protocol):
    """What messages cost, cached for minutes."""

    def get(self) -> PriceList:
        """The list of this stack, else the one that we ship."""


class Numbers(Protocol):
    """What Meta says of each WhatsApp number, cached for seconds, and how many people were written to."""

    def get(self, phone_number_id: str) -> NumberState | None: ...

    def put(self, state: NumberState) -> None: ...

    def hold_marketing(self, phone_number_id: str, reason: str, until: datetime) -> None:
        """Meta refused the number itself: no more marketing is tried until then."""

    def note_opened(self, waba_id: str, at: datetime) -> None:
        """Counts one person who was written to outside the 24 hours after their own last message; approximate."""

    def count_opened(self, waba_id: str, *, since: datetime) -> int:
        """How many were, over all numbers of the account, since the beginning of that hour."""


class SendingAllowance(Protocol):
    """How many people a broadcast may write to now, so that Meta's limit leaves room for order messages."""

    def how_many_now(self, store: Store, number: str) -> int: ...


class SendingPace(Protocol):
    """Keeps this process within Meta's rates."""

    def find_pair_wait(self, number: str, address: str, *, borrowed: int) -> float:
        """Seconds until this process should write to the person again; 0 where it may now.

        `borrowed` messages may come before their time.
        """

    def keep(self, number: str, per_second: int) -> None:
        """Waits for the number's turn, milliseconds."""

    def note_sent(self, number: str, address: str) -> None:
        """Remembers that the person was written to now."""


class Words(Protocol):
    """Says a message in its template's words. A template that cannot be filled raises GiveUp("words_broken")."""

    def say_on_whatsapp(self, facts: MessageFacts, template: Template) -> WhatsappContent: ...

    def say_by_email(self, facts: MessageFacts, template: Template) -> tuple[EmailContent, str]:
        """The e-mail and the address to unsubscribe at, empty where there is nothing to unsubscribe from."""


class WhatsappSender(Protocol):
    """Hands one message to WhatsApp, once. Raises TryAgain, GiveUp, StopSender (refused) or AnswerLost."""

    def send(
        self,
        store: Store,
        address: WhatsappAddress,
        content: WhatsappContent,
        *,
        key: MessageKey,
        attempt: int,
        reply_to: str | None,
    ) -> Receipt:
        """`reply_to` is the provider's id of the message that this one quotes; `attempt` lengthens waits."""


class EmailSender(Protocol):
    """Hands one e-mail to the provider, once. Raises TryAgain, GiveUp, StopSender (refused) or AnswerLost."""

    def send(
        self, store: Store, address: str, content: EmailContent, *, key: MessageKey, unsubscribe_url: str
    ) -> Receipt: ...


class Log(Protocol):
    """One line per call; `extra` becomes its fields: ids and codes, never personal data."""

    def info(self, msg: object, /, *, extra: Mapping[str, object]) -> None: ...

    def warning(self, msg: object, /, *, extra: Mapping[str, object]) -> None: ...

    def error(self, msg: object, /, *, extra: Mapping[str, object]) -> None: ...


class Customers(Protocol):
    """The aggregates and whom an identifier names."""

    def load(self, store_id: str, customer_id: str) -> Customer | None:
        """Consistent read; a tombstone is followed to its survivor."""

    def save(self, customer: Customer, *, sweep_at: datetime | None) -> None:
        """Puts `customer` if the stored version is `customer.version - 1` (0 before the first). Raises Conflict."""

    def merge(self, survivor: Customer, lost: Customer, *, sweep_at: datetime | None) -> None:
        """Writes survivor and tombstone in one transaction, each conditional on its version. Raises Conflict."""

    def find(self, store_id: str, identities: Sequence[Identity]) -> dict[Identity, IdentityRecord]: ...

    def claim(self, store_id: str, identity: Identity, customer_id: str) -> IdentityRecord:
        """Makes `customer_id` the owner if nobody is; returns the record as it stands afterwards."""

    def add_bearer(self, store_id: str, identity: Identity, customer_id: str) -> None:
        """Notes that this customer carries an identifier that another one owns."""

    def move_identity(self, store_id: str, identity: Identity, customer_id: str) -> None:
        """Makes `customer_id` the owner, whoever was before (after a merge)."""

    def release_identity(self, store_id: str, identity: Identity, customer_id: str) -> None:
        """Takes it from this customer: the next who carries it owns it, else nobody. Nothing where others own it."""

    def mark_shared(self, store_id: str, identities: Iterable[Identity]) -> None: ...

    def list_page(self, store_id: str, *, after: str | None, limit: int) -> RosterPage:
        """At most `limit` customers, from the beginning or after a former page (its `after`)."""


class Records(Protocol):
    """Orders, carts, products and what is kept with a customer."""

    def get_order(self, store_id: str, order_id: str) -> OrderRecord | None:
        """One consistent query reads the order and the evidence that came before it (`parked`)."""

    def put_order(self, record: OrderRecord) -> None: ...

    def park_evidence(self, envelope: Envelope, order_id: str) -> None:
        """Keeps evidence of an unknown order under that order's key for 7 days."""

    def unpark_evidence(self, store_id: str, order_id: str, envelope_ids: Iterable[str]) -> None: ...

    def find_tracked(self, store_id: str, number: str) -> Tracked:
        """The parcels that carry a tracking number (folded), and what carriers told of it before they were known."""

    def track_parcel(self, store_id: str, parcel: TrackedParcel) -> None: ...

    def park_tracking(self, envelope: Envelope, number: str) -> None:
        """Keeps a carrier's word on an unknown parcel under its number for 7 days."""

    def get_cart(self, store_id: str, token: str) -> CartRecord | None:
        """By checkout token or by cart token (an alias)."""

    def put_cart(self, record: CartRecord) -> None: ...

    def get_product(self, store_id: str, product_id: str) -> ProductRecord | None: ...

    def get_products(self, store_id: str, product_ids: Sequence[str]) -> dict[str, ProductRecord]: ...

    def put_product(self, record: ProductRecord) -> None: ...

    def has_decision(self, store_id: str, customer_id: str, event_id: str) -> bool: ...

    def put_decision(self, record: DecisionRecord) -> None: ...

    def put_consent_entry(self, entry: ConsentEntry) -> None: ...

    def put_finished_run(self, run: FinishedRun) -> None: ...

    def put_ticket(self, ticket: Ticket) -> None:
        """Puts a new ticket; one that exists is left as it is."""

    def put_goal(self, goal: GoalReached) -> None: ...

    def put_timeline_entry(self, entry: TimelineEntry) -> None: ...

    def get_ticket(self, store_id: str, ticket_id: str) -> Ticket | None: ...

    def change_ticket(self, store_id: str, ticket_id: str, changes: Mapping[str, str | None]) -> None:
        """Sets fields of a ticket, None empties one; one that is gone is fine. Times only move forward."""

    def put_response(self, response: Response) -> None: ...

    def put_points(self, entry: PointsEntry) -> None:
        """Puts a line of the loyalty ledger; the same one again changes nothing."""

    def put_media(self, record: MediaRecord) -> None:
        """Puts or replaces; who agreed to publish keeps agreeing."""

    def note_showing(self, store_id: str, customer_id: str, media_id: str, *, agreed: bool) -> None:
        """Notes whether the customer's file may be shown; nothing where none of this id is kept."""

    def find_coupon_owner(self, store_id: str, code: str) -> str | None:
        """Who passes this code on; None for every other code."""

    def find_order_id(self, store_id: str, name: str) -> str | None:
        """The order of that name, as shoppers know it (`#1001`, `1001`)."""

    def put_privacy_task(self, store_id: str, task_id: str, request: PrivacyRequested) -> None: ...

    def get_broadcast(self, store_id: str, broadcast_id: str) -> Broadcast | None:
        """At most 15 s old: engine and senders ask of each recipient whether it still goes on."""

    def pause_store(self, store_id: str, reason: str) -> None: ...

    def note_webhook(self, store_id: str, source: str, at: datetime) -> None:
        """Remembers when the store last spoke (for `okaeri doctor`); at most one write an hour."""


class Interpreter(Protocol):
    """What a shopper's words mean. The one that we ship is deterministic; a model may stand behind it instead."""

    def interpret(self, text: str, store: Store, *, locale: str | None) -> Interpretation:
        """`locale` is the customer's, where it is known: its phrases win where two languages match alike."""


class Knowledge(Protocol):
    """The shop's questions and answers, cached for seconds."""

    def list_faq(self, store_id: str, locale: str) -> Sequence[FaqEntry]:
        """The shop's own entries and those that we ship, the shop's words before ours, in the order of the shop."""

    def get_answer(self, store_id: str, faq: str, locale: str, *, product_id: str | None = None) -> str | None:
        """The product's answer, else the shop's, else ours where it holds for any shop; None where nobody knows."""

    def list_quick_replies(self, store_id: str, locale: str) -> Sequence[QuickReply]:
        """What the shop's people say often."""


class Shelf(Protocol):
    """The store's products as a finder sees them, cached for minutes."""

    def list_entries(self, store_id: str) -> Sequence[ShelfEntry]:
        """At most 3,000, read in pages."""

    def put_entry(self, store_id: str, entry: ShelfEntry, *, version: int) -> None:
        """Shows the product as it is in that version of its record; nothing where a later one was shown before."""

    def remove_entry(self, store_id: str, product_id: str, *, version: int) -> None:
        """Takes the product off, unless a later version was shown before."""


class Interests(Protocol):
    """Who waits for a product, in the order in which they asked."""

    def put(self, interest: Interest) -> None:
        """Puts it; whoever waits already keeps their place. Forgotten after 180 days."""

    def remove(self, interest: Interest) -> None:
        """Takes this wish back; one that is gone is fine."""

    def remove_customer(self, store_id: str, product_id: str, customer_id: str) -> None:
        """All wishes of a customer about a product: they have bought it."""

    def list_wanted(self, store_id: str) -> Collection[str]:
        """The products that anybody waits for, at most some minutes old."""

    def is_wanted(self, store_id: str, product_id: str) -> bool:
        """Whether anybody may wait for it now."""

    def list_waiting(
        self, store_id: str, product_id: str, *, wish: str, after: str = "", most: int
    ) -> Sequence[Interest]:
        """At most `most` of those who wait, who asked first first, beyond a place (`name_place`)."""

    def keep_round(
        self, store_id: str, product_id: str, round_id: str, chosen: Sequence[Interest]
    ) -> Sequence[Interest]:
        """Settles whose turn it is in this round: asked again it is those who were chosen first."""

    def mark_told(self, interest: Interest, at: datetime) -> None:
        """It was their turn: they wait no more. A wish list stays, with the note that it was told."""

    def note_view(self, store_id: str, product_id: str, customer_id: str, at: datetime) -> int:
        """Counts a look at a product; how often the customer did in the latest 30 days. The same look counts once."""


class Companions(Protocol):
    """How often products were bought, and by whom also another one was; no order is counted twice.

    Counts fade: each purchase counts half for each half-life since.
    """

    def count_order(self, store_id: str, order_id: str, product_ids: Sequence[str], others: Sequence[str]) -> None:
        """`others` are the products that the same customer bought before."""

    def get_many(self, store_id: str, product_ids: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
        """For each product those bought with it, with how often; at most 75 each, the commonest."""

    def list_bought(self, store_id: str) -> Mapping[str, float]:
        """How often each product was bought; at most 3,000, cached for minutes."""


class StoreApi(Protocol):
    """Changes orders and makes codes in the store through its own API.

    Raises TryAgain, or GiveUp with a code that says why not.

    Codes: `api_not_set_up`, `not_supported`, `too_late` (shipped, or closed), `not_found`, `not_allowed` (scope),
    `invalid_address`, `out_of_stock`, `refused`. Each call is harmless twice: `change_id` names it.
    """

    def change_order(
        self, store: Store, order_id: str, *, do: str, wanted: Mapping[str, str], change_id: str
    ) -> Mapping[str, str]:
        """`do` is one of cancel, address, variant, note, return; `wanted` as in `ChangeOrderStep`. What it brought."""

    def create_coupon(self, store: Store, coupon: NewCoupon) -> None:
        """Makes a code; one that is there already, by an earlier try, is fine."""

    def write_consent(self, store: Store, customer_id: str, copy: ConsentCopy) -> bool:
        """Notes a customer's word with the store's `customer_id`; False where it stood so already.

        Besides the codes above: `no_address` there, `other_address` than the one that a yes was given for.
        """


class ReceivedMedia(Protocol):
    """Files that customers sent on WhatsApp, as Meta keeps them for seven days."""

    def fetch(self, store: Store, media_id: str, *, most: int) -> tuple[str, bytes]:
        """Content type and bytes. Raises GiveUp("too_large") without reading more than `most`, GiveUp("expired")."""


class OutgoingMedia(Protocol):
    """Files of ours that go along with WhatsApp messages."""

    def upload(self, store: Store, key: str) -> UploadedFile:
        """The provider's id of the file, uploaded at most once in some weeks.

        Raises TryAgain, GiveUp("media_gone") where it is no longer kept, GiveUp("media_refused"), StopSender.
        """


class MediaStore(Protocol):
    """Our own store of files, with retention; keys hold neither names nor numbers."""

    def put(self, key: str, body: bytes, *, content_type: str) -> None: ...

    def get(self, key: str) -> tuple[str, bytes]:
        """Content type and bytes. Raises GiveUp("media_gone")."""

    def make_link(self, key: str, *, seconds: int) -> str:
        """An address that opens it for a while."""


class Documents(Protocol):
    """The papers of orders as files, each made once."""

    def find(self, store: Store, order: Order, customer: Customer, locale: str) -> DocumentFile:
        """The order's, as it is now. Raises TryAgain within seconds, GiveUp where it can't be made."""


class DocumentWriter(Protocol):
    """Sets papers as PDFs."""

    def write(self, invoice: Invoice) -> bytes:
        """The same bytes for the same paper. Raises GiveUp("document_broken")."""


class Histories(Protocol):
    """What is kept with customers, to be told to a person of the shop."""

    def read(self, store_id: str, customer_id: str, *, most: int) -> History:
        """One query of at most `most` items; expired ones are left out."""

    def list_webhooks(self, store_id: str) -> dict[str, datetime]:
        """When each source of the store last spoke, to the hour."""

    def read_talk(self, store_id: str, customer_id: str, *, most: int) -> History:
        """What was said of late: `most` entries of the timeline, newest first, and the messages, in no order."""


class Tickets(Protocol):
    """The store's tickets and the notes beside them. Lists never read what they don't show."""

    def get(self, store_id: str, ticket_id: str) -> Ticket | None:
        """Consistent read."""

    def create(self, ticket: Ticket) -> None:
        """Puts a new one; one that exists is left as it is."""

    def save(self, ticket: Ticket) -> None:
        """Writes it if the stored version is `ticket.version - 1`. Raises Conflict."""

    def list_open(self, store_id: str, *, beyond: str = "") -> Iterator[Ticket]:
        """In the inbox's order, those beyond a place in it (`tickets.name_place`), page by page as it is asked for."""

    def list_solved(self, store_id: str, *, beyond: str = "") -> Iterator[Ticket]:
        """The latest first, those before a place, page by page as it is asked for."""

    def put_note(self, note: TicketNote) -> None:
        """The same note again takes the place of the first."""

    def list_notes(self, store_id: str, ticket_id: str) -> Sequence[TicketNote]:
        """Oldest first, at most 500."""


class Staff(Protocol):
    """The shop's own people."""

    def find(self, store_id: str, name: str) -> StaffMember | None:
        """Consistent read: who was removed is out at once."""

    def put(self, member: StaffMember) -> None: ...

    def remove(self, store_id: str, name: str) -> bool:
        """False where there was nobody of that name."""

    def list_all(self, store_id: str) -> Sequence[StaffMember]:
        """By name."""


class SaidWords(Protocol):
    """What a message said, worked out again."""

    def recall(self, facts: MessageFacts) -> str:
        """A WhatsApp message's text, an e-mail's subject; empty where its template or a fact is gone."""


class InboxWords(Protocol):
    """What the inbox says to a customer in their language where nobody typed a text of their own."""

    def say_remedy(self, remedy: Remedy, customer: Customer, store: Store, *, order_name: str) -> str: ...

    def say_stage(self, stage: str, customer: Customer, store: Store, *, order_name: str) -> str: ...


class Broadcasts(Protocol):
    """Broadcasts and whom they were released for."""

    def get(self, store_id: str, broadcast_id: str) -> Broadcast | None:
        """Consistent read."""

    def save(self, broadcast: Broadcast) -> None:
        """Writes it if the stored version is `broadcast.version - 1` (0 before the first). Raises Conflict."""

    def list_all(self, store_id: str) -> Iterator[Broadcast]: ...

    def put_recipients(self, broadcast: Broadcast, page: int, customer_ids: Sequence[str]) -> None:
        """Keeps who is being released; the same page again takes the place of the first."""

    def list_recipients(self, broadcast: Broadcast, *, newest_first: bool = False) -> Iterator[str]:
        """Customer ids in the order of their release, page by page, or the latest pages first."""


class Wakeups(Protocol):
    """What wakes a broadcast every minute while it is going out."""

    def start(self, store_id: str, broadcast_id: str, *, not_before: datetime | None = None) -> None:
        """From now on, or from a time ahead; one that is set already is fine."""

    def stop(self, store_id: str, broadcast_id: str) -> None:
        """No more; one that is gone is fine."""


class Backlog(Protocol):
    """How much of what was released is still under way."""

    def count(self) -> int:
        """About how many recipients and marketing messages wait in the queues."""


class Messages(Protocol):
    """Message items. All moves are conditional writes."""

    def create(self, message: Message) -> MessageState:
        """Puts the message if it is new; returns the state it is in afterwards."""

    def get(self, store_id: str, customer_id: str, message_id: str) -> Message | None: ...

    def get_many(self, store_id: str, wanted: Iterable[tuple[str, str]]) -> list[Message]:
        """Those that exist of (customer id, message id), in no order."""

    def move(
        self,
        message: Message,
        to: MessageState,
        *,
        expected: Sequence[MessageState],
        at: datetime,
        reason: str = "",
        attempt: int | None = None,
        provider_id: str | None = None,
        address: str | None = None,
        parked_until: datetime | None = None,
        repeated: bool | None = None,
        withheld: bool | None = None,
        cost: MessageCost | None = None,
        format: str | None = None,
    ) -> Message | None:
        """Moves it if it is in one of `expected` and still at `message.attempt`; None when it is not.

        `reason` is written as given; `attempt`, `provider_id`, `address`, `repeated`, `withheld`, `format` and `cost`
        (an estimate, which undoes what a provider said of an earlier attempt) are the new values, None keeps the old.
        `parked_until` goes with PARKED alone and puts the message into the due index; any other state takes it out.
        """

    def report(
        self,
        store_id: str,
        customer_id: str,
        message_id: str,
        to: MessageState,
        *,
        at: datetime,
        reason: str = "",
        details: dict[str, Any] | None = None,
        charge: Charge | None = None,
    ) -> Message | None:
        """Moves it forward on a provider's word (`may_move`): the message as it now is, None where nothing moved.

        `details` are kept in the message's history; `charge` settles its cost, in the same write.
        """

    def note_visit(self, store_id: str, customer_id: str, message_id: str, visit: Visit) -> Visitor | None:
        """Keeps, once, that a link of the message was followed; who did so, by all visits until now.

        None where there is no such message. Of more than 20 visits the first ones are kept.
        """

    def note_machine_open(self, store_id: str, customer_id: str, message_id: str) -> None:
        """Keeps that a program fetched the mail's pictures; one message that is not there is fine."""


class TouchBook(Protocol):
    """Which marketing messages reached whom lately, and what was learned of it. Kept for a year after the latest."""

    def get(self, store_id: str, customer_id: str) -> Touches | None: ...

    def get_many(self, store_id: str, customer_ids: Sequence[str]) -> Sequence[Touches]:
        """Those that exist, in no order."""

    def put(self, touches: Touches) -> None:
        """Writes it as the version after `touches.version`. Raises Conflict where that is not the stored one."""


class Results(Protocol):
    """The counts of a store."""

    def add(self, store_id: str, place: Place, amounts: Amounts, batch_id: str) -> None:
        """Adds to one place. A batch that is among the latest there is not added again."""

    def read(self, store_id: str, *, month: str = "") -> Mapping[Place, Amounts]:
        """Every place of one month ("2026-11"), or of all."""


class Coupons(Protocol):
    """Pools of single-use codes."""

    def draw(self, store_id: str, pool: str, *, action_id: str, customer_id: str, now: datetime) -> Coupon | None:
        """One code for one step: asked again it is the same one. None where the pool has none left."""

    def name_code(self, store_id: str, code: str, *, action_id: str, customer_id: str, now: datetime) -> str:
        """The code that the step is to have made in the store: this one, or the one that it named before."""

    def note_owner(self, store_id: str, code: str, customer_id: str) -> None:
        """Notes who passes the code on (`Records.find_coupon_owner`)."""


class Budgets(Protocol):
    """What a journey's codes may cost in a month, in the store's currency. Never overspent, whoever takes at once."""

    def take(self, store_id: str, journey: str, month: str, *, action_id: str, worth: Decimal, limit: Decimal) -> bool:
        """Takes what a code is worth, once for each step; False where that would be over the limit."""

    def give_back(self, store_id: str, journey: str, month: str, *, action_id: str) -> None:
        """No code was given: what the step took is there again. A step that took nothing is fine."""


class ShopWebhooks(Protocol):
    """Calls an address of the shop, once, signed with the store's own secret."""

    def call(self, store_id: str, url: str, body: str, *, call_id: str) -> Mapping[str, str]:
        """The flat values of its answer. Raises TryAgain, or GiveUp where the shop refuses or may not be called."""


class DueIndex(Protocol):
    """Customers to wake and parked messages to send, by the real time at which they are due."""

    def list_due(self, until: datetime) -> Iterator[DueItem]:
        """What is due by `until`, oldest first in each shard; read in pages, eventually consistent."""

    def postpone(self, item: DueItem, until: datetime) -> bool:
        """Claims an item for one sweeper, moving it to `until`. False where it is not as it was listed."""


class Queues(Protocol):
    """Where evidence and messages go on. Every send that fails raises TryAgain."""

    def send_evidence(self, envelopes: Sequence[Envelope], *, lane: Lane = Lane.TRANSACTIONAL) -> None:
        """FIFO, grouped by store and `name_group`; deduplicated for 5 minutes by the envelope's id and body."""

    def send_later(self, envelope: Envelope, *, delay_s: float) -> None:
        """The `soon` queue: at most 900 s."""

    def send_message(self, queued: QueuedMessage, *, channel: Channel, lane: Lane, delay_s: float = 0) -> None:
        """The sender's queue of that channel and lane, fair by store."""

    def send_statuses(self, bodies: Sequence[str]) -> None:
        """The statuses queue: chunks of a provider's reports, JSON in ASCII, each ≤ 60 KB."""

    def request_action(self, request: ActionRequest) -> None:
        """The queue of what is done outside for journeys: calls, coupons."""

    def quarantine(self, store_id: str, source: str, body: bytes, *, path: str, reason: str) -> None:
        """A signed payload that our models refuse: raw, gzipped, replayable after a fix."""


class Timers(Protocol):
    """Waits longer than the queue's delay: one-time schedules that put evidence on a FIFO queue."""

    def arm(self, name: str, at: datetime, envelope: Envelope, *, lane: Lane) -> None:
        """Creates the schedule for `at`, real time, rounded up to a second; one that exists is fine."""

    def disarm(self, name: str) -> None:
        """Deletes it; one that is gone is fine."""


class Secrets(Protocol):
    """SecureStrings as JSON objects, cached 5 minutes, served stale on error. Missing → GiveUp(secret_missing).

    Names are relative to the stack: `stores/<store id>/webhook`, `…/whatsapp`, `…/links`, `…/calls`, `…/api`, and
    `meta-app`.
    """

    def get(self, name: str) -> dict[str, str]: ...
