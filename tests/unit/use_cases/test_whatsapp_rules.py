"""Meta's rules on the way out: its caps and refusals, what a number may send, what a message costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okaeri.domain.customers import Consent
from okaeri.domain.delivery import Receipt
from okaeri.domain.evidence import WhatsappKnown
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.numbers import NumberState
from okaeri.domain.reports import AccountReport, TemplateReport, WhatsappReport
from okaeri.domain.values import Channel, Lane, Purpose
from okaeri.errors import GiveUp, StopSender, TryAgain
from okaeri.use_cases.keep_house import KeepHouse
from okaeri.use_cases.measure_allowance import MeasureAllowance
from tests.fakes import START, FakeDueIndex
from tests.unit.use_cases.speaking import PHONE, STORE, TEMPLATE
from tests.unit.use_cases.test_record_delivery import World as Recording

BRAZIL = "+5511987654321"
EMAIL_TOO = (Channel.EMAIL,)
CAP = TryAgain("131049", after_s=86_400)


class World(Recording):
    """Sender, recorder and sweep."""

    def report(self, message: Message, status: str, **details: Any) -> Message:
        """Meta's status of the attempt that it took last."""
        ref = f"s1/c1/{message.message_id}"
        provider_id = details.pop("provider_id", self.read(message).provider_id)
        self.record(WhatsappReport(provider_id=provider_id, status=status, at=self.clock(), ref=ref, **details))
        return self.read(message)

    def sweep(self) -> list[Message]:
        """The sweep hands on what is due, and the sender takes it."""
        due = FakeDueIndex(self.customers, self.messages)
        before = len(self.queues.messages)
        KeepHouse(due=due, messages=self.messages, queues=self.queues, clock=self.clock)(lambda: True)
        handed = [sent.queued for sent in self.queues.messages[before:]]
        for queued in handed:
            self.send_whatsapp(queued)
        return [self.messages.messages[q.store_id, q.customer_id, q.message_id] for q in handed]

    def hold(self, **state: Any) -> None:
        """What Meta says of the number."""
        self.numbers.put(NumberState(phone_number_id="1001", waba_id="2001", **state))


# The cap on marketing per person (131049)


@pytest.mark.parametrize("is_told_later", [False, True])
def test_a_message_that_meta_withheld_really_goes_out_a_day_later_under_a_new_id(is_told_later: bool) -> None:
    # Chatwoot #14120: a retry that says sent, and sends nothing.
    world = World()
    world.whatsapp.answers = [Receipt(provider_id="wamid.1")] if is_told_later else [CAP]
    message = world.give(world.decide(purpose=Purpose.MARKETING))
    if is_told_later:
        message = world.report(message, "failed", code="131049")
    assert (message.state, message.parked_until) == (MessageState.PARKED, START + timedelta(days=1))

    world.later(hours=23, minutes=59)
    assert world.sweep() == []
    world.later(minutes=1)
    world.whatsapp.answers = [Receipt(provider_id="wamid.2")]
    [sent] = world.sweep()
    assert len(world.whatsapp.sent) == 2
    assert (sent.state, sent.provider_id, sent.attempt) == (MessageState.ACCEPTED, "wamid.2", 1)
    # What is still said of the first attempt is not believed of the second.
    assert world.report(sent, "failed", code="131049", provider_id="wamid.1").state is MessageState.ACCEPTED
    assert world.report(sent, "delivered").state is MessageState.DELIVERED


@pytest.mark.parametrize("is_told_later", [False, True])
def test_who_is_at_the_cap_a_day_later_too_is_left_in_peace(is_told_later: bool) -> None:
    world = World()
    world.whatsapp.answers = [CAP]
    message = world.give(world.decide(purpose=Purpose.MARKETING))
    world.later(days=1)
    world.whatsapp.answers = [Receipt(provider_id="wamid.2")] if is_told_later else [CAP]
    [message] = world.sweep()
    if is_told_later:
        message = world.report(message, "failed", code="131049")
    assert (message.state, message.reason) == (MessageState.FAILED, "131049")
    assert world.outcomes == [("failed", "131049")]


@pytest.mark.parametrize("is_told_later", [False, True])
def test_who_is_at_the_cap_gets_it_on_the_next_channel_at_once(is_told_later: bool) -> None:
    world = World()
    world.whatsapp.answers = [] if is_told_later else [CAP]
    message = world.give(world.decide(purpose=Purpose.MARKETING, fallback=EMAIL_TOO))
    if is_told_later:
        message = world.report(message, "failed", code="131049")
    assert (message.state, world.outcomes) == (MessageState.FAILED, [("failed", "131049")])


