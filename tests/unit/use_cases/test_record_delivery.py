"""What became of a message: one move forward, and the engine hears of it where it matters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from okaeri.adapters.visitor_agents import recognise_machine
from okaeri.adapters.whatsapp_errors import read_status_error
from okaeri.domain.evidence import MessageOutcome
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.reports import AccountReport, EmailReport, TemplateReport, VisitReport, WhatsappReport
from okaeri.domain.templates import TemplateState
from okaeri.domain.values import Channel, Lane, Purpose
from okaeri.errors import TryAgain
from okaeri.use_cases.record_delivery import RecordDelivery
from record_delivery.payloads import read_ses_event
from tests.fakes import START
from tests.unit.use_cases.speaking import PHONE, STORE, Speaking

EVENTS = Path(__file__).parents[2] / "events/ses"
REF = "s1/c1/m1"


class World(Speaking):
    """The senders' world with the recorder in it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.record = RecordDelivery(
            messages=self.messages,
            stores=self.stores,
            templates=self.templates,
            numbers=self.numbers,
            queues=self.queues,
            clock=self.clock,
            log=self.log,
            read_error=read_status_error,
            recognise_machine=recognise_machine,
            chance=lambda: 0.0,
        )

    def say(self, state: MessageState = MessageState.ACCEPTED, **change: Any) -> Message:
        values = {"provider_id": "wamid.1", "address": PHONE} | change
        return self.decide(state=state, state_at=START, **values)

    def hear(self, status: str, *, code: str = "", provider_id: str = "wamid.1", ref: str = REF) -> Message:
        report = WhatsappReport(
            provider_id=provider_id, status=status, at=self.clock(), ref=ref, code=code, pricing={"category": "utility"}
        )
        self.record(report)
        return self.messages.messages["s1", "c1", "m1"]

    def hear_ses(self, name: str) -> Message:
        report = read_ses_event((EVENTS / f"{name}.json").read_text())
        assert report
        self.record(report.model_copy(update={"ref": REF}))
        return self.messages.messages["s1", "c1", "m1"]


@pytest.mark.parametrize(
    ("order", "end"),
    [
        (("sent", "delivered", "read"), MessageState.READ),
        (("read", "delivered", "sent"), MessageState.READ),
        (("delivered", "delivered", "sent"), MessageState.DELIVERED),
        (("sent", "read"), MessageState.READ),
        (("delivered", "failed"), MessageState.DELIVERED),
    ],
)
def test_statuses_move_a_message_forward_in_whatever_order(order: tuple[str, ...], end: MessageState) -> None:
    world = World()
    message = world.say()
    for status in order:
        message = world.hear(status)
    assert message.state is end
    assert world.outcomes == []


def test_a_status_settles_a_message_whose_answer_was_lost() -> None:
    world = World()
    world.say(MessageState.UNCONFIRMED, provider_id=None)
    assert world.hear("delivered").state is MessageState.DELIVERED


@pytest.mark.parametrize("ref", ["", "crm-4711", "s1/c1/unknown"])
def test_a_status_of_an_unknown_message_changes_nothing(ref: str) -> None:
    world = World()
    world.say()
    for status in ("sent", "failed", "read"):
        assert world.hear(status, code="131026", ref=ref).state is MessageState.ACCEPTED
    assert world.outcomes == []


def test_a_failure_is_told_once_with_code_and_address() -> None:
    world = World()
    world.say(MessageState.SENT, fallback=(Channel.EMAIL,))
    assert world.hear("failed", code="131026").state is MessageState.FAILED
    world.hear("failed", code="131026")
    assert set(world.outcomes) == {("failed", "131026")}
    assert len({envelope.id for _, envelope in world.queues.evidence}) == 1
    [told, _] = [envelope.evidence for _, envelope in world.queues.evidence]
    assert isinstance(told, MessageOutcome)
    assert told.address == PHONE


def test_a_failure_whose_telling_failed_is_told_when_the_chunk_comes_again() -> None:
    world = World()
    world.say()
    world.queues.failing = True
    with pytest.raises(TryAgain):
        world.hear("failed", code="131026")
    world.queues.failing = False
    world.hear("failed", code="131026")
    assert world.outcomes == [("failed", "131026")]


def test_a_withheld_marketing_message_without_fallback_is_tried_a_day_later() -> None:
    world = World()
    world.say(MessageState.SENT, purpose=Purpose.MARKETING)
    parked = world.hear("failed", code="131049")
    assert (parked.state, parked.attempt) == (MessageState.PARKED, 1)
    assert parked.parked_until == START + timedelta(days=1)
    for late in ("failed", "sent"):
        assert world.hear(late, code="131049").state is MessageState.PARKED
    assert world.outcomes == []


