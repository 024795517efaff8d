"""Journey files: what compiles, and how each mistake is named before a shopper could notice it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types, and two calls need none
import pytest
from hypothesis import HealthCheck, given, settings

from okaeri.catalogue.compile_journeys import JOURNEYS_FOLDER, compile_journey, compile_journeys, hash_definition
from okaeri.catalogue.journey_parts import list_durations, list_said
from okaeri.catalogue.journey_schema import make_journey_schema
from okaeri.catalogue.journey_words import EVENTS, FIELDS
from okaeri.catalogue.journey_yaml import JourneyError, Problems, read_journey_file
from okaeri.catalogue.talk_source import STEP_NAMES
from okaeri.domain.conditions import Condition, Span
from okaeri.domain.customer_fields import CUSTOMER_FIELDS, is_customer_field
from okaeri.domain.journeys import (
    AskStep,
    CallStep,
    CartLinkStep,
    ChangeOrderStep,
    Choices,
    ConsentStep,
    CouponStep,
    Definition,
    DrawStep,
    EmitStep,
    EscalateStep,
    EventMatch,
    ExitStep,
    FindStep,
    FocusStep,
    Goal,
    JumpStep,
    LanguageStep,
    Moment,
    PointsStep,
    RecommendStep,
    RecordStep,
    ReentryLimit,
    SendStep,
    SetStep,
    SplitStep,
    Step,
    TagStep,
    TicketStep,
    WaitStep,
)
from okaeri.domain.store_fields import STORE_FIELDS
from okaeri.domain.stores import Store, StoreSettings
from okaeri.domain.values import Channel, Purpose
from tests.journey_strategies import Source, sources, write_journey

HEAD = "journey: thank-you\nversion: 1\npurpose: order\n"
TRIGGER = "trigger: {event: order.placed, key: order.id}\n"
ALIASES_OF_ALIASES = "about: &a0 [x]\n" + "".join(f"x{n}: &a{n} [{f'*a{n - 1},' * 10}]\n" for n in range(1, 9))
DOCUMENT = Path(__file__).parents[2] / "docs" / "journeys.md"
SCHEMA = DOCUMENT.with_name("journey.schema.json")


def compile_steps(text: str, head: str = HEAD + TRIGGER) -> tuple[Step, ...]:
    """The compiled steps of `steps:` as it stands in a file, without their lines."""
    compiled = compile_journey(f"{head}steps:\n{text}", "thank-you.yaml").steps
    return tuple(step.model_copy(update={"line": 0}) for step in compiled)


def list_mistakes(text: str) -> list[str]:
    """Everything that is wrong with a file, without its name."""
    with pytest.raises(JourneyError) as caught:
        compile_journey(text, "thank-you.yaml")
    return [str(problem).removeprefix("thank-you.yaml:") for problem in caught.value.problems]


def fixed(**length: int) -> Span:
    """A fixed span."""
    return Span(fixed=timedelta(**length))


HEAD_MISTAKES = [
    ("trigger: {event: order.plcaed, key: order.id}\nsteps: []\n", "4: unknown event 'order.plcaed' (did you mean or"),
    ("trigger: {event: order.placed, key: order}\nsteps: []\n", "4: unknown key 'order' (did you mean order.id?)"),
    (
        "trigger: {event: message.received, key: order.id}\nsteps: []\n",
        "4: message.received carries no order.id: it would start nothing (key: customer, event.id)",
    ),
    (TRIGGER, "1: a journey lacks `steps` (a list of steps)"),
    (TRIGGER + "stepps: []\n", "5: a journey has no `stepps` (did you mean steps?)"),
    (TRIGGER + "holdout: 95\nsteps: []\n", "5: holdout: 95 does not fit (percent of the customers who get nothing,"),
    (TRIGGER + "again: often\nsteps: []\n", "5: again: 'often' does not fit (never, after_end or always)"),
    (TRIGGER + "again: {at_most: 3}\nsteps: []\n", "5: again: at_most and per belong together"),
    (
        TRIGGER + "again: {start: never, at_most: 3, per: P1D}\nsteps: []\n",
        "5: again: never is not at most a few times",
    ),
    (
        TRIGGER + "goal: {event: order.paid}\nsteps: []\n",
        "5: goal lacks `within` (an ISO 8601 duration after the first",
    ),
    (TRIGGER + "exit:\n  - {event: order.canceled, match: order.id}\nsteps: []\n", "6: unknown event 'order.canceled'"),
    (TRIGGER + "exit:\n  - {event: order.paid}\nsteps: []\n", "6: an exit needs `match` (for example match: order.id)"),
    (TRIGGER + "exit: [{event: cart.updated, match: order.id}]\nsteps: []\n", "5: cart.updated carries no order.id"),
    (TRIGGER + TRIGGER + "steps: []\n", "5: `trigger` is given twice (first in line 4)"),
    (TRIGGER + "steps: [\n", "6: not YAML: "),
    (TRIGGER + "steps: &a [*a]\n", "5: not YAML: an alias names what it stands in"),
    (TRIGGER + ALIASES_OF_ALIASES + "steps: []\n", "5: not YAML: the file is too large"),
    (TRIGGER + "steps: " + "[" * 2000 + "]" * 2000 + "\n", "1: the file is nested too deeply"),
    (TRIGGER + "steps: " + "[" * 200_000 + "\n", "1: the file is nested too deeply"),
    (TRIGGER + "steps: \x01\n", "5: the character 0x0001 has no place in a text"),
]

STEP_MISTAKES = [
    ("- send: {template: one, channels: best, both: true}\n", "6: best is one of them, not both (leave one out)"),
    ("- send: {template: one, content: advert}\n", "6: content: 'advert' does not fit (what kind of thing it says:"),
    ("- exit\n", "6: 'exit' is no step (write it as `exit: …`)"),
    ("- sent: order_updated\n", "6: a step is one of wait, send, ask, branch,"),
    ("- send: order_updated\n    both: true\n", "6: a step is one of wait, send, ask, branch,"),
    ("- send: {template: order_updated, chanels: [email]}\n", "6: send has no `chanels` (did you mean channels?)"),
    (
        "- send: {template: order_updated, channels: [sms]}\n",
        "6: channels: `channels` does not fit (best, or channels in the",
    ),
    (
        "- wait: {event: order.paid, match: orders, timeout: P1D}\n",
        "6: unknown match 'orders' (did you mean order.id?)",
    ),
    ("- wait: {event: order.paid, timeout: P1D}\n", "6: waiting for an event needs `match`"),
    ("- wait: {for: P1D, timeout: P2D}\n", "6: match, when, timeout and unchanged_for belong to an event"),
    ("- wait: {for: P1D, plus: P2D}\n", "6: plus and else belong to a date"),
    ("- wait: {for: P1D, event: order.paid, match: order.id}\n", "6: a wait for an event ends with it, or at its"),
    ("- wait: {event: order.paid, all_of: [order.paid], match: order.id}\n", "6: a wait has `event` or `all_of`"),
    (
        "- wait: {event: order.paid, match: order.id, unchanged_for: P1D, timeout: P1D}\n",
        "6: unchanged_for ends by itse",
    ),
    ("- wait: {}\n", "6: this wait never ends (give it for, at, on, until or event)"),
    ("- wait: {at: '25:00'}\n", "6: at: '25:00' does not fit (write it as \"10:00\")"),
    ("- wait: {at: setting.at}\n", "6: at: no setting 'at' (add at: \"10:00\" to settings)"),
    ("- wait: 3 days\n", "6: for: '3 days' is no duration (ISO 8601: P7D, PT1H, PT30M)"),
    ("- wait: P4000000D\n", "6: for: 'P4000000D' is longer than ten years (P3653D at most)"),
    ("- wait: P1M\n", "6: for: 'P1M' is no duration"),
    ("- wait: -P1D\n", "6: for: '-P1D' lies in the past"),
    ("- wait: {for: {setting: after}}\n", "6: for: no setting 'after' (add `after` to settings, or a default)"),
    ("- wait: {for: {rule: review_after}}\n", "6: for: the store's rule may know nothing (add default: P7D)"),
    ("- wait: {for: {default: P1D}}\n", "6: for is neither fixed nor changeable (give it one of setting, rule)"),
    ("- wait: {until: order.etaa}\n", "6: unknown field 'order.etaa' (did you mean order.eta?)"),
    ("- wait: {until: order.total}\n", "6: order.total cannot be tested with older_than (it is a number: is, in,"),
    ("- branch: {otherwise: []}\n", "6: a branch is a list of arms (begin each with `- when:` or `- otherwise:`)"),
    ("- branch: [{steps: []}]\n", "6: an arm is incomplete (it has `when` and `steps`, or `otherwise`"),
    ("- branch: [{otherwise: []}, {otherwise: []}]\n", "6: `otherwise` comes last (move it to the end"),
    (
        "- ask: {id: a, template: t, timeout: P1D}\n",
        "6: no reply answers the question 'a' (add answers, choices, text: true",
    ),
    ("- ask: {id: a, template: t, text: true}\n", "6: ask lacks `timeout`"),
    (
        "- ask: {id: a, template: t, timeout: P1D, answers: {good: yes, bad: [no, Good]}}\n",
        "6: 'Good' means good and bad (give each its own words)",
    ),
    ("- ask: {id: a, template: t, timeout: P1D, text: true, again: u}\n", "6: again: it is never asked again"),
    ("- split: {id: s, arms: [{name: a}]}\n", "6: arms: `arms` does not fit (a list of {name: …, weight: …,"),
    ("- split: {id: s, arms: [{name: a}, {name: a}]}\n", "6: two arms are named 'a' (rename one)"),
    ("- split: {id: s, arms: [{name: a, weight: 0}, {name: b, weight: 0}]}\n", "6: every weight is 0"),
    (
        "- issue_coupon: {id: a, pool: p}\n  - issue_coupon: {id: a, pool: p}\n",
        "7: the id 'a' is taken (another coupon",
    ),
    ("- tag: {}\n", "6: tag names none (tag: vip)"),
    ("- tag: {add: vip, remove: vip}\n", "6: tag 'vip' is added and removed (keep one of them)"),
    ("- set: {attribute: size}\n", "6: set 'size': to what is open (give it value or field)"),
    ("- emit: order.placed\n", "6: emit: 'order.placed' does not fit (custom. and a name: custom.vip_reached)"),
    ("- call: {id: crm, webhook: crm, data: {order: basket.id}}\n", "6: unknown field 'basket.id' (begin with one of"),
]

CONDITION_MISTAKES = [
    ("{field: basket.total, at_least: 100}", "7: unknown field 'basket.total' (begin with one of event, run,"),
    ("{field: order.totl, at_least: 100}", "7: unknown field 'order.totl' (did you mean order.total?)"),
    ("{field: order.total}", "7: a condition has one test (one of is, in, has, exists, at_least, less_than,"),
    ("{field: order.total, at_least: 1, less_than: 5}", "7: a condition has one test"),
    ("{field: order.total, is: 1.5}", "7: is: 1.5 does not fit (a text, a whole number, true or false)"),
    ("{field: order.payment, is: payed}", "7: order.payment is never 'payed' (did you mean paid?)"),
    ("{field: order.payment, in: [paid, voyd]}", "7: order.payment is never 'voyd' (did you mean voided?)"),
    ("{field: order.total, older_than: P1D}", "7: order.total cannot be tested with older_than (it is a number:"),
    ("{field: customer.tags, is: vip}", "7: customer.tags cannot be tested with is (it is a list: has, exists)"),
    ("{field: order.created_at, older_than: 3 days}", "7: older_than: '3 days' does not fit (ISO 8601: P7D, PT1H,"),
    ("{field: order.buyer, is: Mia}", "7: order.buyer cannot be tested with is (it is there or not: exists)"),
    ("{field: event.status, is: delivered}", "7: unknown field 'event.status' (one of event.name, event.payment,"),
    ("{field: setting.after, is: P1D}", "7: unknown field 'setting.after' (this journey has no setting)"),
    ("{answer: rating, is: bad}", "7: unknown field 'answer.rating' (this journey has no answer)"),
    ("{tag: vip, is: true}", "7: tag is a test already (write {tag: vip} alone)"),
    ("{tag: vip, segment: loyal}", "7: a condition asks one thing (one of all, any, none, field, answer,"),
    ("{all: []}", "7: all: `all` does not fit (a list of conditions)"),
    ("{any: [{tag: vip}], exists: true}", "7: `any` stands alone (put the test into its list)"),
    ("{field: order.payment, in: []}", "7: in: an empty list holds nothing"),
    ("order.paid", "7: a condition is a mapping ({field: order.payment, is: paid})"),
]


@pytest.mark.parametrize(("rest", "mistake"), HEAD_MISTAKES)
def test_a_mistake_in_the_head_is_named_with_its_line_and_a_fix(rest: str, mistake: str) -> None:
    [found] = list_mistakes(HEAD + rest)
    assert found.startswith(mistake)


@pytest.mark.parametrize(("step", "mistake"), STEP_MISTAKES)
def test_a_mistake_in_a_step_is_named_with_its_line_and_a_fix(step: str, mistake: str) -> None:
    [found] = list_mistakes(f"{HEAD}{TRIGGER}steps:\n  {step}")
    assert found.startswith(mistake)


@pytest.mark.parametrize(("condition", "mistake"), CONDITION_MISTAKES)
def test_a_mistake_in_a_condition_is_named_with_its_line_and_a_fix(condition: str, mistake: str) -> None:
    steps = f"steps:\n  - branch:\n      - {{when: {condition}, steps: []}}\n"
    [found] = list_mistakes(HEAD + TRIGGER + steps)
    assert found.startswith(mistake)


def test_all_mistakes_of_a_file_are_named_in_the_order_of_their_lines() -> None:
    text = (
        "journey: Thank You\nversion: 1\npurpose: order\n"
        "trigger: {event: order.plaaced, key: order.id}\n"
        "steps:\n"
        "  - wait:\n"
        "      event: order.paid\n"
        "      match: order.id\n"
        "      timeout: soon\n"
        "  - branch:\n"
        "      - when: {field: order.payment, is: payed}\n"
        "        steps: [{sned: order_updated}]\n"
    )
    assert [int(mistake.partition(":")[0]) for mistake in list_mistakes(text)] == [1, 4, 9, 11, 12]


def test_files_that_define_one_journey_twice_are_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(HEAD + TRIGGER + "steps: []\n", "utf-8")
    with pytest.raises(JourneyError, match=re.escape("b.yaml:1: a.yaml defines thank-you too (rename one of them)")):
        compile_journeys(tmp_path)


def test_days_times_and_answers_are_words_and_no_booleans_or_numbers() -> None:
    """YAML 1.1 would read `on` and `no` as booleans, and 10:00 as 600."""
    steps = (
        "  - wait: {at: 10:00, on: [tue, sun]}\n"
        "  - ask: {id: wants, template: t, timeout: P1D, answers: {yes: [on, 1], no: off}}\n"
    )
    wait, ask = compile_steps(steps)
    assert isinstance(wait, WaitStep) and (wait.at, wait.on) == ("10:00", (1, 6))
    assert isinstance(ask, AskStep) and ask.answers == {"yes": ("on", "1"), "no": ("off",)}


def test_each_step_compiles_to_what_the_engine_walks() -> None:
    steps = compile_steps("""
  - send: order_updated
  - send: {template: order_updated, channels: [email], both: true, purpose: marketing, gather: PT10M, valid_for: P1D}
  - ask:
      id: size
      template: ask_size
      answers: {small: [S, "1"], large: L}
      text: true
      media: true
      timeout: {setting: patience, default: P5D}
      retries: 1
      again: ask_size_again
  - tag: vip
  - tag: {add: [a, b], remove: c}
  - set: {attribute: size, value: 42}
  - set: {attribute: size, field: answer.size}
  - emit: custom.vip
  - emit: {event: custom.vip, data: {order: order.id}}
  - open_ticket: care
  - open_ticket: {queue: care, subject: Unhappy, priority: high, due: PT4H}
  - issue_coupon: {id: thanks, pool: autumn}
  - call: {id: crm, webhook: crm, data: {size: answer.size}}
  - ask: {id: which, template: ask_size, choices: open_orders, answers: {other: "0"}, timeout: PT1H}
  - focus: latest
  - focus: answer.which
  - find: {id: finds, where: {tag: answer.size, price_at_most: answer.which}, most: 3}
  - ask: {id: pick, template: ask_size, choices: "products:finds", timeout: PT1H}
  - change_order: {id: note, do: note, with: {note: answer.size}}
  - language: answer.which
  - consent: marketing
  - consent: {channel: email, purpose: all, given: false}
  - record: {survey: nps, score: answer.size, answers: {why: answer.which.title}}
  - open_ticket: {queue: care, due: PT4H, hours: true, hand_over: true, stage: requested, data: {item: answer.which}}
  - escalate: true
  - issue_coupon: {id: made, percent: 10, days: 30, minimum: answer.which, budget: 200, worth: 5, uses: 10, pool: a}
  - recommend: {id: picks, kind: complementary, of: order, most: 3}
  - cart_link: {id: again, of: order, without: answer.which}
  - points: {add: order.total, money: true, reason: purchase}
  - points: {take: 500, reason: voucher}
  - draw: {id: gift, percent: 2.5, per: month}
  - exit: enough
  - exit:
