"""Each function may do exactly what it needs."""

from __future__ import annotations

import re

import pytest

from tests.template.stack import Json, as_list, deployed, load_template
from tests.template.test_template import FUNCTIONS

ACCOUNT_STAGES = ["dev", "prod"]


@pytest.mark.parametrize("stage", [*ACCOUNT_STAGES, "local"])
def test_every_permission_says_what_it_is_for(stage: str) -> None:
    stack = deployed(stage)
    for function in FUNCTIONS:
        sids = [statement["Sid"] for statement in stack.statements(function)]
        assert len(sids) == len(set(sids)), function
        assert all(re.fullmatch(r"([A-Z][a-z]*){2,}", sid) for sid in sids), sids
    for kind in ("IAM::Role", "SQS::QueuePolicy", "IAM::ManagedPolicy"):
        for properties in stack.of_type(kind).values():
            policies = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
            policies += [properties[key] for key in ("AssumeRolePolicyDocument", "PolicyDocument") if key in properties]
            assert all("Sid" in statement for policy in policies for statement in policy["Statement"])


@pytest.mark.parametrize("stage", ACCOUNT_STAGES)
@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_no_permission_reaches_everything(function: str, stage: str) -> None:
    for statement in deployed(stage).statements(function):
        assert "*" not in as_list(statement["Resource"]), statement["Sid"]
        assert not [action for action in as_list(statement["Action"]) if "*" in action], statement["Sid"]


def test_only_a_laptop_is_granted_what_its_local_aws_needs() -> None:
    for function in FUNCTIONS:
        sids = {stage: {s["Sid"] for s in deployed(stage).statements(function)} for stage in ("local", "prod")}
        assert sids["prod"] <= sids["local"]
        assert all(sid.endswith("OnALaptop") for sid in sids["local"] - sids["prod"])


def test_every_function_has_a_role_of_its_own_without_aws_managed_policies() -> None:
    stack = deployed()
    roles = {name: stack.properties(name)["Role"]["Fn::GetAtt"][0] for name in FUNCTIONS}
    assert roles == {name: f"{name}Role" for name in FUNCTIONS}
    for role in roles.values():
        assert stack.properties(role)["ManagedPolicyArns"] == [{"Ref": "WriteLogs"}]


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_may_send_to_the_queues_that_it_knows_and_no_others(function: str) -> None:
    environment = deployed().environment(function)
    known = {value["Ref"] for name, value in environment.items() if name.endswith("_QUEUE_URL")}
    # Lambda itself sends a failed sweep, minute or letter to the dead letters, with the function's role.
    put_aside = ("KeepHouse", "RunBroadcasts", "ReceiveEmailEvent", "CountEngagement")
    expected = known | {"DeadLetters"} if function in put_aside else known
    assert deployed().may_reach(function, "sqs:SendMessage") == expected


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_may_take_from_the_queues_that_feed_it_and_no_others(function: str) -> None:
    fed_by = {queue for queue, consumer, _ in deployed().consumers() if consumer == function}
    for action in ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"):
        assert deployed().may_reach(function, f"sqs:{action}") == fed_by
    counted = {"BulkQueue", "WhatsappMarketingQueue", "EmailMarketingQueue"} if function == "RunBroadcasts" else fed_by
    assert deployed().may_reach(function, "sqs:GetQueueAttributes") == counted


def who_may(action: str) -> set[str]:
    return {function for function in FUNCTIONS if deployed().may(function, action)}


def test_only_advance_journeys_writes_customers() -> None:
    assert who_may("dynamodb:PutItem") == {"AdvanceJourneys"}
    assert who_may("dynamodb:DeleteItem") == {"AdvanceJourneys", "CarryOutActions"}  # which deletes free codes


