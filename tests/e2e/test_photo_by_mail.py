"""A photo that answers the mail that asked for it: kept, bound to its run, shown only with a yes, on a real stack."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from command_line import records, surveys
from command_line.media import list_media
from command_line.stack import Stack
from okaeri.domain.stores import Store
from tests.e2e.campaign_shop import PATIENCE_S, Shopper, add_campaign_shop, operate, read_subject
from tests.e2e.drive import Driver, wait_for

STORE = "photos"
PHOTO = b"\x89PNG\r\n\x1a\n".ljust(60_000, b".")
LOGO = b"\x89PNG\r\n\x1a\n".ljust(3_000, b".")


@dataclass(frozen=True)
class PhotoShop:
    """A shop that asks for photos by e-mail."""

    operator: Stack
    driver: Driver
    secret: str

    def await_mail(self, shopper: Shopper, template: str) -> dict[str, Any]:
        """Waits for the mail of this template."""
        subject = read_subject(template)

        def find() -> dict[str, Any]:
            mails = self.driver.list_mails(shopper.email)
            return next((mail for mail in mails if re.fullmatch(subject, mail["subject"])), {})

        return wait_for(find, f"{template} by mail", PATIENCE_S)

    def press(self, mail: dict[str, Any], place: int) -> None:
        """The button of this place in the mail, and the one of the page to which it leads."""
        links = re.findall(r'href="([^"]+/a/[^"]+)"', mail["html"])
        assert "Thank you" in requests.post(links[place], data={"choice": "answer"}, timeout=20).text

    def write(self, mail: dict[str, Any], shopper: Shopper, text: str, *files: tuple[str, bytes]) -> None:
        """An answer to the mail, where it asks to be answered."""
        attachments = [
            {"filename": name, "content_type": "image/png", "base64": base64.b64encode(body).decode()}
            for name, body in files
        ]
        letter = {"to": mail["message_id"], "from": shopper.email, "text": text, "attachments": attachments}
        requests.post(f"{self.driver.description['mailbox_url']}/_/reply", json=letter, timeout=20).raise_for_status()


@pytest.fixture(scope="module")
def shop(stack: dict[str, Any]) -> Iterator[PhotoShop]:
    with operate(stack) as operator:
        secret = add_campaign_shop(operator, STORE, ("product-rating", "ugc-request"))
        records.change_store(operator, STORE, switch_off_other_questions)
        yield PhotoShop(operator, Driver(stack), secret)


def switch_off_other_questions(store: Store) -> Store:
    """What else asks about the same parcel would only stand in the way."""
    triggers = {
        event: tuple(
            entry.model_copy(update={"on": entry.on and entry.journey != "review-request"}) for entry in entries
        )
        for event, entries in store.triggers.items()
    }
    return store.model_copy(update={"triggers": triggers})


def test_a_photo_by_mail_is_kept_and_may_be_shown_with_a_yes(shop: PhotoShop) -> None:
    mia = Shopper(shop.driver, STORE, shop.secret, f"mia.{secrets.token_hex(3)}@example.com")
    mia.agree()
    mia.receive()
    shop.press(shop.await_mail(mia, "rating_request"), 0)
    asked = shop.await_mail(mia, "ugc_request")
    shop.write(asked, mia, "I have none at hand, only our logo", ("logo.png", LOGO))
    shop.await_mail(mia, "letter_received")  # that is for a person, and the question stays open
    shop.write(asked, mia, "Here it is!", ("IMG_1.png", PHOTO), ("IMG_2.png", PHOTO + b"."))
    shop.press(shop.await_mail(mia, "ugc_consent"), 0)
    shop.await_mail(mia, "ugc_thanks")
    store = records.read_store(shop.operator, STORE)
    [response] = [found for found in surveys.read_responses(shop.operator, store, "ugc")]
    shown = str(response.answers["media"]).split(",")
    assert response.answers["publish"] == "yes"

    def find_shown() -> list[str]:
        files = {file.media_id: file.name for file in list_media(shop.operator, STORE, mia.email)}
        return [files[name] for name in shown] if files.keys() >= set(shown) else []

    assert wait_for(find_shown, "the files are noted beside her", PATIENCE_S) == ["IMG_1.png", "IMG_2.png"]
