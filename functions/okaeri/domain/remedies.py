"""What a person of the shop may give for a thing that went wrong, and how much without asking. Pure.

Limits hold for one ticket: two refunds of it count together. Money is in the store's currency.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from okaeri.domain.stores import Role
from okaeri.domain.values import Stored


class RemedyKind(StrEnum):
    """What is given."""

    REPLACEMENT = "replacement"
    REFUND = "refund"
    CREDIT = "credit"


class Remedy(Stored):
    """What was given, by whom. `amount` is a decimal text, empty for a replacement."""

    remedy_id: str
    kind: RemedyKind
    amount: str = ""
    currency: str = ""
    by: str
    at: datetime


class Refused(NamedTuple):
    """Why a remedy may not be given by this person: a code, and who may (roles by name, none where nobody)."""

    code: str
    limit: Decimal | None = None
    given: Decimal = Decimal(0)
    who_may: tuple[str, ...] = ()


def check_remedy(
    kind: RemedyKind,
    amount: Decimal | None,
    *,
    role: str,
    roles: Mapping[str, Role],
    before: Iterable[Remedy],
    worth: Decimal | None,
) -> Refused | None:
    """None where it may be given. `before` was given on the ticket; `worth` is what is left of what the order paid.

    Codes: `amount_missing`, `amount_unexpected`, `amount_not_positive`, `more_than_paid`, `over_limit`.
    """
    if kind is RemedyKind.REPLACEMENT:
        if amount is not None:
            return Refused("amount_unexpected")
        return None if _may(roles.get(role), kind, Decimal(0)) else _refuse(kind, Decimal(0), roles, role, Decimal(0))
    if amount is None:
        return Refused("amount_missing")
    if amount <= 0:
        return Refused("amount_not_positive")
    given = sum((Decimal(one.amount) for one in before if one.kind is kind), Decimal(0))
    if kind is RemedyKind.REFUND and worth is not None and given + amount > worth:
        return Refused("more_than_paid", limit=max(worth - given, Decimal(0)), given=given)
    if _may(roles.get(role), kind, given + amount):
        return None
    return _refuse(kind, given + amount, roles, role, given)


def list_allowed(role: Role | None) -> tuple[RemedyKind, ...]:
    """What a role may give at all."""
    return tuple(kind for kind in RemedyKind if _find_limit(role, kind) > 0)


def find_left(kind: RemedyKind, role: Role | None, before: Iterable[Remedy]) -> Decimal | None:
    """How much a role may still give on a ticket; None for what is not counted in money."""
    if kind is RemedyKind.REPLACEMENT:
        return None
    given = sum((Decimal(one.amount) for one in before if one.kind is kind), Decimal(0))
    return max(_find_limit(role, kind) - given, Decimal(0))


def name_remedy(remedy: Remedy) -> str:
    """`refund 20.00 EUR`, `replacement`."""
    return " ".join(word for word in (remedy.kind, remedy.amount, remedy.currency) if word)


def name_remedies(remedies: Iterable[Remedy]) -> str:
    """All of them, in the order in which they were given."""
    return ", ".join(name_remedy(remedy) for remedy in remedies)


def _may(role: Role | None, kind: RemedyKind, total: Decimal) -> bool:
    limit = _find_limit(role, kind)
    return limit > 0 and total <= limit


def _find_limit(role: Role | None, kind: RemedyKind) -> Decimal:
    match kind:
        case _ if role is None:
            return Decimal(0)
        case RemedyKind.REPLACEMENT:
            return Decimal(role.replacement)
        case RemedyKind.REFUND:
            return role.refund
        case RemedyKind.CREDIT:
            return role.credit


def _refuse(kind: RemedyKind, total: Decimal, roles: Mapping[str, Role], role: str, given: Decimal) -> Refused:
    who_may = tuple(sorted(name for name, other in roles.items() if _may(other, kind, total)))
    return Refused("over_limit", limit=_find_limit(roles.get(role), kind), given=given, who_may=who_may)
