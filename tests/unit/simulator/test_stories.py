"""Stories: what a shopper would read and when, and what a mistake in a story is answered with."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from command_line.publish import Catalogue, load_catalogue
from okaeri.catalogue.compile_journeys import compile_journey
from simulator.play import play
from simulator.result import Decided, Result
from simulator.story_source import StoryError, load_story, read_story

DOCS = Path(__file__).parents[3] / "docs"
STORIES = sorted((DOCS / "stories").glob("*.yaml"))
BERLIN = """
shop: {name: Nordlicht, locale: en, country: DE, time_zone: Europe/Berlin, currency: EUR}
shopper:
  {first_name: Lena, phone: "+4915123456789", email: lena@example.de, locale: en, country: DE,
   agrees_to: [whatsapp order, whatsapp marketing]}
"""


def tell(events: str, *journeys: str) -> Result:
    """A shopper in Berlin; with journeys, those alone."""
    catalogue = load_catalogue()
    if journeys:
        own = tuple(compile_journey(text, "own.yaml") for text in journeys)
        catalogue = Catalogue(journeys=own, templates=catalogue.templates)
    return play(read_story(f"story: told by a test{BERLIN}events:\n{events}"), catalogue)


def play_shipped(name: str) -> Result:
    return play(load_story(DOCS / "stories" / f"{name}.yaml"))


def test_a_first_order_is_welcomed_once_it_is_paid_told_of_on_its_way_and_asked_about_a_week_later() -> None:
    *told, review = play_shipped("first-order").list_told("whatsapp")
    assert told == [
        "2026-11-02 12:04 whatsapp order_confirmation_welcome",
        "2026-11-03 12:04 whatsapp shipment_shipped",
        "2026-11-06 12:14 whatsapp shipment_delivered",
    ]
    assert re.fullmatch(r"2026-11-14 10:[01]\d whatsapp review_request", review)  # spread over 15 minutes


def test_a_parcel_that_is_not_there_on_its_day_is_noticed_the_morning_after() -> None:
    told = play_shipped("late-parcel").list_told("whatsapp")
    assert re.fullmatch(r"2026-11-20 10:[01]\d whatsapp delivery_late", told[3])
    assert told[4] == "2026-11-21 18:00 whatsapp shipment_delayed"
    assert sum("delivery_late" in line for line in told) == 1


def test_a_cart_left_in_the_evening_is_reminded_of_in_the_morning_and_never_after_it_was_bought() -> None:
    told = play_shipped("left-cart").list_told("whatsapp")
    assert re.fullmatch(r"2026-11-03 09:[01]\d whatsapp cart_reminder_1", told[0])  # spread over 15 minutes
    assert told[-1] == "2026-11-04 19:40 whatsapp order_confirmation_welcome"
    assert not any("cart_reminder_3" in message for message in told)


def test_a_phone_without_whatsapp_is_told_by_mail_from_then_on_and_the_reason_is_shown() -> None:
    result = play_shipped("not-on-whatsapp")
    assert result.list_templates("whatsapp") == ["order_confirmation_welcome"]  # the one that failed
    assert [(held.template, held.reason) for held in result.held] == [("order_confirmation_welcome", "131026")]
    assert result.list_templates("email")[-2:] == ["shipment_out_for_delivery", "shipment_delivered"]


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_shipped_stories_play_to_their_end_alike_each_time_and_are_described(story: Path) -> None:
    first, second = play(load_story(story)), play(load_story(story))
    assert first == second
    assert first.messages and first.waiting == ()
    assert json.loads(json.dumps(first.to_json()))["log"]
    assert f"stories/{story.name}" in (DOCS / "simulate.md").read_text("utf-8")


def test_a_wait_of_400_days_plays_in_a_moment_and_ends_at_ten_by_the_wall_clock() -> None:
    anniversary = """
journey: a-year-later
version: 1
purpose: order
trigger: {event: order.placed, key: order.id}
steps:
  - wait: {for: P400D, at: "10:00"}
  - send: order_confirmation
