"""The shop's webhooks that journeys may call: their addresses in the store's settings, and the secret of our calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from command_line import records
from command_line.checks import check_url
from command_line.failures import CommandFailure
from command_line.secrets import make_webhook_secret, name_secret, read_secret, write_secret
from command_line.stack import Stack
from okaeri.domain.stores import Platform, Store

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def set_webhook(stack: Stack, store_id: str, name: str, url: str) -> str | None:
    """Names an address; the secret that signs our calls where it was made now, else None. Raises CommandFailure."""
    if not _NAME.fullmatch(name):
        raise CommandFailure(
            f"{name!r} is no name of a webhook",
            at="NAME",
            fix="Small letters, digits, - and _, at most 40: crm, crm-2.",
        )
    address = check_address(url, is_local=stack.stage == "local")
    _change(stack, store_id, lambda webhooks: {**webhooks, name: address})
    if read_secret(stack, name_secret(stack, store_id, "calls")):
        return None
    return rotate_calls_secret(stack, store_id)


def remove_webhook(stack: Stack, store_id: str, name: str) -> None:
    """Forgets an address: calls of it fail from now on. Raises CommandFailure where there is none of that name."""
    webhooks = records.read_store(stack, store_id).settings.webhooks
    if name not in webhooks:
        known = ", ".join(sorted(webhooks)) or "none yet"
        raise CommandFailure(f"{store_id} has no webhook {name!r}", at="NAME", fix=f"There are: {known}.")
    _change(stack, store_id, lambda found: {other: url for other, url in found.items() if other != name})


def rotate_calls_secret(stack: Stack, store_id: str) -> str:
    """A new secret; calls are signed with it and with the one before it, until the next rotation."""
    name = name_secret(stack, records.read_store(stack, store_id).store_id, "calls")
    before = (read_secret(stack, name) or {}).get("current")
    fresh = make_webhook_secret(Platform.STANDARD)
    write_secret(stack, name, {"current": fresh, "previous": before} if before else {"current": fresh})
    return fresh


def check_address(url: str, *, is_local: bool) -> str:
    """An https address without a password in it; plain http on a laptop alone."""
    address = check_url(url, "URL")
    parts = urlsplit(address)
    if parts.scheme != "https" and not is_local:
        raise CommandFailure("journeys call https addresses alone", at="URL", fix="Give the address with https://.")
    if parts.username or parts.password:
        raise CommandFailure(
            "the address holds a password", at="URL", fix="Leave it out: each call is signed, see docs/journey-acts.md."
        )
    return address


def _change(stack: Stack, store_id: str, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    def apply(store: Store) -> Store:
        settings = store.settings.model_copy(update={"webhooks": change(store.settings.webhooks)})
        return store.model_copy(update={"settings": settings})

    records.change_store(stack, store_id, apply)
