"""SQS: store events, replies and timers, decided one customer at a time."""

from __future__ import annotations

from okaeri import wiring
from okaeri.adapters.queues import read_envelope
from okaeri.event_batches import Batch, BatchResponse, QueuedEvent
from okaeri.settings.advance_journeys import AdvanceJourneysSettings

settings = AdvanceJourneysSettings.from_environment()
advance_journeys = wiring.advance_journeys(settings)
batches = wiring.make_batches(settings)


def handle_event(event: QueuedEvent) -> None:
    """Decides one event."""
    advance_journeys(read_envelope(event.body), redelivered=event.redelivered)


def lambda_handler(batch: Batch, context: object) -> BatchResponse:
    """Answers with the events to be given again."""
    return batches.handle(batch, handle_event)
