"""The senders' pace and the template agree on how many of them there are."""

from __future__ import annotations

from okaeri.wiring import WHATSAPP_WORKERS
from tests.template.stack import deployed


def test_as_many_workers_share_a_numbers_rate_as_may_be_at_work() -> None:
    shares = [m["ScalingConfig"]["MaximumConcurrency"] for _, f, m in deployed().consumers() if f == "SendWhatsapp"]
    assert sum(shares) == WHATSAPP_WORKERS


def test_only_the_whatsapp_sender_may_speak_through_aws() -> None:
    may = [
        f for f in deployed().of_type("Lambda::Function") if deployed().may(f, "social-messaging:SendWhatsAppMessage")
    ]
    assert may == ["SendWhatsapp"]
