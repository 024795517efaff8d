"""A survey's mail leads to one page with all its questions: opened, answered at once, and heard, on a real stack."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect, sync_playwright

from command_line import records, surveys
from command_line.stack import Stack
from command_line.staff import add_member
from okaeri.domain.records import Response
from tests.e2e.campaign_shop import PATIENCE_S, Shopper, add_campaign_shop, operate, read_subject, sell
from tests.e2e.drive import Driver, wait_for
from tests.e2e.talk import Inbox

STORE = "surveys"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass(frozen=True)
class SurveyShop:
    """A shop that asks, by e-mail, and its people."""

    operator: Stack
    driver: Driver
    secret: str
    inbox: Inbox

    def open_shopper(self, name: str) -> Shopper:
        """Somebody new, who leaves no number."""
        return Shopper(self.driver, STORE, self.secret, f"{name}.{secrets.token_hex(3)}@example.com")

    def await_links(self, shopper: Shopper, template: str) -> list[str]:
        """Waits for the question's mail; the addresses of its answers, in their order."""
        subject = read_subject(template)

        def find() -> list[str]:
            mails = self.driver.list_mails(shopper.email)
            text = next((str(mail["text"]) for mail in mails if re.fullmatch(subject, mail["subject"])), "")
            return [link for link in re.findall(r"https?://\S+", text) if "/a/" in link]

        return wait_for(find, f"{template} by mail", PATIENCE_S)

    def await_response(self, survey: str, **answers: str) -> Response:
        """Waits for the response with these answers, which only one shopper gives."""

        def find() -> list[Response]:
            store = records.read_store(self.operator, STORE)
            found = surveys.read_responses(self.operator, store, survey)
            return [response for response in found if response.answers == answers]

        [response] = wait_for(find, f"{answers} of {survey}", PATIENCE_S)
        return response

    def count_mails(self, shopper: Shopper, template: str) -> int:
        """How often it was asked."""
        subject = read_subject(template)
        return sum(bool(re.fullmatch(subject, mail["subject"])) for mail in self.driver.list_mails(shopper.email))


@pytest.fixture(scope="module")
def shop(stack: dict[str, Any]) -> Iterator[SurveyShop]:
    with operate(stack) as operator:
        on = ("survey-delivery", "survey-product", "survey-conversation")
        secret = add_campaign_shop(operator, STORE, on)
        # What else asks about the same parcel would only stand in the way.
        records.change_store(
            operator,
            STORE,
            lambda store: store.model_copy(
                update={
                    "triggers": {
                        event: tuple(
                            entry.model_copy(update={"on": entry.on and entry.journey != "review-request"})
                            for entry in entries
                        )
                        for event, entries in store.triggers.items()
                    }
                }
            ),
        )
        inbox = Inbox(f"{stack['api_url']}/inbox/{STORE}", add_member(operator, STORE, "mia", "agent"))
        yield SurveyShop(operator, Driver(stack), secret, inbox)


@pytest.fixture
def page() -> Iterator[Page]:
    """A phone's browser, without scripts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, color_scheme="dark", java_script_enabled=False
        )
        yield context.new_page()
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_who_is_not_content_says_what_it_was_on_the_same_page_and_gets_a_person(shop: SurveyShop, page: Page) -> None:
    mia = shop.open_shopper("mia")
    mia.receive()
    good, _, bad = shop.await_links(mia, "survey_delivery")
    assert requests.get(good, timeout=20).ok  # a scanner opens the first link
    page.goto(bad)
    expect(page.get_by_label("Not well")).to_be_checked()
    expect(page.get_by_role("group", name="Is there anything that we could do better?")).to_be_hidden()
    page.get_by_label("In my own words").check()
    page.get_by_label("Your words").last.fill("The box was wet ☔")
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("status")).to_have_text("Thank you for your answers")
    response = shop.await_response("delivery", went="bad", what="The box was wet ☔")
    ticket = shop.inbox.await_ticket(response.customer_id, "feedback")
    assert ticket["subject"] == "Not content with the delivery"
    wait_for(lambda: shop.count_mails(mia, "survey_sorry"), "the answer to the answer", PATIENCE_S)
    page.goto(good)  # on second thoughts: the first answers count
    expect(page.get_by_role("heading")).to_have_text("Thank you, nothing is left to answer")
    expect(page.get_by_role("button")).to_have_count(0)

    shop.inbox.call("POST", f"tickets/{ticket['ticket_id']}/solve", {"outcome": "done", "anyway": True})
    helped, *_ = shop.await_links(mia, "survey_conversation")
    page.goto(helped)
    page.get_by_label("Your words").fill("You were quick")
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("status")).to_have_text("Thank you for your answers")
    shop.await_response("conversation", help="good", better="You were quick")


def test_each_answer_opens_its_own_questions_and_nobody_is_asked_twice(shop: SurveyShop) -> None:
    noor = shop.open_shopper("noor")
    sell(noor, "kettle", in_stock=True, care={"review_days": 1})
    noor.receive(product="kettle")
    first, *_ = shop.await_links(noor, "survey_product")
    shown = requests.get(first, timeout=20)
    assert "What do you like best about it?" in shown.text and 'value="expected" class="to-2" checked' in shown.text
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    form = {"choice": "answers", "answer.expected": "expected", "answer.best": "use"}
    answers = [requests.post(first, data=form, timeout=20).text for _ in range(2)]
    assert "Thank you for your answers" in answers[0] and "Thank you" in answers[1]
    shop.await_response("product", expected="expected", best="use")
    # The delivery survey has asked them too: another matter, another run.
    assert shop.count_mails(noor, "survey_product") == 1


def test_a_page_that_comes_without_its_first_answer_comes_back(shop: SurveyShop) -> None:
    kim = shop.open_shopper("kim")
    kim.receive()
    good, *_ = shop.await_links(kim, "survey_delivery")
    again = requests.post(good, data={"choice": "answers", "words.better": "Less plastic"}, timeout=20)
    assert again.status_code == 422
    assert "Please answer this question first." in again.text and "Less plastic</textarea>" in again.text
    form = {"choice": "answers", "answer.went": "good", "words.better": "Less plastic"}
    assert "Thank you for your answers" in requests.post(good, data=form, timeout=20).text
    shop.await_response("delivery", went="good", better="Less plastic")
