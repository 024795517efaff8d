"""The consent ledger: what shoppers agreed to and took back, on which channel, for what, and what proves it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from okaeri.domain.country_rules import find_rule
from okaeri.domain.customers import CONFIRM_SUBSCRIPTION, PENDING_FOR, Consent, Customer
from okaeri.domain.effects import Effect, KeepConsent, SayMessage
from okaeri.domain.events import Event, make_event
from okaeri.domain.languages import choose_locale
from okaeri.domain.local_time import find_country
from okaeri.domain.messages import Message
from okaeri.domain.orders import OptIn
from okaeri.domain.profile import Change
from okaeri.domain.records import ConsentEntry
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel, Purpose, format_time, make_id


def take_opt_ins(
    customer: Customer,
    opt_ins: Iterable[OptIn],
    at: datetime,
    *,
    store: Store,
    real_now: datetime,
    proof: Mapping[str, str] | None = None,
) -> Change:
    """Consents that came along with an order, cart or customer.

    One that is only implied (the phone field at checkout, the store's own newsletter flag) never undoes a
    withdrawal: the shopper has to say so, on the order's own tick box or elsewhere.
    """
    effects: list[Effect] = []
    events: list[Event] = []
    for opt_in in opt_ins:
        is_news = f"{opt_in.channel}:{opt_in.purpose}" not in customer.consents
        if not is_news and not opt_in.explicit:
            continue
        change = take_consent(
            customer,
            store=store,
            real_now=real_now,
            channel=opt_in.channel,
            purpose=opt_in.purpose,
            given=opt_in.given,
            at=at,
            source=opt_in.source,
            wording=opt_in.wording,
            confirmed=opt_in.confirmed,
            proof=proof,
        )
        customer = change.customer
        effects += change.effects
        events += change.events
    return Change(customer, tuple(effects), tuple(events))


def take_consent(
    customer: Customer,
    *,
    store: Store,
    real_now: datetime,
    channel: str,
    purpose: str,
    given: bool,
    at: datetime,
    source: str,
    wording: str = "",
    confirmed: bool = False,
    proof: Mapping[str, str] | None = None,
) -> Change:
    """One entry of the ledger, and the state that follows: the latest word counts, at the same moment the withdrawal.

    `purpose` "all" is STOP and START on a channel; START also lets order messages through, for it is the shopper's
    own wish to hear from the shop there. Where the country asks for a confirmed sign-up, one that is not `confirmed`
    is pending, and the shopper is asked by e-mail, once in 30 days.
    """
    name = f"{channel}:{purpose}"
    present = customer.consents.get(name)
    is_open = given and not confirmed and _needs_confirmation(customer, store, purpose, channel)
    is_waiting = is_open and not (present is not None and present.counts)
    if present is not None and (present.given, present.pending, present.at) == (given, is_waiting, at):
        return Change(customer)
    entry = ConsentEntry(
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        entry_id=make_id(customer.store_id, customer.customer_id, name, given, format_time(at), source)[:16],
        channel=channel,
        purpose=purpose,
        given=given,
        at=at,
        source=source,
        wording=wording,
        address=next(iter(customer.emails if channel == "email" else customer.phones), None),
        needs_confirmation=is_open,
        confirmed=confirmed,
        proof=dict(proof or {}),
    )
    keep = KeepConsent(id=entry.entry_id, entry=entry)
    is_stricter = present is not None and at == present.at and (not given or (confirmed and present.given))
    is_latest = present is None or at > present.at or is_stricter
    is_asked_already = is_waiting and present is not None and present.pending and at - present.at < PENDING_FOR
    if not is_latest or is_asked_already:
        return Change(customer, (keep,))
    consents = dict(customer.consents)
    consents[name] = Consent(given=given, at=at, source=source, pending=is_waiting)
    order = consents.get(f"{channel}:order")
    if purpose == "all" and given and (order is None or order.at <= at):
        consents[f"{channel}:order"] = Consent(given=True, at=at, source=source)
    after = customer.model_copy(update={"consents": consents})
    if is_waiting:
        return Change(after, (keep, *_ask_to_confirm(after, store, at, real_now)))
    if present is not None and present.given == given and not present.pending:
        return Change(after, (keep,))  # said again: it counts from now on, and nothing happened
    verb = "given" if given else "withdrawn"
    event = make_event(
        customer.store_id,
        f"consent.{verb}",
        at,
        customer.customer_id,
        name,
        format_time(at),
        data={"channel": channel, "purpose": purpose},
    )
    return Change(after, (keep,), (event,))


def take_refusals(customer: Customer, other: Customer, channel: str) -> Customer:
    """What another person refused on `channel` holds for this one too, who shares the address there.

    A STOP speaks of a phone, not of a record. What this customer agreed to later is their own word.
    """
    consents = dict(customer.consents)
    for name, theirs in other.consents.items():
        ours = consents.get(name)
        if name.startswith(f"{channel}:") and not theirs.given and (ours is None or ours.at <= theirs.at):
            consents[name] = theirs
    return customer.model_copy(update={"consents": consents})


def is_pending(customer: Customer, channel: Channel) -> bool:
    """Whether a sign-up for marketing waits to be confirmed."""
    consent = customer.consents.get(f"{channel}:{Purpose.MARKETING}")
    return consent is not None and consent.given and consent.pending


def has_lapsed(customer: Customer, channel: Channel, store: Store, now: datetime) -> bool:
    """Whether a marketing consent is too old in the customer's country: nothing was heard of them for so long."""
    consent = customer.consents.get(f"{channel}:{Purpose.MARKETING}")
    if consent is None:
        return False
    lasts = find_rule(find_country(customer, store)).consent_lasts
    heard = max(at for at in (consent.at, customer.last_order_at, customer.window_opened_at) if at)
    return lasts is not None and now - heard > lasts


def _needs_confirmation(customer: Customer, store: Store, purpose: str, channel: str) -> bool:
    # The channels first: whose country it is may cost a look at the phone number.
    if purpose != Purpose.MARKETING or channel != Channel.EMAIL:
        return False
    return find_rule(find_country(customer, store)).needs_confirmation(purpose, channel)


def _ask_to_confirm(customer: Customer, store: Store, at: datetime, real_now: datetime) -> tuple[Effect, ...]:
    """The mail with the one button, to the address that signed up. None for a sign-up of long ago."""
    published = store.templates.get(CONFIRM_SUBSCRIPTION)
    if published is None or not store.settings.asks_to_confirm or real_now - at > PENDING_FOR:
        return ()
    locale = choose_locale(customer, store, published.email)
    if locale is None or not customer.emails:
        return ()
    seed = make_id(customer.store_id, customer.customer_id, CONFIRM_SUBSCRIPTION, format_time(at))
    message_id = make_id(seed, Channel.EMAIL)
    message = Message(
        message_id=message_id,
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        channel=Channel.EMAIL,
        purpose=Purpose.ORDER,  # it answers the shopper's own request and says nothing else
        template=CONFIRM_SUBSCRIPTION,
        locale=locale,
        seed=seed,
        decided_at=real_now + timedelta(seconds=customer.ahead_s),
        valid_until=real_now + timedelta(seconds=customer.ahead_s) + PENDING_FOR,
    )
    return (SayMessage(id=message_id, message=message),)