def test_who_acts_for_journeys_reads_store_and_consent_takes_codes_and_notes_files() -> None:
    on_table = [s for s in deployed().statements("CarryOutActions") if "dynamodb:" in str(s["Action"])]
    found = {tuple(s["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]): s["Action"] for s in on_table}
    assert found == {
        ("STORE#*",): "dynamodb:GetItem",
        # To read the consent that the store is told, and to note a file beside its customer.
        ("*#C#*",): ["dynamodb:GetItem", "dynamodb:UpdateItem"],
        ("*#COUPONS#*",): ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
        ("*#BUDGET#*",): ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
        ("*#COUPON#*",): "dynamodb:UpdateItem",  # whose code it is
    }


def test_nobody_scans_the_table() -> None:
    assert not who_may("dynamodb:Scan")


def test_each_index_has_its_one_reader() -> None:
    readers = {
        (function, str(statement["Resource"]["Fn::Sub"]).rpartition("/")[2])
        for function in FUNCTIONS
        for statement in deployed().may(function, "dynamodb:Query")
        if "/index/" in str(statement["Resource"])
    }
    assert readers == {("KeepHouse", "due"), ("RunBroadcasts", "roster"), ("ServeInbox", "inbox")}


def test_who_runs_broadcasts_writes_broadcasts_and_no_customers() -> None:
    [statement] = deployed().may("RunBroadcasts", "dynamodb:UpdateItem")
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*#B", "*#B#*"]}}


def test_who_serves_the_inbox_writes_tickets_and_no_customers() -> None:
    [statement] = deployed().may("ServeInbox", "dynamodb:UpdateItem")
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*#T#*"]}}
    written = {"dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "s3:DeleteObject"}
    assert not [action for action in written if deployed().may("ServeInbox", action)]


def test_who_takes_letters_reads_stores_and_tickets_and_no_customers() -> None:
    [statement] = [s for s in deployed().statements("ReceiveEmailEvent") if "dynamodb:" in str(s["Action"])]
    assert statement["Action"] == ["dynamodb:GetItem", "dynamodb:Query"]
    assert statement["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["STORE#*", "STORES", "*#T#*"]}
    }


def find_files(action: str) -> dict[str, set[str]]:
    """Who is granted an action on the bucket, on which part of it."""
    found = {name: [r for s in deployed().may(name, action) for r in as_list(s["Resource"])] for name in FUNCTIONS}
    return {name: {str(r["Fn::Sub"]).partition("/")[2] for r in parts} for name, parts in found.items() if parts}


def test_files_are_read_and_written_by_who_needs_them_and_deleted_by_time_alone() -> None:
    keepers = ("CarryOutActions", "ReceiveEmailEvent", "ServeInbox")
    written = find_files("s3:PutObject")
    assert written.pop("MakeDocuments") == {"documents/*"}
    assert written == {function: {"files/*"} for function in keepers}
    readers = find_files("s3:GetObject")
    assert readers.pop("ReceiveEmailEvent") == {"mail/*"}
    assert readers.pop("SendWhatsapp") == {"files/*", "documents/*"}
    assert readers.pop("SendEmail") == {"documents/*"}
    assert set(readers) <= {"ServeInbox"}, "people of the shop look at what customers sent"
    assert not who_may("s3:DeleteObject")


def test_who_makes_documents_writes_them_and_does_nothing_else() -> None:
    asked = {action for s in deployed().statements("MakeDocuments") for action in as_list(s["Action"])}
    assert {action for action in asked if not action.startswith("logs:")} == {"s3:PutObject"}
    assert who_may("lambda:InvokeFunction") == {"SendWhatsapp", "SendEmail"}
    for sender in ("SendWhatsapp", "SendEmail"):
        assert deployed().may_reach(sender, "lambda:InvokeFunction") == {"MakeDocuments"}


def test_the_schedule_of_a_broadcast_calls_its_function_and_nothing_else() -> None:
    role = deployed().properties("BroadcastsSchedulerRole")
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["ArnEquals"] == {"aws:SourceArn": {"Fn::GetAtt": ["ScheduleGroup", "Arn"]}}
    statements = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]
    reached = {str(s["Action"]): s["Resource"]["Fn::GetAtt"][0] for s in statements}
    assert reached == {"lambda:InvokeFunction": "RunBroadcasts", "sqs:SendMessage": "SchedulerDeadLetters"}


@pytest.mark.parametrize(
    ("function", "keys"),
    [
        ("ReceiveStoreEvent", ["STORE#*"]),
        ("ReceiveWhatsappEvent", ["PHONE#*", "STORE#*"]),
    ],
)
def test_who_faces_the_internet_reads_stores_and_no_customers(function: str, keys: list[str]) -> None:
    on_table = [s for s in deployed().statements(function) if "dynamodb:" in str(s["Action"])]
    [statement] = on_table
    assert as_list(statement["Action"]) == ["dynamodb:GetItem"]
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}}


def test_the_pages_read_what_a_signed_question_is_about_and_write_nothing() -> None:
    readable: dict[str, set[str]] = {}
    for statement in deployed().statements("ServeCustomerPages"):
        if "dynamodb:" in str(statement["Action"]):
            keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            readable.setdefault(statement["Action"], set()).update(keys)
    assert readable == {  # no index, no roster
        "dynamodb:GetItem": {"STORE#*", "*#C#*", "*#K#cart:*", "DEF#*", "TPL#*"},
        "dynamodb:Query": {"*#K#order:*"},
    }


SECRETS = {
    "ReceiveStoreEvent": {"stores/*/webhook"},
    "ReceiveWhatsappEvent": {"meta-app"},
    "SendWhatsapp": {"stores/*/whatsapp", "stores/*/links"},
    "SendEmail": {"stores/*/links"},
    "ServeCustomerPages": {"stores/*/links"},
    "CarryOutActions": {"stores/*/calls", "stores/*/api", "stores/*/whatsapp"},
    "ReceiveEmailEvent": {"stores/*/links"},
}


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_reads_its_own_kind_of_secret(function: str) -> None:
    resources = [r for s in deployed().may(function, "ssm:GetParameter") for r in as_list(s["Resource"])]
    prefix = "parameter/okaeri/${AWS::StackName}/"
    assert {r["Fn::Sub"].partition(prefix)[2] for r in resources} == SECRETS.get(function, set())
    assert not deployed().may(function, "kms:Decrypt")


def test_only_advance_journeys_sets_timers_in_our_group() -> None:
    assert who_may("scheduler:DeleteSchedule") == {"AdvanceJourneys", "RunBroadcasts"}  # which ends its own
    for action in ("CreateSchedule", "GetSchedule", "DeleteSchedule"):
        assert who_may(f"scheduler:{action}") - {"RunBroadcasts"} == {"AdvanceJourneys"}
        [statement] = deployed().may("AdvanceJourneys", f"scheduler:{action}")
        assert statement["Resource"]["Fn::Sub"].endswith(":schedule/${ScheduleGroup}/*")


def test_a_role_is_handed_to_the_scheduler_and_to_nobody_else() -> None:
    assert who_may("iam:PassRole") == {"AdvanceJourneys"}
    [statement] = deployed().may("AdvanceJourneys", "iam:PassRole")
    assert statement["Resource"] == {"Fn::GetAtt": ["SchedulerRole", "Arn"]}
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


def test_the_schedulers_role_serves_our_timers_alone() -> None:
    role = deployed().properties("SchedulerRole")
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["ScheduleGroup", "Arn"]}},
    }
    statements = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]
    assert {str(s["Action"]) for s in statements} == {"sqs:SendMessage"}
    reached = {r["Fn::GetAtt"][0] for s in statements for r in as_list(s["Resource"])}
    assert reached == {"EventsQueue", "BulkQueue", "SchedulerDeadLetters"}