""")
    assert steps == (
        SendStep(template="order_updated"),
        SendStep(
            template="order_updated",
            channels=(Channel.EMAIL,),
            both=True,
            purpose=Purpose.MARKETING,
            gather=fixed(minutes=10),
            valid_for=fixed(days=1),
        ),
        AskStep(
            ask="size",
            template="ask_size",
            answers={"small": ("S", "1"), "large": ("L",)},
            text=True,
            media=True,
            timeout=Span(setting="patience", default=timedelta(days=5)),
            retries=1,
            again_template="ask_size_again",
        ),
        TagStep(add=("vip",)),
        TagStep(add=("a", "b"), remove=("c",)),
        SetStep(attribute="size", value="42"),
        SetStep(attribute="size", field="answer.size"),
        EmitStep(event="custom.vip"),
        EmitStep(event="custom.vip", data={"order": "order.order_id"}),
        TicketStep(queue="care"),
        TicketStep(queue="care", subject="Unhappy", priority="high", due=fixed(hours=4)),
        CouponStep(coupon="thanks", pool="autumn"),
        CallStep(call="crm", webhook="crm", data={"size": "answer.size"}, timeout=fixed(hours=1)),
        AskStep(
            ask="which",
            template="ask_size",
            answers={"other": ("0",)},
            choices=Choices(of="open_orders"),
            timeout=fixed(hours=1),
        ),
        FocusStep(order="latest"),
        FocusStep(order="answer.which"),
        FindStep(find="finds", where={"tag": "answer.size", "price_at_most": "answer.which"}, most=3),
        AskStep(ask="pick", template="ask_size", choices=Choices(of="products", find="finds"), timeout=fixed(hours=1)),
        ChangeOrderStep(change="note", do="note", wanted={"note": "answer.size"}),
        LanguageStep(language="answer.which"),
        ConsentStep(),
        ConsentStep(channel=Channel.EMAIL, purpose="all", given=False),
        RecordStep(survey="nps", score="answer.size", answers={"why": "answer.which.title"}),
        TicketStep(
            queue="care",
            due=fixed(hours=4),
            hours=True,
            hand_over=True,
            stage="requested",
            data={"item": "answer.which"},
        ),
        EscalateStep(),
        CouponStep(
            coupon="made", percent="10", days="30", minimum="answer.which", budget="200", worth="5", uses="10", pool="a"
        ),
        RecommendStep(find="picks", kind="complementary", of="order", most=3),
        CartLinkStep(link="again", of="order", without="answer.which"),
        PointsStep(add="order.total", money=True, reason="purchase"),
        PointsStep(take="500", reason="voucher"),
        DrawStep(draw="gift", percent="2.5", per="month"),
        ExitStep(reason="enough"),
        ExitStep(reason="done"),
    )
    assert {step.op for step in steps} | {"wait", "branch", "split"} == {
        {"open_ticket": "ticket", "issue_coupon": "coupon"}.get(name, name) for name in STEP_NAMES
    }


def test_each_wait_compiles_to_what_the_engine_waits_for() -> None:
    paid = EventMatch(event="order.paid", match="order.id")
    mine = Condition(field="event.keyword", equals="yes")
    steps = compile_steps("""
  - wait: P2D
  - wait: {for: {rule: review_after, default: P7D}, at: "10:00"}
  - wait: {best_hour: true, at: "18:00", on: [mon]}
  - wait: {on: [tue]}
  - wait: {until: order.eta, plus: -P1D, else: P14D}
  - wait: {event: order.paid, match: order.id, timeout: {until: order.eta, plus: P3D}}
  - wait: {event: [order.paid, {event: message.received, match: customer, when: {field: event.keyword, is: "yes"}}],
           match: order.id, timeout: P1D}
  - wait: {all_of: [order.paid, order.delivered], match: order.id, timeout: P400D}
  - wait: {event: order.updated, match: order.id, unchanged_for: PT1H}
