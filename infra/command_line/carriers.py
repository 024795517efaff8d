"""Carriers' webhooks of a store: their secrets, their addresses, and whether they have come."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from command_line import records
from command_line.failures import CommandFailure
from command_line.secrets import name_secret, read_secret, write_secret
from command_line.stack import Stack
from okaeri.domain.carriers import Carrier
from okaeri.domain.stores import Store

# AfterShip makes the secret; the others take ours.
GIVEN_BY_CARRIER = (Carrier.AFTERSHIP,)


@dataclass(frozen=True)
class AddedCarrier:
    """What is to be told to the carrier: `url`, and `secret` where it is ours and is not in the URL."""

    store: Store
    url: str
    secret: str | None = None


def add_carrier(stack: Stack, store_id: str, carrier: Carrier, *, secret: str | None = None) -> AddedCarrier:
    """Keeps the secret, the one before stays valid, and listens from now on. Raises CommandFailure."""
    records.read_store(stack, store_id)  # which has to be there
    name = name_secret(stack, store_id, f"{carrier}/webhook")
    kept = (read_secret(stack, name) or {}).get("current")
    wanted = secret.strip() if secret is not None else kept
    if wanted is None and carrier in GIVEN_BY_CARRIER:
        fix = "Copy it from AfterShip Tracking → Settings → Webhooks."
        raise CommandFailure("AfterShip signs with a secret of its own", at="--secret", fix=fix)
    if secret is not None and not wanted:
        raise CommandFailure("the secret is empty", at="--secret", fix="Copy it again.")
    fresh = wanted or secrets.token_urlsafe(32)
    if fresh != kept:
        write_secret(stack, name, {"current": fresh, "previous": kept} if kept else {"current": fresh})
    store = records.change_store(stack, store_id, lambda found: _listen(found, carrier, on=True))
    url = f"{stack.api_url}/carriers/{store_id}/{carrier}"
    if carrier is Carrier.SHIPPO and secret is None:  # unless Shippo signs for the account, the address proves it
        return AddedCarrier(store, f"{url}?token={fresh}")
    return AddedCarrier(store, url, None if carrier in GIVEN_BY_CARRIER else fresh)


def remove_carrier(stack: Stack, store_id: str, carrier: Carrier) -> Store:
    """Listens no more: its webhooks are refused."""
    name = name_secret(stack, store_id, f"{carrier}/webhook")
    if read_secret(stack, name) is not None:
        stack.ssm.delete_parameter(Name=name)
    return records.change_store(stack, store_id, lambda found: _listen(found, carrier, on=False))


def _listen(store: Store, carrier: Carrier, *, on: bool) -> Store:
    others = tuple(name for name in store.settings.carriers if name != carrier)
    wanted = (*others, carrier.value) if on else others
    return store.model_copy(update={"settings": store.settings.model_copy(update={"carriers": wanted})})
