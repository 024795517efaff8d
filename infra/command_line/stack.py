"""A deployed stack as the commands see it: its outputs and parameters, and the AWS clients that reach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from command_line.failures import CommandFailure

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

DEFAULT_STACK = "okaeri"
# Each call ends within half a minute: a person waits for the answer.
CALLS = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})


@dataclass(frozen=True)
class Stack:
    """Names and addresses of one stack. `queues` maps a queue's logical id to its URL, `outputs` are all."""

    name: str
    api_url: str
    table_name: str
    secrets_prefix: str
    graph_api_url: str
    graph_api_version: str
    stage: str = "prod"
    configuration_set: str = ""
    queues: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def table(self) -> Table:
        """The one table, by boto3's resource interface."""
        return boto3.resource("dynamodb", config=CALLS).Table(self.table_name)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """The table, for adapters that the functions use too."""
        return boto3.client("dynamodb", config=CALLS)

    @cached_property
    def ssm(self) -> SSMClient:
        """Where the secrets are."""
        return boto3.client("ssm", config=CALLS)

    @cached_property
    def sqs(self) -> SQSClient:
        """Where what could not be handled waits."""
        return boto3.client("sqs", config=CALLS)

    @cached_property
    def ses(self) -> SESV2Client:
        """Which sender addresses are ready."""
        return boto3.client("sesv2", config=CALLS)

    @cached_property
    def scheduler(self) -> EventBridgeSchedulerClient:
        """What wakes broadcasts."""
        return boto3.client("scheduler", config=CALLS)

    @cached_property
    def lambda_(self) -> LambdaClient:
        """How many functions may run at once."""
        return boto3.client("lambda", config=CALLS)

    def find_queue(self, logical_id: str) -> str:
        """The queue's URL. CommandFailure where the stack has no such queue."""
        try:
            return self.queues[logical_id]
        except KeyError:
            known = ", ".join(sorted(self.queues))
            raise CommandFailure(
                f"{logical_id} is no queue of the stack {self.name}", at="QUEUE", fix=f"Choose one of: {known}."
            ) from None


def open_stack(name: str = DEFAULT_STACK) -> Stack:
    """Reads the outputs and parameters of the CloudFormation stack; region and credentials are AWS's usual ones."""
    client = boto3.client("cloudformation", config=CALLS)
    try:
        found = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise CommandFailure(
            f"there is no stack {name} in {client.meta.region_name}",
            at="--stack",
            fix="Deploy it first (make deploy), or name another one: --stack NAME, --region REGION.",
        ) from error
    outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
    parameters = {item["ParameterKey"]: item.get("ParameterValue", "") for item in found.get("Parameters", [])}
    missing = {"ApiUrl", "TableName", "StackSecretsPrefix"} - outputs.keys()
    if missing:
        raise CommandFailure(
            f"the stack {name} lacks the outputs {', '.join(sorted(missing))}",
            at="--stack",
            fix="It is not a stack of Okaeri, or its deployment did not finish: look at it in CloudFormation.",
        )
    return Stack(
        name=name,
        api_url=(parameters.get("PublicUrl") or outputs["ApiUrl"]).rstrip("/"),
        table_name=outputs["TableName"],
        secrets_prefix=outputs["StackSecretsPrefix"],
        graph_api_url=parameters.get("GraphApiUrl") or "https://graph.facebook.com",
        graph_api_version=parameters.get("GraphApiVersion") or "v24.0",
        stage=parameters.get("Stage") or "prod",
        configuration_set=outputs.get("ConfigurationSetName", ""),
        queues={
            key.removesuffix("Url"): value for key, value in outputs.items() if key.endswith(("QueueUrl", "LettersUrl"))
        },
        outputs=outputs,
    )
