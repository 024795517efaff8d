"""What compiles and yet goes wrong is said before a shopper could notice it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from okaeri.catalogue.compile_journeys import JOURNEYS_FOLDER, compile_journey
from okaeri.catalogue.compile_templates import TEMPLATES, compile_template
from okaeri.catalogue.lint_journeys import lint_journeys
from okaeri.domain.templates import EmailText, Template, WhatsappButton, WhatsappText
from tests.journey_strategies import Source, broken_sources, sources, write_journey

DOCUMENT = Path(__file__).parents[2] / "docs" / "journeys.md"
HEAD = """\
journey: thank-you
version: 1
purpose: order
trigger: {event: order.placed, key: order.id}
"""


def lint(text: str, *templates: Template, languages: tuple[str, ...] = (), **others: str) -> list[str]:
    """What is wrong with a file, as `line error|warning: what`; `others` are journeys beside it."""
    beside = [compile_journey(other, f"{name}.yaml") for name, other in others.items()]
    found = lint_journeys({"thank-you.yaml": text}, templates, languages=languages, beside=beside)
    return [f"{problem.line} {'warning' if problem.is_warning else 'error'}: {problem.what}" for problem in found]


def lint_steps(steps: str, *templates: Template, head: str = HEAD, languages: tuple[str, ...] = ()) -> list[str]:
    """The same, of steps that begin in line 6."""
    return lint(f"{head}steps:\n{steps}", *templates, languages=languages)


def make_template(
    name: str,
    locale: str = "en",
    *,
    text: str = "",
    purpose: str = "order",
    answers: tuple[str, ...] = (),
    whatsapp: bool = True,
    email: bool = True,
) -> Template:
    """A template that says `text`, with a button for each of `answers`."""
    buttons = tuple(WhatsappButton(type="quick_reply", text=name, payload=f"ANSWER:{name}") for name in answers)
    category = "UTILITY" if purpose == "order" else "MARKETING"
    said = {
        "whatsapp": WhatsappText(category=category, body="Hello", buttons=buttons) if whatsapp else None,
        "email": EmailText(subject="Hello", preheader="", heading=text, blocks=()) if email else None,
    }
    return Template.model_validate({"name": name, "locale": locale, "purpose": purpose, **said})


@cache
def load_templates() -> tuple[Template, ...]:
    """The shipped templates in English and Japanese."""
    paths = (path for locale in ("en", "ja") for path in sorted(TEMPLATES.glob(f"*/{locale}.yaml")))
    return tuple(compile_template(path) for path in paths)


def test_the_shipped_journeys_have_nothing_to_mend() -> None:
    texts = {path.name: path.read_text("utf-8") for path in JOURNEYS_FOLDER.glob("*.yaml")}
    assert texts and lint_journeys(texts, load_templates()) == []


def test_problems_of_several_files_come_file_by_file_in_the_order_of_lines() -> None:
    broken = HEAD + "steps:\n  - wait: soon\n"
    leaking = HEAD + "steps:\n  - exit: now\n  - tag: a\n"
    found = lint_journeys({"b.yaml": leaking, "a.yaml": broken + "  - exit\n"})
    assert [(problem.file, problem.line) for problem in found] == [("b.yaml", 7), ("a.yaml", 6), ("a.yaml", 7)]


# Steps that no run comes to


def test_steps_after_an_exit_are_never_reached_and_named_once() -> None:
    assert lint_steps("  - exit: now\n  - tag: a\n  - tag: b\n") == [
        "7 warning: no run comes here: the run has ended before it"
    ]


def test_steps_after_arms_that_all_end_are_never_reached() -> None:
    steps = "  - branch:\n      - {when: {tag: a}, steps: [{exit: a}]}\n      - otherwise: [{exit: b}]\n  - tag: c\n"
    assert lint_steps(steps) == ["9 warning: no run comes here: the run has ended before it"]


def test_an_arm_that_asks_what_an_arm_before_it_asked_is_never_walked() -> None:
    steps = "  - branch:\n      - {when: {tag: a}, steps: [{tag: b}]}\n      - {when: {tag: a}, steps: [{tag: c}]}\n"
    assert lint_steps(steps) == ["8 warning: this arm is never walked: its condition cannot hold"]


def test_the_same_question_after_a_step_that_may_change_the_answer_is_fine() -> None:
    arm = "  - branch: [{when: {tag: a}, steps: [{exit: a}]}]\n"
    assert lint_steps(f"{arm}  - wait: P1D\n{arm}") == []


def test_otherwise_after_arms_that_take_every_outcome_is_never_walked() -> None:
    steps = """\
  - wait: {event: order.paid, match: order.id, timeout: P1D}
  - branch:
      - {when: {field: run.outcome, is: order.paid}, steps: [{tag: a}]}
      - {when: {field: run.outcome, is: timeout}, steps: [{tag: b}]}
      - otherwise: [{tag: c}]
