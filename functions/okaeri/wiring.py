"""Builds each function's use case from its settings: the only module that knows the adapters.

Clients are made once per process. Adapters and use cases are imported where they are wired, so that a cold
start loads what its function needs and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

import boto3
from botocore.config import Config

from okaeri.settings import FunctionSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.logging import Logger
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

    from okaeri.adapters.companions import DynamoCompanions
    from okaeri.adapters.customers import DynamoCustomers
    from okaeri.adapters.definitions import DynamoDefinitions
    from okaeri.adapters.due_index import DynamoDueIndex
    from okaeri.adapters.interests import DynamoInterests
    from okaeri.adapters.interpreter import CatalogueInterpreter
    from okaeri.adapters.knowledge import DynamoKnowledge
    from okaeri.adapters.media_store import S3MediaStore
    from okaeri.adapters.message_words import TemplateWords
    from okaeri.adapters.messages import DynamoMessages
    from okaeri.adapters.numbers import DynamoNumbers
    from okaeri.adapters.prices import DynamoPrices
    from okaeri.adapters.queues import SqsQueues
    from okaeri.adapters.records import DynamoRecords
    from okaeri.adapters.scheduler import SchedulerTimers
    from okaeri.adapters.secrets import SsmSecrets
    from okaeri.adapters.shelf import DynamoShelf
    from okaeri.adapters.stores import DynamoStores
    from okaeri.adapters.templates import DynamoTemplates
    from okaeri.adapters.touch_book import DynamoTouchBook
    from okaeri.adapters.whatsapp_aws import SocialMessaging
    from okaeri.event_batches import EventBatches
    from okaeri.ports import Documents, Log, MediaStore, OutgoingMedia, Queues, Stores, WhatsappSender
    from okaeri.settings.advance_journeys import AdvanceJourneysSettings
    from okaeri.settings.carry_out_actions import CarryOutActionsSettings
    from okaeri.settings.count_engagement import CountEngagementSettings
    from okaeri.settings.keep_house import KeepHouseSettings
    from okaeri.settings.make_documents import MakeDocumentsSettings
    from okaeri.settings.receive_email_event import ReceiveEmailEventSettings
    from okaeri.settings.receive_store_event import ReceiveStoreEventSettings
    from okaeri.settings.receive_whatsapp_event import ReceiveWhatsappEventSettings
    from okaeri.settings.record_delivery import RecordDeliverySettings
    from okaeri.settings.run_broadcasts import RunBroadcastsSettings
    from okaeri.settings.send_email import SendEmailSettings
    from okaeri.settings.send_whatsapp import SendWhatsappSettings
    from okaeri.settings.serve_customer_pages import ServeCustomerPagesSettings
    from okaeri.settings.serve_inbox import ServeInboxSettings
    from okaeri.use_cases.advance_journeys import AdvanceJourneys
    from okaeri.use_cases.ask_on_page import AskOnPage
    from okaeri.use_cases.attach_document import AttachDocument
    from okaeri.use_cases.carry_out_actions import CarryOutActions
    from okaeri.use_cases.count_engagement import CountEngagement
    from okaeri.use_cases.keep_house import KeepHouse
    from okaeri.use_cases.keep_media import KeepMedia
    from okaeri.use_cases.make_documents import MakeDocuments
    from okaeri.use_cases.prepare_message import PrepareMessage
    from okaeri.use_cases.receive_letter import ReadMail, ReceiveLetter
    from okaeri.use_cases.receive_store_event import Dialect, ReceiveStoreEvent, Sender
    from okaeri.use_cases.receive_whatsapp_event import ReadWebhook, ReceiveWhatsappEvent
    from okaeri.use_cases.record_delivery import RecordDelivery
    from okaeri.use_cases.run_broadcasts import RunBroadcasts
    from okaeri.use_cases.send_email import SendEmail
    from okaeri.use_cases.send_whatsapp import SendWhatsapp
    from okaeri.use_cases.serve_customer_pages import PageWords, ServeCustomerPages
    from okaeri.use_cases.serve_inbox import ServeInbox
    from okaeri.use_cases.take_answers import TakeAnswers
    from okaeri.use_cases.take_letter_form import FormWords, TakeLetterForm

# Calls of data are safe to repeat: every write is conditional or puts the same thing again.
_DATA_CALLS = Config(
    connect_timeout=1,
    read_timeout=4,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
)


# Files are larger than items: an upload of 25 MB is to end, and twice it is the same file.
_FILE_CALLS = Config(
    connect_timeout=1,
    read_timeout=8,
    retries={"mode": "standard", "total_max_attempts": 2},
    tcp_keepalive=True,
    signature_version="s3v4",
)


# Each call may become an e-mail in a mailbox: one attempt, and an answer well before the function ends.
_SPEAKING_CALLS = Config(
    connect_timeout=2,
    read_timeout=8,
    retries={"mode": "standard", "total_max_attempts": 1},
    tcp_keepalive=True,
)


# A message waits no longer for its PDF. Looked for, made and read, that is well before the function ends.
DOCUMENT_TIMEOUT_S = (1, 6)  # to connect, to answer
_DOCUMENT_CALLS = Config(
    connect_timeout=DOCUMENT_TIMEOUT_S[0],
    read_timeout=DOCUMENT_TIMEOUT_S[1],
    retries={"mode": "standard", "total_max_attempts": 1},
    tcp_keepalive=True,
)


# Seconds for Meta to fetch a file that goes along with a message which AWS carries.
FETCHED_WITHIN_S = 3600


# Of send_whatsapp, at work at once on both its queues: the sum of its MaximumConcurrency in template.yaml.
WHATSAPP_WORKERS = 7


class _HasTable(Protocol):
    @property
    def table_name(self) -> str: ...


class _HasBucket(Protocol):
    @property
    def media_bucket(self) -> str: ...


class _Later:
    """An adapter that is made, with all that it loads, when it is first asked for something."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = cache(make)

    def __getattr__(self, name: str) -> object:
        return getattr(self._make(), name)


