"""A journey's send step: whether it is said now, what it says for its siblings, what attention it takes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from okaeri.domain.acts import HANDED_OVER
from okaeri.domain.answers import is_awaited, is_replying
from okaeri.domain.attention import Rival, note_attention
from okaeri.domain.conversations import REPLY_SCHEDULED, STAFF_REPLY, TURN_TAKEN, ConversationState
from okaeri.domain.customers import Attention, Customer, Run
from okaeri.domain.effects import Effect
from okaeri.domain.facts import Scene
from okaeri.domain.gates import has_asked_since_stop
from okaeri.domain.goals import name_arm
from okaeri.domain.journeys import AskStep, Definition, SendStep
from okaeri.domain.messages import MessageRefs, is_held_back
from okaeri.domain.modes import find_mode, find_silence
from okaeri.domain.plans import USEFUL_FOR, Plan, Wish, plan_wish
from okaeri.domain.records import Finding
from okaeri.domain.say import Utterance, is_open_to, say
from okaeri.domain.values import Channel, Purpose
from okaeri.domain.waits import spread

MERGED = "merged"  # a run's data: its message was said by a sibling; the value is that message's seed
_LEARNT = ("answer", "coupon", "call", "find", "change", "turn", "reply", "options", "talk", "product", "link")
# What begins runs that answer somebody: what they say is asked for.
ANSWERED = (TURN_TAKEN, "letter.received", "reply.scheduled")
_SUBJECTS = ("shipment.id", "cart.token", "refund.id", "order.id")


class Speech(NamedTuple):
    """What came of a send step: put off until `later`, or said (`is_said`) or not, with the reasons in `findings`."""

    template: str
    customer: Customer
    findings: tuple[Finding, ...]
    later: datetime | None = None
    effects: tuple[Effect, ...] = ()
    absorbed: tuple[Run, ...] = ()
    is_said: bool = False
    is_heard: bool = False  # said, and not recorded alone


def plan_speech(
    step: SendStep, scene: Scene, *, run_id: str, seed: str, wanted_at: datetime, others: Iterable[Run]
) -> Speech:
    """`wanted_at` is when the run first came to this step; `others` are the customer's other runs as they stand."""
    customer, run, facts, now = scene.customer, scene.run, scene.facts, scene.now
    purpose = step.purpose or scene.definition.purpose
    useful_for = _find_usefulness(step, scene, purpose)
    siblings = [other for other in others if _is_sibling(other, run, step)]
    if purpose is Purpose.MARKETING and step.gather is None:
        newer = next((other for other in siblings if other.started_at > run.started_at), None)
        if newer is not None:
            return Speech(step.template, customer, (_find(scene, step, "merged", f"into:{newer.key}"),))
    channels, preferred = _order_channels(step, purpose, scene)
    wish = Wish(
        purpose=purpose,
        channels=channels,
        wanted_at=wanted_at,
        useful_until=wanted_at + useful_for,
        rivals=tuple(_list_rivals(others, siblings, scene, wanted_at)),
        is_reply=is_replying(run, now),
        is_bot=_gives_way(scene),
    )
    plan = plan_wish(wish, customer, now, facts)
    if plan.later is not None:
        return Speech(
            step.template,
            customer,
            (_find(scene, step, "deferred", plan.why),),
            later=_spread(plan, run_id, customer.customer_id),
        )
    if not plan.channels:
        return Speech(step.template, customer, (_find(scene, step, "expired", plan.why),))
    reasons = (("preferred", preferred), ("rerouted", plan.why))
    findings = tuple(_find(scene, step, verdict, why) for verdict, why in reasons if why)
    silence = find_silence(find_mode(facts.store, scene.published), facts.store, customer)
    utterance = Utterance(
        seed=seed,
        template=step.template,
        purpose=purpose,
        channels=_choose_channels(step, plan, customer),
        both=step.both,
        refs=make_refs(run, siblings),
        run_id=run_id,
        journey=run.journey,
        data=_pick_data(run) | _pick_addresses(scene) | _find_guides(scene) | _name_product(scene),
        priority=scene.definition.priority,
        valid_until=wanted_at + useful_for,
        silence=silence,
        arm=name_arm(run),
        is_answer=_is_answer(scene) or _is_asked_for(scene, wish),
        takes_files=_asks_for_files(scene),
    )
    said = say(utterance, customer, now, facts)
    if any(is_held_back(effect.message) for effect in said.effects):
        from okaeri.domain.staff_talk import hold_planned  # planned answers are few

        customer = hold_planned(customer, seed, run.data, facts)
    if said.effects and silence is None and purpose is not Purpose.ORDER and not wish.is_reply:
        entry = Attention(at=now, purpose=purpose, journey=run.journey, seed=seed[:10])
        customer = note_attention(customer, entry)
    if said.effects and silence is None:
        customer = customer.model_copy(update={"told_at": now})
    return Speech(
        step.template,
        customer,
        (*findings, *said.findings),
        effects=said.effects,
        absorbed=tuple(siblings),
        is_said=bool(said.effects),
        is_heard=bool(said.effects) and silence is None,
    )


