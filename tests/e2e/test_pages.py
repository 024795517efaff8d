"""In a real browser: a shopper reads and answers on the phone, opens a mail, and unsubscribes on our page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from local.story.shops import ShopifyStory
from tests.e2e.drive import Driver, make_shopper

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# No background networking: a browser that looks for updates only slows the tests.
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@pytest.fixture(params=[(1280, 800, "light"), (390, 844, "dark")], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a new browser, at desktop or phone width."""
    width, height, scheme = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        yield context.new_page()
        browser.close()


@pytest.fixture
def aiko() -> ShopifyStory:
    email, phone, number = make_shopper()
    return ShopifyStory(email=email, phone=phone, number=number)


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_shopper_reads_and_answers_on_the_phone(driver: Driver, page: Page, aiko: ShopifyStory) -> None:
    driver.find_shop("shopify").post("orders/create", aiko.order())
    driver.await_message(aiko.phone, "order_confirmation")
    page.goto(driver.description["whatsapp_url"])
    page.locator("a.talk", has_text=aiko.phone).click()
    bubble = page.locator("article.bubble").last
    expect(bubble).to_contain_text(f"#{aiko.number}")
    assert fits(page)
    page.get_by_role("textbox").fill("STOP")
    page.get_by_role("textbox").press("Enter")
    expect(page.locator("article.bubble", has_text="承知いたしました")).to_be_visible(timeout=30_000)


def test_a_mail_is_read_in_the_mailbox_and_fits_its_screen(driver: Driver, page: Page, aiko: ShopifyStory) -> None:
    driver.find_shop("shopify").post("orders/create", aiko.order())
    (mail,) = driver.await_mails(aiko.email, 1)
    page.goto(driver.description["mailbox_url"])
    page.locator("a.row", has_text=aiko.email).click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("¥10,100".replace("¥", "￥"))
    assert fits(page)
    page.set_content(mail["html"])
    assert fits(page)


def test_a_shopper_unsubscribes_on_our_page_and_may_come_back(driver: Driver, page: Page, aiko: ShopifyStory) -> None:
    cart = aiko.cart() | {"note_attributes": [], "buyer_accepts_marketing": True, "phone": None}
    cart["customer"]["phone"] = None
    driver.find_shop("shopify").post("checkouts/create", cart)
    (mail,) = driver.await_mails(aiko.email, 1)
    headers = {name.lower(): value for name, value in dict(mail["headers"]).items()}
    page.goto(headers["list-unsubscribe"].split("<")[1].split(">")[0])
    assert fits(page)
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("status")).to_have_text("You are unsubscribed")
    page.get_by_role("button", name="Subscribe again").click()
    expect(page.get_by_role("status")).to_have_text("You are subscribed again")


def test_a_shopper_in_germany_confirms_a_sign_up_before_it_counts(
    driver: Driver, page: Page, aiko: ShopifyStory
) -> None:
    cart = aiko.cart() | {"note_attributes": [], "buyer_accepts_marketing": True, "phone": None}
    cart["customer"]["phone"] = None
    cart["billing_address"] = {"country_code": "DE", "zip": "10115"}
    driver.find_shop("shopify").post("checkouts/create", cart)
    (mail,) = driver.await_mails(aiko.email, 1)
    assert "list-unsubscribe" not in {name.lower() for name in dict(mail["headers"])}
    page.goto(next(link for link in re.findall(r"https?://\S+", mail["text"]) if "/c/" in link))
    assert fits(page)
    page.get_by_role("button", name="Yes, sign me up").click()
    expect(page.get_by_role("status")).to_have_text("You are signed up")


def test_a_shopper_writes_a_letter_on_our_page(driver: Driver, page: Page, aiko: ShopifyStory) -> None:
    store_id = driver.describe_store("shopify")["store_id"]
    page.goto(f"{driver.description['api_url']}/f/{store_id}")
    assert fits(page)
    page.get_by_label("Your name").fill("Aiko")
    page.get_by_label("Your message").press_sequentially("Is the linen apron washable at 60 degrees?", delay=60)
    page.get_by_role("button").click()
    expect(page.get_by_label("Your message")).to_have_value("Is the linen apron washable at 60 degrees?")  # it is kept
    page.get_by_label("E-mail address").fill(aiko.email)
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("Thank you for your message")
    assert fits(page)
    driver.await_mails(aiko.email, 1)
