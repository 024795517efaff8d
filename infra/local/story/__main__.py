"""`python -m local.story`: tells the story on the running stack, as it happens."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

import requests
from rich.panel import Panel
from rich.text import Text

from local.launcher.stack import LocalStack
from local.paths import find_state_folder
from local.progress import console
from local.story.shops import TIMEOUT_S, Shop, ShopifyStory, WebhookRefused, WooCommerceStory

PATIENCE_S = 60  # for one message; the review request waits eight of the story's days besides
POLL_S = 0.2


class StoryBroken(RuntimeError):
    """A message did not come."""


class Narrator:
    """Posts, watches the phone and the mailbox, and tells."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.description = description
        self.shops = {
            store["platform"]: Shop(
                store["store_id"], store["platform"], store["domain"], store["events_url"], store["secret"]
            )
            for store in description["stores"]
        }
        self.began = time.monotonic()

    def post(
        self, what: str, shop: Shop, topic: str, payload: dict[str, Any], order: dict[str, Any] | None = None
    ) -> None:
        """Says what the shop does, and does it; `order` is what its own API shows from now on."""
        console.print(f"\n[bold cyan]{shop.store_id}[/] {what}  [dim]{topic}[/]")
        if order is not None:
            kept = {"store": shop.store_id, "order": order}
            url = f"{self.description['shops_url']}/_/orders"
            requests.post(url, json=kept, timeout=TIMEOUT_S).raise_for_status()
        shop.post(topic, payload)

    def await_message(self, template: str, phone: str, *, days: float = 0) -> None:
        """Waits for a message on the phone and shows it as the shopper reads it."""

        def find() -> dict[str, Any] | None:
            arrived = self._fetch(f"{self.description['whatsapp_url']}/_/messages")
            digits = phone.lstrip("+")
            return next((m for m in arrived if _is(m, template) and str(m["to"]).lstrip("+") == digits), None)

        self._show(self._await(f"{template} on the phone", find, days), phone)

    def _show(self, message: dict[str, Any], phone: str) -> None:
        buttons = [f"[{button['text']}]" for button in message.get("buttons") or []]
        body = Text(message["text"] + ("\n\n" + "  ".join(buttons) if buttons else ""))
        title = f"WhatsApp · {phone} · {message.get('template') or 'text'}"
        bubble = Panel(body, title=title, title_align="left", border_style="green", width=72)
        console.print(bubble, soft_wrap=False)

    def say(self, what: str, shop: Shop, phone: str, text: str) -> None:
        """Says what the shopper writes, writes it on the phone, and shows what comes back."""
        console.print(f"\n[bold green]{phone}[/] {what}  [dim]“{text}”[/]")
        seen = len(self._list_talk(phone))
        number = next(one["phone_number_id"] for one in self.description["stores"] if one["store_id"] == shop.store_id)
        written = {"from": phone, "to": number, "text": text}
        requests.post(f"{self.description['whatsapp_url']}/_/reply", json=written, timeout=TIMEOUT_S).raise_for_status()
        self._show(self._await(f"an answer to {text!r}", lambda: self._list_talk(phone)[seen:], 0)[0], phone)

    def answer(self, what: str, shop: Shop, phone: str, text: str) -> None:
        """Says what a person of the shop does: answers the ticket by the inbox's API, and solves it."""
        console.print(f"\n[bold cyan]{shop.store_id}[/] {what}  [dim]POST …/replies[/]")
        seen = len(self._list_talk(phone))
        store = next(one for one in self.description["stores"] if one["store_id"] == shop.store_id)
        inbox = requests.Session()
        inbox.headers["authorization"] = f"Bearer {store['staff_token']}"
        waiting = f"{store['inbox_url']}/tickets?queue=conversation"
        (ticket, *_) = self._await("a ticket", lambda: inbox.get(waiting, timeout=TIMEOUT_S).json()["tickets"], 0)
        url = f"{store['inbox_url']}/tickets/{ticket['ticket_id']}"
        reply = {"reply_id": secrets.token_hex(8), "text": text}
        inbox.post(f"{url}/replies", json=reply, timeout=TIMEOUT_S).raise_for_status()
        self._show(self._await("the answer on the phone", lambda: self._list_talk(phone)[seen:], 0)[0], phone)
        solved = {"outcome": "answered", "anyway": True}
        inbox.post(f"{url}/solve", json=solved, timeout=TIMEOUT_S).raise_for_status()

    def await_mail(self, address: str, count: int) -> None:
        """Waits for so many e-mails to an address and shows the latest one's subject."""

        def find() -> list[dict[str, Any]] | None:
            arrived = self._fetch(f"{self.description['mailbox_url']}/_/messages")
            mine = [mail for mail in arrived if address in str(mail["to"])]
            return mine if len(mine) >= count else None

        mails = self._await(f"e-mail {count} to {address}", find, 0)
        console.print(f"  [magenta]E-mail[/] to {address}: [bold]{mails[-1]['subject']}[/]")

    def _list_talk(self, phone: str) -> list[dict[str, Any]]:
        """What was said to a phone in the window, oldest first."""
        arrived = self._fetch(f"{self.description['whatsapp_url']}/_/messages")
        digits = phone.lstrip("+")
        return [one for one in arrived if not one.get("template") and str(one["to"]).lstrip("+") == digits]

    def _await(self, what: str, find: Callable[[], Any], days: float) -> Any:
        patience = PATIENCE_S + days * float(self.description["seconds_per_day"])
        until = time.monotonic() + patience
        with console.status(f"waiting for {what} …"):
            while time.monotonic() < until:
                found = find()
                if found:
                    return found
                time.sleep(POLL_S)
        raise StoryBroken(f"{what} did not come within {patience:.0f} s; .local/logs/ tells why")

    def _fetch(self, url: str) -> list[dict[str, Any]]:
        response = requests.get(url, timeout=TIMEOUT_S)
        response.raise_for_status()
        messages: list[dict[str, Any]] = response.json()
        return messages