"""
    load_catalogue()  # compiled once for all
    started = time.perf_counter()
    result = tell('  - {at: "2026-03-01 12:00 Europe/Berlin", order: }', anniversary)
    assert time.perf_counter() - started < 2
    (message,) = result.messages
    assert re.fullmatch(r"2027-04-06 10:\d\d", f"{message.at:%Y-%m-%d %H:%M}")
    assert message.at.utcoffset() != result.log[0].at.utcoffset()  # summer time began meanwhile


def test_a_shopper_who_stops_gets_one_answer_and_nothing_after_it() -> None:
    result = tell("""
  - {at: "2026-11-02 12:00", order: }
  - {after: PT1H, stops: }
  - {after: P1D, parcel: shipped}
""")
    assert result.list_templates("whatsapp") == ["order_confirmation_welcome", "stop_confirmed"]
    assert result.list_templates("email")[-1] == "shipment_shipped"


def test_a_tap_answers_the_message_that_has_the_button() -> None:
    result = tell("""
  - {at: "2026-11-02 12:00", order: {payment: pending, cash_on_delivery: true, offline_payment: true}}
  - {after: PT1H, taps: CONFIRM_ORDER}
""")
    assert result.list_templates("whatsapp") == ["order_confirmation_cod", "order_cod_confirmed"]


def test_a_talk_is_played_by_its_words_and_rows() -> None:
    result = tell("""
  - {at: "2026-11-02 12:00", order: }
  - {after: PT1H, writes: menu}
  - {after: PT1M, taps: Talk to a person}
""")
    _, menu, person = result.list_templates("whatsapp")
    assert (menu, person) == ("talk_menu", "talk_person")
    said = next(message for message in result.messages if message.template == "talk_menu")
    assert "Where is my order?" in said.buttons


def test_messages_read_as_the_shopper_reads_them() -> None:
    result = tell("""
  - at: "2026-11-02 12:00"
    order: {items: ["2 × Wool blanket @ 89.00"]}
""")
    whatsapp, mail = result.messages
    assert "Lena" in whatsapp.text and "Wool blanket × 2" in whatsapp.text and "178" in whatsapp.text
    assert whatsapp.buttons == ("View your order",)
    assert mail.first_line == mail.subject and "#1001" in mail.subject


GIFT = """
journey: gift
version: 1
purpose: order
trigger: {event: order.placed, key: order.id}
steps:
  - call: {id: crm, webhook: crm, timeout: PT10M}
  - branch:
      - when: {field: call.crm.level, is: gold}
        steps: [{issue_coupon: {id: thanks, pool: gold}}]
  - branch:
      - when: {field: coupon.thanks, exists: true}
        steps: [{send: order_confirmation}]
      - when: {field: run.outcome, is: timeout}
        steps: [{send: payment_pending}]
      - otherwise: [{send: payment_received}]
"""


GOLD = "  - {after: PT1M, webhooks_are: {crm: {level: gold}}}\n"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (GOLD, "order_confirmation"),
        (
            f"{GOLD}  - {{pools_are: {{gold: failed}}}}\n",
            "payment_received",
        ),
        ("  - {after: PT1M, webhooks_are: {crm: silent}}\n", "payment_pending"),
        ("", "payment_received"),
    ],
)
def test_the_shop_s_webhooks_and_pools_do_as_the_story_tells(told: str, said: str) -> None:
    start = '  - {at: "2026-11-02 12:00", messages_are: {whatsapp: delivered}}\n'
    result = tell(f"{start}{told}  - {{after: PT1M, order: {{payment: pending}}}}", GIFT)
    assert result.list_templates("whatsapp") == [said]


CHANGE = """
journey: change
version: 1
purpose: order
trigger: {event: order.placed, key: order.id}
steps:
  - change_order: {id: cancel, do: cancel}
  - branch:
      - when: {field: run.outcome, is: done}
        steps: [{send: order_confirmation}]
      - when: {field: change.cancel.reason, is: too_late}
        steps: [{send: payment_pending}]
      - when: {field: run.outcome, is: timeout}
        steps: [{send: order_cancelled}]
      - otherwise: [{send: payment_received}]