def open_later[Adapter](make: Callable[[], Adapter]) -> Adapter:
    """A port that few events need: a cold start does without its adapter."""
    return cast("Adapter", _Later(make))


def read_clock() -> datetime:
    """Real time, UTC."""
    return datetime.now(UTC)


# ── Use cases ────────────────────────────────────────────────────────────────────────────────────────────────


def receive_store_event(
    settings: ReceiveStoreEventSettings, load_dialect: Callable[[Sender], Dialect]
) -> ReceiveStoreEvent:
    """Takes a webhook; `load_dialect` knows the payloads of platforms and carriers, which live beside the handler."""
    from okaeri.adapters import webhook_signatures
    from okaeri.domain.carriers import Carrier
    from okaeri.domain.stores import Platform
    from okaeri.use_cases.receive_store_event import ReceiveStoreEvent

    return ReceiveStoreEvent(
        stores=make_stores(settings),
        secrets=make_secrets(settings),
        queues=make_queues(settings),
        clock=read_clock,
        signatures={
            Platform.SHOPIFY: webhook_signatures.is_signed_by_shopify,
            Platform.WOOCOMMERCE: webhook_signatures.is_signed_by_woocommerce,
            Platform.STANDARD: webhook_signatures.is_signed_by_standard,
            Carrier.AFTERSHIP: webhook_signatures.is_signed_by_aftership,
            Carrier.EASYPOST: webhook_signatures.is_signed_by_easypost,
            Carrier.SHIPPO: webhook_signatures.is_signed_by_shippo,
        },
        load_dialect=load_dialect,
    )


def advance_journeys(settings: AdvanceJourneysSettings) -> AdvanceJourneys:
    """Decides what evidence means for its customer, and has it done."""
    from okaeri.use_cases.advance_journeys import AdvanceJourneys

    return AdvanceJourneys(
        stores=make_stores(settings),
        definitions=make_definitions(settings),
        customers=make_customers(settings),
        records=make_records(settings),
        messages=make_messages(settings),
        interpreter=open_later(lambda: make_interpreter(settings)),
        knowledge=open_later(lambda: make_knowledge(settings)),
        shelf=open_later(lambda: make_shelf(settings)),
        interests=open_later(lambda: make_interests(settings)),
        companions=open_later(lambda: make_companions(settings)),
        touches=open_later(lambda: make_touch_book(settings)),
        queues=make_queues(settings),
        timers=make_timers(settings),
        clock=read_clock,
        pace=settings.pace,
    )


