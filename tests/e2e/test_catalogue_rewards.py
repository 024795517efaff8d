"""Campaigns with codes, points and gifts on the deployed stack: each code that is said is there in the store."""

from __future__ import annotations

import csv
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from command_line import broadcasts, records
from command_line.explain import open_explainer
from command_line.imports import import_file
from command_line.links import set_code, write_text
from command_line.loyalty import change_programme, find_customer
from command_line.stack import Stack
from local.story.shops import WooCommerceStory
from okaeri.domain.customers import Customer
from okaeri.domain.explanations import Question
from okaeri.domain.stores import Platform
from tests.e2e.campaign_shop import PATIENCE_S, Mailboxes, operate
from tests.e2e.drive import make_shopper, wait_for
from tests.e2e.reward_shop import PREFIX, TYPES, RewardShop, ShopifyBuyer, open_reward_shop
from tests.e2e.talk import Talk

BERLIN = ZoneInfo("Europe/Berlin")  # the shops' clock
BEGUN = datetime.now(BERLIN).date()
MOST_DAYS = PATIENCE_S // 10 + 2  # that pass for a customer meanwhile, each in ten seconds
CODE = re.compile(rf"\b{PREFIX}-[0-9A-Z]{{4}}-[0-9A-Z]{{4}}\b")
JOURNEYS = (
    *("loyalty-points", "loyalty-welcome", "tier-reached", "talk-points", "referral", "referral-reward", "voucher"),
    *("surprise-gift", "guest-registration", "birthday", "interests-from-orders", "win-back"),
)
SETTINGS = {
    "birthday": {"percent": "15", "days": "14"},
    "guest-registration": {"percent": "10", "days": "60"},
    "referral": {"percent": "10", "uses": "10", "days": "180"},
    "referral-reward": {"percent": "20", "worth": "8", "budget": "200", "days": "30"},
    "surprise-gift": {"chance": "100", "percent": "12", "worth": "8", "budget": "200", "days": "40"},
    "voucher": {"percent": "10", "days": "4"},
}


SALE = """
broadcast: brewers
name: Brewers
template: news_code
to: {tag: "bought:brewers"}
channels: [email]
words:
  en: {title: A week of brewers, text: "every press, in winter colours", url: "https://campaigns.example/brewers"}
coupon: {percent: 15, days: 14, minimum: 40, worth: 9, budget: 2000}
"""


@dataclass
class Rewards:
    """Two shops, and everybody who began at once, by what they are to get."""

    shopify: RewardShop
    woocommerce: RewardShop
    buyers: dict[str, ShopifyBuyer]
    ben: WooCommerceStory
    mailboxes: Mailboxes

    def find(self, who: str) -> Customer:
        """As the engine knows them by now."""
        operator, store_id = self.shopify.operator, self.shopify.store_id
        return find_customer(operator, records.read_store(operator, store_id), self.buyers[who].email)

    def await_subject(self, who: str, subject: str) -> dict[str, Any]:
        """Waits for a mail of the shop's own words."""
        left = max(0, self.mailboxes.until - time.monotonic())

        def find() -> dict[str, Any]:
            mails = self.shopify.driver.list_mails(self.buyers[who].email)
            return next((mail for mail in mails if mail["subject"] == subject), {})

        return wait_for(find, f"{subject!r} to {who}", left)

    def write_by_code(self, who: str, code: str) -> Talk:
        """Begins a flow as a link of the shop's does."""
        phone = self.buyers[who].phone
        assert phone is not None
        talk = Talk(self.shopify.driver, phone, "shopify")
        talk.say(write_text(records.read_store(self.shopify.operator, self.shopify.store_id), code))
        return talk


@pytest.fixture(scope="module")
def operator(stack: dict[str, Any]) -> Iterator[Stack]:
    with operate(stack) as opened:
        yield opened


@pytest.fixture(scope="module")
def rewards(stack: dict[str, Any], operator: Stack, tmp_path_factory: pytest.TempPathFactory) -> Rewards:
    """The shops with their campaigns on, and somebody for each of them."""
    # Orders of long ago speak here: a pause of months is over in a minute then.
    choices = {"quiet-sources": "test,draft", "at-risk-days": "90"}
    shopify = open_reward_shop(operator, stack, Platform.SHOPIFY, JOURNEYS, SETTINGS, choices)
    woocommerce = open_reward_shop(operator, stack, Platform.WOOCOMMERCE, ["surprise-gift"], SETTINGS)
    programme = ["per_unit=1", "worth=0.01", "hold_days=0", "tier:Silver=50", "tier:Gold=5000"]
    change_programme(operator, shopify.store_id, programme)
    for code, flow in (("points", "talk-points"), ("voucher", "voucher")):
        set_code(operator, shopify.store_id, code, flow)
    folder = tmp_path_factory.mktemp("imports")
    buyers = begin(shopify, folder)
    ben = begin_elsewhere(woocommerce, folder)
    begin_sale(shopify, folder)
    addresses = {name: buyer.email for name, buyer in buyers.items()} | {"ben": ben.email}
    mailboxes = Mailboxes(shopify.driver, addresses, time.monotonic() + PATIENCE_S)
    return Rewards(shopify, woocommerce, buyers, ben, mailboxes)


