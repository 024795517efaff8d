"""A shop of its own with a WhatsApp number, and its shoppers on the phone: what they hear is known by who said it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import requests

from command_line import carriers, links
from command_line.secrets import name_secret, read_secret, write_secret
from command_line.stack import Stack
from command_line.staff import add_member
from command_line.templates import push_templates
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import decode_body
from okaeri.adapters.shelf import DynamoShelf
from okaeri.domain.carriers import Carrier
from okaeri.domain.customers import Customer
from okaeri.domain.messages import Message
from tests.e2e.campaign_shop import COFFEE, GRINDER, Shopper, add_campaign_shop, sell
from tests.e2e.drive import Driver, wait_for
from tests.e2e.talk import Inbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PATIENCE_S = 200
# A question of 23 hours is open for less than ten seconds here: what is tapped must not wait behind too much else.
AT_ONCE = 6
VASE = "vase"
CODES = {
    "community": "community-join",
    "poll": "community-poll",
    "contest": "contest",
    "style-quiz": "style-quiz",
}
ON = {
    "back-in-stock",
    "each-step",
    "nps",
    "recommendations",
    "replenishment",
    "survey-conversation",
    "ugc-request",
    *CODES.values(),
}
SETTINGS = {
    "cart-recovery": {"second_after": "P3D"},  # a tap on the first reminder comes before the second one
    "community-poll": {"options": "Blue,Green,Undyed"},
    "talk-order-status": {"offers_each_step": "yes"},
}
# Product, price, tag: a shelf that a function has read is kept there for minutes.
SHELF = (
    (COFFEE, "24.00", "morning"),
    (GRINDER, "89.00", "morning"),
    ("filter", "9.00", "morning"),
    (VASE, "48.00", "calm"),
)
AFTERSHIP_SECRET = "as_f3b1c0ffee"


@dataclass(frozen=True)
class Said:
    """Our own records of what is on phones: which journey said it, by which template."""

    dynamodb: DynamoDBClient
    table_name: str
    read: dict[str, tuple[str | None, str]] = field(default_factory=dict)  # by the provider's id

    def find(self, message: Mapping[str, Any]) -> tuple[str | None, str]:
        """Journey and template of a message; a person's answer has no journey."""
        if message["id"] not in self.read:
            store, customer, message_id = message["biz_opaque_callback_data"].split("/")
            key = {"pk": {"S": f"{store}#C#{customer}"}, "sk": {"S": f"M#{message_id}"}}
            item = self.dynamodb.get_item(TableName=self.table_name, Key=key)["Item"]
            kept = decode_body(Message, {"B": bytes(item["body"]["B"])})
            self.read[message["id"]] = kept.journey, kept.template
        return self.read[message["id"]]


@dataclass(frozen=True)
class Circle:
    """The shop: what its people and its carriers do."""

    operator: Stack
    driver: Driver
    store_id: str
    secret: str
    inbox: Inbox
    carriers: Mapping[Carrier, tuple[str, str]]  # the webhook's address, and what signs it
    said: Said
    friends: list[Friend] = field(default_factory=list)

    def meet(self, *, at: str = "circle") -> Friend:
        """Somebody new in Britain, with a phone and an e-mail address; `at` another platform's store of the stack."""
        number = secrets.randbelow(1_000_000)
        email = f"friend.{secrets.token_hex(4)}@example.com"
        friend = Friend(
            self.driver, self.store_id, self.secret, email, phone=f"+447400{number:06d}", at=at, said=self.said
        )
        self.friends.append(friend)
        return friend

    def carry(self, carrier: Carrier, payload: Mapping[str, Any]) -> None:
        """A carrier posts what it knows of a parcel, signed as that one signs."""
        url, secret = self.carriers[carrier]
        body = json.dumps(payload).encode()
        digest = hmac.digest(secret.encode(), body, hashlib.sha256)
        signature = {
            Carrier.AFTERSHIP: {"aftership-hmac-sha256": base64.b64encode(digest).decode()},
            Carrier.EASYPOST: {"x-hmac-signature": f"hmac-sha256-hex={digest.hex()}"},
            Carrier.SHIPPO: {},  # the token in the address proves it
        }[carrier]
        answer = requests.post(url, data=body, headers={"content-type": "application/json"} | signature, timeout=30)
        assert answer.json()["result"] == "queued", answer.text

    def solve(self, ticket: Mapping[str, Any], outcome: str = "done") -> None:
        """The shop's people call it settled."""
        self.inbox.call("POST", f"tickets/{ticket['ticket_id']}/solve", {"outcome": outcome, "anyway": True})


