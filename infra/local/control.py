"""What the control APIs of the stand-ins share: checked bodies, refusals that say why, faults."""

import random
from dataclasses import dataclass, field
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse


class ControlBody(BaseModel):
    """A body of the control API; a key that it does not know is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def refuse(reason: str) -> HTTPException:
    """A 400 of the control API, to be raised."""
    return HTTPException(400, reason)


async def read_body[Body: ControlBody](request: Request, model: type[Body]) -> Body:
    """The request's JSON as `model`; an empty body is `{}`. Raises a 400 that names each wrong key."""
    try:
        return model.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in error.errors())
        raise refuse("; ".join(wrong)) from None


async def answer_refusal(request: Request, error: Exception) -> JSONResponse:
    """Every refusal of the control API as `{"error": reason}`."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code)


class FaultOrder(ControlBody):
    """`POST /_/faults`: one kind of fault; without `times` or `rate` until `DELETE /_/faults`."""

    code: int | str | None = None
    http_status: int | None = Field(default=None, ge=400, le=599)
    timeout: Literal[True] | None = None
    drop_response: Literal[True] | None = None
    times: int | None = Field(default=None, ge=1)
    rate: float | None = Field(default=None, gt=0, le=1)
    as_status: bool | None = None  # WhatsApp only: True says the code later, in a `failed` status

    @model_validator(mode="after")
    def has_one_kind(self) -> Self:
        kinds = [self.code, self.http_status, self.timeout, self.drop_response]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("give exactly one of code, http_status, timeout, drop_response")
        if self.times is not None and self.rate is not None:
            raise ValueError("give times or rate, not both")
        return self


@dataclass
class Faults:
    """The faults that wait for a call, oldest first."""

    orders: list[FaultOrder] = field(default_factory=list)

    def add(self, order: FaultOrder) -> None:
        self.orders.append(order)

    def clear(self) -> None:
        self.orders.clear()

    def take(self) -> FaultOrder | None:
        """The fault that hits the present call, if any; one with `times` is used up by being taken."""
        for order in self.orders:
            if order.rate is not None and random.random() >= order.rate:
                continue
            if order.times is not None:
                order.times -= 1
                if order.times == 0:
                    self.orders.remove(order)
            return order
        return None