def begin(shop: RewardShop, folder: Path) -> dict[str, ShopifyBuyer]:
    """All of them buy."""
    shop.sell(*TYPES)
    buyers = {name: ShopifyBuyer(shop, name) for name in ("celia", "olga", "gina", "winnie", "ada", "abe")}
    buyers |= {name: ShopifyBuyer(shop, name, make_phone()) for name in ("pia", "vera")}
    buyers["victor"] = ShopifyBuyer(shop, "victor", make_phone(), wants_news=False)
    buyers["guy"] = ShopifyBuyer(shop, "guy", has_account=False)
    celia = buyers["celia"]
    born = f"--{datetime.now(UTC) + timedelta(days=2):%m-%d}"
    import_people(shop, folder, {"email": celia.email, "first_name": "Mia", "country": "GB", "birthday": born})
    wait_for(lambda: find_known(shop, celia.email), "the import")
    celia.order()
    buyers["olga"].receive(buyers["olga"].order(days_ago=20))
    buyers["olga"].receive(buyers["olga"].order())
    for name in ("gina", "guy"):
        buyers[name].receive(buyers[name].order())
    buyers["winnie"].order(days_ago=88)
    for name in ("ada", "abe"):
        buyers[name].order("press")
    buyers["pia"].order(total="300.00")
    for name in ("vera", "victor"):
        buyers[name].order("cup")
    return buyers


def begin_sale(shop: RewardShop, folder: Path) -> None:
    """To who bought a brewer, once the engine knows who did."""
    file = folder / "brewers.yaml"
    file.write_text(SALE)
    draft = broadcasts.create_broadcast(shop.operator, shop.store_id, file)
    store = records.read_store(shop.operator, shop.store_id)
    wait_for(
        lambda: len(list(broadcasts.list_audience(shop.operator, store, draft))) == 2, "what they bought", PATIENCE_S
    )
    broadcasts.start_broadcast(shop.operator, shop.store_id, draft.broadcast_id)


def begin_elsewhere(shop: RewardShop, folder: Path) -> WooCommerceStory:
    """Ben's parcel came, from a shop on WooCommerce that he agreed to hear from."""
    email, phone, number = make_shopper()
    ben = WooCommerceStory(email, phone, number)
    proof = {"consent_source": "till", "consent_at": "2026-01-05", "consent_wording": "News, please"}
    agreed = {"email_marketing": "yes", "consent_confirmed": "yes"} | proof
    import_people(shop, folder, {"email": email, "first_name": "Ben", "country": "GB"} | agreed)
    wait_for(lambda: find_known(shop, email), "the import")
    shop.shop.post("order.updated", ben.order("delivered") | {"currency": "EUR"})
    return ben


def make_phone() -> str:
    """A British mobile number, new to the stack."""
    return f"+447400{secrets.randbelow(900_000) + 100_000}"


def import_people(shop: RewardShop, folder: Path, person: dict[str, str]) -> None:
    """What the shop knew of somebody before."""
    file = folder / f"{shop.store_id}.csv"
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, list(person))
        writer.writeheader()
        writer.writerow(person)
    assert import_file(shop.operator, shop.store_id, "customers", file, folder / "refused.csv").refused == 0


def find_known(shop: RewardShop, email: str) -> bool:
    return open_explainer(shop.operator).find(records.read_store(shop.operator, shop.store_id), email) is not None


def read_code(text: str) -> str:
    """The one code that a message says."""
    [code] = set(CODE.findall(text))
    return str(code)


def check_coupon(shop: RewardShop, text: str, days: int, *, uses: int = 1, **worth: str) -> str:
    """The code of a message is in the store with its worth and uses, until the last moment of the day that it says.

    It was asked for on the customer's own day, of which some have passed since they began.
    """
    code = read_code(text)
    coupon = shop.find_coupon(code)
    assert {name: Decimal(coupon[name]) for name in worth} == {name: Decimal(value) for name, value in worth.items()}
    assert coupon["uses"] == uses
    end = datetime.fromisoformat(coupon["ends_at"]).astimezone(BERLIN)
    last = (end - timedelta(seconds=1)).date()
    assert (end.hour, end.minute) == (0, 0)
    assert timedelta(days) <= last - BEGUN <= timedelta(days + MOST_DAYS)
    assert f"until {last:%a} {last.day} {last:%b}" in text
    return code


