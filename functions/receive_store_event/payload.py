"""How all platforms' payloads are read: once, only the fields that we use, forgiving where nothing hangs on it."""

import json
import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

from okaeri.errors import RefuseRequest
from okaeri.use_cases.receive_store_event import PayloadRefused


class Payload(BaseModel):
    """A part of a platform's payload. Unknown fields are ignored, numbers become text where text is wanted.

    Built at first use: a store speaks one platform's language, so most models are never needed in one process.
    """

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, defer_build=True, cache_strings="none")


class Forgiving:
    """Marks an optional field of which nothing hangs: what cannot be read counts as missing."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_default_schema(
            core_schema.nullable_schema(handler(source)), default=None, on_error="default"
        )


# More than any order is worth, and less than 1e999999. Bounds, because counting digits costs twenty times as much.
Money = Annotated[Decimal, Field(gt=Decimal(-(10**15)), lt=Decimal(10**15))]
OptionalMoney = Annotated[Money | None, Forgiving()]
Text = Annotated[str | None, Forgiving()]
Moment = Annotated[datetime | None, Forgiving()]
Flag = Annotated[bool | None, Forgiving()]
Count = Annotated[float, Field(ge=0, le=10_000_000)]
Number = Annotated[int | None, Forgiving()]


def parse_payload[Model: BaseModel](model: type[Model], body: bytes, source: str) -> Model:
    """Reads the body as `model`. Raises RefuseRequest 400 for broken JSON, PayloadRefused for the rest."""
    try:
        if _UNCLEAN.search(body):
            return model.model_validate(load_json(body))
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] == "json_invalid":
            return _parse_loosely(model, body, source)
        raise _refuse(source, error) from None
    except ValueError as error:  # Decimal's own, which pydantic lets through: three of anything in place of an amount
        raise PayloadRefused(source, "body", str(error)) from None
    except RecursionError:
        raise PayloadRefused(source, "body", "nested too deeply") from None


def _parse_loosely[Model: BaseModel](model: type[Model], body: bytes, source: str) -> Model:
    """What the strict parser does not take and Python's does: control characters in text, a byte order mark."""
    try:
        return model.model_validate(load_json(body))
    except ValidationError as error:
        raise _refuse(source, error) from None
    except ValueError as error:  # Decimal's own, which pydantic lets through: three of anything in place of an amount
        raise PayloadRefused(source, "body", str(error)) from None
    except RecursionError:
        raise PayloadRefused(source, "body", "nested too deeply") from None


def load_json(body: bytes) -> Any:
    """Any JSON with its text cleaned. Raises RefuseRequest 400 where it is none."""
    try:
        return _clean(json.loads(body, strict=False))
    except ValueError:
        raise RefuseRequest(
            400, "broken_json", "The body is not JSON in UTF-8.", at="body", fix="Send one JSON object in UTF-8."
        ) from None


def _refuse(source: str, error: ValidationError) -> PayloadRefused:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return PayloadRefused(source, name_path(first["loc"]) or "body", first["msg"])


def name_path(location: tuple[int | str, ...]) -> str:
    """`("lines", 0, "price")` → `lines[0].price`."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


# Control characters but tab, line feed and carriage return, and halves of surrogate pairs: SQS, JSON or both refuse
# them (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
# Escapes by which they may come; some of these are harmless. As they are, the strict parser refuses them itself.
_UNCLEAN = re.compile(rb"\\(?:u(?:00[01]|[dD][89a-fA-F])|[bf])")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _FORBIDDEN.sub("", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


def to_utc(moment: datetime | None, otherwise: datetime) -> datetime:
    """UTC; a time without a zone is taken as UTC, one that cannot be told in UTC as missing."""
    return to_utc_or_none(moment) or otherwise


def to_utc_or_none(moment: datetime | None) -> datetime | None:
    """As `to_utc`, None where it is missing."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def to_text(value: Any) -> str | None:
    """A loosely typed value as text; None for nothing, empty text and what is no text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def count_pieces(quantity: float) -> int:
    """Whole pieces: half a kilo of beans is one thing bought."""
    return math.ceil(quantity)


def add_up(amounts: list[Decimal]) -> Decimal:
    """The sum, zero for none."""
    return sum(amounts, Decimal(0))
