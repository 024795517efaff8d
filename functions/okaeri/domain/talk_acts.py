"""What a talk does besides speaking: takes up an order, finds products, asks the store, keeps answers. Pure."""

from __future__ import annotations

import re

from okaeri.domain.acts import Deed, make_request, take_answer, write_value
from okaeri.domain.choices import find_own_order, list_own_orders, read_wishes
from okaeri.domain.consents import take_consent
from okaeri.domain.conversations import TURN_TAKEN
from okaeri.domain.customers import Run
from okaeri.domain.effects import ChangeTicket, KeepResponse, RequestAction, ShowFiles
from okaeri.domain.facts import Scene
from okaeri.domain.journeys import (
    ChangeOrderStep,
    ConsentStep,
    EscalateStep,
    FindStep,
    FocusStep,
    LanguageStep,
    RecommendStep,
    RecordStep,
)
from okaeri.domain.records import Response
from okaeri.domain.values import Channel, format_time, make_id

LATEST = "latest"
MAX_WORDING = 200  # characters
_FILE_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)
OTHER_NUMBER = "other_number"  # why an order is not changed in the chat


def focus_run(step: FocusStep, scene: Scene) -> Run:
    """The run about the order that the field names, by id or name, or the latest; `none` where it is not theirs."""
    if step.order == LATEST:
        order = next(iter(list_own_orders(scene.customer, scene.facts)), None)
    else:
        wanted = write_value(scene.read_field(step.order))
        record = find_own_order(scene.customer, scene.facts, wanted) if wanted else None
        order = record.order if record else None
    if order is None:
        return scene.run.model_copy(update={"outcome": "none"})
    refs = scene.run.refs | {"order.id": (order.order_id,)}
    return scene.run.model_copy(update={"refs": refs, "outcome": "focused"})


def find_on_shelf(step: FindStep, scene: Scene) -> Run:
    """The run with what was found: how many, which, and how many of them fulfil every wish."""
    from okaeri.domain.shelf import count_fitting, find_products  # few journeys look for products

    wanted = read_wishes(step, scene)
    found = find_products(scene.facts.shelf, wanted, most=step.most)
    ids = ",".join(entry.product_id for entry in found)
    fit = str(count_fitting(found, wanted))
    return take_answer(scene.run, f"find.{step.find}", {"": str(len(found)), "ids": ids, "fit": fit})


def recommend_products(step: RecommendStep, scene: Scene) -> Run:
    """The run with what was chosen for the customer, as after a find step; `kind` says that it was recommended."""
    from okaeri.domain.recommendations import recommend  # few journeys recommend

    at_hand = _list_at_hand(step, scene)
    goods = scene.facts.read_goods(at_hand)
    had = [line.product_id for order in goods.orders for line in order.lines if line.product_id]
    found = recommend(step.kind, at_hand or had, goods.shelf, goods.purchases, without=(*had, *at_hand), most=step.most)
    ids = ",".join(entry.product_id for entry in found)
    return take_answer(scene.run, f"find.{step.find}", {"": str(len(found)), "ids": ids, "kind": step.kind})


def _list_at_hand(step: RecommendStep, scene: Scene) -> tuple[str, ...]:
    """The products of the run's order or cart, or the one that it is about; none where all that they bought counts."""
    match step.of:
        case "customer":
            return ()
        case "product":
            return scene.run.refs.get("product.id", ())
    subject = scene.find_order() if step.of == "order" else scene.find_cart()
    return tuple(line.product_id for line in subject.lines if line.product_id) if subject else ()


def speak_language(step: LanguageStep, scene: Scene) -> Deed:
    """The customer is spoken to in this language from now on."""
    locale = write_value(scene.read_field(step.language))
    if not locale:
        return Deed(scene.customer, note=("kept", "language"))
    return Deed(scene.customer.model_copy(update={"asked_locale": locale}), note=("set", f"language:{locale}"))