def test_points_become_a_code_in_a_talk(rewards: Rewards) -> None:
    pia = rewards.buyers["pia"].email
    wait_for(lambda: find_known(rewards.shopify, pia), "her order", PATIENCE_S)
    wait_for(lambda: rewards.find("pia").points == 300, "her points")
    talk = rewards.write_by_code("pia", "points")
    assert "€3.00" in talk.await_answer("300")["text"]
    talk.tap("Yes, please")
    said = talk.await_answer("Done, Mia")["text"]
    check_coupon(rewards.shopify, said, 90, amount="3")
    assert rewards.find("pia").points == 0


def test_a_voucher_is_used_once_and_nobody_is_reminded_of_it(rewards: Rewards) -> None:
    talk = rewards.write_by_code("victor", "voucher")
    talk.await_answer("What do you like best")
    talk.tap("Skip")
    talk.await_answer("what may I call you")
    talk.say("Victor")
    talk.await_answer("news to your e-mail address")
    talk.tap("No, thank you")
    code = check_coupon(rewards.shopify, talk.await_answer("Thank you, Victor")["text"], 4, percent="10")
    victor = rewards.buyers["victor"]
    victor.order(codes=[code.lower()])
    assert not rewards.shopify.keep(victor.fill_in(codes=[code])).ok
    store = records.read_store(rewards.shopify.operator, rewards.shopify.store_id)
    explain = open_explainer(rewards.shopify.operator)

    def list_verdicts() -> list[str]:
        told = explain(store, rewards.find("victor"), Question(journey="voucher"))
        return [line.code for entry in told.entries for line in entry.lines]

    wait_for(lambda: "voucher.run ended redeemed" in list_verdicts(), "the redemption")


def test_a_voucher_that_is_not_used_is_remembered(rewards: Rewards) -> None:
    talk = rewards.write_by_code("vera", "voucher")
    talk.await_answer("What do you like best")
    talk.tap("Skip")
    talk.await_answer("what may I call you")
    talk.tap("Skip")
    code = check_coupon(rewards.shopify, talk.await_answer("Thank you, Mia")["text"], 4, percent="10")
    assert code in rewards.mailboxes.await_mail("vera", "voucher_reminder")["text"]


def test_who_opens_the_account_gets_the_code_that_was_promised(rewards: Rewards) -> None:
    rewards.mailboxes.await_mail("guy", "guest_invitation")
    rewards.buyers["guy"].open_account()
    welcome = rewards.mailboxes.await_mail("guy", "guest_welcome")
    check_coupon(rewards.shopify, welcome["text"], 60, percent="10")


def test_a_friend_comes_by_a_code_and_who_passed_it_on_is_thanked(rewards: Rewards) -> None:
    offer = rewards.mailboxes.await_mail("olga", "referral_offer")
    code = check_coupon(rewards.shopify, offer["text"], 180, uses=10, percent="10")
    ShopifyBuyer(rewards.shopify, "fred").order(codes=[code])
    thanks = rewards.mailboxes.await_mail("olga", "referral_reward")
    check_coupon(rewards.shopify, thanks["text"], 30, percent="20")


def test_a_gift_comes_with_a_parcel(rewards: Rewards) -> None:
    gift = rewards.mailboxes.await_mail("gina", "surprise_gift")
    check_coupon(rewards.shopify, gift["text"], 40, percent="12")


def test_a_gift_of_a_shop_on_woocommerce_is_made_there(rewards: Rewards) -> None:
    gift = rewards.mailboxes.await_mail("ben", "surprise_gift")
    check_coupon(rewards.woocommerce, gift["text"], 40, percent="12")


def test_a_birthday_brings_a_code(rewards: Rewards) -> None:
    card = rewards.mailboxes.await_mail("celia", "birthday_gift")
    check_coupon(rewards.shopify, card["text"], 14, percent="15")


def test_points_come_with_an_order_and_reach_a_level(rewards: Rewards) -> None:
    assert "\n96\n" in rewards.mailboxes.await_mail("ada", "points_welcome")["text"]
    assert "\nSilver\n" in rewards.mailboxes.await_mail("ada", "tier_reached")["text"]
    assert rewards.find("ada").points == 96


def test_who_has_been_silent_is_shown_what_suits_them(rewards: Rewards) -> None:
    shown = rewards.mailboxes.await_mail("winnie", "win_back_picks")
    assert "Press" in shown["text"] or "Cup" in shown["text"]
    rewards.mailboxes.await_mail("winnie", "win_back")


def test_a_sale_reaches_who_bought_of_its_kind_each_with_a_code_of_their_own(rewards: Rewards) -> None:
    codes = set()
    for name in ("ada", "abe"):
        mail = rewards.await_subject(name, "A week of brewers")
        codes.add(check_coupon(rewards.shopify, mail["text"], 14, percent="15", minimum="40"))
        assert "15% off one order of €40.00 or more, until" in mail["text"]
    assert len(codes) == 2
