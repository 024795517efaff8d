"""Gives a run its single-use code: made in the store, or out of a pool of the shop, within the month's budget."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from okaeri.domain.coupons import Coupon, NewCoupon, Offer, make_code, name_prefix, read_offer
from okaeri.domain.local_time import find_store_zone, name_month
from okaeri.domain.records import ActionRequest
from okaeri.domain.stores import Store
from okaeri.errors import GiveUp

if TYPE_CHECKING:
    from okaeri.ports import Budgets, Clock, Coupons, StoreApi

POOL_EMPTY = "pool_empty"
OVER_BUDGET = "over_budget"
# Why a store makes no codes at all: then the shop's pool stands in, where it names one.
_NOT_MADE = {
    "api_not_set_up": "api_not_set_up",
    "not_supported": "codes_not_supported",
    "not_allowed": "codes_not_allowed",
}


@dataclass(frozen=True)
class GiveCode:
    """One code for one request; asked again, it is the same one. `choose(n)` is a number below n that none guesses."""

    coupons: Coupons
    budgets: Budgets
    store_api: StoreApi
    clock: Clock
    choose: Callable[[int], int] = secrets.randbelow

    def __call__(self, request: ActionRequest, store: Store) -> Mapping[str, str]:
        """The code with all that is frozen of it. Raises TryAgain, or GiveUp with why there is none."""
        offer = read_offer(request.data)
        if offer is None or not (offer.is_made or request.target):
            raise GiveUp("no_offer")
        if offer.budget is not None and not self._take(request, store, offer):
            raise GiveUp(OVER_BUDGET)
        coupon = self._make(request, store, offer) if offer.is_made else self._draw(request)
        worth = {"percent": offer.percent, "amount": offer.amount, "minimum": offer.minimum}
        told = {"code": coupon.code} | {name: f"{value:f}" for name, value in worth.items() if value}
        return told | ({"last_day": coupon.last_day.isoformat()} if coupon.last_day else {})

    def let_go(self, request: ActionRequest, store: Store) -> None:
        """No code was given for good: what it would have cost is there for others."""
        if "budget" in request.data:
            month = find_month(request, store)
            self.budgets.give_back(store.store_id, request.journey, month, action_id=request.action_id)

    def _take(self, request: ActionRequest, store: Store, offer: Offer) -> bool:
        assert offer.budget is not None
        return self.budgets.take(
            store.store_id,
            request.journey,
            find_month(request, store),
            action_id=request.action_id,
            worth=offer.worth,
            limit=offer.budget,
        )

    def _make(self, request: ActionRequest, store: Store, offer: Offer) -> Coupon:
        try:
            return self._make_in_store(request, store, offer)
        except GiveUp as refusal:
            if refusal.code in _NOT_MADE and request.target and offer.uses == 1:
                return self._draw(request)
            raise GiveUp(_NOT_MADE.get(refusal.code, refusal.code), str(refusal)) from refusal

    def _make_in_store(self, request: ActionRequest, store: Store, offer: Offer) -> Coupon:
        """The code is named before it is made, and its owner noted: whatever dies between, nothing is made twice."""
        named = self.coupons.name_code(
            store.store_id,
            make_code(name_prefix(store.store_id, store.settings.coupon_prefix), self.choose),
            action_id=request.action_id,
            customer_id=request.customer_id,
            now=self.clock(),
        )
        if offer.uses > 1:
            self.coupons.note_owner(store.store_id, named, request.customer_id)
        last_day = find_last_day(request.requested_at, store, offer.days)
        coupon = NewCoupon(
            code=named,
            title=f"{request.journey} {named}",
            percent=offer.percent,
            amount=offer.amount,
            minimum=offer.minimum,
            starts_at=min(request.requested_at, self.clock()),
            ends_at=find_end(last_day, store) if last_day else None,
            uses=offer.uses,
        )
        self.store_api.create_coupon(store, coupon)
        return Coupon(code=named, last_day=last_day)

    def _draw(self, request: ActionRequest) -> Coupon:
        coupon = self.coupons.draw(
            request.store_id,
            request.target,
            action_id=request.action_id,
            customer_id=request.customer_id,
            now=self.clock(),
        )
        if coupon is None:
            raise GiveUp(POOL_EMPTY)
        return coupon


def find_month(request: ActionRequest, store: Store) -> str:
    """Whose budget it is: the month of the request, by the store's own clock."""
    return name_month(request.requested_at, find_store_zone(store))


def find_last_day(asked_at: datetime, store: Store, days: int | None) -> date | None:
    """The last day on which the store takes it, by the store's own clock; None where it does not end."""
    if days is None:
        return None
    return asked_at.astimezone(find_store_zone(store)).date() + timedelta(days=days)


def find_end(last_day: date, store: Store) -> datetime:
    """The moment after that day."""
    return datetime.combine(last_day + timedelta(days=1), time(0), tzinfo=find_store_zone(store))
