"""Drawings of journeys: everything is in them, in words, in the same place each time."""

from __future__ import annotations

from xml.etree import ElementTree as xml

import pytest

from okaeri.catalogue.compile_journeys import compile_journey
from okaeri.domain.journeys import AskStep, Definition, SendStep
from simulator.drawing import draw_journey
from simulator.flow import make_flow
from simulator.layout import lay_out
from tests.catalogue import load_journeys

SVG = "{http://www.w3.org/2000/svg}"
EVERY_STEP = """
journey: every-step
version: 3
purpose: marketing
trigger: {event: order.delivered, key: order.id, when: {field: order.total, at_least: 50}}
exit:
  - {event: return.requested, match: order.id, reason: returned}
goal: {event: order.placed, match: customer, within: P30D}
settings:
  after: P7D
  at: "10:00"
steps:
  - wait: {for: {setting: after, default: P7D}, at: setting.at, on: [tue, thu]}
  - split:
      id: tone
      arms:
        - name: warm
          weight: 60
          steps: [{send: review_request}]
        - name: plain
          weight: 30
          steps: [{send: {template: review_request, both: true}}]
        - name: none
          weight: 10
          steps: [{exit: nothing to say}]
  - ask:
      id: rating
      template: review_request
      answers: {great: "😍", fine: "🙂", bad: "🙁"}
      timeout: P5D
      retries: 1
      again: review_request
  - branch:
      - when: {field: answer.rating, is: bad}
        steps:
          - open_ticket: {queue: unhappy, due: PT4H, priority: high}
          - tag: {add: unhappy, remove: happy}
      - when: {field: answer.rating, is: great}
        steps:
          - issue_coupon: {id: thanks, pool: reviewers}
          - set: {attribute: likes_us, value: "yes"}
          - emit: custom.promoter
      - otherwise:
          - call: {id: crm, webhook: crm, timeout: PT1M}
  - wait: {all_of: [order.paid, order.confirmed], match: order.id, timeout: P3D}
  - wait: {best_hour: true, at: "11:00"}
  - send: {template: review_request, gather: PT2H, valid_for: P2D}
"""
JOURNEYS = [*load_journeys(), compile_journey(EVERY_STEP, "every-step.yaml")]


def read_words(drawn: str) -> str:
    return " ".join(text.text or "" for text in xml.fromstring(drawn).iter(f"{SVG}text"))


@pytest.mark.parametrize("definition", JOURNEYS, ids=lambda definition: definition.journey)
def test_a_drawing_shows_every_message_and_is_the_same_each_time(definition: Definition) -> None:
    drawn = draw_journey(definition)
    assert drawn == draw_journey(definition)
    said = {step.template for step in definition.steps if isinstance(step, SendStep | AskStep)}
    assert [template for template in said if template not in read_words(drawn)] == []


@pytest.mark.parametrize("definition", JOURNEYS, ids=lambda definition: definition.journey)
def test_no_box_covers_another_and_none_leaves_the_paper(definition: Definition) -> None:
    layout = lay_out(make_flow(definition))
    boxes = list(layout.placed.items())
    for number, (name, box) in enumerate(boxes):
        assert box.x >= 0 and box.x + box.width <= layout.width and box.y + box.height <= layout.height, name
        for other_name, other in boxes[number + 1 :]:
            apart = (
                box.x + box.width <= other.x
                or other.x + other.width <= box.x
                or box.y + box.height <= other.y
                or other.y + other.height <= box.y
            )
            assert apart, f"{name} covers {other_name}"


def test_conditions_waits_splits_answers_exits_and_the_goal_are_said_in_words() -> None:
    words = read_words(draw_journey(JOURNEYS[-1]))
    for said in (
        "if order total is at least 50", "1 week (setting after)", "on Tue or Thu", "warm: 60 %", "none: 10 %",
        "answers: great, fine, bad", "waits at most 5 days", "the answer to rating is bad", "otherwise",
        "unhappy, priority high", "from the pool reviewers", "+ unhappy, - happy", "at their best hour",
        "gathers siblings for 2 hours", "Goal: order.placed (of this customer), within 30 days",
        "Ends at any time with return.requested (same order): returned",
    ):  # fmt: skip
        assert said in words.replace("  ", " "), said


def test_who_cannot_see_it_hears_a_title_and_what_follows_what() -> None:
    svg = xml.fromstring(draw_journey(JOURNEYS[-1]))
    assert svg.get("role") == "img"
    parts = {part.get("id"): part.text or "" for part in (*svg.iter(f"{SVG}title"), *svg.iter(f"{SVG}desc"))}
    title, description = (parts[name] for name in (svg.get("aria-labelledby") or "").split())
    assert title == "Journey every-step, version 3"
    assert "split tone; then warm: 60 %: send review_request | plain: 30 %: send review_request" in description
    assert "prefers-color-scheme: dark" in xml.tostring(svg, encoding="unicode")


def test_arms_stand_in_their_order_from_left_to_right() -> None:
    flow = make_flow(JOURNEYS[-1])
    layout = lay_out(flow)
    arms = [name for name, box in flow.boxes.items() if box.kind == "label" and "%" in box.title]
    assert [flow.boxes[name].title for name in sorted(arms, key=lambda name: layout.placed[name].x)] == [
        "warm: 60 %", "plain: 30 %", "none: 10 %",
    ]  # fmt: skip
