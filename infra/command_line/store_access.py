"""The access to a store's own API: kept as a secret, tried by a harmless read, checked for what it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from command_line import records
from command_line.checks import check_url
from command_line.failures import CommandFailure
from command_line.secrets import name_secret, read_secret, write_secret
from command_line.stack import Stack
from okaeri.adapters.store_apis.calls import StoreCalls
from okaeri.adapters.store_apis.own_webhook import CONSENTS, WEBHOOK
from okaeri.adapters.store_apis.shopify_admin import ShopifyAdmin
from okaeri.adapters.store_apis.shopify_documents import NEEDED
from okaeri.adapters.store_apis.woocommerce_rest import WoocommerceRest
from okaeri.domain.stores import Platform, Store
from okaeri.errors import GiveUp, TryAgain

GUIDE = "docs/store-access.md says how to get them."
# Which values make an access whole: any one of these sets.
WHOLE: Mapping[Platform, tuple[tuple[str, ...], ...]] = {
    Platform.SHOPIFY: (("token",), ("client_id", "client_secret")),
    Platform.WOOCOMMERCE: (("key", "secret"),),
}


class StackSecrets:
    """Implements `ports.Secrets` for a person at a terminal: read anew each time."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def get(self, name: str) -> dict[str, str]:
        """Raises GiveUp("secret_missing")."""
        secret = read_secret(self._stack, f"{self._stack.secrets_prefix}/{name}")
        if secret is None:
            raise GiveUp("secret_missing", name)
        return secret


def put_access(stack: Stack, store_id: str, given: Mapping[str, str]) -> Store:
    """Keeps the credentials in the place of those before. Raises CommandFailure where they are not whole."""
    store = records.read_store(stack, store_id)
    if store.platform is Platform.STANDARD:
        raise CommandFailure(
            f"{store_id} is on a platform of its own and changes its orders by a webhook",
            at="STORE",
            fix=f"okaeri stores webhooks set {store_id} {WEBHOOK} https://…",
        )
    wanted = WHOLE[store.platform]
    values = {name: text.strip() for name, text in given.items() if text.strip()}
    strange = set(values) - {"url", *(name for names in wanted for name in names)}
    if strange or not any(set(names) <= set(values) for names in wanted):
        needed = ", or ".join(" and ".join(_name_option(name) for name in names) for names in wanted)
        raise CommandFailure(f"{store.platform} is reached by {needed}", at="access", fix=GUIDE)
    if "url" in values:
        values["url"] = check_url(values["url"], "--url").rstrip("/")
        if not values["url"].startswith("https://") and stack.stage != "local":
            raise CommandFailure("credentials go over https alone", at="--url", fix="Give the address with https://.")
    write_secret(stack, name_secret(stack, store_id, "api"), values)
    return store


def remove_access(stack: Stack, store_id: str) -> None:
    """Forgets the credentials: what shoppers ask for becomes tickets within 5 minutes."""
    name = name_secret(stack, records.read_store(stack, store_id).store_id, "api")
    if read_secret(stack, name) is None:
        raise CommandFailure(f"{store_id} has no access to forget", at="STORE", fix="Nothing is to be done.")
    stack.ssm.delete_parameter(Name=name)


def has_access(stack: Stack, store: Store) -> bool:
    """Whether changes, and consents that it is to be told of, reach the store at all."""
    if store.platform is Platform.STANDARD:
        return not list_missing_webhooks(store)
    return read_secret(stack, name_secret(stack, store.store_id, "api")) is not None


def list_missing_webhooks(store: Store) -> list[str]:
    """What a platform of its own has not named an address for."""
    needed = dict.fromkeys(CONSENTS if do == "consent" else WEBHOOK for do in list_offered(store))
    return [name for name in needed if name not in store.settings.webhooks]


def find_missing(stack: Stack, store: Store) -> dict[str, tuple[str, ...]]:
    """Tries a harmless read: the scopes that each offered change lacks, empty where nothing does.

    Raises CommandFailure where the store refuses the credentials or does not answer.
    """
    if store.platform is Platform.STANDARD:  # nothing can be read there: the shop's webhook only changes
        return {}
    calls = StoreCalls(StackSecrets(stack), allow_local=stack.stage == "local")
    try:
        if store.platform is Platform.WOOCOMMERCE:
            WoocommerceRest(calls).check_access(store)
            return {}
        return compare_scopes(ShopifyAdmin(calls).list_scopes(store), list_offered(store))
    except GiveUp as refusal:
        fix = f"okaeri stores access {store.store_id}. {GUIDE}"
        raise CommandFailure(f"the store says {refusal.code}: {refusal}", at=store.domain, fix=fix) from refusal
    except TryAgain as fault:
        again = "Check the address and try again in a minute."
        raise CommandFailure(f"the store does not answer: {fault.code}", at=store.domain, fix=again) from fault


def list_offered(store: Store) -> tuple[str, ...]:
    """The changes that shoppers may ask for, and `consent` where the store is told of theirs."""
    return (*store.settings.self_service, *(("consent",) if store.settings.write_consent else ()))


def compare_scopes(held: Sequence[str], offered: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What each offered change lacks. A scope that writes also reads."""
    has = {*held, *(scope.replace("write_", "read_", 1) for scope in held)}
    lacking = {do: tuple(scope for scope in NEEDED[do] if scope not in has) for do in offered if do in NEEDED}
    return {do: scopes for do, scopes in lacking.items() if scopes}


def _name_option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
