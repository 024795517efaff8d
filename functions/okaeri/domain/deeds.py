"""Which act a step stands for. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from okaeri.domain.acts import (
    Deed,
    emit_event,
    open_ticket,
    request_call,
    set_attribute,
    tag_customer,
)
from okaeri.domain.campaign_acts import move_points, request_coupon
from okaeri.domain.facts import Scene
from okaeri.domain.journeys import (
    CallStep,
    ChangeOrderStep,
    ConsentStep,
    CouponStep,
    EmitStep,
    EscalateStep,
    LanguageStep,
    PointsStep,
    RecordStep,
    SetStep,
    Step,
    TagStep,
    TicketStep,
)
from okaeri.domain.talk_acts import (
    CHANGE_PATIENCE,
    escalate_ticket,
    keep_response,
    note_consent,
    request_change,
    speak_language,
)

COUPON_PATIENCE = timedelta(hours=1)


class Request(NamedTuple):
    """An act of the world outside, and how long its answer is waited for, real time; None where it is known already."""

    deed: Deed
    patience: timedelta | None


def do_step(step: Step, scene: Scene, seed: str) -> Deed:
    """An act that is done at once. `seed` is the step's and visit's: done twice, it is one."""
    match step:
        case TagStep():
            return tag_customer(step, scene)
        case SetStep():
            return set_attribute(step, scene)
        case EmitStep():
            return emit_event(step, scene, seed)
        case TicketStep():
            return open_ticket(step, scene, seed)
        case LanguageStep():
            return speak_language(step, scene)
        case ConsentStep():
            return note_consent(step, scene)
        case RecordStep():
            return keep_response(step, scene, seed)
        case EscalateStep():
            return escalate_ticket(step, scene, seed)
        case PointsStep():
            return move_points(step, scene, seed)
    raise AssertionError(f"{step.op} is a step that is not done at once")


def request_act(step: CallStep | CouponStep | ChangeOrderStep, scene: Scene, seed: str) -> Request:
    """An act that others carry out."""
    match step:
        case CallStep():
            return Request(request_call(step, scene, seed), scene.read_span(step.timeout))
        case CouponStep():
            return Request(request_coupon(step, scene, seed), COUPON_PATIENCE)
        case ChangeOrderStep():
            deed = request_change(step, scene, seed)
            return Request(deed, CHANGE_PATIENCE if deed.effects else None)
