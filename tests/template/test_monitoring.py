"""A person hears of it when something was put aside, waits too long or fails."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.template.stack import ROOT, Json, deployed, load_template
from tests.template.test_template import CONSUMED, FUNCTIONS

PUT_ASIDE = {"EventsDeadLetters", "DeadLetters", "SchedulerDeadLetters", "QuarantineQueue"}


def monitoring() -> Json:
    return load_template("infra/monitoring.yaml")


def alarms_on(metric: str) -> dict[str, Json]:
    """Alarms on a metric, by the parameter that names what is watched."""
    found: dict[str, Json] = {}
    for resource in monitoring()["Resources"].values():
        if resource["Type"] == "AWS::CloudWatch::Alarm" and resource["Properties"]["MetricName"] == metric:
            [dimension] = resource["Properties"]["Dimensions"]
            found[dimension["Value"]["Ref"]] = resource["Properties"]
    return found


def test_the_first_message_put_aside_rings() -> None:
    alarms = alarms_on("ApproximateNumberOfMessagesVisible")
    assert set(alarms) == PUT_ASIDE
    for alarm in alarms.values():
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        assert (alarm["Statistic"], alarm["EvaluationPeriods"]) == ("Maximum", 1)


def test_a_queue_that_stands_still_rings_later_than_its_longest_allowed_delay() -> None:
    alarms = alarms_on("ApproximateAgeOfOldestMessage")
    assert set(alarms) == set(CONSUMED)
    delay = int(load_template()["Parameters"]["QueueDelayLimitSeconds"]["MaxValue"])
    for queue in set(CONSUMED) - {"EventsQueue", "StatusesQueue"}:
        assert alarms[queue]["Threshold"] > delay, queue
    assert alarms["EventsQueue"]["Threshold"] <= 300, "a confirmation comes within a minute"


def test_a_function_that_fails_rings() -> None:
    assert set(alarms_on("Errors")) == FUNCTIONS


def test_counts_that_are_late_ring_long_before_the_stream_forgets_them() -> None:
    [alarm] = alarms_on("IteratorAge").values()
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "CountEngagement"}}]
    assert alarm["Threshold"] <= 4 * 3_600_000


def test_refused_webhooks_and_dropped_timers_ring() -> None:
    assert set(alarms_on("5xx")) == {"HttpApi"}
    assert set(alarms_on("InvocationsFailedToBeSentToDeadLetterCount")) == {"ScheduleGroup"}


def test_every_alarm_tells_somebody_what_to_do_and_when_it_is_over() -> None:
    for name, resource in monitoring()["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            alarm = resource["Properties"]
            assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}], name
            assert alarm["AlarmDescription"].count(".") >= 2, f"{name}: what happened, then what to do"
            assert alarm["TreatMissingData"] == "notBreaching", name


def test_an_address_for_alarms_is_a_choice() -> None:
    assert monitoring()["Resources"]["AlarmByEmail"]["Condition"] == "TellsSomebody"


def test_the_main_template_names_all_that_is_watched() -> None:
    given: dict[str, Any] = deployed().properties("Monitoring")["Parameters"]
    assert set(given) == set(monitoring()["Parameters"])
    for name in FUNCTIONS:
        assert given[name] == {"Ref": name}
    for name in PUT_ASIDE | set(CONSUMED):
        assert given[name] == {"Fn::GetAtt": [name, "QueueName"]}


def test_the_dashboard_shows_every_queue_and_function() -> None:
    body = monitoring()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = set(re.findall(r"\$\{(\w+)\}", json.dumps(json.loads(body))))
    assert shown >= FUNCTIONS | set(CONSUMED) | PUT_ASIDE | {"HttpApi", "Table", "ScheduleGroup"}


def test_a_sender_that_stops_rings() -> None:
    """The metric filter looks for the very line that the code writes."""
    line = "sender stopped"
    source = (ROOT / "functions/okaeri/use_cases/settle_message.py").read_text("utf-8")
    resources = monitoring()["Resources"]
    (metric,) = resources["SenderStops"]["Properties"]["MetricTransformations"]
    assert f'log.error("{line}"' in source
    assert f'"{line}"' in resources["SenderStops"]["Properties"]["FilterPattern"]
    assert resources["SenderStopped"]["Properties"]["MetricName"] == metric["MetricName"]


def test_an_empty_pool_of_coupons_rings() -> None:
    """As above: the filter looks for the line that the code writes."""
    line = "coupon pool empty"
    source = (ROOT / "functions/okaeri/use_cases/carry_out_actions.py").read_text("utf-8")
    resources = monitoring()["Resources"]
    (metric,) = resources["EmptyPools"]["Properties"]["MetricTransformations"]
    assert f'"{line}"' in source
    assert f'"{line}"' in resources["EmptyPools"]["Properties"]["FilterPattern"]
    assert resources["CouponPoolEmpty"]["Properties"]["MetricName"] == metric["MetricName"]