def test_a_reminder_that_would_be_stale_by_then_does_not_wait_for_the_day() -> None:
    world = World()
    world.whatsapp.answers = [CAP]
    message = world.give(world.decide(purpose=Purpose.MARKETING, valid_until=START + timedelta(hours=20)))
    assert (message.state, message.reason) == (MessageState.FAILED, "131049")


def test_what_became_untrue_during_the_day_is_not_said() -> None:
    world = World()
    world.whatsapp.answers = [CAP]
    world.give(world.decide(purpose=Purpose.MARKETING))
    world.change_customer(consents={"whatsapp:all": Consent(given=False, at=START, source="whatsapp reply")})
    world.later(days=1)
    [message] = world.sweep()
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, "stopped_by_customer")


def test_who_is_in_an_experiment_of_metas_gets_it_elsewhere_and_stays_reachable() -> None:
    world = World()
    world.whatsapp.answers = [GiveUp("130472")]
    message = world.give(world.decide(purpose=Purpose.MARKETING, fallback=EMAIL_TOO))
    assert (message.state, world.outcomes) == (MessageState.FAILED, [("failed", "130472")])


def test_too_many_messages_to_one_person_wait_longer_each_time() -> None:
    world = World()
    message = world.give(world.decide())
    for attempt, wait_s in enumerate((4, 16, 64)):
        world.whatsapp.answers = [Receipt(provider_id=f"wamid.{attempt}")]
        parked = world.report(message, "failed", code="131056")
        assert parked.parked_until == world.clock() + timedelta(seconds=wait_s)
        world.later(seconds=wait_s)
        [message] = world.sweep()


# What Meta says of a template


def test_a_template_that_meta_files_as_marketing_and_back_is_obeyed_both_ways() -> None:
    world = World()
    world.change_customer(consents={"whatsapp:order": Consent(given=True, at=START, source="test")})
    news = TemplateReport(waba_id="2001", meta_name="order_confirmation_v1", locale="en", at=START)
    world.record(news.model_copy(update={"category": "MARKETING"}))
    refused = world.give(world.decide(fallback=EMAIL_TOO))
    assert (refused.state, refused.reason) == (MessageState.FAILED, "template_is_marketing")
    assert world.outcomes == [("failed", "template_is_marketing")]
    assert world.whatsapp.sent == []

    world.record(news.model_copy(update={"category": "UTILITY", "at": START + timedelta(hours=1)}))
    assert world.give(world.decide(message_id="m2")).state is MessageState.ACCEPTED


def test_an_order_message_that_meta_calls_marketing_is_not_sent_to_the_united_states() -> None:
    world = World()
    world.publish(TEMPLATE, category="MARKETING")
    world.change_customer(phones=("+12125550123",))
    assert world.give(world.decide(fallback=EMAIL_TOO)).reason == "template_is_marketing"


def test_marketing_to_the_united_states_goes_by_e_mail() -> None:
    world = World()
    world.change_customer(phones=("+12125550123",))
    message = world.give(world.decide(purpose=Purpose.MARKETING, fallback=EMAIL_TOO))
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, "us_number")
    assert world.outcomes == [("failed", "us_number")]


def test_a_templates_quality_is_kept_beside_its_status() -> None:
    world = World()
    world.record(
        TemplateReport(waba_id="2001", meta_name="order_confirmation_v1", locale="en", at=START, quality="RED")
    )
    state = world.templates.states["s1", "order_confirmation", "en"]
    assert (state.status, state.quality) == ("APPROVED", "RED")


# What Meta says of a number


def test_a_flagged_number_keeps_marketing_waiting_and_order_messages_going() -> None:
    world = World()
    details = {"event": "FLAGGED", "current_limit": "TIER_2K"}
    world.record(
        AccountReport(waba_id="2001", field="phone_number_quality_update", event="FLAGGED", at=START, details=details)
    )
    marketing = world.give(world.decide(purpose=Purpose.MARKETING, fallback=EMAIL_TOO))
    assert (marketing.state, marketing.reason, marketing.attempt) == (MessageState.PARKED, "number_quality_red", 0)
    assert world.give(world.decide(message_id="m2")).state is MessageState.ACCEPTED


def test_a_disabled_account_sends_order_messages_by_e_mail() -> None:
    world = World()
    details = {"event": "DISABLED_UPDATE", "ban_state": "DISABLE"}
    world.record(
        AccountReport(waba_id="2001", field="account_update", event="DISABLED_UPDATE", at=START, details=details)
    )
    message = world.give(world.decide(fallback=EMAIL_TOO))
    assert (message.state, message.reason) == (MessageState.FAILED, "account_disabled")
    waiting = world.give(world.decide(message_id="m2"))
    assert (waiting.state, waiting.parked_until) == (MessageState.PARKED, START + timedelta(days=1))
    assert world.whatsapp.sent == []


