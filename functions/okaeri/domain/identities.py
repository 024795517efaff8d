"""Which customer an event belongs to, and when two records are one person (design §4, identity)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from okaeri.domain.customers import Customer, Identity, IdentityKind, IdentityRecord, list_identities
from okaeri.domain.orders import Buyer
from okaeri.domain.profile import MAX_IDENTIFIERS
from okaeri.domain.values import Channel, make_id

LAST_RESORTS = (IdentityKind.ORDER,)
# Two values of one of these kinds name two people, until a person decides otherwise.
EXCLUSIVE = (IdentityKind.STORE_CUSTOMER, IdentityKind.EMAIL)
_REACHED_ON = {
    IdentityKind.EMAIL: Channel.EMAIL,
    IdentityKind.WHATSAPP_USER: Channel.WHATSAPP,
    IdentityKind.PHONE: Channel.WHATSAPP,
}


def name_identities(
    buyer: Buyer, *, wa_user_id: str | None = None, fallback: Identity | None = None
) -> tuple[Identity, ...]:
    """The identifiers in the buyer's own fields, strongest first; `fallback` (the order itself) as a last resort."""
    named = (
        (IdentityKind.STORE_CUSTOMER, buyer.store_customer_id),
        (IdentityKind.EMAIL, buyer.email),
        (IdentityKind.WHATSAPP_USER, wa_user_id),
        (IdentityKind.PHONE, buyer.phone),
    )
    found = tuple(Identity(kind=kind, value=value) for kind, value in named if value)
    return (*found, fallback) if fallback else found


def choose_identities(identities: Sequence[Identity], shared: Collection[Identity]) -> tuple[Identity, ...]:
    """Those that may name a person: shared ones name nobody, and a last resort counts only where nothing else does.

    Where there are shared ones alone, somebody has still spoken, perhaps to say STOP: the strongest has to do.
    """
    own = tuple(i for i in identities if i not in shared)
    named = tuple(i for i in own if i.kind not in LAST_RESORTS)
    return named or own or tuple(identities[:1])


def choose_addresses(identities: Sequence[Identity], channel: Channel) -> tuple[Identity, ...]:
    """Those by which a person is reached on this channel."""
    return tuple(identity for identity in identities if _REACHED_ON.get(identity.kind) is channel)


def list_left(customer: Customer, spoken: Sequence[Identity]) -> tuple[Identity, ...]:
    """Numbers in evidence of a customer who carries them no more: an old order's phone names nobody.

    A list that is full may have dropped one, which stays theirs.
    """
    carried = {IdentityKind.PHONE: customer.phones, IdentityKind.WHATSAPP_USER: customer.wa_user_ids}
    return tuple(
        identity
        for identity in spoken
        if (values := carried.get(identity.kind)) is not None
        and identity.value not in values
        and len(values) < MAX_IDENTIFIERS
    )


def name_refused_addresses(spoken: Sequence[Identity], owner: Customer, channel: Channel) -> tuple[Identity, ...]:
    """The addresses that a refusal on this channel is about: whoever carries one of them is bound by it.

    Those that it came from, with the phone in use of somebody who wrote without showing it; where it came from none
    (a page, a provider's report), all of the person's.
    """
    named = list(spoken or list_identities(owner))
    if not any(identity.kind is IdentityKind.PHONE for identity in named):
        named += [Identity(kind=IdentityKind.PHONE, value=phone) for phone in owner.phones[:1]]
    return choose_addresses(named, channel)


def name_new_customer(store_id: str, identities: Sequence[Identity], *, apart_from: Sequence[str] = ()) -> str:
    """The id of a customer seen for the first time: the same for everyone who sees them at the same moment.

    `apart_from` are the customers that these identifiers were found to belong to and who are somebody else.
    """
    strongest = identities[0]
    return make_id("customer", store_id, strongest.kind, strongest.value, *sorted(apart_from))[:24]


class Match(NamedTuple):
    """Who it is. `customer_id` None means nobody yet; `join` are records that prove to be the same person."""

    customer_id: str | None
    join: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()


def match_customer(
    identities: Sequence[Identity],
    records: Mapping[Identity, IdentityRecord],
    customers: Mapping[str, Customer | None],
) -> Match:
    """Chooses among the owners of the identifiers, strongest identifier first.

    An owner is somebody else when an exclusive kind (store id, e-mail) has other values there and none in common,
    unless a stronger identifier than the conflicting one matched. A second owner is joined when nothing conflicts
    and the identifier that leads to it is more than a phone; a phone alone joins only a record that holds nothing
    but WhatsApp identifiers (Meta vouches for both in one message).
    """
    chosen: str | None = None
    join: list[str] = []
    strangers: list[str] = []
    for identity in identities:
        record = records.get(identity)
        if record is None:
            continue
        owner = record.customer_id
        if owner in (chosen, *join, *strangers):
            continue
        candidate = customers.get(owner)
        if _is_somebody_else(identity, identities, candidate):
            strangers.append(owner)
        elif chosen is None:
            chosen = owner
        elif _may_join(identity, customers.get(chosen), candidate):
            join.append(owner)
        else:
            strangers.append(owner)
    return Match(chosen, tuple(join), tuple(strangers))


def _is_somebody_else(by: Identity, identities: Sequence[Identity], candidate: Customer | None) -> bool:
    if candidate is None or by.kind is IdentityKind.STORE_CUSTOMER:
        return False  # the store itself says who it is
    return any(
        _differs(kind, identities, list_identities(candidate)) for kind in EXCLUSIVE if _is_stronger(kind, by.kind)
    )


def _differs(kind: IdentityKind, ours: Sequence[Identity], theirs: Sequence[Identity]) -> bool:
    mine = {identity.value for identity in ours if identity.kind is kind}
    others = {identity.value for identity in theirs if identity.kind is kind}
    return bool(mine and others and not mine & others)


def _is_stronger(kind: IdentityKind, than: IdentityKind) -> bool:
    order = list(IdentityKind)
    return order.index(kind) < order.index(than)


def _may_join(by: Identity, chosen: Customer | None, candidate: Customer | None) -> bool:
    if chosen is None or candidate is None:
        return candidate is None and by.kind is not IdentityKind.PHONE
    ours, theirs = list_identities(chosen), list_identities(candidate)
    if any(_differs(kind, ours, theirs) for kind in EXCLUSIVE):
        return False
    if by.kind is not IdentityKind.PHONE:
        return True
    return _is_chat_only(chosen) or _is_chat_only(candidate)


def _is_chat_only(customer: Customer) -> bool:
    return not customer.store_customer_ids and not customer.emails and bool(customer.wa_user_ids)