def carry_out_actions(settings: CarryOutActionsSettings) -> CarryOutActions:
    """Does what runs ask of the world."""
    from okaeri.adapters.budgets import DynamoBudgets
    from okaeri.adapters.coupons import DynamoCoupons
    from okaeri.adapters.customers import DynamoCustomers
    from okaeri.adapters.shop_webhooks import SignedWebhooks
    from okaeri.adapters.store_apis.by_platform import StoreApis
    from okaeri.observability import make_logger
    from okaeri.use_cases.carry_out_actions import CarryOutActions
    from okaeri.use_cases.give_code import GiveCode
    from okaeri.use_cases.write_consent import WriteConsent

    log = make_logger(settings)
    secrets, is_local = make_secrets(settings), settings.stage == "local"
    webhooks = SignedWebhooks(secrets, allow_local=is_local)
    store_api = StoreApis(secrets, webhooks, allow_local=is_local)
    return CarryOutActions(
        stores=make_stores(settings),
        webhooks=webhooks,
        store_api=store_api,
        queues=make_queues(settings),
        clock=read_clock,
        log=log,
        keep_media=make_media_keeper(settings, log),
        give_code=GiveCode(
            coupons=DynamoCoupons(connect_dynamodb(), settings.table_name),
            budgets=DynamoBudgets(connect_dynamodb(), settings.table_name, read_clock),
            store_api=store_api,
            clock=read_clock,
        ),
        write_consent=WriteConsent(DynamoCustomers(connect_dynamodb(), settings.table_name), store_api),
    )


def serve_customer_pages(settings: ServeCustomerPagesSettings, words: PageWords) -> ServeCustomerPages:
    """Answers shoppers who follow a link of ours; `words` knows what the pages say."""
    from okaeri.adapters.link_reader import SignedLinkReader
    from okaeri.observability import make_logger
    from okaeri.use_cases.serve_customer_pages import ServeCustomerPages

    return ServeCustomerPages(
        stores=make_stores(settings),
        links=SignedLinkReader(make_secrets(settings)),
        words=words,
        queues=make_queues(settings),
        clock=read_clock,
        log=make_logger(settings),
    )


def take_answers(settings: ServeCustomerPagesSettings) -> TakeAnswers:
    """Takes what shoppers answer on a page."""
    from okaeri.adapters.link_reader import SignedLinkReader
    from okaeri.use_cases.take_answers import TakeAnswers

    return TakeAnswers(
        stores=make_stores(settings),
        links=SignedLinkReader(make_secrets(settings)),
        find_questions=ask_on_page(settings),
        queues=make_queues(settings),
        clock=read_clock,
    )


def ask_on_page(settings: ServeCustomerPagesSettings) -> AskOnPage:
    """Finds the questions of a page."""
    from okaeri.adapters.page_questions import TemplateQuestions
    from okaeri.use_cases.ask_on_page import AskOnPage

    return AskOnPage(
        messages=make_messages(settings),
        customers=make_customers(settings),
        records=make_records(settings),
        definitions=make_definitions(settings),
        templates=make_templates(settings),
        open_words=TemplateQuestions,
        clock=read_clock,
    )


def take_letter_form(settings: ServeCustomerPagesSettings, words: FormWords) -> TakeLetterForm:
    """Takes letters by form; `words` knows what the form says."""
    from okaeri.adapters.link_reader import SignedLinkReader
    from okaeri.observability import make_logger
    from okaeri.use_cases.take_letter_form import TakeLetterForm

    return TakeLetterForm(
        stores=make_stores(settings),
        stamps=SignedLinkReader(make_secrets(settings)),
        words=words,
        queues=make_queues(settings),
        clock=read_clock,
        log=make_logger(settings),
    )


