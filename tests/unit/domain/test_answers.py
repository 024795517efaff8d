"""What is older than a question does not answer it."""

from datetime import UTC, datetime, timedelta

import pytest

from okaeri.domain.answers import is_written_before
from okaeri.domain.events import Event

ASKED = datetime(2026, 11, 22, 10, 14, 5, 500_000, tzinfo=UTC)
AHEAD_S = 3 * 86_400 + 0.7  # days that passed faster than they do: the customer's clock is that far ahead


@pytest.mark.parametrize("ahead_s", [0.0, AHEAD_S])
@pytest.mark.parametrize(("after_s", "is_before"), [(-1.5, True), (0.4, False), (1.5, False), (60, False)])
def test_what_is_written_in_the_second_of_the_question_answers_it(
    ahead_s: float, after_s: float, is_before: bool
) -> None:
    written_at = (ASKED + timedelta(seconds=after_s)).replace(microsecond=0)  # as Meta tells it
    event = Event(event_id="e1", name="message.received", occurred_at=written_at)
    assert is_written_before(event, ASKED + timedelta(seconds=ahead_s), ahead_s) is is_before
