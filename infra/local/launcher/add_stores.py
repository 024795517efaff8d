"""Adds the shops of a laptop by the code of `okaeri stores add` and `okaeri templates push`."""

import secrets
from collections.abc import Mapping

from command_line.stack import open_stack
from command_line.staff import add_member
from command_line.store_access import put_access
from command_line.stores import add_store
from command_line.templates import push_templates
from local.launcher.stores import STORES, StoreKeys, StoreNotReady, list_choices
from okaeri.domain.stores import Platform

# The stand-in approves within a second; Meta takes minutes.
APPROVAL_SECONDS = 60


def add_local_stores(access_token: str, accesses: Mapping[str, Mapping[str, str]]) -> dict[str, StoreKeys]:
    """Adds the shops, has their templates approved, and lets Mia into their inboxes; returns each store's keys.

    `accesses` are the credentials of the stores' own APIs, by store.

    AWS's usual environment variables say which AWS. Raises CommandFailure.
    """
    stack = open_stack()
    keys: dict[str, StoreKeys] = {}
    for store in STORES:
        platform = Platform(store.platform)
        added = add_store(
            stack,
            store.store_id,
            list_choices(store),
            platform=platform,
            # Shopify gives an app its secret, so here one is made up; the others get one of ours.
            secret=secrets.token_hex(16) if platform is Platform.SHOPIFY else None,
            whatsapp_token=access_token,
        )
        if added.warnings or added.secret is None:
            raise StoreNotReady(f"{store.store_id}: {' '.join(added.warnings) or 'no secret was made'}")
        if store.store_id in accesses:
            put_access(stack, store.store_id, accesses[store.store_id])
        pushed = push_templates(stack, store.store_id, wait_s=APPROVAL_SECONDS, poll_s=0.2)
        if waiting := [entry for entry in pushed if not entry.is_ready]:
            raise StoreNotReady(f"{store.store_id}: not approved: {', '.join(map(str, waiting))}")
        keys[store.store_id] = StoreKeys(added.secret, add_member(stack, store.store_id, "mia", "agent"))
    return keys