def serve_inbox(settings: ServeInboxSettings) -> ServeInbox:
    """What the shop's people see and do."""
    return make_inbox(
        connect_dynamodb(),
        settings.table_name,
        stores=make_stores(settings),
        queues=make_queues(settings),
        media=make_media_store(settings),
    )


def make_inbox(
    dynamodb: DynamoDBClient, table_name: str, *, stores: Stores, queues: Queues, media: MediaStore
) -> ServeInbox:
    """The same for the function and for the command."""
    from okaeri.adapters.customers import DynamoCustomers
    from okaeri.adapters.file_types import recognise_file
    from okaeri.adapters.histories import DynamoHistories
    from okaeri.adapters.inbox_words import ShippedInboxWords
    from okaeri.adapters.knowledge import DynamoKnowledge
    from okaeri.adapters.recalled_words import RecalledWords
    from okaeri.adapters.records import DynamoRecords
    from okaeri.adapters.staff import DynamoStaff
    from okaeri.adapters.templates import DynamoTemplates
    from okaeri.adapters.tickets import DynamoTickets
    from okaeri.use_cases.admit_staff import AdmitStaff
    from okaeri.use_cases.answer_customer import AnswerCustomer
    from okaeri.use_cases.give_remedy import GiveRemedy
    from okaeri.use_cases.handle_ticket import HandleTicket
    from okaeri.use_cases.keep_staff_file import KeepStaffFile
    from okaeri.use_cases.keep_tickets import KeepTickets
    from okaeri.use_cases.read_inbox import ReadInbox
    from okaeri.use_cases.serve_inbox import ServeInbox

    records = DynamoRecords(dynamodb, table_name, read_clock)
    knowledge = DynamoKnowledge(dynamodb, table_name, stores)
    staff = DynamoStaff(dynamodb, table_name)
    keep = KeepTickets(
        tickets=DynamoTickets(dynamodb, table_name, read_clock),
        customers=DynamoCustomers(dynamodb, table_name),
        queues=queues,
        clock=read_clock,
    )
    answer = AnswerCustomer(keep, knowledge)
    return ServeInbox(
        stores=stores,
        staff=staff,
        admit=AdmitStaff(staff, read_clock),
        read=ReadInbox(
            keep,
            records,
            DynamoHistories(dynamodb, table_name, read_clock),
            knowledge,
            media,
            RecalledWords(DynamoTemplates(dynamodb, table_name), knowledge),
        ),
        answer=answer,
        handle=HandleTicket(keep, staff),
        remedy=GiveRemedy(keep, answer, records, ShippedInboxWords()),
        keep_file=KeepStaffFile(media, recognise_file),
    )


def keep_house(settings: KeepHouseSettings) -> KeepHouse:
    """Hands on everything whose time has come."""
    from okaeri.use_cases.keep_house import KeepHouse

    return KeepHouse(
        due=make_due_index(settings),
        messages=make_messages(settings),
        queues=make_queues(settings),
        clock=read_clock,
    )


def count_engagement(settings: CountEngagementSettings) -> CountEngagement:
    """Counts what became of messages and what they led to."""
    from okaeri.adapters.results import DynamoResults
    from okaeri.observability import make_logger
    from okaeri.use_cases.count_engagement import CountEngagement

    return CountEngagement(
        stores=make_stores(settings),
        customers=make_customers(settings),
        records=make_records(settings),
        messages=make_messages(settings),
        touches=make_touch_book(settings),
        results=DynamoResults(connect_dynamodb(), settings.table_name),
        clock=read_clock,
        log=make_logger(settings),
    )