def test_a_number_at_its_spam_limit_is_not_asked_again_for_each_message_of_a_broadcast() -> None:
    world = World()
    world.later(hours=-5)  # early in the afternoon in Tokyo
    world.whatsapp.answers = [StopSender("131048", until_s=3600)]
    for number in range(5):
        message = world.give(world.decide(message_id=f"m{number}", purpose=Purpose.MARKETING))
        assert (message.state, message.reason) == (MessageState.PARKED, "131048")
    assert len(world.whatsapp.sent) == 1
    assert world.give(world.decide(message_id="order")).state is MessageState.ACCEPTED
    assert MeasureAllowance(world.numbers, world.clock).how_many_now(STORE, "1001") == 0
    world.later(hours=1)
    assert world.give(world.decide(message_id="later", purpose=Purpose.MARKETING)).state is MessageState.ACCEPTED


def test_a_refusal_of_the_number_that_comes_by_a_status_stops_marketing_too() -> None:
    world = World()
    message = world.give(world.decide(fallback=EMAIL_TOO))
    assert world.report(message, "failed", code="131048").state is MessageState.FAILED
    state = world.numbers.get("1001")
    assert state
    assert (state.marketing_stopped, state.marketing_stopped_until) == ("131048", START + timedelta(hours=1))


def test_a_notice_of_another_account_changes_no_number_of_ours() -> None:
    world = World()
    details = {"event": "ACCOUNT_DELETED"}
    world.record(AccountReport(waba_id="9", field="account_update", event="ACCOUNT_DELETED", at=START, details=details))
    assert world.numbers.states == {}


# How fast, and how many


def test_a_message_before_its_time_goes_back_to_its_queue_untouched() -> None:
    world = World()
    world.pace.pair_wait_s = 4.5
    message = world.give(world.decide())
    assert (message.state, message.attempt, world.whatsapp.sent) == (MessageState.QUEUED, 0, [])
    [handed] = world.queues.messages
    assert (handed.delay_s, handed.lane, handed.queued.attempt) == (4.5, Lane.TRANSACTIONAL, 0)
    world.pace.pair_wait_s = 0
    assert world.give(message).state is MessageState.ACCEPTED


@pytest.mark.parametrize(("store_rate", "state_rate", "kept"), [(None, None, 80), (None, 1000, 1000), (20, 1000, 20)])
def test_a_number_is_paced_at_its_own_rate(store_rate: int | None, state_rate: int | None, kept: int) -> None:
    world = World()
    world.stores.stores["s1"] = STORE.model_copy(update={"whatsapp_per_second": store_rate})
    if state_rate:
        world.hold(per_second=state_rate)
    world.give(world.decide())
    assert world.pace.kept == [("1001", kept)]


def test_only_what_meta_took_counts_as_written_to_a_person() -> None:
    world = World()
    world.whatsapp.answers = [TryAgain("131000")]
    refused = world.give(world.decide())
    assert (refused.state, world.pace.sent) == (MessageState.QUEUED, [])
    world.give(refused)
    assert world.pace.sent == [("1001", PHONE)]


@pytest.mark.parametrize(
    ("tier", "purpose", "hours", "is_counted"),
    [
        ("2000", Purpose.ORDER, 25, True),
        ("2000", Purpose.ORDER, 1, False),  # they wrote an hour ago: nobody opened anything
        ("unlimited", Purpose.MARKETING, 25, False),
        (None, Purpose.MARKETING, 25, True),
        (None, Purpose.ORDER, 25, False),  # no limit is known that would need it
    ],
)
def test_who_is_written_to_first_counts_for_the_portfolios_limit(
    tier: str | None, purpose: Purpose, hours: int, is_counted: bool
) -> None:
    world = World()
    if tier:
        world.hold(tier=tier)
    world.change_customer(window_opened_at=START - timedelta(hours=hours))
    assert world.give(world.decide(purpose=purpose)).state is MessageState.ACCEPTED
    assert world.numbers.count_opened("2001", since=START) == int(is_counted)