"""
    assert lint_steps(steps) == ["10 warning: no run comes here: the arms before it take every case"]


def test_an_arm_for_an_outcome_that_the_wait_before_it_cannot_have_is_never_walked() -> None:
    steps = """\
  - wait: {event: order.paid, match: order.id, timeout: P1D}
  - wait: {event: order.delivered, match: order.id, timeout: P1D}
  - branch:
      - {when: {field: run.outcome, is: order.paid}, steps: [{tag: a}]}
"""
    assert lint_steps(steps) == ["9 warning: this arm is never walked: its condition cannot hold"]


def test_an_arm_of_a_split_without_weight_is_never_walked() -> None:
    steps = "  - split: {id: s, arms: [{name: a, weight: 0, steps: [{tag: a}]}, {name: b, steps: [{tag: b}]}]}\n"
    assert lint_steps(steps) == ["6 warning: this arm is never walked: its condition cannot hold"]


# Waits


def test_an_order_message_has_no_best_channel() -> None:
    found = lint_steps("  - send: {template: one, channels: best}\n")
    assert found == ["6 warning: channels: best is for marketing alone"]
    assert lint_steps("  - send: {template: one, channels: best, purpose: marketing}\n") == []


def test_a_wait_for_an_event_alone_has_no_way_out() -> None:
    assert lint_steps("  - wait: {event: order.paid, match: order.id}\n") == [
        "6 error: where order.paid never comes, this wait never ends"
    ]


@pytest.mark.parametrize(
    "way_out",
    ["exit: [{event: order.cancelled, match: order.id}]\n", "goal: {event: order.paid, within: P30D}\n"],
)
def test_an_exit_or_a_goal_is_a_way_out_of_a_wait(way_out: str) -> None:
    steps = "  - send: order_updated\n  - wait: {event: order.paid, match: order.id}\n"
    assert lint_steps(steps, head=HEAD + way_out) == []


def test_a_wait_of_more_than_a_year_is_asked_about() -> None:
    assert lint_steps("  - wait: P366D\n") == ["6 warning: this waits for longer than a year"]
    assert lint_steps("  - wait: P365D\n") == []


def test_an_event_that_shares_nothing_with_the_run_never_matches() -> None:
    head = HEAD.replace("{event: order.placed, key: order.id}", "{event: message.received, key: customer}")
    head += "exit: [{event: order.cancelled, match: order.id}]\n"
    assert lint_steps("  - wait: {event: order.paid, match: order.id, timeout: P1D}\n", head=head) == [
        "5 error: order.cancelled never matches: this run has no order.id",
        "7 error: order.paid never matches: this run has no order.id",
    ]


# Fields


def test_an_answer_that_is_read_above_its_question_is_not_there_yet() -> None:
    ask = "  - ask: {id: size, template: t, text: true, timeout: P1D}\n"
    read = "  - set: {attribute: size, field: answer.size}\n"
    assert lint_steps(read + ask) == ["6 error: answer.size is read before it is set"]
    assert lint_steps(ask + read) == []


def test_an_answer_that_only_another_arm_asks_for_is_not_there() -> None:
    ask = "{ask: {id: size, template: t, text: true, timeout: P1D}}"
    read = "{set: {attribute: size, field: answer.size}}"
    steps = f"  - branch:\n      - {{when: {{tag: a}}, steps: [{ask}]}}\n      - otherwise: [{read}]\n"
    assert lint_steps(steps) == ["8 error: answer.size is read before it is set"]


def test_a_run_about_a_cart_knows_no_order() -> None:
    head = HEAD.replace("{event: order.placed, key: order.id}", "{event: cart.updated, key: cart.token}")
    wait = "  - wait: {event: order.placed, match: cart.token, timeout: P1D}\n"
    read = "  - branch: [{when: {field: order.total, at_least: 9}, steps: [{tag: a}]}]\n"
    assert lint_steps(wait + read, head=head) == ["7 error: order.total: this run is about no order"]


def test_the_trigger_s_own_fields_are_gone_after_a_wait() -> None:
    head = HEAD.replace("{event: order.placed, key: order.id}", "{event: shipment.delivered, key: order.id}")
    read = "  - branch: [{when: {field: event.status, is: delivered}, steps: [{tag: a}]}]\n"
    assert lint_steps(read, head=head) == []
    wait = "  - wait: {event: order.paid, match: order.id, timeout: P1D}\n"
    assert lint_steps(wait + read, head=head) == [
        "7 error: event.status: the event there is order.paid, timer.due, which has none"
    ]


def test_the_condition_of_an_awaited_event_reads_that_event() -> None:
    wait = "  - wait: {{event: message.received, match: customer, when: {{field: event.{}, is: x}}, timeout: P1D}}\n"
    assert lint_steps(wait.format("text")) == []
    assert lint_steps(wait.format("payment").replace("is: x", "is: paid")) == [
        "6 error: event.payment: the event there is message.received, which has none"
    ]
    leave = "exit: [{event: message.received, match: customer, when: {field: event.text, is: x}}]\n"
    assert lint_steps("  - wait: P1D\n", head=HEAD + leave) == []
    cart = HEAD.replace("{event: order.placed, key: order.id}", "{event: cart.updated, key: cart.token}")
    assert lint_steps("  - wait: P1D\n", head=cart + leave.replace("event.text", "order.name")) == [
        "5 error: order.name: this run is about no order"
    ]


def test_settings_that_nothing_uses_are_named() -> None:
    head = HEAD + "settings:\n  after: P1D\n  before: P1D\n"
    assert lint(head + "steps:\n  - wait: {for: {setting: after, default: P2D}}\n") == [
        "6 warning: after: P1D counts, the default beside its use does not",
        "7 warning: the setting 'before' is not used",
    ]


def test_a_segment_that_is_nearly_one_of_okaeri_s_is_asked_about() -> None:
    for segment, expected in (("loyall", 1), ("loyal", 0), ("wholesale", 0)):
        assert len(lint_steps(f"  - branch: [{{when: {{segment: {segment}}}, steps: [{{tag: a}}]}}]\n")) == expected


# Messages


def test_a_template_that_is_not_there_is_an_error_with_the_nearest_name() -> None:
    [problem] = lint_journeys({"a.yaml": HEAD + "steps:\n  - send: helo\n"}, [make_template("hello")])
    assert str(problem) == "a.yaml:6: no template 'helo' (did you mean hello?)"


def test_a_template_lacks_a_language_that_the_others_or_the_shop_have() -> None:
    templates = (make_template("a", "en"), make_template("a", "ja"), make_template("b", "en"))
    steps = "  - send: a\n  - send: b\n"
    assert lint_steps(steps, *templates) == ["7 warning: b is not there in ja"]
    assert lint_steps(steps, *templates, languages=("en",)) == []
    assert lint_steps(steps, *templates, languages=("de",)) == [
        "6 warning: a is not there in de",
        "7 warning: b is not there in de",
    ]


def test_a_marketing_template_is_not_said_for_an_order_nor_the_reverse() -> None:
    marketing = make_template("offer", purpose="marketing")
    assert lint_steps("  - send: offer\n", marketing) == ["6 error: offer is a template for marketing, said for order"]
    assert lint_steps("  - send: {template: offer, purpose: marketing}\n", marketing) == []
    ask = "  - ask: {id: a, template: fact, text: true, timeout: P1D}\n"
    head = HEAD.replace("purpose: order", "purpose: marketing")
    assert lint_steps(ask, make_template("fact"), head=head) == [
        "6 error: fact is a template for order, said for marketing"
    ]


def test_a_template_without_words_for_a_channel_is_named() -> None:
    mail = make_template("hello", whatsapp=False)
    assert lint_steps("  - send: hello\n", mail) == []
    assert lint_steps("  - send: {template: hello, both: true}\n", mail) == [
        "6 warning: hello has no words for whatsapp"
    ]
    assert lint_steps("  - send: {template: hello, channels: [whatsapp]}\n", mail) == [
        "6 error: hello has no words for whatsapp"
    ]


def test_a_text_about_a_parcel_needs_a_trigger_that_brings_one() -> None:
    parcel = make_template("parcel", text="Parcel {{ shipment.parcel }} of {{ order.name }}")
    assert lint_steps("  - send: parcel\n", parcel) == ["6 error: parcel names the shipment: order.placed brings none"]
    several = HEAD.replace("event: order.placed", "event: [order.placed, shipment.shipped]")
    assert lint_steps("  - send: parcel\n", parcel, head=several) == [
        "6 error: parcel names the shipment: order.placed brings none"
    ]
    arm = "  - branch: [{when: {field: event.name, is: shipment.shipped}, steps: [{send: parcel}]}]\n"
    assert lint_steps(arm, parcel, head=several) == []


def test_an_order_s_message_says_nothing_of_the_cart_before_it() -> None:
    cart = make_template("cart", text="{{ cart.total }}")
    assert lint_steps("  - send: cart\n", cart) == ["6 error: cart names the cart: order.placed brings none"]


def test_buttons_and_answers_fit() -> None:
    rating = make_template("rating", answers=("good", "bad"))
    ask = "  - ask: {{id: rating, template: rating, timeout: P1D, answers: {}}}\n"
    assert lint_steps(ask.format("{good: g, bad: b}"), rating) == []
    assert lint_steps(ask.format("{good: g}"), rating) == [
        "6 error: rating offers the answer 'bad', which the question does not know"
    ]
    assert lint_steps(ask.format("{good: g, bad: b, fine: f}"), rating) == ["6 warning: rating has no button for fine"]
    assert lint_steps("  - send: rating\n", rating) == ["6 warning: rating has buttons that answer, and nobody asks"]


def test_a_code_is_taken_before_it_is_told() -> None:
    voucher = make_template("voucher", text="{{ coupon.thanks }} {{ call.crm.level }}")
    take = "  - issue_coupon: {id: thanks, pool: p}\n  - call: {id: crm, webhook: crm}\n"
    tell = "  - send: voucher\n"
    assert lint_steps(take + tell, voucher) == []
    assert lint_steps(tell + take, voucher) == [
        "6 error: voucher names call.crm, which no step before it brings",
        "6 error: voucher names coupon.thanks, which no step before it brings",
    ]


def test_what_a_text_only_asks_for_need_not_be_there() -> None:
    asks = make_template("sorry", text="{% if answer.why is not defined %}What went wrong?{% endif %}")
    assert lint_steps("  - send: sorry\n", asks) == []
    names = make_template("sorry", text="{% if coupon.a is defined %}…{% endif %} {{ coupon.b }}")
    assert lint_steps("  - send: sorry\n", names) == ["6 error: sorry names coupon.b, which no step before it brings"]


def test_the_words_for_asking_again_are_checked_too() -> None:
    ask = "  - ask: {id: a, template: one, text: true, timeout: P1D, retries: 1, again: two}\n"
    assert lint_steps(ask, make_template("one")) == ["6 error: no template 'two'"]


def test_gathering_waits_for_siblings_that_a_customer_s_one_run_does_not_have() -> None:
    send = "  - send: {template: a, gather: PT10M}\n"
    assert lint_steps(send) == []
    assert lint_steps(send, head=HEAD.replace("key: order.id", "key: customer")) == [
        "6 warning: gather: a customer has one run by customer, so no sibling comes"
    ]


# Journeys that start themselves


def write_ring(name: str, event: str, emits: str, again: str = "always", wait: str = "") -> str:
    """A journey that begins with one custom event and makes another."""
    return (
        f"journey: {name}\nversion: 1\npurpose: order\ntrigger: {{event: {event}, key: customer}}\n"
        f"again: {again}\nsteps: [{wait}{{emit: {emits}}}]\n"
    )


def test_a_journey_that_starts_itself_at_once_is_an_error() -> None:
    ring = write_ring("thank-you", "custom.a", "custom.a")
    assert lint(ring) == ["6 error: comes round for ever and at once: thank-you → thank-you"]


def test_a_journey_that_starts_itself_after_a_wait_is_asked_about() -> None:
    ring = write_ring("thank-you", "custom.a", "custom.a", wait="{wait: P30D}, ")
    assert lint(ring) == ["6 warning: comes round for ever: thank-you → thank-you"]


@pytest.mark.parametrize("again", ["never", "{start: always, at_most: 3, per: P30D}"])
def test_a_ring_that_ends_is_fine(again: str) -> None:
    assert lint(write_ring("thank-you", "custom.a", "custom.a", again)) == []


def test_a_ring_of_several_journeys_is_found() -> None:
    other, third = write_ring("other", "custom.b", "custom.c"), write_ring("third", "custom.c", "custom.a")
    ring = write_ring("thank-you", "custom.a", "custom.b")
    assert lint(ring, other=other, third=third) == [
        "6 error: comes round for ever and at once: thank-you → other → third → thank-you"
    ]
    assert lint(ring, other=other, third=third.replace("again: always", "again: never")) == []


def test_an_event_that_nothing_listens_to_is_asked_about() -> None:
    assert lint(HEAD + "steps: [{emit: custom.a}]\n", other=write_ring("other", "custom.b", "custom.c")) == [
        "5 warning: nothing listens to custom.a"
    ]


# The head


def test_a_journey_whose_condition_cannot_hold_never_begins() -> None:
    head = HEAD.replace("key: order.id", "key: order.id, when: {field: run.outcome, is: timeout}")
    assert lint(head + "steps: [{wait: P1D}]\n") == ["4 warning: no run ever begins: the condition cannot hold"]


def test_a_goal_of_a_journey_that_says_nothing_is_never_reached() -> None:
    head = HEAD + "goal: {event: order.paid, within: P1D}\n"
    assert lint(head + "steps: [{tag: a}]\n") == ["5 warning: this journey says nothing: its goal is never reached"]


def test_what_the_documents_show_of_lint_is_what_it_says() -> None:
    """A `yaml lint` block is followed by a `text lint` block."""
    pairs = re.findall(
        r"^```yaml lint\n(.*?)^```\n\n```text lint\n(.*?)\n```$", DOCUMENT.read_text("utf-8"), re.M | re.S
    )
    assert len(pairs) >= 2
    for journey, told in pairs:
        found = lint_journeys({"thank-you.yaml": journey}, load_templates())
        assert "\n".join(problem.describe() for problem in found) == told


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=sources())
def test_what_is_wrong_with_a_random_journey_is_a_dead_arm_at_most(source: Source) -> None:
    """The strategy reads only what was set and waits only for what may come; an arm of it can be dead all the same.

    What it asks need not be what a template's buttons answer.
    """
    found = lint_journeys({"random.yaml": write_journey(source)}, load_templates())
    errors = {problem.what for problem in found if not problem.is_warning}
    known = ("is read before it is set", "which the question does not know")
    assert {what for what in errors if not what.endswith(known)} == set()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=broken_sources())
def test_whatever_stands_in_a_file_the_answer_is_in_words(source: Source) -> None:
    text = json.dumps(source, ensure_ascii=False, indent=1)
    found = lint_journeys({"broken.yaml": text}, load_templates())
    assert all(1 <= problem.line <= text.count("\n") + 1 and problem.what for problem in found)