def run_broadcasts(settings: RunBroadcastsSettings) -> RunBroadcasts:
    """Releases the recipients of a broadcast, as many as may go in this minute."""
    from okaeri.adapters.backlog import SqsBacklog
    from okaeri.adapters.broadcasts import DynamoBroadcasts
    from okaeri.adapters.numbers import DynamoNumbers
    from okaeri.adapters.wakeups import SchedulerWakeups
    from okaeri.observability import make_logger
    from okaeri.use_cases.measure_allowance import MeasureAllowance
    from okaeri.use_cases.measure_release import MeasureRelease
    from okaeri.use_cases.run_broadcasts import RunBroadcasts

    numbers = DynamoNumbers(connect_dynamodb(), settings.table_name)
    return RunBroadcasts(
        stores=make_stores(settings),
        customers=make_customers(settings),
        broadcasts=DynamoBroadcasts(connect_dynamodb(), settings.table_name, read_clock),
        messages=make_messages(settings),
        queues=make_queues(settings),
        wakeups=SchedulerWakeups(connect_scheduler(), group=settings.schedule_group),
        count_allowed=MeasureRelease(
            numbers=numbers,
            allowance=MeasureAllowance(numbers, read_clock),
            backlog=SqsBacklog(
                connect_sqs(),
                (settings.bulk_queue_url, settings.whatsapp_backlog_url, settings.email_backlog_url),
            ),
        ),
        clock=read_clock,
        log=make_logger(settings),
    )


def send_whatsapp(settings: SendWhatsappSettings) -> SendWhatsapp:
    """Says decided messages on WhatsApp."""
    from okaeri.adapters.sending_pace import SendingPace
    from okaeri.adapters.whatsapp_transports import ChosenWhatsapp
    from okaeri.domain.stores import Transport
    from okaeri.use_cases.send_whatsapp import SendWhatsapp

    prepare = make_preparation(settings)
    return SendWhatsapp(
        prepare=prepare,
        settle=prepare.settle,
        templates=make_templates(settings),
        words=make_words(settings),
        whatsapp=ChosenWhatsapp(
            {Transport.GRAPH: lambda: make_graph(settings), Transport.AWS: lambda: make_aws(settings)}
        ),
        numbers=make_numbers(settings),
        pace=SendingPace(workers=WHATSAPP_WORKERS, read_seconds=lambda: read_clock().timestamp()),
        prices=make_prices(settings),
        clock=read_clock,
        attach=make_attachments(settings),
    )


def make_graph(settings: SendWhatsappSettings) -> WhatsappSender:
    """Meta's own API."""
    from okaeri.adapters.whatsapp_graph import GraphWhatsapp

    return GraphWhatsapp(
        make_secrets(settings),
        base_url=settings.graph_api_url,
        version=settings.graph_api_version,
        make_files=lambda: make_uploads(settings),
    )


def make_aws(settings: SendWhatsappSettings) -> WhatsappSender:
    """The same messages, carried by AWS."""
    from okaeri.adapters.whatsapp_aws import AwsWhatsapp

    def make_link(key: str) -> str:
        return make_media_store(settings).make_link(key, seconds=FETCHED_WITHIN_S)

    return AwsWhatsapp(connect_social_messaging(), version=settings.graph_api_version, make_link=make_link)


def send_email(settings: SendEmailSettings) -> SendEmail:
    """Says decided messages by e-mail."""
    from okaeri.adapters.reply_addresses import SignedReplyAddresses
    from okaeri.adapters.ses import SesEmail
    from okaeri.use_cases.send_email import SendEmail

    prepare = make_preparation(settings)
    secrets, stores = make_secrets(settings), make_stores(settings)
    return SendEmail(
        prepare=prepare,
        settle=prepare.settle,
        templates=make_templates(settings),
        words=make_words(settings),
        email=SesEmail(connect_ses(), configuration_set=settings.configuration_set, stage=settings.stage),
        prices=make_prices(settings),
        attach=make_attachments(settings),
        addresses=SignedReplyAddresses(secrets, stores, domain=settings.inbound_domain),
    )


def receive_whatsapp_event(settings: ReceiveWhatsappEventSettings, read_webhook: ReadWebhook) -> ReceiveWhatsappEvent:
    """Takes Meta's webhook; `read_webhook` knows its payloads, which live beside the handler."""
    from okaeri.adapters.webhook_signatures import is_signed_by_meta
    from okaeri.observability import make_logger
    from okaeri.use_cases.receive_whatsapp_event import ReceiveWhatsappEvent

    return ReceiveWhatsappEvent(
        stores=make_stores(settings),
        secrets=make_secrets(settings),
        queues=make_queues(settings),
        clock=read_clock,
        log=make_logger(settings),
        is_signed=is_signed_by_meta,
        read_webhook=read_webhook,
    )