""")
    assert steps == (
        WaitStep(span=fixed(days=2)),
        WaitStep(span=Span(rule="review_after", default=timedelta(days=7)), at="10:00"),
        WaitStep(best_hour=True, at="18:00", on=(0,)),
        WaitStep(on=(1,)),
        WaitStep(until=Moment(field="order.eta", plus=timedelta(days=-1), otherwise=fixed(days=14))),
        WaitStep(events=(paid,), timeout_at=Moment(field="order.eta", plus=timedelta(days=3))),
        WaitStep(
            events=(paid, EventMatch(event="message.received", match="customer", when=mine)), timeout=fixed(days=1)
        ),
        WaitStep(
            events=(paid, EventMatch(event="order.delivered", match="order.id")), all_of=True, timeout=fixed(days=400)
        ),
        WaitStep(events=(EventMatch(event="order.updated", match="order.id"),), unchanged_for=fixed(hours=1)),
    )


def test_each_condition_compiles_to_what_the_engine_asks() -> None:
    asked = {
        "{field: order.payment, is: paid}": Condition(field="order.payment", equals="paid"),
        "{field: order.payment, in: [paid, voided]}": Condition(field="order.payment", one_of=("paid", "voided")),
        "{field: event.payment, in: store.quiet_sources}": Condition(
            field="event.payment", one_of_field="store.quiet_sources"
        ),
        "{field: order.eta, exists: false}": Condition(field="order.eta", exists=False),
        "{field: order.total, at_least: 50.5}": Condition(field="order.total", at_least=50.5),
        "{field: order.total, less_than: 50}": Condition(field="order.total", less_than=50),
        "{field: order.created_at, older_than: P3D}": Condition(field="order.created_at", older_than=timedelta(days=3)),
        "{field: order.eta, newer_than: PT2H}": Condition(field="order.eta", newer_than=timedelta(hours=2)),
        "{segment: loyal}": Condition(field="customer.segments", has="loyal"),
        "{tag: vip}": Condition(field="customer.tags", has="vip"),
        "{field: customer.attributes.size, is: M}": Condition(field="customer.attributes.size", equals="M"),
        "{none: [{tag: a}, {any: [{tag: b}]}]}": Condition(
            none=(
                Condition(field="customer.tags", has="a"),
                Condition(any=(Condition(field="customer.tags", has="b"),)),
            )
        ),
    }
    for text, condition in asked.items():
        [jump] = compile_steps(f"  - branch: [{{when: {text}, steps: []}}]\n")
        assert jump == JumpStep(unless=condition, to=1)


def test_a_branch_jumps_past_the_arms_that_are_not_walked() -> None:
    vip, gift = (Condition(field="customer.tags", has=tag) for tag in ("vip", "gift"))
    steps = compile_steps("""
  - branch:
      - {when: {tag: vip}, steps: [{send: a}, {send: b}]}
      - {when: {tag: gift}, steps: []}
      - otherwise: [{send: c}]
  - send: d