def _order_channels(step: SendStep, purpose: Purpose, scene: Scene) -> tuple[tuple[Channel, ...], str]:
    """The listed channels, the one that the customer heeds first and why, empty where that is the listed one.

    What was learned is read only where there are two to choose from.
    """
    customer, facts, channels = scene.customer, scene.facts, step.channels
    if not step.best or purpose is not Purpose.MARKETING or facts.store.settings.learn == "off":
        return channels, ""
    reachable = [channel for channel in channels if is_open_to(customer, facts, step.template, channel, purpose)]
    if len(reachable) < 2:
        return channels, ""
    from okaeri.domain.habits import choose_order  # order messages, which are most, have nothing to choose

    return choose_order(channels, reachable, facts.read_habits())


def _choose_channels(step: SendStep, plan: Plan, customer: Customer) -> tuple[Channel, ...]:
    """What a person wrote goes where the talk is."""
    if step.template == STAFF_REPLY and customer.conversation is not None:
        return (customer.conversation.channel,)
    return plan.channels


def _gives_way(scene: Scene) -> bool:
    """Whether the assistant speaks, which is silent while people are in charge.

    The run that handed the talk over may say so, and who waits may still tap likely answers.
    """
    run, talk = scene.run, scene.customer.conversation
    if TURN_TAKEN not in scene.definition.events or HANDED_OVER in run.data:
        return False
    return not ("turn.tapped" in run.data and talk is not None and talk.state is ConversationState.WAITING)


def _is_answer(scene: Scene) -> bool:
    """Whether the shopper has asked for what is said, and has not said STOP since."""
    begun_by = scene.definition.events
    if REPLY_SCHEDULED in begun_by and not has_asked_since_stop(scene.customer):
        return False
    return is_awaited(scene.run, scene.customer) and any(event in ANSWERED for event in begun_by)


def _asks_for_files(scene: Scene) -> bool:
    """Whether the run stands at a question that a photo answers."""
    step = scene.definition.steps[scene.run.step]
    return isinstance(step, AskStep) and step.media


def _is_asked_for(scene: Scene, wish: Wish) -> bool:
    """Whether it is no news but what the shopper has just tapped for, under whatever the journey said before."""
    return wish.is_reply and wish.purpose is Purpose.ORDER and is_awaited(scene.run, scene.customer)


def make_refs(run: Run, siblings: Iterable[Run] = ()) -> MessageRefs:
    """What a run's messages are about, and what they speak of besides."""
    first = {name: values[0] for name, values in run.refs.items() if values}
    # The cart decides whether a reminder is still true; an order's messages only mention theirs.
    cart = None if "order.id" in first else first.get("cart.token")
    return MessageRefs(
        order_id=first.get("order.id"),
        shipment_id=first.get("shipment.id"),
        refund_id=first.get("refund.id"),
        cart_token=cart,
        broadcast_id=first.get("broadcast.id"),
        ticket_id=first.get("ticket.id"),
        siblings=tuple(filter(None, (_find_subject(sibling) for sibling in siblings))),
    )


