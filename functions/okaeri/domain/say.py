"""Saying something: which channels can reach the customer, in which language, and what is left to try if one fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from okaeri.domain.customers import Customer
from okaeri.domain.effects import SayMessage
from okaeri.domain.facts import Facts
from okaeri.domain.gates import check_reach
from okaeri.domain.languages import choose_locale
from okaeri.domain.messages import Message, MessageRefs
from okaeri.domain.records import Finding
from okaeri.domain.values import Channel, Purpose, make_id


@dataclass(frozen=True)
class Wish:
    """What a journey wants said. `seed` is hash(run, step, visit); each channel's message id is made of it."""

    seed: str
    template: str
    purpose: Purpose
    channels: tuple[Channel, ...]
    both: bool
    refs: MessageRefs
    run_id: str | None = None
    journey: str | None = None


@dataclass(frozen=True)
class Said:
    """The messages to send and what was weighed."""

    effects: tuple[SayMessage, ...]
    findings: tuple[Finding, ...]


def say(wish: Wish, customer: Customer, now: datetime, facts: Facts) -> Said:
    """Chooses channels and languages for one wish. Nobody reachable is a finding too, never a silence."""
    findings: list[Finding] = []
    reachable: list[tuple[Channel, str]] = []
    for channel in wish.channels:
        refusal = check_reach(customer, facts.store, channel, wish.purpose)
        locale = None
        if refusal is None:
            locale = choose_locale(customer, facts.store, _list_locales(facts, wish.template, channel))
            refusal = None if locale else "no_template"
        findings.append(
            Finding(what=f"{channel}:{wish.template}", verdict="refused" if refusal else "reachable", why=refusal or "")
        )
        if locale:
            reachable.append((channel, locale))
    chosen = reachable if wish.both else reachable[:1]
    fallback = () if wish.both else tuple(channel for channel, _ in reachable[1:])
    effects = tuple(_make_message(wish, channel, locale, fallback, customer, now, facts) for channel, locale in chosen)
    verdict = f"said on {', '.join(channel for channel, _ in chosen)}" if chosen else "not said"
    return Said(effects, (*findings, Finding(what=wish.template, verdict=verdict)))


def fall_back(message: Message, customer: Customer, now: datetime, facts: Facts) -> Said:
    """The same thing on the next channel that was left to try."""
    wish = Wish(
        seed=message.seed or message.message_id,
        template=message.template,
        purpose=message.purpose,
        channels=message.fallback,
        both=False,
        refs=message.refs,
        run_id=message.run_id,
        journey=message.journey,
    )
    said = say(wish, customer, now, facts)
    kept = {"valid_until": message.valid_until, "stands_in": True}
    effects = tuple(
        effect.model_copy(update={"message": effect.message.model_copy(update=kept)}) for effect in said.effects
    )
    return Said(effects, said.findings)


def _list_locales(facts: Facts, template: str, channel: Channel) -> tuple[str, ...]:
    published = facts.store.templates.get(template)
    if published is None:
        return ()
    return published.whatsapp if channel is Channel.WHATSAPP else published.email


def _make_message(
    wish: Wish,
    channel: Channel,
    locale: str,
    fallback: tuple[Channel, ...],
    customer: Customer,
    now: datetime,
    facts: Facts,
) -> SayMessage:
    published = facts.store.templates[wish.template]
    message_id = make_id(wish.seed, channel)
    message = Message(
        message_id=message_id,
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        channel=channel,
        purpose=wish.purpose,
        template=wish.template,
        locale=locale,
        seed=wish.seed,
        run_id=wish.run_id,
        journey=wish.journey,
        refs=wish.refs,
        fallback=fallback,
        decided_at=now,
        valid_until=now + published.valid_for if published.valid_for else None,
    )
    return SayMessage(id=message_id, message=message)