def receive_letter(settings: ReceiveEmailEventSettings, read_mail: ReadMail) -> ReceiveLetter:
    """Takes customers' e-mails; `read_mail` knows MIME."""
    from okaeri.adapters.file_types import recognise_file
    from okaeri.adapters.reply_addresses import SignedReplyAddresses
    from okaeri.adapters.tickets import DynamoTickets
    from okaeri.observability import make_logger
    from okaeri.use_cases.receive_letter import ReceiveLetter

    stores = make_stores(settings)
    tickets = DynamoTickets(connect_dynamodb(), settings.table_name, read_clock)

    def find_owner(store_id: str, ticket_id: str) -> str | None:
        ticket = tickets.get(store_id, ticket_id)
        return ticket.customer_id if ticket else None

    return ReceiveLetter(
        stores=stores,
        addresses=SignedReplyAddresses(make_secrets(settings), stores, domain=settings.inbound_domain),
        find_ticket_owner=find_owner,
        media=make_media_store(settings),
        read_mail=read_mail,
        recognise=recognise_file,
        queues=make_queues(settings),
        clock=read_clock,
        log=make_logger(settings),
    )


def record_delivery(settings: RecordDeliverySettings) -> RecordDelivery:
    """Writes what became of each message."""
    from okaeri.adapters.visitor_agents import recognise_machine
    from okaeri.adapters.whatsapp_errors import read_status_error
    from okaeri.observability import make_logger
    from okaeri.use_cases.record_delivery import RecordDelivery

    return RecordDelivery(
        messages=make_messages(settings),
        stores=make_stores(settings),
        templates=make_templates(settings),
        numbers=make_numbers(settings),
        queues=make_queues(settings),
        clock=read_clock,
        log=make_logger(settings),
        read_error=read_status_error,
        recognise_machine=recognise_machine,
    )


def make_preparation(settings: SendWhatsappSettings | SendEmailSettings) -> PrepareMessage:
    """What both senders do before they speak, and (in `settle`) after it."""
    from okaeri.observability import make_logger
    from okaeri.use_cases.prepare_message import PrepareMessage
    from okaeri.use_cases.settle_message import SettleMessage

    messages = make_messages(settings)
    return PrepareMessage(
        stores=make_stores(settings),
        customers=make_customers(settings),
        records=make_records(settings),
        messages=messages,
        settle=SettleMessage(
            messages=messages,
            queues=make_queues(settings),
            clock=read_clock,
            log=make_logger(settings),
            patience_s=settings.delivery_patience_seconds,
        ),
        clock=read_clock,
    )


def make_words(settings: SendWhatsappSettings | SendEmailSettings) -> TemplateWords:
    """Templates filled with the facts and with signed links."""
    from okaeri.adapters.message_words import TemplateWords

    return TemplateWords(make_secrets(settings), make_knowledge(settings), public_url=settings.public_url)


def make_documents(settings: MakeDocumentsSettings) -> MakeDocuments:
    """Sets papers as PDFs."""
    from okaeri.adapters.typst_documents import TypstDocuments
    from okaeri.use_cases.make_documents import MakeDocuments

    return MakeDocuments(writer=TypstDocuments(), media=make_media_store(settings))


def make_attachments(settings: SendWhatsappSettings | SendEmailSettings) -> AttachDocument:
    """Finds the files that go along with messages."""
    from okaeri.observability import make_logger
    from okaeri.use_cases.attach_document import AttachDocument

    # Most messages have no file along: its clients wait for the first that has.
    return AttachDocument(cache(lambda: open_documents(settings)), make_logger(settings))


# ── Ports ────────────────────────────────────────────────────────────────────────────────────────────────────


