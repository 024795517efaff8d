"""carry_out_actions, given one request as SQS gives it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

import boto3

from okaeri.domain.records import ActionRequest
from tests.functional.aws_from_template import MadeStack

type Invoke = Callable[[ActionRequest, int], dict[str, list[dict[str, str]]]]


def open_actions(made: MadeStack) -> Invoke:
    """The handler, newly loaded; `received` says how often SQS has given the request."""
    sys.modules.pop("carry_out_actions.handler", None)
    handler = importlib.import_module("carry_out_actions.handler")

    def invoke(request: ActionRequest, received: int) -> dict[str, list[dict[str, str]]]:
        sqs, url = boto3.client("sqs"), made.queue_url("ActionsQueue")
        sqs.send_message(QueueUrl=url, MessageBody=request.model_dump_json(by_alias=True, exclude_none=True))
        [message] = sqs.receive_message(QueueUrl=url)["Messages"]
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {"ApproximateReceiveCount": str(received)},
            "eventSourceARN": made.arns["ActionsQueue"],
        }
        answered: dict[str, list[dict[str, str]]] = handler.lambda_handler({"Records": [record]}, None)
        return answered

    return invoke
