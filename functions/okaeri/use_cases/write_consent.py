"""Tells the store what a shopper has agreed to, or taken back, as it stands when it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from okaeri.domain.values import Channel
from okaeri.errors import GiveUp

if TYPE_CHECKING:
    from okaeri.domain.consent_copies import ConsentCopy
    from okaeri.domain.records import ActionRequest
    from okaeri.domain.stores import Store
    from okaeri.ports import Customers, StoreApi

UNKNOWN_THERE = "no_store_customer"  # a guest, or somebody who has only written to us
# Why there is nobody to be told of: nothing that a person has to look after.
EXPECTED = frozenset({UNKNOWN_THERE, "no_address", "not_found", "not_offered", "other_address"})


@dataclass(frozen=True)
class WriteConsent:
    """Carries out one request of kind `consent`; once more it finds what was written and writes nothing."""

    customers: Customers
    store_api: StoreApi

    def __call__(self, request: ActionRequest, store: Store) -> Mapping[str, str]:
        """What was told: `given`, and `written`, no where it stood so already. Raises TryAgain, GiveUp."""
        from okaeri.domain.consent_copies import HEARD_HERE, ConsentCopy, find_channel, find_word  # few shops want it

        if request.target not in store.settings.write_consent:
            raise GiveUp("not_offered")
        customer = self.customers.load(store.store_id, request.customer_id)
        if customer is None:
            raise GiveUp("not_found", "no such customer")
        channel = find_channel(request.target)
        word = find_word(customer, channel)
        if word is None or word.source not in HEARD_HERE:  # the store's own word came after it
            return {"written": "no", "reason": "newer_word"}
        if not customer.store_customer_ids:
            raise GiveUp(UNKNOWN_THERE)
        addresses = customer.emails if channel == Channel.EMAIL else customer.phones
        copy = ConsentCopy(request.target, word, next(iter(addresses), None))
        is_written = self._write(store, customer.store_customer_ids, copy)
        return {"given": "yes" if word.given else "no", "written": "yes" if is_written else "no"}

    def _write(self, store: Store, store_customer_ids: tuple[str, ...], copy: ConsentCopy) -> bool:
        """To each of their records there. One that is gone or of another address is no reason, where others took it."""
        written, refusals = [], []
        for customer_id in store_customer_ids:
            try:
                written.append(self.store_api.write_consent(store, customer_id, copy))
            except GiveUp as refusal:
                refusals.append(refusal)
        if not written:
            raise refusals[0]
        return any(written)