def make_media_keeper(settings: CarryOutActionsSettings, log: Log) -> KeepMedia:
    """Keeps what customers send on WhatsApp."""
    from okaeri.adapters.file_types import recognise_file
    from okaeri.adapters.meta_media import GraphMedia
    from okaeri.use_cases.keep_media import KeepMedia

    return KeepMedia(
        received=GraphMedia(
            make_secrets(settings), base_url=settings.graph_api_url, version=settings.graph_api_version
        ),
        media=make_media_store(settings),
        records=make_records(settings),
        recognise=recognise_file,
        log=log,
    )


def make_uploads(settings: SendWhatsappSettings) -> OutgoingMedia:
    """Files of ours that go along with messages."""
    from okaeri.adapters.meta_media import GraphUploads
    from okaeri.adapters.uploads import DynamoUploads

    return GraphUploads(
        make_secrets(settings),
        make_media_store(settings),
        DynamoUploads(connect_dynamodb(), settings.table_name, read_clock),
        base_url=settings.graph_api_url,
        version=settings.graph_api_version,
    )


def open_documents(settings: SendWhatsappSettings | SendEmailSettings) -> Documents:
    """Papers of orders as files."""
    from okaeri.adapters.invoked_documents import InvokedDocuments
    from okaeri.adapters.media_store import S3MediaStore

    s3: S3Client = boto3.client("s3", config=_DOCUMENT_CALLS)
    return InvokedDocuments(connect_lambda(), settings.make_documents_function, S3MediaStore(s3, settings.media_bucket))


def make_media_store(settings: _HasBucket) -> S3MediaStore:
    """Files in the stack's bucket."""
    from okaeri.adapters.media_store import S3MediaStore

    return S3MediaStore(connect_s3(), settings.media_bucket)


def make_batches(settings: FunctionSettings) -> EventBatches:
    """Takes batches off this function's queues."""
    from okaeri.event_batches import EventBatches

    def make_logger() -> Logger:
        from okaeri import observability

        return observability.make_logger(settings)

    any_queue = next(iter(settings.queue_urls.values()))
    return EventBatches(connect_sqs(), queue_url=any_queue, make_logger=make_logger)


def make_stores(settings: _HasTable) -> DynamoStores:
    """Stores from the table, cached for seconds."""
    from okaeri.adapters.stores import DynamoStores

    return DynamoStores(connect_dynamodb(), settings.table_name)


def make_definitions(settings: _HasTable) -> DynamoDefinitions:
    """Compiled journeys from the table."""
    from okaeri.adapters.definitions import DynamoDefinitions

    return DynamoDefinitions(connect_dynamodb(), settings.table_name)


def make_templates(settings: _HasTable) -> DynamoTemplates:
    """Published templates from the table, cached for seconds."""
    from okaeri.adapters.templates import DynamoTemplates

    return DynamoTemplates(connect_dynamodb(), settings.table_name)


def make_numbers(settings: _HasTable) -> DynamoNumbers:
    """What Meta says of each number."""
    from okaeri.adapters.numbers import DynamoNumbers

    return DynamoNumbers(connect_dynamodb(), settings.table_name)


def make_prices(settings: _HasTable) -> DynamoPrices:
    """What messages cost."""
    from okaeri.adapters.prices import DynamoPrices

    return DynamoPrices(connect_dynamodb(), settings.table_name)


def make_customers(settings: _HasTable) -> DynamoCustomers:
    """Customers and their identifiers."""
    from okaeri.adapters.customers import DynamoCustomers

    return DynamoCustomers(connect_dynamodb(), settings.table_name)


def make_records(settings: _HasTable) -> DynamoRecords:
    """Orders, carts, products and what is kept with a customer."""
    from okaeri.adapters.records import DynamoRecords

    return DynamoRecords(connect_dynamodb(), settings.table_name, read_clock)


def make_interests(settings: _HasTable) -> DynamoInterests:
    """Who waits for a product."""
    from okaeri.adapters.interests import DynamoInterests

    return DynamoInterests(connect_dynamodb(), settings.table_name, read_clock)


