"""No reward for a good opinion: said of a journey before it is published."""

from __future__ import annotations

import pytest

from okaeri.catalogue.compile_journeys import JOURNEYS_FOLDER
from okaeri.catalogue.lint_journeys import lint_journeys

SURVEY = """journey: rating
version: 1
purpose: order
trigger: {{event: {event}, key: order.id}}
settings: {{points: 20}}
steps:
  - ask: {{id: stars, template: how, answers: {{"5": [], "4": [], "1": []}}, timeout: P3D}}
  - record: {{survey: stars, score: answer.stars}}
{rest}
"""
REWARD = "{points: {add: setting.points, reason: review}}"


def lint(rest: str, event: str = "order.delivered") -> list[str]:
    found = lint_journeys({"rating.yaml": SURVEY.format(event=event, rest=rest)})
    return [problem.what for problem in found if "reward" in problem.what]


@pytest.mark.parametrize(
    "rest",
    [
        f"  - branch: [{{when: {{answer: stars, is: '5'}}, steps: [{REWARD}]}}]",
        f"  - branch: [{{when: {{answer: stars, at_least: 4}}, steps: [{REWARD}]}}]",
        "  - branch: [{when: {answer: stars, is: '1'}, steps: [{tag: sad}]}, {otherwise: [" + REWARD + "]}]",
        "  - branch: [{when: {answer: stars, is: '1'}, steps: [{exit: sad}]}]\n  - " + REWARD[1:-1],
        "  - branch: [{when: {answer: stars, in: ['4', '5']}, steps: [{issue_coupon: {id: gift, pool: gifts}}]}]",
    ],
)
def test_a_reward_for_some_answers_alone_is_refused(rest: str) -> None:
    assert lint(rest) == ["this reward hangs on the answer to 'stars'"]


@pytest.mark.parametrize(
    "rest",
    [
        "  - " + REWARD[1:-1],
        f"  - branch: [{{when: {{field: run.outcome, is: answered}}, steps: [{REWARD}]}}]",
        "  - branch: [{when: {none: [{field: run.outcome, is: answered}]}, steps: [{exit: silent}]}]\n  - "
        + REWARD[1:-1],
    ],
)
def test_a_reward_for_any_answer_is_fine(rest: str) -> None:
    assert lint(rest) == []


def test_a_reward_that_a_good_rating_alone_begins_is_refused() -> None:
    assert lint("  - " + REWARD[1:-1], event="custom.rated_well") == ["this reward is for a good rating alone"]


def test_no_shipped_journey_rewards_an_opinion() -> None:
    texts = {path.name: path.read_text("utf-8") for path in JOURNEYS_FOLDER.glob("*.yaml")}
    assert [problem for problem in lint_journeys(texts) if "reward" in problem.what] == []
