"""Takes mails in, keeps them, and puts SES's events on the queue that a rule of EventBridge would fill."""

import asyncio
import contextlib
import functools
import itertools
import json
import logging
import secrets
import time
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from local.control import Faults

from .configuration import AnswerOrder, Configuration, EventOrder
from .events import build_event, find_simulated_answer
from .mail import Mail, Refused, check_sender, read_mail

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

type Json = dict[str, Any]

log = logging.getLogger(__name__)

QUEUE_BATCH = 10
LAST_ATTEMPT = 5


@dataclass
class Kept:
    """A mail in the mailbox and what became of it."""

    message_id: str
    mail: Mail
    at: float
    events: list[str] = field(default_factory=list)


@dataclass
class PostOffice:
    """All mails of one run, oldest first."""

    configuration: Configuration
    faults: Faults = field(default_factory=Faults)
    kept: dict[str, Kept] = field(default_factory=dict)
    answers: dict[str, AnswerOrder] = field(default_factory=dict)  # by address or @domain
    version: int = 0

    def __post_init__(self) -> None:
        self._events: asyncio.Queue[Json] = asyncio.Queue()
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    def reset(self) -> None:
        """No mail, no fault, no answer ordered; the configuration stays."""
        self.faults.clear()
        self.kept.clear()
        self.answers.clear()
        for task in self._tasks:
            task.cancel()
        while not self._events.empty():
            self._events.get_nowait()
        self.version += 1

    def accept(self, request: Json) -> Kept:
        """Raises Refused as SES does."""
        mail = read_mail(request)
        configuration = self.configuration
        sets = configuration.configuration_sets
        if mail.configuration_set and sets is not None and mail.configuration_set not in sets:
            raise Refused(
                "NotFoundException",
                f"Configuration set <{mail.configuration_set}> does not exist.",
                http_status=404,
            )
        check_sender(mail.sender, configuration.verified_identities, configuration.region)
        message_id = f"0100{time.time_ns() // 1_000_000:012x}-{secrets.token_hex(4)}-{next(self._numbers):06d}-000000"
        kept = Kept(message_id, mail, time.time())
        self.kept[message_id] = kept
        self.version += 1
        self.report(kept, EventOrder(message_id=message_id, event="delivery"), "send")
        self._answer_later(kept, self.find_answer(mail))
        return kept

    def find_answer(self, mail: Mail) -> EventOrder:
        """Delivery, unless a recipient was ordered to answer otherwise."""
        for address in mail.recipients:
            bare = parseaddr(address)[1].lower()
            if simulated := find_simulated_answer(bare):
                return EventOrder(message_id="-", **simulated)
            order = self.answers.get(bare) or self.answers.get("@" + bare.rpartition("@")[2])
            if order and order.bounce:
                sub_type = "General" if order.bounce == "Permanent" else "MailboxFull"
                return EventOrder(message_id="-", event="bounce", bounce_type=order.bounce, bounce_sub_type=sub_type)
            if order and order.complaint:
                return EventOrder(message_id="-", event="complaint")
        return EventOrder(message_id="-", event="delivery")

    def _answer_later(self, kept: Kept, order: EventOrder) -> None:
        async def answer() -> None:
            await asyncio.sleep(self.configuration.delivery_s)
            if order.event == "complaint":  # it was delivered first, then somebody complained
                self.report(kept, order, "delivery")
            self.report(kept, order, order.event)

        task = asyncio.create_task(answer())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def report(self, kept: Kept, order: EventOrder, kind: str) -> None:
        """SES publishes events only of mails that name a configuration set."""
        kept.events.append(kind)
        self.version += 1
        if kept.mail.configuration_set and self.configuration.statuses_queue_url:
            event = build_event(kept.mail, kept.message_id, kept.at, order, kind, time.time(), self.configuration)
            self._events.put_nowait(event)

    async def run(self) -> None:
        """Forever: put events on the queue."""
        while True:
            batch = [await self._events.get()]
            while len(batch) < QUEUE_BATCH and not self._events.empty():
                batch.append(self._events.get_nowait())
            for attempt in range(LAST_ATTEMPT):
                try:
                    await asyncio.to_thread(self._put_on_queue, batch)
                    break
                except Exception as error:  # whatever the queue's reason, SES would try again
                    log.warning("SES events not queued: %s", type(error).__name__)
                    await asyncio.sleep(2**attempt)

    def _put_on_queue(self, batch: list[Json]) -> None:
        url = self.configuration.statuses_queue_url
        if url:
            entries: Any = [{"Id": str(i), "MessageBody": json.dumps(event)} for i, event in enumerate(batch)]
            answer = find_queue_client(self.configuration.aws_endpoint_url, self.configuration.region)
            failed = answer.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")
            if failed:
                raise RuntimeError(f"{len(failed)} events refused")

    @contextlib.asynccontextmanager
    async def running(self) -> Any:
        """Events go out while the context lasts."""
        runner = asyncio.create_task(self.run())
        yield
        runner.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await runner


@functools.lru_cache(maxsize=4)
def find_queue_client(endpoint_url: str | None, region: str) -> "SQSClient":
    """With the local AWS's root key. boto3 is imported with the first event, to start within a second."""
    import boto3

    return boto3.client(
        "sqs",
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # the local AWS's published root key
    )
