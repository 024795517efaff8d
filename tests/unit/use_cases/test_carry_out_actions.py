"""A call is tried again for half an hour, a change of an order for seconds, a code is taken once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from unittest.mock import create_autospec

import pytest

from okaeri.domain.consent_copies import ConsentCopy
from okaeri.domain.coupons import Coupon, NewCoupon
from okaeri.domain.customers import Consent, Customer
from okaeri.domain.evidence import ActionDone
from okaeri.domain.records import ActionRequest
from okaeri.domain.stores import Store, StoreSettings
from okaeri.domain.values import Lane, Purpose
from okaeri.errors import GiveUp, TryAgain
from okaeri.use_cases.carry_out_actions import REFUSALS, CarryOutActions
from okaeri.use_cases.give_code import GiveCode
from okaeri.use_cases.keep_media import KeepMedia
from okaeri.use_cases.write_consent import WriteConsent
from tests.fakes import START, FakeClock, FakeCustomers, FakeQueues, FakeStores
from tests.unit.use_cases.speaking import STORE

SHOP = STORE.model_copy(update={"settings": StoreSettings(webhooks={"crm": "https://crm.example/okaeri"})})


LAST_DAY = date(2026, 12, 31)  # of the code C3


@dataclass
class Pool:
    """A pool in memory."""

    codes: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def draw(self, store_id: str, pool: str, *, action_id: str, customer_id: str, now: datetime) -> Coupon | None:
        if action_id not in self.given and self.codes:
            self.given[action_id] = self.codes.pop(0)
        code = self.given.get(action_id)
        return Coupon(code=code, last_day=LAST_DAY if code == "C3" else None) if code else None

    def name_code(self, store_id: str, code: str, *, action_id: str, customer_id: str, now: datetime) -> str:
        return self.named.setdefault(action_id, code)

    def note_owner(self, store_id: str, code: str, customer_id: str) -> None:
        self.owners[code] = customer_id


@dataclass
class Purse:
    """What codes have cost, in memory."""

    taken: dict[str, Decimal] = field(default_factory=dict)

    def take(self, store_id: str, journey: str, month: str, *, action_id: str, worth: Decimal, limit: Decimal) -> bool:
        if action_id not in self.taken and sum(self.taken.values()) + worth <= limit:
            self.taken[action_id] = worth
        return action_id in self.taken

    def give_back(self, store_id: str, journey: str, month: str, *, action_id: str) -> None:
        self.taken.pop(action_id, None)


@dataclass
class Webhook:
    """The shop's end of a call, which does what it is told to."""

    answer: Mapping[str, str] | Exception = field(default_factory=dict)
    calls: list[tuple[str, str, Any, str]] = field(default_factory=list)

    def call(self, store_id: str, url: str, body: str, *, call_id: str) -> Mapping[str, str]:
        self.calls.append((store_id, url, json.loads(body), call_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Api:
    """The store's own API, which does what it is told to."""

    answer: Mapping[str, str] | Exception = field(default_factory=dict)
    changes: list[tuple[str, str, Mapping[str, str], str]] = field(default_factory=list)
    made: list[NewCoupon] = field(default_factory=list)
    told: list[tuple[str, ConsentCopy]] = field(default_factory=list)

    def change_order(
        self, store: Store, order_id: str, *, do: str, wanted: Mapping[str, str], change_id: str
    ) -> Mapping[str, str]:
        self.changes.append((order_id, do, wanted, change_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def create_coupon(self, store: Store, coupon: NewCoupon) -> None:
        self.made.append(coupon)
        if isinstance(self.answer, Exception):
            raise self.answer

    def write_consent(self, store: Store, customer_id: str, copy: ConsentCopy) -> bool:
        self.told.append((customer_id, copy))
        if isinstance(self.answer, Exception):
            raise self.answer
        return True


class Lines:
    """A log that can be read."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, Mapping[str, object]]] = []

    def warning(self, msg: object, /, *, extra: Mapping[str, object]) -> None:
        self.lines.append((str(msg), extra))

    info = error = warning


@dataclass
class Actions:
    """The use case with all that it touches."""

    pool: Pool = field(default_factory=Pool)
    webhook: Webhook = field(default_factory=Webhook)
    queues: FakeQueues = field(default_factory=FakeQueues)
    log: Lines = field(default_factory=Lines)
    api: Api = field(default_factory=Api)
    purse: Purse = field(default_factory=Purse)
    customers: FakeCustomers = field(default_factory=FakeCustomers)
    dice: Iterator[int] = field(default_factory=count)
    store: Store = SHOP

    def carry_out(self, tries: int = 1, **request: Any) -> None:
        values = {
            "store_id": "s1",
            "customer_id": "c1",
            "action_id": "a" * 40,
            "kind": "call",
            "target": "crm",
            "journey": "vip",
            "purpose": Purpose.ORDER,
            "refs": {"order.id": "1001"},
            "data": {"tier": "gold"},
            "requested_at": START,
        }
        use_case = CarryOutActions(
            stores=FakeStores(self.store),
            webhooks=self.webhook,
            store_api=self.api,
            queues=self.queues,
            clock=FakeClock(),
            log=self.log,
            keep_media=create_autospec(KeepMedia, instance=True),
            give_code=GiveCode(
                coupons=self.pool,
                budgets=self.purse,
                store_api=self.api,
                clock=FakeClock(),
                choose=lambda below: next(self.dice) % below,
            ),
            write_consent=WriteConsent(self.customers, self.api),
        )
        use_case(ActionRequest.model_validate(values | request), tries=tries)

    def hear(self) -> ActionDone:
        """The one answer that the engine gets."""
        [(_, envelope)] = self.queues.evidence
        assert isinstance(envelope.evidence, ActionDone)
        return envelope.evidence


def test_the_shop_is_told_who_and_about_what_and_its_answer_reaches_the_run() -> None:
    actions = Actions(webhook=Webhook({"level": "gold"}))
    actions.carry_out()
    [(store_id, url, body, call_id)] = actions.webhook.calls
    assert (store_id, url, call_id) == ("s1", "https://crm.example/okaeri", "a" * 40)
    assert body == {
        "type": "okaeri.call",
        "timestamp": "2026-11-02T10:00:00.000000Z",
        "store": "s1",
        "journey": "vip",
        "customer": "c1",
        "refs": {"order.id": "1001"},
        "data": {"tier": "gold"},
    }
    done = actions.hear()
    assert (done.action, done.ok, done.data) == ("call", True, {"level": "gold"})
    assert actions.queues.evidence[0][1].evidence == done
    assert actions.queues.evidence[0][0] is Lane.TRANSACTIONAL


def test_what_a_marketing_journey_asked_for_does_not_come_before_orders() -> None:
    actions = Actions()
    actions.carry_out(purpose=Purpose.MARKETING)
    assert actions.queues.evidence[0][0] is Lane.MARKETING


def test_a_refusal_is_told_at_once_with_its_status() -> None:
    actions = Actions(webhook=Webhook(GiveUp("http_404")))
    actions.carry_out()
    assert (actions.hear().ok, actions.hear().data) == (False, {"reason": "http_404", "status": "404"})


def test_a_webhook_that_is_away_is_called_again_for_half_an_hour_and_then_the_run_goes_on() -> None:
    actions = Actions(webhook=Webhook(TryAgain("http_503")))
    waits = []
    for tries in (1, 2, 3, 4):
        with pytest.raises(TryAgain) as raised:
            actions.carry_out(tries)
        waits.append(raised.value.after_s)
        assert not actions.queues.evidence
    assert waits == sorted(waits, key=lambda wait: wait or 0)
    assert 1500 <= sum(wait or 0 for wait in waits) <= 1800
    actions.carry_out(tries=5)  # the last before the dead letters
    assert actions.hear().data == {"reason": "http_503", "status": "503"}
    assert {call_id for *_, call_id in actions.webhook.calls} == {"a" * 40}


def test_a_webhook_that_the_shop_does_not_list_is_never_called() -> None:
    actions = Actions()
    actions.carry_out(target="elsewhere")
    assert (actions.webhook.calls, actions.hear().data) == ([], {"reason": "webhook_unknown"})


def test_a_code_is_taken_once_however_often_it_is_asked_for() -> None:
    actions = Actions(pool=Pool(["A1", "B2"]))
    for _ in range(2):
        actions.carry_out(kind="coupon", target="thanks", data={})
    answers = [envelope.evidence for _, envelope in actions.queues.evidence]
    assert [answer.data for answer in answers if isinstance(answer, ActionDone)] == [{"code": "A1"}, {"code": "A1"}]
    assert len({envelope.id for _, envelope in actions.queues.evidence}) == 1  # one event for the engine
    actions.carry_out(kind="coupon", target="thanks", data={}, action_id="b" * 40)
    assert actions.pool.given["b" * 40] == "B2"


def test_a_code_comes_with_its_last_day() -> None:
    actions = Actions(pool=Pool(["C3"]))
    actions.carry_out(kind="coupon", target="thanks", data={})
    assert actions.hear().data == {"code": "C3", "last_day": "2026-12-31"}


def test_an_empty_pool_is_told_to_the_run_and_to_the_shop() -> None:
    actions = Actions()
    actions.carry_out(kind="coupon", target="thanks", data={})
    assert (actions.hear().ok, actions.hear().data) == (False, {"reason": "pool_empty"})
    [(line, extra)] = actions.log.lines
    assert line == "coupon pool empty"
    assert (extra["store"], extra["target"]) == ("s1", "thanks")


def test_the_log_holds_neither_the_data_of_a_call_nor_its_answer() -> None:
    actions = Actions(webhook=Webhook(GiveUp("http_400")))
    actions.carry_out(data={"note": "Aiko's secret"})
    assert "secret" not in str(actions.log.lines)


def test_a_run_hears_nothing_before_the_answer_is_queued() -> None:
    actions = Actions(webhook=Webhook({"level": "gold"}), queues=FakeQueues(failing=True))
    with pytest.raises(TryAgain):
        actions.carry_out()


# ── Codes made in the store ──

TEN_PERCENT: dict[str, Any] = {"kind": "coupon", "target": "", "data": {"percent": "10", "days": "14", "minimum": "50"}}


def test_a_code_is_made_in_the_store_and_what_it_is_worth_is_frozen() -> None:
    actions = Actions(store=SHOP.model_copy(update={"time_zone": "Asia/Tokyo"}))
    actions.carry_out(**TEN_PERCENT)
    [made] = actions.api.made
    assert (made.percent, made.amount, made.minimum, made.uses) == (Decimal(10), None, Decimal(50), 1)
    # 2 November, 19:00 in Tokyo: good until the 16th there is over.
    assert made.ends_at == datetime(2026, 11, 16, 15, tzinfo=UTC)
    assert actions.hear().data == {"code": made.code, "percent": "10", "minimum": "50", "last_day": "2026-11-16"}
    assert made.code == "S1-CDFG-HJKM"


def test_a_code_asked_for_twice_is_made_under_one_name() -> None:
    actions = Actions()
    for _ in range(2):
        actions.carry_out(**TEN_PERCENT)
    assert len({made.code for made in actions.api.made}) == 1
    actions.carry_out(**TEN_PERCENT, action_id="b" * 40)
    assert len({made.code for made in actions.api.made}) == 2


def test_the_shop_chooses_what_its_codes_begin_with() -> None:
    settings = StoreSettings(coupon_prefix="Linen & Co")
    actions = Actions(store=SHOP.model_copy(update={"settings": settings}))
    actions.carry_out(**TEN_PERCENT)
    assert actions.hear().data["code"].startswith("LINENCO-")


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        ("api_not_set_up", "api_not_set_up"),
        ("not_supported", "codes_not_supported"),
        ("not_allowed", "codes_not_allowed"),
    ],
)
def test_where_the_store_makes_no_codes_the_pool_stands_in(refusal: str, reason: str) -> None:
    actions = Actions(pool=Pool(["C3"]), api=Api(GiveUp(refusal)))
    actions.carry_out(**TEN_PERCENT | {"target": "thanks"})
    assert actions.hear().data == {"code": "C3", "percent": "10", "minimum": "50", "last_day": "2026-12-31"}
    without = Actions(api=Api(GiveUp(refusal)))
    without.carry_out(**TEN_PERCENT)
    assert (without.hear().ok, without.hear().data) == (False, {"reason": reason})


def test_a_code_that_the_store_refuses_is_not_replaced_by_another_one() -> None:
    actions = Actions(pool=Pool(["C3"]), api=Api(GiveUp("refused")))
    actions.carry_out(**TEN_PERCENT | {"target": "thanks"})
    assert (actions.hear().data, actions.pool.codes) == ({"reason": "refused"}, ["C3"])


def test_the_budget_is_kept_and_what_was_not_given_is_there_for_others() -> None:
    data = {"amount": "5", "budget": "8"}
    actions = Actions(api=Api(GiveUp("refused")))
    actions.carry_out(kind="coupon", target="", data=data)
    assert (actions.hear().data, actions.purse.taken) == ({"reason": "refused"}, {})
    actions.api.answer = {}
    actions.carry_out(kind="coupon", target="", data=data, action_id="b" * 40)
    actions.carry_out(kind="coupon", target="", data=data, action_id="c" * 40)
    answers = [envelope.evidence for _, envelope in actions.queues.evidence]
    assert [answer.data.get("reason") for answer in answers if isinstance(answer, ActionDone)] == [
        *("refused", None, "over_budget")
    ]
    assert actions.purse.taken == {"b" * 40: Decimal(5)}


def test_a_budget_counts_a_percentage_as_what_the_shop_says_that_it_is_worth() -> None:
    actions = Actions()
    data = {"percent": "10", "worth": "12.50", "budget": "20"}
    actions.carry_out(kind="coupon", target="", data=data)
    assert actions.purse.taken == {"a" * 40: Decimal("12.50")}


def test_nothing_is_given_within_a_budget_of_which_nobody_can_say_what_it_takes() -> None:
    """A setting that cannot be read as a number is left out: what counted as nothing would never come to an end."""
    actions = Actions()
    actions.carry_out(kind="coupon", target="", data={"percent": "10", "budget": "20"})
    assert (actions.api.made, actions.hear().data) == ([], {"reason": "no_offer"})


def test_a_store_that_is_away_for_too_long_leaves_the_budget_as_it_was() -> None:
    actions = Actions(api=Api(TryAgain("store_timeout")))
    request: dict[str, Any] = {"kind": "coupon", "target": "", "data": {"amount": "5", "budget": "8"}}
    with pytest.raises(TryAgain):
        actions.carry_out(**request)
    assert actions.purse.taken  # the code may have been made: it is held until that is known
    actions.carry_out(tries=5, **request)
    assert (actions.hear().data, actions.purse.taken) == ({"reason": "store_timeout"}, {})


def test_a_code_to_pass_on_has_an_owner_and_comes_from_no_pool() -> None:
    actions = Actions(pool=Pool(["C3"]))
    data = {"percent": "10", "uses": "20"}
    actions.carry_out(kind="coupon", target="thanks", data=data)
    [made] = actions.api.made
    assert (made.uses, actions.pool.owners) == (20, {made.code: "c1"})
    actions.api.answer = GiveUp("not_supported")
    actions.carry_out(kind="coupon", target="thanks", data=data, action_id="b" * 40)
    assert actions.pool.codes == ["C3"]


@pytest.mark.parametrize("data", [{}, {"percent": "120"}, {"percent": "0"}])
def test_what_is_worth_nothing_or_more_than_the_order_is_not_given(data: dict[str, str]) -> None:
    actions = Actions()
    actions.carry_out(kind="coupon", target="", data=data)
    assert (actions.api.made, actions.hear().data) == ([], {"reason": "no_offer"})


# ── Changes of orders ──

CANCEL: dict[str, Any] = {"kind": "change", "target": "cancel", "data": {"reason": "too late"}}


def test_an_order_is_changed_in_the_store_and_the_run_hears_what_that_brought() -> None:
    actions = Actions(api=Api({"refund": "101.00", "currency": "EUR"}))
    actions.carry_out(**CANCEL)
    assert actions.api.changes == [("1001", "cancel", {"reason": "too late"}, "a" * 40)]
    done = actions.hear()
    assert (done.action, done.ok) == ("change", True)
    assert done.data == {"refund": "101.00", "currency": "EUR", "outcome": "done"}


@pytest.mark.parametrize("reason", sorted(REFUSALS))
def test_what_the_store_does_not_do_is_refused_and_rings_no_alarm(reason: str) -> None:
    actions = Actions(api=Api(GiveUp(reason)))
    actions.carry_out(**CANCEL)
    assert (actions.hear().ok, actions.hear().data) == (False, {"reason": reason, "outcome": "refused"})
    assert [line for line, _ in actions.log.lines] == ["change refused"]


def test_an_answer_that_makes_no_sense_is_a_fault_that_the_shop_hears_of() -> None:
    actions = Actions(api=Api(GiveUp("store_misunderstood")))
    actions.carry_out(**CANCEL)
    assert actions.hear().data == {"reason": "store_misunderstood", "outcome": "failed"}
    assert [line for line, _ in actions.log.lines] == ["action failed"]


def test_a_change_that_the_shop_does_not_offer_never_reaches_the_store() -> None:
    settings = StoreSettings(self_service=("address", "note"))
    actions = Actions(store=SHOP.model_copy(update={"settings": settings}))
    actions.carry_out(**CANCEL)
    assert (actions.api.changes, actions.hear().data["reason"]) == ([], "not_offered")


def test_a_run_without_an_order_changes_none() -> None:
    actions = Actions()
    actions.carry_out(**CANCEL, refs={})
    assert (actions.api.changes, actions.hear().data["reason"]) == ([], "not_found")


def test_a_store_that_does_not_answer_is_asked_twice_more_while_the_shopper_waits() -> None:
    actions = Actions(api=Api(TryAgain("http_503")))
    waits = []
    for tries in (1, 2):
        with pytest.raises(TryAgain) as raised:
            actions.carry_out(tries, **CANCEL)
        waits.append(raised.value.after_s or 0)
        assert not actions.queues.evidence
    assert 0 < sum(waits) <= 20
    actions.carry_out(3, **CANCEL)
    assert actions.hear().data == {"reason": "store_busy", "outcome": "failed"}
    assert {change_id for *_, change_id in actions.api.changes} == {"a" * 40}


def test_the_wait_that_the_store_asks_for_is_kept_but_no_shopper_waits_a_minute() -> None:
    with pytest.raises(TryAgain) as raised:
        Actions(api=Api(TryAgain("throttled", after_s=8))).carry_out(**CANCEL)
    assert raised.value.after_s == 8
    actions = Actions(api=Api(TryAgain("throttled", after_s=60)))
    actions.carry_out(**CANCEL)
    assert actions.hear().data["reason"] == "store_busy"


# ── A consent that the store is told ──


def know(actions: Actions, *, source: str = "unsubscribe_page", given: bool = False, **changes: Any) -> None:
    """Their present word on marketing by e-mail."""
    word = Consent(given=given, at=START, source=source)
    customer = Customer(
        store_id="s1",
        customer_id="c1",
        version=1,
        created_at=START,
        emails=("jana@example.de",),
        store_customer_ids=("77",),
        consents={"email:marketing": word},
    )
    actions.customers.save(customer.model_copy(update=changes), sweep_at=None)


def tell_store(actions: Actions, tries: int = 1, target: str = "email") -> None:
    actions.carry_out(tries, kind="consent", target=target, journey="", purpose=Purpose.MARKETING, data={}, refs={})


def open_told(**api: Any) -> Actions:
    return Actions(api=Api(**api), store=STORE.model_copy(update={"settings": StoreSettings(write_consent=("email",))}))


def test_the_store_is_told_the_word_that_counts_when_it_is_told() -> None:
    """It was asked for at a STOP; they have agreed again since."""
    actions = open_told()
    know(actions, given=True, source="confirmation_page")
    tell_store(actions)
    [(customer_id, copy)] = actions.api.told
    assert (customer_id, copy.target, copy.address) == ("77", "email", "jana@example.de")
    assert (copy.word.given, copy.word.confirmed, copy.word.at) == (True, True, START)
    assert actions.hear().data == {"channel": "email", "given": "yes", "written": "yes"}


def test_a_newer_word_of_the_store_is_left_as_it_is() -> None:
    actions = open_told()
    know(actions, source="Shopify e-mail marketing consent")
    tell_store(actions)
    assert actions.api.told == []
    assert actions.hear().data == {"channel": "email", "written": "no", "reason": "newer_word"}


def test_each_record_of_theirs_is_told_and_one_that_is_gone_does_not_matter() -> None:
    actions = open_told()
    know(actions, store_customer_ids=("77", "78"))
    tell_store(actions)
    assert [customer_id for customer_id, _ in actions.api.told] == ["77", "78"]


@pytest.mark.parametrize(
    ("changes", "answer", "reason"),
    [
        ({"store_customer_ids": ()}, {}, "no_store_customer"),
        ({}, GiveUp("not_allowed"), "not_allowed"),
        ({}, GiveUp("other_address"), "other_address"),
    ],
)
def test_why_the_store_could_not_be_told_is_kept(changes: dict[str, Any], answer: Any, reason: str) -> None:
    actions = open_told(answer=answer)
    know(actions, **changes)
    tell_store(actions)
    done = actions.hear()
    assert (done.action, done.ok, done.data) == ("consent", False, {"channel": "email", "reason": reason})
    needs_a_person = reason == "not_allowed"
    assert [line for line, _ in actions.log.lines] == ["action failed" if needs_a_person else "consent refused"]


def test_a_shop_that_switched_it_off_meanwhile_is_told_nothing() -> None:
    actions = Actions()
    know(actions)
    tell_store(actions)
    assert (actions.api.told, actions.hear().data["reason"]) == ([], "not_offered")


def test_a_store_that_is_down_is_told_again_for_half_an_hour() -> None:
    actions = open_told(answer=TryAgain("http_503"))
    know(actions)
    for tries in (1, 2, 3, 4):
        with pytest.raises(TryAgain, match="http_503"):
            tell_store(actions, tries)
    tell_store(actions, 5)
    assert actions.hear().data == {"channel": "email", "reason": "http_503", "status": "503"}