def make_shelf(settings: _HasTable) -> DynamoShelf:
    """The products as a finder sees them, cached for minutes."""
    from okaeri.adapters.shelf import DynamoShelf

    return DynamoShelf(connect_dynamodb(), settings.table_name, read_clock)


def make_companions(settings: _HasTable) -> DynamoCompanions:
    """What is bought together."""
    from okaeri.adapters.companions import DynamoCompanions

    return DynamoCompanions(connect_dynamodb(), settings.table_name, read_clock)


def make_touch_book(settings: _HasTable) -> DynamoTouchBook:
    """Which marketing reached whom lately."""
    from okaeri.adapters.touch_book import DynamoTouchBook

    return DynamoTouchBook(connect_dynamodb(), settings.table_name, read_clock)


def make_interpreter(settings: _HasTable) -> CatalogueInterpreter:
    """What a shopper's words mean: the deterministic one."""
    from okaeri.adapters.interpreter import CatalogueInterpreter

    return CatalogueInterpreter(make_knowledge(settings))


def make_knowledge(settings: _HasTable) -> DynamoKnowledge:
    """The shop's questions and answers, cached for seconds."""
    from okaeri.adapters.knowledge import DynamoKnowledge

    return DynamoKnowledge(connect_dynamodb(), settings.table_name, make_stores(settings))


def make_messages(settings: _HasTable) -> DynamoMessages:
    """Message items."""
    from okaeri.adapters.messages import DynamoMessages

    return DynamoMessages(connect_dynamodb(), settings.table_name, read_clock)


def make_due_index(settings: _HasTable) -> DynamoDueIndex:
    """What the sweep must look at."""
    from okaeri.adapters.due_index import DynamoDueIndex

    return DynamoDueIndex(connect_dynamodb(), settings.table_name)


def make_queues(settings: FunctionSettings) -> SqsQueues:
    """The queues that the function's environment names."""
    from okaeri.adapters.queues import SqsQueues

    return SqsQueues(connect_sqs(), settings.queue_urls)


def make_timers(settings: AdvanceJourneysSettings) -> SchedulerTimers:
    """Waits longer than a queue's delay."""
    from okaeri.adapters.scheduler import SchedulerTimers
    from okaeri.domain.values import Lane

    return SchedulerTimers(
        connect_scheduler(),
        group=settings.schedule_group,
        role_arn=settings.scheduler_role_arn,
        dead_letters_arn=settings.scheduler_dead_letters_arn,
        queue_arns={
            Lane.TRANSACTIONAL: settings.events_queue_arn,
            Lane.MARKETING: settings.bulk_queue_arn,
        },
    )


def make_secrets(settings: FunctionSettings) -> SsmSecrets:
    """The stack's secrets, cached for minutes."""
    from okaeri.adapters.secrets import SsmSecrets

    return SsmSecrets(connect_ssm(), settings.secrets_prefix)


# ── Clients ──────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def connect_dynamodb() -> DynamoDBClient:
    """The table's client."""
    return boto3.client("dynamodb", config=_DATA_CALLS)


@cache
def connect_sqs() -> SQSClient:
    """The queues' client."""
    return boto3.client("sqs", config=_DATA_CALLS)


@cache
def connect_s3() -> S3Client:
    """The client of the store of files."""
    return boto3.client("s3", config=_FILE_CALLS)


@cache
def connect_lambda() -> LambdaClient:
    """The client of the function that makes documents."""
    return boto3.client("lambda", config=_DOCUMENT_CALLS)


@cache
def connect_scheduler() -> EventBridgeSchedulerClient:
    """The timers' client."""
    return boto3.client("scheduler", config=_DATA_CALLS)


@cache
def connect_ssm() -> SSMClient:
    """The secrets' client."""
    return boto3.client("ssm", config=_DATA_CALLS)


@cache
def connect_ses() -> SESV2Client:
    """The e-mail sender's client."""
    return boto3.client("sesv2", config=_SPEAKING_CALLS)


@cache
def connect_social_messaging() -> SocialMessaging:
    """AWS's WhatsApp client."""
    client: SocialMessaging = boto3.client("socialmessaging", config=_SPEAKING_CALLS)
    return client