""")
    assert steps == (
        JumpStep(unless=vip, to=4),
        SendStep(template="a"),
        SendStep(template="b"),
        JumpStep(to=7),
        JumpStep(unless=gift, to=6),
        JumpStep(to=7),
        SendStep(template="c"),
        SendStep(template="d"),
    )


def test_a_split_draws_an_arm_and_walks_it() -> None:
    steps = compile_steps("""
  - split:
      id: subject
      arms:
        - {name: plain, weight: 3, steps: [{send: a}]}
        - {name: nothing}
        - {name: warm, steps: [{send: b}]}
""")
    assert steps == (
        SplitStep(split="subject", names=("plain", "nothing", "warm"), weights=(3, 1, 1)),
        JumpStep(unless=Condition(field="split.subject", equals="plain"), to=4),
        SendStep(template="a"),
        JumpStep(to=7),
        JumpStep(unless=Condition(field="split.subject", equals="nothing"), to=6),
        JumpStep(to=7),
        SendStep(template="b"),
    )


def test_the_head_compiles_to_a_definition() -> None:
    definition = compile_journey(
        """
journey: come-back
version: 4
purpose: marketing
priority: 70
trigger: {event: [order.paid, custom.thanks], key: customer, when: {segment: loyal}}
again: {start: always, at_most: 3, per: P30D}
holdout: 10
exit: [{event: order.cancelled, match: customer, when: {field: order.total, at_least: 5}, reason: gone}]
goal: {event: [order.placed, {event: review.posted, match: order.id}], within: P30D, ends: false}
settings: {after: P1D}
steps: [{wait: {for: {setting: after}}}]
""",
        "come-back.yaml",
    )
    assert definition == Definition(
        journey="come-back",
        version=4,
        purpose=Purpose.MARKETING,
        priority=70,
        events=("order.paid", "custom.thanks"),
        key="customer",
        when=Condition(field="customer.segments", has="loyal"),
        again="always",
        again_limit=ReentryLimit(times=3, per=timedelta(days=30)),
        holdout=10,
        exits=(
            EventMatch(
                event="order.cancelled",
                match="customer",
                when=Condition(field="order.total", at_least=5),
                reason="gone",
            ),
        ),
        goal=Goal(
            events=(
                EventMatch(event="order.placed", match="customer"),
                EventMatch(event="review.posted", match="order.id"),
            ),
            within=timedelta(days=30),
            ends=False,
        ),
        settings={"after": "P1D"},
        steps=(WaitStep(span=Span(setting="after"), line=12),),
    )


def test_a_journey_lists_what_it_may_say_and_which_settings_are_lengths_of_time() -> None:
    definition = compile_journey(
        HEAD
        + TRIGGER
        + """