def test_a_broadcast_is_told_how_many_people_are_left_and_order_messages_have_their_reserve() -> None:
    world = World()
    allowance = MeasureAllowance(world.numbers, world.clock)
    assert allowance.how_many_now(STORE, "1001") == 200  # no limit is known: the first tier, less a fifth
    world.hold(tier="2000")
    for _ in range(1_590):
        world.numbers.note_opened("2001", START)
    assert allowance.how_many_now(STORE, "1001") == 10
    world.later(hours=25)
    assert allowance.how_many_now(STORE, "1001") == 1600
    world.hold(tier="unlimited")
    assert allowance.how_many_now(STORE, "1001") > 100_000
    world.hold(tier="2000", quality="RED")
    assert allowance.how_many_now(STORE, "1001") == 0


def test_order_messages_are_sent_even_where_the_limit_is_used_up() -> None:
    world = World()
    world.hold(tier="250")
    world.change_customer(window_opened_at=None)
    for _ in range(1_000):
        world.numbers.note_opened("2001", START)
    assert world.give(world.decide()).state is MessageState.ACCEPTED


# What it costs


def to_brazil(world: World, **change: Any) -> Message:
    world.change_customer(phones=(BRAZIL,))
    return world.decide(**change)


def test_a_message_is_priced_before_it_is_sent_and_settled_by_metas_own_word() -> None:
    world = World()
    message = world.give(to_brazil(world))
    assert message.cost
    assert (message.cost.amount, message.cost.category, message.cost.market) == ("0.0034", "utility", "BR")
    assert not message.cost.settled
    sent = world.report(message, "sent", pricing={"billable": "True", "type": "regular", "category": "utility"})
    assert sent.cost
    assert (sent.cost.amount, sent.cost.settled) == ("0.0034", True)
    read = world.report(message, "read")  # brings no pricing, and takes none away
    assert read.cost == sent.cost


def test_a_status_that_outruns_metas_answer_finds_the_estimate_there() -> None:
    world = World()
    message = to_brazil(world)

    def tell() -> None:
        world.report(message, "sent", provider_id="id.1", pricing={"type": "regular", "category": "utility"})

    world.whatsapp.during = tell
    cost = world.give(message).cost
    assert cost
    assert (cost.amount, cost.settled) == ("0.0034", True)


def test_a_repeated_message_is_estimated_anew() -> None:
    world = World()
    world.later(hours=28)  # eleven in the morning in São Paulo, and no holiday
    message = world.give(to_brazil(world, purpose=Purpose.MARKETING))
    world.report(message, "sent", pricing={"type": "free_entry_point", "category": "referral_conversion"})
    world.report(message, "failed", code="131049")
    world.later(days=1)
    [again] = world.sweep()
    assert again.cost
    assert (again.cost.settled, again.cost.type) == (False, "regular")


def test_an_answer_is_priced_as_service_and_nothing_within_three_days_of_an_advertisement() -> None:
    world = World()
    answer = world.give(to_brazil(world, free_form=True))
    assert answer.cost
    assert (answer.cost.category, answer.cost.amount) == ("service", "0.0034")
    world.change_customer(free_entry_until=START + timedelta(hours=72))
    free = world.give(world.decide(message_id="m2", free_form=True))
    assert free.cost
    assert (free.cost.type, free.cost.amount) == ("free_entry_point", "0")


def test_metas_category_prices_a_template_and_not_ours() -> None:
    world = World()
    world.publish(TEMPLATE, category="MARKETING")
    message = world.give(to_brazil(world))
    assert message.cost
    assert (message.cost.category, message.cost.amount) == ("marketing", "0.025")


def test_an_e_mail_has_its_price_too() -> None:
    world = World()
    message = world.give(world.decide(channel=Channel.EMAIL))
    assert message.cost
    assert (message.cost.category, message.cost.amount) == ("email", "0.0001")


# Whom Meta knows


def known(world: World) -> list[WhatsappKnown]:
    return [e.evidence for _, e in world.queues.evidence if isinstance(e.evidence, WhatsappKnown)]


def test_another_number_or_user_id_in_metas_answer_is_told_to_the_engine() -> None:
    world = World()
    world.whatsapp.answers = [Receipt(provider_id="wamid.1", phone="+819099999999", wa_user_id="JP.1")]
    world.give(world.decide())
    [told] = known(world)
    assert (told.customer_id, told.phone, told.wa_user_id) == ("c1", "+819099999999", "JP.1")


@pytest.mark.parametrize("receipt", [Receipt(provider_id="wamid.1", phone=PHONE), Receipt(provider_id="wamid.1")])
def test_an_answer_that_says_nothing_new_is_told_to_nobody(receipt: Receipt) -> None:
    world = World()
    world.whatsapp.answers = [receipt]
    world.give(world.decide())
    assert world.queues.evidence == []