def test_a_withheld_message_with_a_fallback_goes_there_now() -> None:
    world = World()
    world.say(purpose=Purpose.MARKETING, fallback=(Channel.EMAIL,))
    assert world.hear("failed", code="131049").state is MessageState.FAILED
    assert [lane for lane, _ in world.queues.evidence] == [Lane.MARKETING]


def test_a_held_message_that_meta_drops_waits_for_its_template() -> None:
    world = World()
    world.say(MessageState.HELD)
    parked = world.hear("failed", code="132015")
    assert (parked.state, parked.parked_until) == (MessageState.PARKED, START + timedelta(hours=3))


def test_a_late_failure_of_the_first_attempt_does_not_end_the_second() -> None:
    world = World()
    world.say(provider_id="wamid.2", attempt=1, repeated=True)
    assert world.hear("failed", code="131000", provider_id="wamid.1").state is MessageState.ACCEPTED


def test_reading_is_told_only_to_who_asked() -> None:
    world = World()
    world.say(tell=("failed", "read"))
    world.hear("delivered")
    world.hear("read")
    world.hear("read")
    assert world.outcomes == [("read", "")]


# E-mail


def test_a_hard_bounce_names_the_dead_address() -> None:
    world = World()
    world.say(channel=Channel.EMAIL)
    assert world.hear_ses("bounce_permanent").state is MessageState.FAILED
    [(lane, envelope)] = world.queues.evidence
    assert isinstance(envelope.evidence, MessageOutcome)
    assert (envelope.evidence.outcome, envelope.evidence.code, envelope.evidence.address, lane) == (
        "bounced",
        "bounce_permanent_general",
        "aiko@example.jp",
        Lane.TRANSACTIONAL,
    )


def test_a_bounce_after_the_delivery_still_names_the_dead_address() -> None:
    world = World()
    world.say(channel=Channel.EMAIL)
    world.hear_ses("delivery")
    assert world.hear_ses("bounce_permanent").state is MessageState.DELIVERED
    assert world.outcomes == [("bounced", "bounce_permanent_general")]


def test_a_full_mailbox_fails_the_message_and_spares_the_address() -> None:
    world = World()
    world.say(channel=Channel.EMAIL)
    assert world.hear_ses("bounce_transient").state is MessageState.FAILED
    assert world.outcomes == [("failed", "bounce_transient_mailboxfull")]


def test_a_complaint_is_told_even_of_a_message_that_asked_for_nothing() -> None:
    world = World()
    world.say(channel=Channel.EMAIL, purpose=Purpose.MARKETING, tell=())
    world.hear_ses("complaint")
    assert world.outcomes == [("complained", "complaint_abuse")]


def test_a_click_after_the_opening_is_told_where_a_run_waits_for_it() -> None:
    world = World()
    world.say(channel=Channel.EMAIL, tell=("failed", "clicked"))
    world.hear_ses("open")
    assert world.hear_ses("click").state is MessageState.READ
    assert world.outcomes == [("clicked", "")]


@pytest.mark.parametrize(("name", "code"), [("reject", "rejected_by_ses"), ("rendering_failure", "rendering_failed")])
def test_what_ses_could_not_send_has_failed(name: str, code: str) -> None:
    world = World()
    world.say(channel=Channel.EMAIL)
    assert world.hear_ses(name).state is MessageState.FAILED
    assert world.outcomes == [("failed", code)]


def test_a_delay_is_no_failure() -> None:
    world = World()
    world.say(channel=Channel.EMAIL)
    assert world.hear_ses("delivery_delay").state is MessageState.ACCEPTED


def test_an_e_mail_without_our_tags_is_nobodys() -> None:
    body = (EVENTS / "delivery.json").read_text().replace('"message":', '"other":')
    assert read_ses_event(body) is None


def test_what_ses_tells_is_read_with_our_tags() -> None:
    report = read_ses_event((EVENTS / "delivery.json").read_text())
    assert isinstance(report, EmailReport)
    assert report.ref == f"kinari/{'c' * 40}/{'m' * 40}"
    assert report.at.isoformat() == "2026-11-02T10:00:04+00:00"


# Templates and accounts


def report_template(**change: Any) -> TemplateReport:
    values = {"waba_id": "2001", "meta_name": "order_confirmation_v1", "locale": "en", "at": START, "status": "PAUSED"}
    return TemplateReport.model_validate(values | change)


