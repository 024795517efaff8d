"""Log lines: one compact JSON object per event, with ids and codes and never personal data."""

from __future__ import annotations

import traceback
from types import TracebackType

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from okaeri.settings import FunctionSettings

_FRAMES = 6  # the innermost; a line stays under 1 KB


class _DiscreetFormatter(LambdaPowertoolsFormatter):
    """Writes an exception as its type and its way through the code.

    Its text is left out: pydantic, botocore and requests quote in it what they were given, a shopper's data.
    """

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        frames = traceback.extract_tb(ei[2])[-_FRAMES:]
        return " > ".join(f"{_shorten(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)


def _shorten(filename: str) -> str:
    return "/".join(filename.rsplit("/", 2)[-2:])


def make_logger(settings: FunctionSettings) -> Logger:
    """The function's logger. Keywords of a call become fields: `logger.info("decided", event=…)`."""
    formatter = _DiscreetFormatter(
        log_record_order=["level", "message", "timestamp"],
        location=None,
        utc=True,
        use_rfc3339=True,
        serialize_stacktrace=False,
    )
    return Logger(
        service=settings.powertools_service_name,
        level=settings.log_level,
        logger_formatter=formatter,
    )
