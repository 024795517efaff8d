"""A stack for the command line: moto's AWS, the table as template.yaml describes it, a small catalogue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from command_line.publish import Catalogue
from command_line.stack import Stack
from okaeri.domain.conditions import Span
from okaeri.domain.journeys import Definition, SendStep, WaitStep
from okaeri.domain.templates import EmailText, Template, Variable, WhatsappText
from okaeri.domain.values import Purpose
from tests.functional.aws_from_template import MadeStack

QUEUES = (
    "EventsQueue", "BulkQueue", "SoonQueue", "StatusesQueue", "WhatsappTransactionalQueue", "WhatsappMarketingQueue",
    "EmailTransactionalQueue", "EmailMarketingQueue", "QuarantineQueue", "EventsDeadLetters", "DeadLetters",
    "SchedulerDeadLetters",
)  # fmt: skip


def describe_stack(made: MadeStack, graph_api_url: str = "http://127.0.0.1:1") -> Stack:
    """The stack as `open_stack` would find it deployed. Nothing listens at the default address of Meta."""
    return Stack(
        name="okaeri",
        api_url="https://api.example",
        table_name=made.table_name,
        secrets_prefix="/okaeri/okaeri",
        graph_api_url=graph_api_url,
        graph_api_version="v24.0",
        configuration_set="okaeri",
        queues={name: made.queue_url(name) for name in QUEUES},
        outputs={
            "ScheduleGroupName": made.references["ScheduleGroup"],
            "RunBroadcastsArn": "arn:aws:lambda:us-east-1:123456789012:function:run_broadcasts",
            "BroadcastsSchedulerRoleArn": made.arns["BroadcastsSchedulerRole"],
            "SchedulerDeadLettersArn": made.arns["SchedulerDeadLetters"],
        },
    )


def make_template(name: str, locale: str, body: str = "Your order {{order}} is here.") -> Template:
    """A template in one language, on both channels."""
    return Template(
        name=name,
        locale=locale,
        purpose="order",
        variables={"order": Variable(value="{{ order.name }}", example="#1001")},
        whatsapp=WhatsappText(category="UTILITY", body=body),
        email=EmailText(subject="Order", preheader="It is here", heading="Here", blocks=()),
    )


def make_catalogue(**changes: Any) -> Catalogue:
    """Two journeys and two templates in English and Japanese."""
    welcome = Definition(
        journey="confirm-order", version=1, purpose=Purpose.ORDER, key="order.id",
        events=("order.placed", "order.paid"), steps=(SendStep(template="order_confirmed"),),
    )  # fmt: skip
    review = Definition(
        journey="review-request", version=1, purpose=Purpose.MARKETING, events=("shipment.delivered",), key="order.id",
        steps=(
            WaitStep(span=Span(setting="review_after", default=timedelta(days=7))),
            SendStep(template="review_request"),
        ),
    )  # fmt: skip
    templates = tuple(
        make_template(name, locale) for name in ("order_confirmed", "review_request") for locale in ("en", "ja")
    )
    return Catalogue(**({"journeys": (welcome, review), "templates": templates} | changes))
