"""SQS: does what journeys ask of the world, one request at a time, and tells them what came of it."""

from __future__ import annotations

from okaeri import wiring
from okaeri.domain.records import ActionRequest
from okaeri.event_batches import Batch, BatchResponse, QueuedEvent
from okaeri.settings.carry_out_actions import CarryOutActionsSettings

settings = CarryOutActionsSettings.from_environment()
carry_out_actions = wiring.carry_out_actions(settings)
batches = wiring.make_batches(settings)


def handle_event(event: QueuedEvent) -> None:
    """One request, as a run made it."""
    carry_out_actions(ActionRequest.model_validate_json(event.body), tries=event.received)


def lambda_handler(batch: Batch, context: object) -> BatchResponse:
    """Answers with the requests to be given again."""
    return batches.handle(batch, handle_event)
