"""What AWS demands and a local AWS forgives, and what the product promises of its stack."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module

import pytest

from okaeri import wiring
from tests.template.stack import ROOT, Json, decide, deployed, load_template

FUNCTIONS = {
    "ReceiveStoreEvent",
    "ReceiveWhatsappEvent",
    "AdvanceJourneys",
    "RecordDelivery",
    "SendWhatsapp",
    "SendEmail",
    "MakeDocuments",
    "ServeCustomerPages",
    "ServeInbox",
    "KeepHouse",
    "RunBroadcasts",
    "CarryOutActions",
    "CountEngagement",
    "ReceiveEmailEvent",
}
SCHEDULE_TARGETS = ["EventsQueue", "BulkQueue"]
CARRIED_BY_SCHEDULES = [*SCHEDULE_TARGETS, "SchedulerDeadLetters", "SchedulerRole", "ScheduleGroup"]
NAME_OF = {
    "AWS::SQS::Queue": "QueueName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Scheduler::ScheduleGroup": "Name",
}
CONSUMED = {
    "EventsQueue": ("AdvanceJourneys", 10),
    "BulkQueue": ("AdvanceJourneys", 2),
    "SoonQueue": ("AdvanceJourneys", 2),
    "StatusesQueue": ("RecordDelivery", 5),
    "WhatsappTransactionalQueue": ("SendWhatsapp", 5),
    "WhatsappMarketingQueue": ("SendWhatsapp", 2),
    "EmailTransactionalQueue": ("SendEmail", 5),
    "EmailMarketingQueue": ("SendEmail", 2),
    "ActionsQueue": ("CarryOutActions", 5),
}
ROUTES = {
    ("post", "/stores/{store_id}/events"): "ReceiveStoreEvent",
    ("post", "/carriers/{store_id}/{carrier}"): "ReceiveStoreEvent",
    ("get", "/whatsapp"): "ReceiveWhatsappEvent",
    ("post", "/whatsapp"): "ReceiveWhatsappEvent",
    ("get", "/u/{token}"): "ServeCustomerPages",
    ("post", "/u/{token}"): "ServeCustomerPages",
    ("get", "/c/{token}"): "ServeCustomerPages",
    ("post", "/c/{token}"): "ServeCustomerPages",
    ("get", "/a/{token}"): "ServeCustomerPages",
    ("post", "/a/{token}"): "ServeCustomerPages",
    ("get", "/f/{store}"): "ServeCustomerPages",
    ("post", "/f/{store}"): "ServeCustomerPages",
    ("get", "/l/{token}"): "ServeCustomerPages",
    ("head", "/l/{token}"): "ServeCustomerPages",
    ("x-amazon-apigateway-any-method", "/inbox/{store_id}/{proxy+}"): "ServeInbox",
}


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


# ── Functions ──


def test_every_function_is_a_folder_of_its_own_name() -> None:
    functions = deployed().of_type("Lambda::Function")
    assert set(functions) == FUNCTIONS
    for name, function in functions.items():
        folder = snake_case(name)
        assert function["Handler"] == f"{folder}.handler.lambda_handler"
        assert deployed().environment(name)["POWERTOOLS_SERVICE_NAME"] == folder
        assert (ROOT / "functions" / folder / "handler.py").is_file()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_is_told_all_that_its_settings_name_and_no_more(name: str) -> None:
    module = import_module(f"okaeri.settings.{snake_case(name)}")
    fields = getattr(module, f"{name}Settings").model_fields
    assert set(deployed().environment(name)) == {field.upper() for field in fields}


def test_all_functions_ship_in_one_zip_with_one_layer_and_documents_with_one_of_their_own() -> None:
    functions = load_template()["Resources"]
    assert not [name for name in FUNCTIONS if "CodeUri" in functions[name]["Properties"]]
    for name, function in deployed().of_type("Lambda::Function").items():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == [{"Ref": "Architecture"}]
        first, *others = [layer["Ref"] for layer in function["Layers"]]
        assert first.startswith("Dependencies")
        assert len(others) == (name == "MakeDocuments")
        assert all(layer.startswith("DocumentsLayer") for layer in others)


@pytest.mark.parametrize("layer", ["Dependencies", "DocumentsLayer"])
def test_a_layer_is_built_for_the_processor_of_the_functions(layer: str) -> None:
    assert load_template()["Resources"][layer]["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}


def test_a_message_that_waits_for_its_pdf_is_still_sent_in_the_functions_time() -> None:
    """Looked for, made, read: each as long as a client waits at most; and then SES or Meta, ten seconds."""
    for sender in ("SendWhatsapp", "SendEmail"):
        assert deployed().properties(sender)["Timeout"] > 3 * wiring.DOCUMENT_TIMEOUT_S[1] + 10
    assert deployed().properties("MakeDocuments")["Timeout"] > wiring.DOCUMENT_TIMEOUT_S[1]


def test_logs_go_to_one_group_that_forgets() -> None:
    for function in deployed().of_type("Lambda::Function").values():
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert function["LoggingConfig"]["LogGroup"] == {"Ref": "FunctionsLog"}
    for group in deployed().of_type("Logs::LogGroup").values():
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_a_fresh_account_with_ten_functions_at_once_can_deploy() -> None:
    functions = deployed().of_type("Lambda::Function").values()
    assert not [f for f in functions if "ReservedConcurrentExecutions" in f], (
        "a fresh account has nothing to reserve from"
    )


# ── Queues and who takes from them ──


def test_each_queue_feeds_its_function_with_its_share_of_the_concurrency() -> None:
    found = {q: (f, m["ScalingConfig"]["MaximumConcurrency"]) for q, f, m in deployed().consumers()}
    assert found == CONSUMED
    shares = [share for _, share in found.values()]
    assert min(shares) >= 2, "Lambda refuses less"
    assert sum(shares) <= 50, "of an account's 1,000: webhooks keep the rest"
    assert f"adds up to {sum(shares)} " in (ROOT / "template.yaml").read_text()


def test_a_message_stays_hidden_six_times_as_long_as_its_function_may_run() -> None:
    for queue, function, mapping in deployed().consumers():
        window = mapping.get("MaximumBatchingWindowInSeconds", 0)
        needed = 6 * deployed().properties(function)["Timeout"] + window
        assert deployed().properties(queue)["VisibilityTimeout"] >= needed, queue


def test_one_bad_message_does_not_take_its_batch_along() -> None:
    for queue, _, mapping in deployed().consumers():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], queue


def test_batches_keep_to_what_lambda_takes() -> None:
    for queue, _, mapping in deployed().consumers():
        is_fifo = deployed().properties(queue).get("FifoQueue", False)
        window = mapping.get("MaximumBatchingWindowInSeconds", 0)
        assert mapping["BatchSize"] <= (10 if is_fifo or not window else 10_000), queue
        assert not (is_fifo and window), "FIFO queues have no batching window"


def test_a_shopper_waits_for_no_batch_to_fill() -> None:
    windows = {q: m.get("MaximumBatchingWindowInSeconds", 0) for q, _, m in deployed().consumers()}
    assert {q for q, window in windows.items() if window} == {"StatusesQueue"}
    assert windows["StatusesQueue"] == 1


def test_what_fails_five_times_goes_to_dead_letters_of_its_kind() -> None:
    for queue, _, _ in deployed().consumers():
        properties = deployed().properties(queue)
        assert properties["RedrivePolicy"]["maxReceiveCount"] == 5
        dead_letters = deployed().properties(properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0])
        assert dead_letters.get("FifoQueue", False) == properties.get("FifoQueue", False), queue
        assert dead_letters["MessageRetentionPeriod"] > properties["MessageRetentionPeriod"], queue


def test_every_queue_is_encrypted() -> None:
    for name, queue in deployed().of_type("SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True, name


def test_groups_of_events_do_not_wait_for_each_other() -> None:
    for name, queue in deployed().of_type("SQS::Queue").items():
        if queue.get("FifoQueue") and name != "EventsDeadLetters":
            assert queue["DeduplicationScope"] == "messageGroup", name
            assert queue["FifoThroughputLimit"] == "perMessageGroupId", name


# ── Timers ──


@pytest.mark.parametrize("queue", SCHEDULE_TARGETS)
def test_timers_reach_queues_that_deduplicate_by_content(queue: str) -> None:
    properties = deployed().properties(queue)
    assert properties["FifoQueue"] is True
    assert properties["ContentBasedDeduplication"] is True, "EventBridge Scheduler sends no deduplication id"


def test_timers_that_fail_go_to_a_standard_queue() -> None:
    assert "FifoQueue" not in deployed().properties("SchedulerDeadLetters"), "EventBridge Scheduler refuses FIFO ones"


@pytest.mark.parametrize("name", CARRIED_BY_SCHEDULES)
def test_what_schedules_carry_for_400_days_keeps_its_name_and_outlives_the_stack(name: str) -> None:
    resource = deployed().resources[name]
    fixed = resource["Properties"][NAME_OF[resource["Type"]]]
    assert "AWS::StackName" in str(fixed)
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


# ── State ──


def test_customers_outlive_the_stack_and_can_be_restored() -> None:
    resource = deployed().resources["Table"]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    table = resource["Properties"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["DeletionProtectionEnabled"] is True
    assert deployed("dev").properties("Table")["DeletionProtectionEnabled"] is False


def test_the_indexes_hold_keys_alone() -> None:
    indexes = {index["IndexName"]: index for index in deployed().properties("Table")["GlobalSecondaryIndexes"]}
    found = {name: [key["AttributeName"] for key in index["KeySchema"]] for name, index in indexes.items()}
    assert found == {
        "due": ["due_shard", "sweep_at"],
        "roster": ["roster", "pk"],
        "inbox": ["inbox", "inbox_place"],
    }
    assert all(index["Projection"] == {"ProjectionType": "KEYS_ONLY"} for index in indexes.values())


def test_files_are_private_encrypted_and_forgotten() -> None:
    resource = deployed().resources["MediaBucket"]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    bucket = resource["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert rules["forget-files"]["ExpirationInDays"] == {"Ref": "MediaRetentionDays"}
    assert rules["forget-files"]["Prefix"] == "files/"
    assert (rules["forget-mails"]["Prefix"], rules["forget-mails"]["ExpirationInDays"]) == ("mail/", 14)
    assert "AbortIncompleteMultipartUpload" in rules["forget-halves"]


def test_nobody_reads_files_without_tls_and_nobody_is_let_in_by_the_bucket() -> None:
    [statement] = deployed().properties("MediaBucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert "MediaBucketPolicy" in deployed("dev").resources
    assert "MediaBucketPolicy" not in deployed("local").resources, "where there is no TLS"


# ── Letters ──


def test_mail_is_received_where_a_domain_was_named_and_on_no_laptop() -> None:
    kinds = ("SES::ReceiptRuleSet", "SES::ReceiptRule", "Lambda::Permission")
    assert not [kind for kind in kinds[:2] if deployed().of_type(kind)]
    assert not deployed("local", InboundDomain="reply.example.com").of_type("SES::ReceiptRule")
    [rule] = deployed("prod", InboundDomain="reply.example.com").of_type("SES::ReceiptRule").values()
    assert rule["Rule"]["Recipients"] == [{"Ref": "InboundDomain"}]
    assert (rule["Rule"]["Enabled"], rule["Rule"]["ScanEnabled"]) == (True, True)
    assert [list(action) for action in rule["Rule"]["Actions"]] == [["S3Action"], ["LambdaAction"]], "in this order"


def test_only_our_own_rule_puts_mails_into_the_bucket_and_calls_the_function() -> None:
    stack = deployed("prod", InboundDomain="reply.example.com")
    _, arrives = stack.properties("MediaBucketPolicy")["PolicyDocument"]["Statement"]
    allowed = stack.properties("SesCallsReceiveEmailEvent")
    assert arrives["Principal"] == {"Service": allowed["Principal"]} == {"Service": "ses.amazonaws.com"}
    assert arrives["Resource"]["Fn::Sub"] == "${MediaBucket.Arn}/mail/*"
    source = arrives["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert source == allowed["SourceArn"]
    name = stack.properties("LetterRule")["Rule"]["Name"]
    assert source["Fn::Sub"].endswith(f":receipt-rule-set/${{AWS::StackName}}:receipt-rule/{name}")
    assert stack.properties("LetterRules")["RuleSetName"] == {"Ref": "AWS::StackName"}


# ── The front door ──


def test_the_routes_reach_their_functions() -> None:
    paths = deployed().properties("HttpApi")["Body"]["paths"]
    found = {(method, path): operation for path, methods in paths.items() for method, operation in methods.items()}
    assert set(found) == set(ROUTES)
    for route, operation in found.items():
        integration = operation["x-amazon-apigateway-integration"]
        assert integration["payloadFormatVersion"] == "2.0"
        assert f"${{{ROUTES[route]}.Arn}}" in str(integration["uri"])


def test_a_flood_is_refused_before_it_costs_a_call() -> None:
    [stage] = deployed().of_type("ApiGatewayV2::Stage").values()
    settings = stage["DefaultRouteSettings"]
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"]


def test_the_access_log_holds_neither_tokens_nor_addresses() -> None:
    [stage] = deployed().of_type("ApiGatewayV2::Stage").values()
    words = set(re.findall(r"\$context\.([\w.]+)", stage["AccessLogSettings"]["Format"]))
    assert "status" in words
    assert not {word for word in words if word == "path" or word.startswith("identity")}


# ── E-mail ──


def test_only_our_own_emails_events_become_statuses() -> None:
    rule = deployed().properties("EmailEventsRule")
    assert rule["EventPattern"]["source"] == ["aws.ses"]
    assert rule["EventPattern"]["detail"]["mail"]["tags"] == {"ses:configuration-set": [{"Ref": "ConfigurationSet"}]}
    [target] = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["StatusesQueue", "Arn"]}
    assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}


def test_all_that_shows_a_reader_or_a_lost_email_is_heard() -> None:
    destination = deployed().properties("ConfigurationSetEvents")["EventDestination"]
    assert set(destination["MatchingEventTypes"]) >= {"delivery", "bounce", "complaint", "open", "click"}
    assert destination["Enabled"] is True


def test_a_complaint_does_not_stop_order_messages() -> None:
    assert deployed().properties("ConfigurationSet")["SuppressionOptions"] == {"SuppressedReasons": ["BOUNCE"]}


# ── Deploying ──


def test_deploying_needs_no_domain_and_no_verified_sender() -> None:
    kinds = {resource["Type"] for resource in deployed().resources.values()}
    waits_for_somebody = (
        "AWS::Route53",
        "AWS::CertificateManager",
        "AWS::SES::EmailIdentity",
        "AWS::ApiGatewayV2::Domain",
    )
    assert not [kind for kind in kinds if kind.startswith(waits_for_somebody)]
    assert not [name for name, p in load_template()["Parameters"].items() if "Default" not in p]


@pytest.mark.parametrize(
    ("stage", "seconds", "accepted"), [("prod", 86400, True), ("prod", 60, False), ("dev", 60, True)]
)
def test_days_are_real_where_shoppers_are(stage: str, seconds: int, accepted: bool) -> None:
    rule = load_template()["Rules"]["RealTimeForRealShoppers"]
    parameters: Json = {"Stage": stage, "SecondsPerDay": seconds}
    applies = decide(rule["RuleCondition"], parameters, {})
    holds = all(decide(assertion["Assert"], parameters, {}) for assertion in rule["Assertions"])
    assert (holds or not applies) is accepted


@pytest.mark.parametrize(
    "path", ["template.yaml", *(f"infra/{p.name}" for p in sorted((ROOT / "infra").glob("*.yaml")))]
)
def test_every_parameter_explains_itself(path: str) -> None:
    parameters = load_template(path)["Parameters"]
    for name, parameter in parameters.items():
        assert parameter["Description"].endswith("."), name


@pytest.mark.parametrize("path", ["template.yaml", "infra/email-identity.yaml", "infra/deploy-role.yaml"])
def test_every_parameter_is_asked_for_in_a_group(path: str) -> None:
    template = load_template(path)
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"])


def test_the_stack_tells_its_addresses() -> None:
    queues = {f"{name}Url": {"Ref": name} for name in deployed().of_type("SQS::Queue")}
    found = {name: output["Value"] for name, output in deployed().outputs.items()}
    assert {"ApiUrl", "TableName", "StackSecretsPrefix", "ConfigurationSetName"} <= set(found)
    assert {name: value for name, value in found.items() if name.endswith("Url") and name != "ApiUrl"} == queues


def test_a_guided_deploy_starts_from_answers_that_work() -> None:
    samconfig = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for environment in ("default", "local"):
        capabilities = samconfig[environment]["deploy"]["parameters"]["capabilities"].split()
        assert "CAPABILITY_NAMED_IAM" in capabilities, "the scheduler's role has a fixed name"
    assert samconfig["default"]["deploy"]["parameters"]["resolve_s3"] is True