def _is(message: dict[str, Any], template: str) -> bool:
    return str(message.get("template") or "").startswith(template)


def tell_story(narrator: Narrator) -> None:
    """Aiko's apron and Ben's bowls."""
    number = int(time.time()) % 1_000_000
    shopify, woocommerce = narrator.shops["shopify"], narrator.shops["woocommerce"]
    aiko = ShopifyStory(email=f"aiko.{number}@example.jp", phone=f"+8190{number:08d}", number=number)
    ben = WooCommerceStory(email=f"ben.{number}@example.co.uk", phone=f"+4477009{number % 100_000:05d}", number=number)

    narrator.post("Aiko fills a cart, ticks the WhatsApp box, and leaves.", shopify, "checkouts/create", aiko.cart())
    narrator.await_message("cart_reminder_1", aiko.phone, days=1)
    bought, bowls = aiko.order(), ben.order("processing")
    narrator.post("She comes back and buys.", shopify, "orders/create", bought, bought)
    narrator.await_message("order_confirmation", aiko.phone)
    narrator.await_mail(aiko.email, 1)
    narrator.post("Elsewhere, Ben orders two bowls.", woocommerce, "order.created", bowls, bowls)
    narrator.await_message("order_confirmation", ben.phone)
    shipped = bought | {"fulfillment_status": "fulfilled"}
    narrator.post("Aiko's parcel leaves.", shopify, "fulfillments/create", aiko.fulfillment(), shipped)
    narrator.await_message("shipment_shipped", aiko.phone)
    bowls = ben.order("processing", tracking="GB123456789")
    narrator.post("Ben's parcel leaves.", woocommerce, "order.updated", bowls, bowls)
    narrator.await_message("shipment_shipped", ben.phone)
    narrator.say("Ben says hello.", woocommerce, ben.phone, "Hello")
    narrator.say("He asks for his bowls.", woocommerce, ben.phone, "Where is my order?")
    narrator.say("He would rather ask a person.", woocommerce, ben.phone, "Can I talk to a person?")
    narrator.answer(
        "Mia answers from the inbox.",
        woocommerce,
        ben.phone,
        "Hi Ben, Mia here. Each bowl is wrapped in wool and will arrive safely.",
    )
    for status, what in (
        ("out_for_delivery", "Aiko's parcel is on the van."),
        ("delivered", "It is at her door."),
    ):
        narrator.post(what, shopify, "fulfillment_events/create", aiko.parcel(status))
        narrator.await_message(f"shipment_{status}", aiko.phone)
    console.print("\n[dim]Eight days pass …[/]")
    narrator.await_message("review_request", aiko.phone, days=10)
    seconds = time.monotonic() - narrator.began
    console.print(f"\n[green]✓[/] The story is told. [dim]{seconds:.0f} s[/] Answer Aiko's messages on the phone.\n")


def main() -> int:
    """The command line; returns the exit code."""
    description = LocalStack(find_state_folder()).read_description()
    if description is None:
        console.print("No stack is running: [bold]make up SECONDS_PER_DAY=4[/] starts one.")
        return 1
    try:
        tell_story(Narrator(description))
    except (StoryBroken, WebhookRefused, requests.RequestException) as error:
        console.print(f"[red]✗[/] {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
