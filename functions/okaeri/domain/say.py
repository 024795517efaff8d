"""Saying something: which channels can reach the customer, in which language, and what is left to try if one fails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from okaeri.domain.customers import Customer
from okaeri.domain.effects import SayMessage
from okaeri.domain.facts import Facts
from okaeri.domain.gates import check_reach, is_answerable, is_window_open
from okaeri.domain.languages import choose_locale
from okaeri.domain.messages import Message, MessageRefs, MessageState
from okaeri.domain.records import Finding
from okaeri.domain.values import Channel, Purpose, make_id
from okaeri.domain.voices import check_voice


class Utterance(NamedTuple):
    """What is to be said. `seed` is hash(run, step, visit); each channel's message id is made of it.

    `silence` is why it is recorded and not sent (shadow mode, no test address).
    """

    seed: str
    template: str
    purpose: Purpose
    channels: tuple[Channel, ...]
    both: bool
    refs: MessageRefs
    run_id: str | None = None
    journey: str | None = None
    data: Mapping[str, str] = MappingProxyType({})
    priority: int = 50
    valid_until: datetime | None = None
    silence: str | None = None
    is_answer: bool = False
    arm: str = ""
    takes_files: bool = False


class Said(NamedTuple):
    """The messages to send and what was weighed."""

    effects: tuple[SayMessage, ...]
    findings: tuple[Finding, ...]


def say(utterance: Utterance, customer: Customer, now: datetime, facts: Facts) -> Said:
    """Chooses channels and languages for one utterance. Nobody reachable is a finding too, never a silence."""
    findings: list[Finding] = []
    reachable: list[tuple[Channel, str]] = []
    for channel in utterance.channels:
        own = check_voice(facts.store, utterance.template, channel)
        refusal: str | None = own or check_reach(customer, facts.store, channel, utterance.purpose)
        if utterance.is_answer and is_answerable(refusal, channel, customer, facts.real_now):
            refusal = None
        locale = None
        if refusal is None:
            way = find_way(customer, facts, utterance.template, channel)
            locale, refusal = way.locale, way.refusal
        if locale:
            reachable.append((channel, locale))
        is_chosen = utterance.both or len(reachable) == 1
        verdict = "refused" if refusal else _name_verdict(utterance) if is_chosen else "kept in reserve"
        why = refusal or (utterance.silence if is_chosen else None) or ""
        findings.append(Finding(what=f"{channel}:{utterance.template}", verdict=verdict, why=why))
    chosen = reachable if utterance.both else reachable[:1]
    fallback = () if utterance.both else tuple(channel for channel, _ in reachable[1:])
    effects = tuple(
        _make_message(utterance, channel, locale, fallback, customer, now, facts) for channel, locale in chosen
    )
    if not chosen:
        findings.append(Finding(what=utterance.template, verdict="not said", why="nobody_reachable"))
    return Said(effects, tuple(findings))


def _name_verdict(utterance: Utterance) -> str:
    return "recorded" if utterance.silence else "said"


def fall_back(message: Message, customer: Customer, now: datetime, facts: Facts) -> Said:
    """The same thing on the next channel that was left to try."""
    utterance = Utterance(
        seed=message.seed or message.message_id,
        template=message.template,
        purpose=message.purpose,
        channels=message.fallback,
        both=False,
        refs=message.refs,
        run_id=message.run_id,
        journey=message.journey,
        data=message.data,
        priority=message.priority,
        is_answer=message.is_answer,
        arm=message.arm,
        takes_files=message.takes_files,
    )
    said = say(utterance, customer, now, facts)
    kept = {"valid_until": message.valid_until, "stands_in": True}
    effects = tuple(
        effect.model_copy(update={"message": effect.message.model_copy(update=kept)}) for effect in said.effects
    )
    return Said(effects, said.findings)


class Way(NamedTuple):
    """In which language a template may be said on a channel now, and whether as free words; or why it may not."""

    locale: str | None = None
    free_form: bool = False
    refusal: str | None = None


def find_way(customer: Customer, facts: Facts, template: str, channel: Channel) -> Way:
    """Inside WhatsApp's window free words go before a template of Meta's."""
    published = facts.store.templates.get(template)
    if published is None:
        return Way(refusal="no_template")
    if channel is Channel.WHATSAPP and published.chat and is_window_open(customer, facts.real_now):
        return Way(choose_locale(customer, facts.store, published.chat), free_form=True)
    locales = published.whatsapp if channel is Channel.WHATSAPP else published.email
    locale = choose_locale(customer, facts.store, locales) if locales else None
    if locale:
        return Way(locale)
    is_closed = channel is Channel.WHATSAPP and bool(published.chat)
    return Way(refusal="window_closed" if is_closed else "no_template")


def is_open_to(customer: Customer, facts: Facts, template: str, channel: Channel, purpose: Purpose) -> bool:
    """Whether a template may be said to the customer on a channel now, by consent, reach, voice and language."""
    if check_voice(facts.store, template, channel) or check_reach(customer, facts.store, channel, purpose):
        return False
    return find_way(customer, facts, template, channel).locale is not None


def _make_message(
    utterance: Utterance,
    channel: Channel,
    locale: str,
    fallback: tuple[Channel, ...],
    customer: Customer,
    now: datetime,
    facts: Facts,
) -> SayMessage:
    published = facts.store.templates[utterance.template]
    way = find_way(customer, facts, utterance.template, channel)
    message_id = make_id(utterance.seed, channel)
    message = Message(
        message_id=message_id,
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        channel=channel,
        purpose=utterance.purpose,
        template=utterance.template,
        locale=locale,
        seed=utterance.seed,
        run_id=utterance.run_id,
        journey=utterance.journey,
        refs=utterance.refs,
        data=dict(utterance.data),
        fallback=fallback,
        decided_at=now,
        valid_until=utterance.valid_until or (now + published.valid_for if published.valid_for else None),
        priority=utterance.priority,
        free_form=way.free_form,
        is_answer=utterance.is_answer,
        arm=utterance.arm,
        takes_files=utterance.takes_files,
        state=MessageState.SUPPRESSED if utterance.silence else MessageState.DECIDED,
        reason=utterance.silence or "",
    )
    return SayMessage(id=message_id, message=message)
