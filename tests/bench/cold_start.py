"""Cold starts: a new process that imports a handler, against one that imports boto3 and makes the same clients."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median, quantiles

from tests.bench.isolated import Surroundings
from tests.bench.report import Row

STARTS, STARTS_FOR_INFORMATION = 11, 5
# Other work on the machine spreads the ratios of pairs: then the starts are repeated.
WIDE_SPREAD, MOST_REPETITIONS = 0.1, 3
BUDGET = 1.5
# The clients that each function makes, and whether design's budget counts its start.
CLIENTS = {
    "receive_store_event": ("dynamodb", "ssm", "sqs"),
    "receive_whatsapp_event": ("dynamodb", "ssm", "sqs"),
    "advance_journeys": ("dynamodb", "sqs", "scheduler"),
    "send_whatsapp": ("dynamodb", "sqs", "ssm"),
    "send_email": ("dynamodb", "sqs", "ssm", "sesv2"),
    "record_delivery": ("dynamodb", "sqs"),
    "serve_customer_pages": ("dynamodb", "ssm", "sqs"),
}
BUDGETED = ("receive_store_event", "receive_whatsapp_event", "advance_journeys")


def measure_cold_start(function: str, surroundings: Surroundings, environment: Mapping[str, str]) -> Row:
    """Both in turns, the median of each; CPU time, so that a busy machine hardly counts."""
    ours = f"import {function}.handler"
    floor = "import boto3\n" + "\n".join(f"boto3.client({name!r})" for name in CLIENTS[function])
    for program in (ours, floor):  # fills the disk's cache
        surroundings.time_start(program, environment)
    is_budgeted = function in BUDGETED
    starts: list[tuple[float, float]] = []
    for _ in range(MOST_REPETITIONS if is_budgeted else 1):
        for _ in range(STARTS if is_budgeted else STARTS_FOR_INFORMATION):
            starts.append((surroundings.time_start(ours, environment), surroundings.time_start(floor, environment)))
        if _measure_spread([of_ours / of_floor for of_ours, of_floor in starts]) < WIDE_SPREAD:
            break
    ours_ms, floor_ms = (median(times) for times in zip(*starts, strict=True))
    return Row(
        f"cold start of {function}",
        ours_ms / floor_ms,
        BUDGET if is_budgeted else None,
        details=f"{ours_ms:.0f} ms of CPU, floor {floor_ms:.0f} ms, {len(starts)} starts of each",
    )


def _measure_spread(ratios: list[float]) -> float:
    """From the first quartile to the third, as a share of the median."""
    first, middle, third = quantiles(ratios, n=4)
    return (third - first) / middle