def read_state(world: World) -> TemplateState:
    return world.templates.states["s1", "order_confirmation", "en"]


def test_a_template_that_meta_paused_is_not_sent_any_more() -> None:
    world = World()
    world.record(report_template())
    assert (read_state(world).status, read_state(world).category) == ("PAUSED", "UTILITY")
    assert world.give(world.decide()).reason == "template_paused"


def test_a_template_that_meta_reinstates_is_approved_again() -> None:
    world = World()
    world.record(report_template())
    world.record(report_template(status="REINSTATED", at=START + timedelta(hours=1)))
    assert read_state(world).status == "APPROVED"


def test_a_template_that_meta_files_anew_keeps_its_status() -> None:
    world = World()
    world.record(report_template(status=None, category="MARKETING"))
    assert (read_state(world).status, read_state(world).category) == ("APPROVED", "MARKETING")


@pytest.mark.parametrize(
    "change",
    [
        {"waba_id": "other"},
        {"meta_name": "order_confirmation_v2"},
        {"meta_name": "crm_reminder"},
    ],
)
def test_notices_of_other_accounts_versions_and_apps_change_nothing(change: dict[str, str]) -> None:
    world = World()
    before = read_state(world)
    world.record(report_template(**change))
    assert read_state(world) == before
    assert list(world.templates.states) == [("s1", "order_confirmation", "en")]


def test_a_late_notice_does_not_undo_a_newer_one() -> None:
    world = World()
    world.record(report_template(status="APPROVED", at=START + timedelta(minutes=1)))
    world.record(report_template(status="PAUSED", at=START))
    assert read_state(world).status == "APPROVED"


def test_every_store_of_the_account_learns_of_it() -> None:
    world = World()
    world.stores.stores["s2"] = STORE.model_copy(update={"store_id": "s2"})
    world.record(report_template())
    assert {store_id for store_id, _, _ in world.templates.states} == {"s1", "s2"}


def test_an_account_notice_is_a_line_for_a_person() -> None:
    world = World()
    world.record(AccountReport(waba_id="2001", field="account_update", event="ACCOUNT_RESTRICTION", at=START))
    [(level, _, fields)] = world.log.lines
    assert (level, fields["event"]) == ("warning", "ACCOUNT_RESTRICTION")


@pytest.mark.parametrize("agent", ["Mozilla/5.0", "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"])
def test_pictures_that_a_program_fetches_are_kept_and_are_no_reading(agent: str) -> None:
    world = World()
    world.say(MessageState.DELIVERED, channel=Channel.EMAIL, tell=("failed", "read"))
    opened = read_ses_event((EVENTS / "open.json").read_text())
    assert opened
    world.record(opened.model_copy(update={"ref": REF, "agent": agent}))
    message = world.messages.messages["s1", "c1", "m1"]
    assert (message.state, message.machine_opened, world.outcomes) == (MessageState.DELIVERED, True, [])


def test_a_tap_on_our_link_is_a_click_and_shows_that_it_was_read() -> None:
    world = World()
    world.say(MessageState.DELIVERED, tell=("failed", "clicked"))
    world.clock.now += timedelta(minutes=1)
    world.record(VisitReport(ref=REF, at=world.clock(), link="abc", agent="Safari"))
    message = world.messages.messages["s1", "c1", "m1"]
    assert (message.state, message.clicked, world.outcomes) == (MessageState.READ, "person", [("clicked", "")])


@pytest.mark.parametrize("trait", [{"machine": "head"}, {"agent": "facebookexternalhit/1.1"}])
def test_a_program_that_follows_a_link_is_kept_and_nobody_is_told(trait: dict[str, str]) -> None:
    world = World()
    world.say(MessageState.DELIVERED, tell=("failed", "clicked"))
    world.record(VisitReport(ref=REF, at=world.clock(), link="abc", **trait))
    message = world.messages.messages["s1", "c1", "m1"]
    assert (message.state, message.clicked, world.outcomes) == (MessageState.DELIVERED, "machine", [])


def test_who_goes_through_all_links_at_once_was_no_person_after_all() -> None:
    world = World()
    world.say(MessageState.DELIVERED)
    world.clock.now += timedelta(minutes=1)
    for link in ("abc", "def"):
        world.record(VisitReport(ref=REF, at=world.clock(), link=link, agent="Safari"))
    assert world.messages.messages["s1", "c1", "m1"].clicked == "machine"
