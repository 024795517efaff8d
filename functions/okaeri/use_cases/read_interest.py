"""What shoppers look at, ask to be told of and save: events of theirs, and a place among those who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from okaeri.domain.customers import Customer
from okaeri.domain.events import Event, make_event
from okaeri.domain.evidence import Envelope, InterestSeen, ProductTold
from okaeri.domain.identities import name_identities
from okaeri.domain.records import Interest
from okaeri.use_cases.read_evidence import Reading

if TYPE_CHECKING:
    from okaeri.ports import Interests

VIEWED = "product.viewed"
_NAMES = {
    "viewed": VIEWED,
    "stock": "notify.requested",
    "launch": "notify.requested",
    "wishlist": "wishlist.added",
}


def read_interest(envelope: Envelope, owner: Customer, interests: Interests) -> Reading | None:
    """The customer's event; None where nothing has happened. A place in the queue is kept once that is committed."""
    evidence = envelope.evidence
    assert isinstance(evidence, InterestSeen)
    at = min(evidence.at, envelope.received_at)
    if evidence.wish == "viewed":
        looks = interests.note_view(envelope.store_id, evidence.product_id, owner.customer_id, at)
        return _make_reading(evidence, envelope, owner, {"views": looks})
    interest = Interest(
        store_id=envelope.store_id,
        product_id=evidence.product_id,
        variant_id=evidence.variant_id,
        customer_id=owner.customer_id,
        wish=evidence.wish,
        at=at,
    )
    if evidence.gone:
        interests.remove(interest)
        return _make_reading(evidence, envelope, owner, {}) if evidence.wish == "wishlist" else None
    if evidence.kept:
        interests.put(interest)
        return None
    reading = _make_reading(evidence, envelope, owner, {} if evidence.wish == "wishlist" else {"wish": evidence.wish})
    reading.writes.append(lambda customer_id: interests.put(interest.model_copy(update={"customer_id": customer_id})))
    return reading


def make_told_event(evidence: ProductTold, owner: Customer) -> Event:
    """It is this customer's turn to hear of it; once for each piece of news, however many variants or records."""
    return make_event(
        owner.store_id,
        f"product.{evidence.news}",
        evidence.at,
        owner.customer_id,
        evidence.product_id,
        evidence.at.isoformat(),
        refs=_name_refs(evidence.product_id, evidence.variant_id),
        data=dict(evidence.data),
    )


def _make_reading(
    evidence: InterestSeen, envelope: Envelope, owner: Customer, data: dict[str, str | int | bool]
) -> Reading:
    at = min(evidence.at, envelope.received_at)
    event = make_event(
        envelope.store_id,
        "wishlist.removed" if evidence.gone else _NAMES[evidence.wish],
        at,
        owner.customer_id,
        evidence.product_id,
        evidence.variant_id or "",
        at.isoformat(),
        refs=_name_refs(evidence.product_id, evidence.variant_id),
        data=data,
    )
    return Reading(
        events=(event,),
        identities=name_identities(evidence.buyer),
        buyer=evidence.buyer,
        is_past=True,  # anybody may type any address there: it fills gaps and displaces nothing
        opt_ins=evidence.opt_ins,
        opted_in_at=at,
    )


def _name_refs(product_id: str, variant_id: str | None) -> dict[str, tuple[str, ...]]:
    refs: dict[str, tuple[str, ...]] = {"product.id": (product_id,)}
    return refs | {"variant.id": (variant_id,)} if variant_id else refs