settings: {at: "10:00", after: P1D}
steps:
  - wait: {for: {setting: after}, at: setting.at}
  - send: {template: a, gather: {setting: gather, default: PT10M}}
  - ask: {id: q, template: b, again: c, retries: 1, text: true, timeout: {setting: patience, default: P5D}}
  - branch: [{when: {tag: vip}, steps: [{send: d}, {send: a}]}]
""",
        "a.yaml",
    )
    assert list_said(definition) == ["a", "b", "c", "d"]
    assert list_durations(definition) == {"after", "gather", "patience"}


@pytest.mark.parametrize(
    ("again", "start"), [("never", "never"), ("always", "always"), ("{at_most: 1, per: P1D}", "after_end")]
)
def test_again_is_one_word_or_a_limit(again: str, start: str) -> None:
    assert compile_journey(f"{HEAD}{TRIGGER}again: {again}\nsteps: []\n", "a.yaml").again == start


def test_the_hash_names_what_the_engine_walks_and_nothing_else() -> None:
    text = HEAD + TRIGGER + "steps:\n  - wait: P2D\n  - send: order_updated\n"
    plain = hash_definition(compile_journey(text, "a.yaml"))
    spelled_out = text.replace("version: 1", "version: 1  # the first\nagain: never\nholdout: 0\n\npriority: 50")
    assert hash_definition(compile_journey(spelled_out, "b.yaml")) == plain
    for change in (("P2D", "P3D"), ("order_updated", "order_cancelled"), ("order.id", "event.id")):
        assert hash_definition(compile_journey(text.replace(*change), "a.yaml")) != plain
    # A new field with a default may not renew the hashes: each run in progress would be of an old version.
    assert plain == "d7e8842d77dbd402a285"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=sources())
def test_any_journey_of_the_vocabulary_compiles_and_only_leads_forward(source: Source) -> None:
    text = write_journey(source)
    definition = compile_journey(text, "random.yaml")
    for index, step in enumerate(definition.steps):
        if isinstance(step, JumpStep):
            assert index < step.to <= len(definition.steps)
    again = compile_journey(text, "again.yaml")
    stored = Definition.model_validate_json(definition.model_dump_json(by_alias=True, exclude_defaults=False))
    assert hash_definition(definition) == hash_definition(again) == hash_definition(stored)
    make_editor().validate(source)


@cache
def make_editor() -> Any:
    """What an editor does with the schema."""
    schema = make_journey_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_for_editors_is_the_one_of_these_models() -> None:
    """`okaeri journeys schema > docs/journey.schema.json` renews it."""
    assert json.loads(SCHEMA.read_text("utf-8")) == make_journey_schema()


def test_editors_take_every_shipped_journey_and_refuse_what_is_misspelled() -> None:
    for path in JOURNEYS_FOLDER.glob("*.yaml"):
        make_editor().validate(read_journey_file(path.read_text("utf-8"), Problems(path.name)))
    for text in ("steps: [{sent: a}]", "steps: [{wait: {fore: P1D}}]", "steps: [{wait: 3 days}]"):
        assert not make_editor().is_valid(read_journey_file(f"{HEAD}{TRIGGER}{text}\n", Problems("a.yaml")))


def test_every_field_of_the_vocabulary_can_be_read() -> None:
    """What a model or the engine does not have would be empty for ever, in silence."""
    assert [name for name in FIELDS["customer"] if not is_customer_field(name)] == []
    known = StoreSettings.model_fields.keys() | Store.model_fields.keys() | STORE_FIELDS.keys()
    assert [name for name in FIELDS["store"] if name not in known] == []


def test_the_events_of_the_documents_are_those_that_compile() -> None:
    rows = read_section("Events")
    documented = {name for row in rows for name in re.findall(r"`([a-z]+\.[a-z_]+)`", row.split("|")[1])}
    assert documented == set(EVENTS)


def test_the_steps_and_the_customer_s_fields_of_the_documents_are_those_that_compile() -> None:
    assert tuple(row.split("`")[1] for row in read_section("Steps")[: len(STEP_NAMES)]) == STEP_NAMES
    described = {row.split("`")[1]: row.split("|")[2].strip() for row in read_section("The fields of a customer")}
    assert described == dict(CUSTOMER_FIELDS)


def test_every_field_of_an_order_and_a_cart_is_documented() -> None:
    for root in ("order", "cart"):
        [row] = [row for row in read_section("Conditions") if row.startswith(f"| `{root}` |")]
        named = [name.removeprefix(f"{root}.") for name in re.findall(r"`([a-z_.]+)`", row)[1:]]
        assert named == list(FIELDS[root])


def read_section(heading: str) -> list[str]:
    """The rows of a section's tables in docs/journeys.md."""
    text = re.split(rf"^##+ {heading}\n", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)[1]
    section = re.split(r"^## ", text, flags=re.MULTILINE)[0]
    return [line for line in section.splitlines() if line.startswith("| `") and "`…" not in line]