"""


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("", "order_confirmation"),
        ("{cancel: {refund: 101}}", "order_confirmation"),
        ("{cancel: too_late}", "payment_pending"),
        ("{cancel: failed}", "payment_received"),
        ("{cancel: silent}", "order_cancelled"),
    ],
)
def test_the_store_changes_orders_as_the_story_tells(told: str, said: str) -> None:
    start = '  - {at: "2026-11-02 12:00", messages_are: {whatsapp: delivered}}\n'
    change = f"  - {{after: PT1M, changes_are: {told}}}\n" if told else ""
    result = tell(f"{start}{change}  - {{after: PT1M, order: {{payment: pending}}}}", CHANGE)
    assert result.list_templates("whatsapp") == [said]


def test_a_change_or_a_reason_that_nobody_knows_is_a_mistake() -> None:
    start = '  - {at: "2026-11-02 12:00", order: }\n'
    for told, what in (
        ("{burn: too_late}", "unknown change 'burn'"),
        ("{cancel: tomorrow}", "unknown fate 'tomorrow'"),
    ):
        with pytest.raises(StoryError, match=what):
            tell(f"{start}  - {{after: PT1M, changes_are: {told}}}")


def test_every_event_of_the_store_that_does_nothing_says_so() -> None:
    result = tell('  - {at: "2026-11-02 12:00", order: }\n  - {after: P1D, withdraws: whatsapp marketing}')
    idle = [entry for entry in result.log if isinstance(entry, Decided) and entry.event == "consent.withdrawn"]
    assert [finding.verdict for entry in idle for finding in entry.findings] == ["nothing to do"]


@pytest.mark.parametrize(
    ("events", "line", "what"),
    [
        ("  - {at: yesterday, order: }", 7, "'yesterday' is no moment"),
        ("  - {after: P1D, order: }", 7, "a story begins at a moment"),
        ('  - {at: "2026-11-02 12:00", oder: }', 7, "unknown happening 'oder'"),
        ('  - {at: "2026-11-02 12:00", order: , paid: }', 7, "one thing happens at a time; found order, paid"),
        ('  - {at: "2026-11-02 12:00", order: }\n  - {at: "2026-11-01 12:00", paid: }', 8, "this is before"),
        ('  - {at: "2026-11-02 12:00", paid: }', 7, "there is no order"),
        ('  - {at: "2026-11-02 12:00", order: }\n  - {after: PT1M, parcel: lost}', 8, "'lost' is no state of a parcel"),
        ('  - {at: "2026-11-02 12:00", order: }\n  - {after: PT1M, taps: Buy}', 8, "there is no button 'Buy'"),
        ('  - {at: "2026-11-02 12:00", order: {colour: red}}', 7, "unknown key 'colour' of order"),
        ('  - {at: "2026-11-02 12:00", messages_are: {whatsapp: eaten}}', 7, "unknown fate 'eaten'"),
        ('  - {at: "2026-11-31 12:00", order: }', 7, "there is no 2026-11-31 12:00"),
    ],
)
def test_a_mistake_in_a_story_names_its_line(events: str, line: int, what: str) -> None:
    with pytest.raises(StoryError) as caught:
        tell(events)
    assert (caught.value.line, caught.value.what[: len(what)]) == (line, what)


def list_snippets(kind: str) -> list[str]:
    text = (DOCS / "simulate.md").read_text("utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_documented_story_python_and_mistake_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = list_snippets("yaml story")
    assert play(read_story(shown)).list_templates("whatsapp") == ["payment_failed", "order_confirmation_welcome"]
    (mistake,), (error,) = list_snippets("yaml story mistake"), list_snippets("text story error")
    with pytest.raises(StoryError) as caught:
        read_story(mistake)
    assert str(caught.value) == error.strip()
    monkeypatch.chdir(DOCS.parent)
    (code,) = list_snippets("python")
    exec(compile(code, "docs/simulate.md", "exec"), {})