def note_consent(step: ConsentStep, scene: Scene) -> Deed:
    """An entry of the ledger; what the customer tapped or wrote is its proof."""
    event = scene.event
    asked = next(iter(event.refs.get("ask.id", ())), "")
    is_by_mail = bool(event.data.get("page"))  # its buttons lead to a page of ours
    # What may be shown is said of the thing itself, and noted for the way on which it was said.
    channel = Channel.EMAIL if is_by_mail and step.purpose == "publish" else step.channel
    asked_on = Channel.EMAIL if is_by_mail else Channel.WHATSAPP
    proof = {
        "message": make_id(asked, asked_on) if asked else "",  # the question, with what was agreed to
        "provider_message": str(event.data.get("provider_id", "")),
    }
    change = take_consent(
        scene.customer,
        store=scene.facts.store,
        real_now=scene.facts.real_now,
        channel=channel,
        purpose=step.purpose,
        given=step.given,
        at=scene.facts.real_now,
        source="answer page" if is_by_mail else "whatsapp chat",
        wording=str(event.data.get("text", ""))[:MAX_WORDING],
        # It came from the number itself, as an answer to the question whether they want it.
        confirmed=channel == "whatsapp",
        proof={name: value for name, value in proof.items() if value},
    )
    verdict = "agreed" if step.given else "withdrew"
    note = (verdict, f"consent:{channel}:{step.purpose}")
    return Deed(change.customer, (*change.effects, *_show_files(step, scene)), change.events, note=note)


def _show_files(step: ConsentStep, scene: Scene) -> tuple[ShowFiles, ...]:
    named = write_value(scene.read_field(step.files)).split(",") if step.files else ()
    files = tuple(name for name in named if _FILE_ID.fullmatch(name))  # where words will do, they are no file's
    return (ShowFiles(id=make_id("shown", *files), media_ids=files, may_publish=step.given),) if files else ()


def keep_response(step: RecordStep, scene: Scene, seed: str) -> Deed:
    """What was answered to a survey, once for each run."""
    answers = {name: write_value(scene.read_field(field)) for name, field in step.answers.items()}
    score = write_value(scene.read_field(step.score)) if step.score else ""
    response = Response(
        store_id=scene.customer.store_id,
        survey=step.survey,
        response_id=make_id(seed, scene.customer.customer_id, "response")[:20],
        customer_id=scene.customer.customer_id,
        journey=scene.run.journey,
        at=scene.now,
        score=int(score) if score.lstrip("-").isdecimal() else None,
        answers={name: value for name, value in answers.items() if value},
        order_id=next(iter(scene.run.refs.get("order.id", ())), None),
    )
    keep = KeepResponse(id=response.response_id, response=response)
    return Deed(scene.customer, (keep,), note=("kept", f"response:{step.survey}"))


def escalate_ticket(step: EscalateStep, scene: Scene, seed: str) -> Deed:
    """The run's ticket goes to the front."""
    ticket_id = next(iter(scene.run.refs.get("ticket.id", ())), None)
    if ticket_id is None:
        return Deed(scene.customer, note=("not done", "no_ticket"))
    changes: dict[str, str | None] = {"priority": "high", "escalated_at": format_time(scene.facts.real_now)}
    change = ChangeTicket(id=make_id(seed, "escalated"), ticket_id=ticket_id, changes=changes)
    return Deed(scene.customer, (change,), note=("escalated", "ticket"))


def request_change(step: ChangeOrderStep, scene: Scene, seed: str) -> Deed:
    """Asks the store to change the run's order; refused where the order does not name the number that asks for it."""
    if not may_change(scene):
        refused = take_answer(scene.run, f"change.{step.change}", {"outcome": "refused", "reason": OTHER_NUMBER})
        run = refused.model_copy(update={"outcome": "refused"})
        return Deed(scene.customer, note=("refused", OTHER_NUMBER), run=run)
    data = {name: write_value(scene.read_field(field)) for name, field in step.wanted.items()}
    known = {name: value for name, value in data.items() if value}
    request = make_request(scene, seed, kind="change", target=step.do, data=known)
    return Deed(scene.customer, (RequestAction(id=seed, request=request),), note=("asked", f"change:{step.do}"))


def may_change(scene: Scene) -> bool:
    """Whether the order names the number that the customer writes from; what the shop itself begins needs no asker.

    That it is filed under them proves too little: whoever types somebody's e-mail address into a checkout, beside a
    number of their own, is one customer with them from then on.
    """
    if TURN_TAKEN not in scene.definition.events:
        return True
    order, writes_from = scene.find_order(), scene.customer.wrote_from
    return order is not None and writes_from is not None and order.buyer.phone == writes_from