def test_choices_may_come_from_the_shelf_and_from_settings() -> None:
    definition = compile_journey(
        """
journey: finder
version: 1
purpose: order
trigger: {event: turn.taken, key: event.id}
settings: {kinds: "", limits: "", pool: autumn}
steps:
  - ask: {id: kind, template: ask_kind, choices: product_types, timeout: PT1H}
  - ask: {id: own_kind, template: ask_kind, choices: "product_types:kinds", timeout: PT1H}
  - ask: {id: detail, template: ask_kind, choices: "tags:kinds", timeout: PT1H}
  - find: {id: finds, where: {type: answer.kind}}
  - ask: {id: budget, template: ask_kind, choices: "budgets:finds", timeout: PT1H}
  - ask: {id: limit, template: ask_kind, choices: "budgets:finds:limits", timeout: PT1H}
  - issue_coupon: {id: gift, pool: setting.pool}
""",
        "finder.yaml",
    )
    asked = [step.choices for step in definition.steps if isinstance(step, AskStep)]
    assert asked == [
        Choices(of="product_types"),
        Choices(of="product_types", setting="setting.kinds"),
        Choices(of="tags", setting="setting.kinds"),
        Choices(of="budgets", find="finds"),
        Choices(of="budgets", find="finds", setting="setting.limits"),
    ]
    assert definition.steps[-1] == CouponStep(coupon="gift", pool="setting.pool", line=14)


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ('ask: {id: a, template: ask_size, choices: "budgets:finds", timeout: P1D}', "no find step 'finds'"),
        ('ask: {id: a, template: ask_size, choices: "tags:kinds", timeout: P1D}', "unknown field 'setting.kinds'"),
        ("ask: {id: a, template: ask_size, choices: tags, timeout: P1D}", "choices"),
        ("issue_coupon: {id: gift, pool: setting.pool}", "unknown field 'setting.pool'"),
        (
            "branch: [{when: {answer: a, at_least: 7}, steps: [{exit: a}]}]\n"
            '  - ask: {id: a, template: ask_size, answers: {"7": [], low: []}, timeout: P1D}',
            "answer.a cannot be tested with at_least",
        ),
    ],
)
def test_choices_and_scores_that_cannot_be_are_told(steps: str, error: str) -> None:
    text = f"""
journey: finder
version: 1
purpose: order
trigger: {{event: turn.taken, key: event.id}}
steps:
  - {steps}
"""
    with pytest.raises(JourneyError) as caught:
        compile_journey(text, "finder.yaml")
    assert error in str(caught.value)