@dataclass
class Friend(Shopper):
    """A shopper with a phone."""

    said: Said = field(kw_only=True)
    phone: str = field(kw_only=True)
    at: str = field(kw_only=True)
    heard: dict[str, str] = field(default_factory=dict)  # who said it, by the message's id

    def be(self, **known: Any) -> dict[str, Any]:
        return super().be(phone=self.phone) | known

    def agree(self) -> None:
        """To news on WhatsApp, as a form on the shop's pages tells it."""
        self.post(
            "consent.given",
            {"channel": "whatsapp", "purpose": "marketing", "wording": "News on WhatsApp", "customer": self.be()},
        )

    def say(self, text: str) -> None:
        """Types a message."""
        self.driver.reply(self.phone, self.at, text=text)

    def come_by(self, code: str) -> None:
        """Sends what a link of the shop has ready."""
        self.say(f"Hello! ({code})")

    def send(self, type_: str) -> None:
        """Sends a file from the phone."""
        self.driver.reply(self.phone, self.at, media={"type": type_})

    def tap(self, title: str) -> None:
        """Taps a button, or a row of a list, of the latest message that has it."""
        shown = [button for message in reversed(self.list_messages()) for button in message["buttons"]]
        chosen = next(button for button in shown if button["text"] == title)
        self.driver.reply(self.phone, self.at, **{"row" if chosen["type"] == "row" else "button": chosen["payload"]})

    def list_messages(self) -> list[dict[str, Any]]:
        """What reached the phone, oldest first."""
        return self.driver.list_messages(self.phone)

    def hear(self, journey: str | None, template: str) -> dict[str, Any]:
        """Waits for what a journey says, and was not listened to yet."""

        def find() -> dict[str, Any]:
            new = (message for message in self.list_messages() if message["id"] not in self.heard)
            return next((message for message in new if self.said.find(message) == (journey, template)), {})

        found = wait_for(find, f"{template} of {journey} on {self.phone}", PATIENCE_S)
        self.heard[found["id"]] = journey or "a person"
        return found

    @property
    def customer_id(self) -> str:
        """Who it is to us: providers hand our own reference back with each message."""
        return str(self.list_messages()[-1]["biz_opaque_callback_data"].split("/")[1])


def find_customer(circle: Circle, friend: Friend) -> Customer:
    """Our own record of them."""
    customers = DynamoCustomers(circle.operator.dynamodb, circle.operator.table_name)
    found = customers.load(circle.store_id, friend.customer_id)
    assert found is not None
    return found


type Story = Callable[[Circle], None]


def tell(story: Story, circle: Circle) -> set[str]:
    """Tells a story; the journeys that its friends heard in it."""
    own = replace(circle, friends=[])
    story(own)
    return {journey for friend in own.friends for journey in friend.heard.values()}


type Told = Mapping[str, Future[set[str]]]


@contextmanager
def run_stories(stories: Mapping[str, Story], circle: Circle) -> Iterator[Told]:
    """Tells the stories, some at once; each future gives who was heard, or what its story found wrong."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(tell, story, circle) for name, story in stories.items()}


def open_circle(stack: dict[str, Any], operator: Stack) -> Circle:
    """The shop, new on the stack: its number, its templates approved, its codes and its carriers."""
    store, waba, number = f"circle-{secrets.token_hex(2)}", *(str(secrets.randbelow(9 * 10**14) + 10**14) for _ in "12")
    at = {"store_id": store, "platform": "circle", "phone_number_id": number}
    driver = Driver(stack | {"stores": [*stack["stores"], at]})
    account = {"waba_id": waba, "phone_numbers": [{"phone_number_id": number, "display_phone_number": f"+49{number}"}]}
    driver.control("configure", {"accounts": [account], "marketing_per_person_per_day": None})
    known = read_secret(operator, name_secret(operator, driver.describe_store("standard")["store_id"], "whatsapp"))
    write_secret(operator, name_secret(operator, store, "whatsapp"), known or {})
    choices = {
        "waba-id": waba,
        "phone-number-id": number,
        "phone-field-is-opt-in": "yes",
        "phone-field-wording": "News of your order on WhatsApp",
        "cart-link": "https://circle.example/cart?items={items}",
    }
    secret = add_campaign_shop(operator, store, ON, settings=SETTINGS, choices=choices)
    for code, flow in CODES.items():
        links.set_code(operator, store, code, flow)
    added = {
        carrier: carriers.add_carrier(
            operator, store, carrier, secret=AFTERSHIP_SECRET if carrier is Carrier.AFTERSHIP else None
        )
        for carrier in Carrier
    }
    assert all(entry.is_ready for entry in push_templates(operator, store, wait_s=60, poll_s=0.5))
    inbox = Inbox(f"{stack['api_url']}/inbox/{store}", add_member(operator, store, "mia", "agent"))
    signed = {carrier: (one.url, one.secret or AFTERSHIP_SECRET) for carrier, one in added.items()}
    said = Said(operator.dynamodb, operator.table_name)
    circle = Circle(operator, driver, store, secret, inbox, signed, said)
    fill_shelf(circle)
    return circle


def fill_shelf(circle: Circle) -> None:
    """What the shop sells, before anybody asks for it."""
    keeper = circle.meet()
    for product, price, tag in SHELF:
        sell(keeper, product, in_stock=True, price=price, tags=[tag])

    def is_filled() -> bool:
        shelf = DynamoShelf(circle.operator.dynamodb, circle.operator.table_name, lambda: datetime.now(UTC))
        return len(shelf.list_entries(circle.store_id)) == len(SHELF)

    wait_for(is_filled, "the products are on the shelf")
