"""Which act a step stands for. Pure.

Few events meet a step of a talk or a campaign: their modules are loaded by the first that does.
"""

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
from okaeri.domain.customers import Run
from okaeri.domain.facts import Scene
from okaeri.domain.journeys import (
    CallStep,
    CartLinkStep,
    ChangeOrderStep,
    ConsentStep,
    CouponStep,
    DrawStep,
    EmitStep,
    EscalateStep,
    FindStep,
    FocusStep,
    LanguageStep,
    PointsStep,
    RecommendStep,
    RecordStep,
    SetStep,
    Step,
    TagStep,
    TicketStep,
)

COUPON_PATIENCE = timedelta(hours=1)
CHANGE_PATIENCE = timedelta(minutes=2)  # a shopper waits in the chat: then a person takes it over


class Request(NamedTuple):
    """An act of the world outside, and how long its answer is waited for, real time; None where it is known already."""

    deed: Deed
    patience: timedelta | None


class Look(NamedTuple):
    """A run that knows more than before, and the finding on it."""

    run: Run
    what: str
    verdict: str
    why: str


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
        case PointsStep():
            from okaeri.domain.campaign_acts import move_points

            return move_points(step, scene, seed)
    from okaeri.domain.talk_acts import escalate_ticket, keep_response, note_consent, speak_language

    match step:
        case LanguageStep():
            return speak_language(step, scene)
        case ConsentStep():
            return note_consent(step, scene)
        case RecordStep():
            return keep_response(step, scene, seed)
        case EscalateStep():
            return escalate_ticket(step, scene, seed)
    raise AssertionError(f"{step.op} is a step that is not done at once")


def look_up(step: FocusStep | FindStep | RecommendStep | CartLinkStep | DrawStep, scene: Scene) -> Look:
    """What a step finds out for its own run; nothing else changes by it, so that it is done in shadow too."""
    match step:
        case CartLinkStep():
            from okaeri.domain.cart_links import link_cart

            run = link_cart(step, scene)
            return Look(run, f"link.{step.link}", "made", f"outcome:{run.outcome}")
        case DrawStep():
            from okaeri.domain.campaign_acts import draw_lot

            run = draw_lot(step, scene)
            return Look(run, f"draw.{step.draw}", "drew", f"lot:{run.outcome}")
    from okaeri.domain.talk_acts import find_on_shelf, focus_run, recommend_products

    if isinstance(step, FocusStep):
        run = focus_run(step, scene)
        return Look(run, "run", "is about", f"outcome:{run.outcome}")
    run = find_on_shelf(step, scene) if isinstance(step, FindStep) else recommend_products(step, scene)
    return Look(run, "run", "found", f"products:{run.data[f'find.{step.find}']}")


def request_act(step: CallStep | CouponStep | ChangeOrderStep, scene: Scene, seed: str) -> Request:
    """An act that others carry out."""
    match step:
        case CallStep():
            return Request(request_call(step, scene, seed), scene.read_span(step.timeout))
        case CouponStep():
            from okaeri.domain.campaign_acts import request_coupon

            return Request(request_coupon(step, scene, seed), COUPON_PATIENCE)
        case ChangeOrderStep():
            from okaeri.domain.talk_acts import request_change

            deed = request_change(step, scene, seed)
            return Request(deed, CHANGE_PATIENCE if deed.effects else None)