def test_only_send_email_sends_and_names_our_configuration_set() -> None:
    assert who_may("ses:SendEmail") == who_may("ses:SendRawEmail") == {"SendEmail"}
    [statement] = deployed().may("SendEmail", "ses:SendEmail")
    kinds = {r["Fn::Sub"].rpartition("}:")[2] for r in statement["Resource"]}
    assert kinds == {"identity/*", "configuration-set/${ConfigurationSet}"}


def test_queues_take_from_the_event_bus_what_our_own_rules_send() -> None:
    for name, rules in (
        ("StatusesQueuePolicy", ["EmailEventsRule"]),
        ("DeadLettersPolicy", ["EmailEventsRule", "KeepHouseEveryQuarterOfAnHour"]),
    ):
        [statement] = deployed().properties(name)["PolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        sources = as_list(statement["Condition"]["ArnEquals"]["aws:SourceArn"])
        assert sources == [{"Fn::GetAtt": [rule, "Arn"]} for rule in rules]


def test_a_sweep_that_fails_is_kept_and_not_repeated() -> None:
    for function in ("KeepHouse", "RunBroadcasts"):
        settings = deployed().properties(f"{function}EventInvokeConfig")
        assert settings["MaximumRetryAttempts"] == 0
        assert settings["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}


# ── The pipeline's roles ──


def statements_of(role: str) -> list[Json]:
    properties = load_template("infra/deploy-role.yaml")["Resources"][role]["Properties"]
    return [s for policy in properties["Policies"] for s in policy["PolicyDocument"]["Statement"]]


def test_a_pipeline_deploys_from_one_repository_and_ref() -> None:
    deployer = load_template("infra/deploy-role.yaml")["Resources"]["Deployer"]["Properties"]
    [trust] = deployer["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": {"Fn::Sub": "repo:${Repository}:${Ref}"},
    }
    assert not [s["Sid"] for s in statements_of("Deployer") if "*" in as_list(s["Resource"])]


def test_the_pipelines_builder_reaches_everything_only_where_aws_knows_no_resource() -> None:
    reaching = {s["Sid"] for s in statements_of("Builder") if "*" in as_list(s["Resource"])}
    assert reaching == {"QueuesThatFeedFunctions", "ReadAndTagMappings", "TheApisAccessLog"}


def test_the_pipeline_attaches_no_policy_but_the_stacks_own() -> None:
    [statement] = [s for s in statements_of("Builder") if "iam:AttachRolePolicy" in as_list(s["Action"])]
    assert statement["Condition"]["ArnLike"]["iam:PolicyARN"]["Fn::Sub"].endswith(":policy/${OkaeriStack}-*")