def _find_subject(run: Run) -> str | None:
    return next((run.refs[name][0] for name in _SUBJECTS if run.refs.get(name)), None)


def _is_sibling(other: Run, run: Run, step: SendStep) -> bool:
    """The same message of the same journey about something else, put off or gathered as this one is.

    Parcels and refunds that are gathered are told as those of one order.
    """
    waiting = other.waiting
    if waiting is None or waiting.wish != step.template or other.visit or MERGED in other.data:
        return False
    is_part = any(name in run.refs for name in ("shipment.id", "refund.id"))
    if step.gather is not None and is_part and other.refs.get("order.id") != run.refs.get("order.id"):
        return False
    return (other.journey, other.definition, other.step) == (run.journey, run.definition, run.step)


def _list_rivals(others: Iterable[Run], siblings: Iterable[Run], scene: Scene, wanted_at: datetime) -> Iterator[Rival]:
    """Runs that put a message off and go before this one when their time comes."""
    mine = scene.definition.priority
    for other in others:
        waiting = other.waiting
        if waiting is None or waiting.wish is None or waiting.due is None or other in siblings or MERGED in other.data:
            continue
        definition = scene.facts.definitions.get(other.definition)
        if definition is None or _find_purpose(definition, other) is Purpose.ORDER:
            continue
        rival = Rival(other.journey, definition.priority, waiting.wanted_at or other.started_at, waiting.due)
        if rival.goes_before(mine, wanted_at):
            yield rival


def _find_purpose(definition: Definition, run: Run) -> Purpose:
    """What the message is for that the run puts off: the step may differ from its journey."""
    step = definition.steps[run.step]
    return (step.purpose if isinstance(step, SendStep | AskStep) else None) or definition.purpose


def _find_usefulness(step: SendStep, scene: Scene, purpose: Purpose) -> timedelta:
    """The step's own time to live, else the template's, else the purpose's."""
    if step.valid_for is not None:
        return scene.read_span(step.valid_for)
    published = scene.facts.store.templates.get(step.template)
    return (published.valid_for if published else None) or USEFUL_FOR[purpose]


def _spread(plan: Plan, run_id: str, customer_id: str) -> datetime:
    """Whoever waits for a gate to open comes in at a moment of their own."""
    assert plan.later is not None
    return plan.later if plan.why == "in_conversation" else plan.later + spread(run_id, customer_id)


def _pick_data(run: Run) -> dict[str, str]:
    """What templates may say of the run: answers, codes, what a call brought."""
    return {name: value for name, value in run.data.items() if name.split(".")[0] in _LEARNT}


def _name_product(scene: Scene) -> dict[str, str]:
    """The product that the run is about, unless the talk has chosen one."""
    product = scene.find_product() if "product.id" not in scene.run.data else None
    if product is None:
        return {}
    from okaeri.domain.interests import describe_product  # few journeys are about one

    return describe_product(product, next(iter(scene.run.refs.get("variant.id", ())), None))


def _find_guides(scene: Scene) -> dict[str, str]:
    """Help with what was bought, where the journey asks for what its products tell."""
    if "order_products" not in scene.definition.needs:
        return {}
    from okaeri.domain.guides import describe_guides  # few journeys speak of them

    return describe_guides(scene)


def _pick_addresses(scene: Scene) -> dict[str, str]:
    """The shop's settings of the journey that are addresses: where a message leads."""
    names = (name for name in scene.definition.settings if name == "url" or name.endswith("_url"))
    found = ((name, scene.read_setting(name)) for name in names)
    return {f"setting.{name}": value for name, value in found if value}


def _find(scene: Scene, step: SendStep, verdict: str, why: str) -> Finding:
    return Finding(what=f"{scene.definition.journey}.{step.template}", verdict=verdict, why=why)
