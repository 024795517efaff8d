"""The parts of AWS that functions talk to, made from template.yaml itself in whichever AWS the environment names.

`MadeStack.environment("AdvanceJourneys")` is what the deployed function would find in its environment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from okaeri import wiring
from tests.template.stack import deployed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import StreamSpecificationTypeDef
    from mypy_boto3_sqs.literals import QueueAttributeNameType

STACK_NAME = "okaeri"
API_URL = "https://api.example.com"
REGION, ACCOUNT = "us-east-1", "123456789012"


class MadeWhenNamed(dict[str, str]):
    """What there is by logical id; a queue is made when it is named first, for most tests name a few of them."""

    def __init__(self, known: dict[str, str]) -> None:
        super().__init__(known)
        self.make_queue: Callable[[str], None] | None = None

    def __missing__(self, name: str) -> str:
        if self.make_queue is None or name not in deployed("local").of_type("SQS::Queue"):
            raise KeyError(name)
        self.make_queue(name)
        return self[name]


@dataclass(frozen=True)
class MadeStack:
    """Names, addresses and ARNs by logical id."""

    references: dict[str, str]
    arns: dict[str, str]

    @property
    def table_name(self) -> str:
        return self.references["Table"]

    def queue_url(self, logical_id: str) -> str:
        return self.references[logical_id]

    def environment(self, function: str) -> dict[str, str]:
        """The environment variables of a function, by its logical id."""
        return {name: self.resolve(value) for name, value in deployed("local").environment(function).items()}

    def resolve(self, value: Any) -> str:
        """What CloudFormation makes of a reference; KeyError for a resource that is not made here."""
        if not isinstance(value, dict):
            return str(value)
        [(function, argument)] = value.items()
        match function:
            case "Ref":
                return self.references[argument]
            case "Fn::GetAtt":
                return self.arns[argument[0]]
            case "Fn::Sub" if isinstance(argument, str):
                if "${HttpApi}" in argument:
                    return API_URL
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._substitute(found[1]), argument)
        raise KeyError(function)

    def _substitute(self, name: str) -> str:
        logical_id, _, attribute = name.partition(".")
        return self.arns[logical_id] if attribute == "Arn" else self.references[name]


def make_stack() -> MadeStack:
    """Creates the table, the bucket and the schedule group; each queue with its redrive policy once it is named."""
    template = deployed("local")
    parameters = {name: str(value) for name, value in template.parameters.items()}
    pseudo = {
        "AWS::StackName": STACK_NAME,
        "AWS::Region": REGION,
        "AWS::Partition": "aws",
        "AWS::AccountId": ACCOUNT,
    }
    roles = {name: f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in template.of_type("IAM::Role")}
    named = {"ConfigurationSet": STACK_NAME, "MakeDocuments": f"{STACK_NAME}-MakeDocuments"}
    references, arns = MadeWhenNamed({**parameters, **pseudo, **named}), MadeWhenNamed(roles)
    made = MadeStack(references, arns)
    references.make_queue = arns.make_queue = partial(_make_queue, made)
    _make_table(made)
    _make_bucket(made)
    wiring.connect_scheduler().create_schedule_group(Name=STACK_NAME)
    made.references["ScheduleGroup"] = STACK_NAME
    return made


def _make_table(made: MadeStack) -> None:
    properties = deployed("local").properties("Table")
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    name = f"{STACK_NAME}-Table"
    dynamodb = wiring.connect_dynamodb()
    view = properties["StreamSpecification"]["StreamViewType"]
    stream: StreamSpecificationTypeDef = {"StreamEnabled": True, "StreamViewType": view}
    answer = dynamodb.create_table(
        TableName=name, StreamSpecification=stream, **{key: properties[key] for key in wanted}
    )
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
    made.references["Table"] = name
    made.arns["Table"] = answer["TableDescription"]["TableArn"]


def _make_bucket(made: MadeStack) -> None:
    name = f"{STACK_NAME}-media"
    wiring.connect_s3().create_bucket(Bucket=name)
    made.references["MediaBucket"], made.arns["MediaBucket"] = name, f"arn:aws:s3:::{name}"


def _make_queue(made: MadeStack, logical_id: str) -> None:
    """Its attributes name the ARN of its dead letters, which makes those first."""
    properties = deployed("local").of_type("SQS::Queue")[logical_id]
    fifo = bool(properties.get("FifoQueue"))
    name = made.resolve(properties.get("QueueName", f"{logical_id}{'.fifo' if fifo else ''}"))
    made.arns[logical_id] = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    answer = wiring.connect_sqs().create_queue(QueueName=name, Attributes=_list_attributes(made, properties))
    made.references[logical_id] = answer["QueueUrl"]


def _list_attributes(made: MadeStack, properties: dict[str, Any]) -> dict[QueueAttributeNameType, str]:
    """The properties as SQS's API takes them: texts, and the redrive policy as JSON."""
    attributes = {}
    for name, value in properties.items():
        if name == "RedrivePolicy":
            target = made.resolve(value["deadLetterTargetArn"])
            attributes[name] = json.dumps({**value, "deadLetterTargetArn": target})
        elif name != "QueueName":
            attributes[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return cast("dict[QueueAttributeNameType, str]", attributes)  # CloudFormation's names are SQS's own
