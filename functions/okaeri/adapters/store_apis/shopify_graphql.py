"""Shopify's Admin API: the token, the call, and what its errors mean for the next step.

Errors of a whole document come with status 200: https://shopify.dev/docs/api/admin-graphql#status_and_error_codes
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from okaeri.adapters.store_apis.calls import NOT_SET_UP, Access, Answer, Deadline, Json, StoreCalls
from okaeri.errors import GiveUp, TryAgain

VERSION = "2026-10"
_EARLY_S = 300  # a token is replaced so long before it ends: a change takes several calls
_TOKEN_LIFE_S = 86_399  # where the answer does not say
_PASSING = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})


class ShopifyGraphql:
    """Asks documents of any shop. A token that was got by client credentials is kept until shortly before its end."""

    def __init__(self, calls: StoreCalls, *, read_seconds: Callable[[], float] = time.time) -> None:
        self.calls = calls
        self._read_seconds = read_seconds
        self._tokens: dict[str, tuple[str, float]] = {}  # by address and client: the token, and when to replace it

    def ask(self, access: Access, document: str, variables: Json, *, deadline: Deadline) -> Json:
        """The document's `data`. Raises TryAgain, or GiveUp: not_allowed, api_not_set_up, store_misunderstood."""
        return read_data(self._ask(access, document, variables, deadline))

    def ask_in_turn(self, access: Access, document: str, variables: Json, *, deadline: Deadline) -> tuple[Json, float]:
        """The same, with the seconds to wait until the shop would answer it once more."""
        answer = self._ask(access, document, variables, deadline)
        return read_data(answer), find_wait_s(answer.body.get("extensions")) or 0.0

    def _ask(self, access: Access, document: str, variables: Json, deadline: Deadline) -> Answer:
        token, was_kept = self._find_token(access, deadline)
        answer = self._post(access, token, document, variables, deadline)
        if answer.status == 401 and was_kept:  # revoked or run out before its time; nothing was done
            self._tokens.pop(_name_client(access), None)
            token, _ = self._find_token(access, deadline)
            answer = self._post(access, token, document, variables, deadline)
        return answer

    def _post(self, access: Access, token: str, document: str, variables: Json, deadline: Deadline) -> Answer:
        return self.calls.call(
            "POST",
            f"{access.url}/admin/api/{VERSION}/graphql.json",
            json={"query": document, "variables": variables},
            headers={"X-Shopify-Access-Token": token},
            deadline=deadline,
        )

    def _find_token(self, access: Access, deadline: Deadline) -> tuple[str, bool]:
        """The token, and whether it was kept from an earlier change."""
        if fixed := access.secret.get("token"):
            return fixed, False
        name = _name_client(access)
        token, replace_at = self._tokens.get(name, ("", 0.0))
        if token and self._read_seconds() < replace_at:
            return token, True
        token, life_s = self._fetch_token(access, deadline)
        self._tokens[name] = (token, self._read_seconds() + life_s - _EARLY_S)
        return token, False

    def _fetch_token(self, access: Access, deadline: Deadline) -> tuple[str, float]:
        """https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant"""
        client = {name: access.secret.get(name) for name in ("client_id", "client_secret")}
        if not all(client.values()):
            raise GiveUp(NOT_SET_UP, "neither a token nor client credentials")
        answer = self.calls.call(
            "POST",
            f"{access.url}/admin/oauth/access_token",
            json={"grant_type": "client_credentials"} | client,
            deadline=deadline,
        )
        if answer.status != 200:
            raise GiveUp("not_allowed", f"no token: http_{answer.status}")
        try:
            return str(answer.body["access_token"]), float(answer.body.get("expires_in") or _TOKEN_LIFE_S)
        except (TypeError, KeyError, ValueError, AttributeError) as broken:
            raise GiveUp("store_misunderstood", "no token in the answer") from broken


def name_id(kind: str, number: str) -> str:
    """`123` as `gid://shopify/Order/123`; one that is global already stays."""
    return number if number.startswith("gid://") else f"gid://shopify/{kind}/{number}"


def read_number(global_id: str) -> str:
    """`gid://shopify/Order/123` as `123`."""
    return global_id.rpartition("/")[2].partition("?")[0]


def read_data(answer: Answer) -> Json:
    """The `data` of an answer. An error, even beside data, is raised: what was asked belongs together."""
    if answer.status in (401, 402, 403, 423):
        raise GiveUp("not_allowed", f"http_{answer.status}")
    if answer.status == 404:
        raise GiveUp(NOT_SET_UP, "no such shop")
    body = answer.body if isinstance(answer.body, dict) else {}
    errors = body.get("errors")
    if errors:
        raise make_error(errors, body.get("extensions"))
    data = body.get("data")
    if answer.status != 200 or not isinstance(data, dict):
        raise GiveUp("store_misunderstood", f"http_{answer.status} without data")
    return data


def make_error(errors: Any, extensions: Any) -> TryAgain | GiveUp:
    """The typed error of a refused document. The texts name fields and scopes, no person."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    message = str(first.get("message") or errors)[:300]
    code = str((first.get("extensions") or {}).get("code") or "")
    if code == "THROTTLED" or message == "Throttled":
        return TryAgain("throttled", after_s=find_wait_s(extensions))
    if code == "ACCESS_DENIED":
        return GiveUp("not_allowed", message)
    if code in _PASSING:
        return TryAgain("store_faulty", message)
    return GiveUp("store_misunderstood", message)


def find_wait_s(extensions: Any) -> float | None:
    """Seconds until the bucket holds what the document costs; None where the answer does not say.

    https://shopify.dev/docs/api/usage/limits
    """
    try:
        cost = extensions["cost"]
        bucket = cost["throttleStatus"]
        missing = float(cost["requestedQueryCost"]) - float(bucket["currentlyAvailable"])
        return max(0.0, missing / float(bucket["restoreRate"]))
    except (TypeError, KeyError, ValueError, ZeroDivisionError):
        return None


def _name_client(access: Access) -> str:
    return f"{access.url} {access.secret.get('client_id')}"
