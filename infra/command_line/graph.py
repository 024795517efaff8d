"""Meta's Graph API as the commands need it: the app's subscription, the number and the token."""

from __future__ import annotations

from typing import Any

import requests

from command_line.failures import CommandFailure
from command_line.stack import Stack

TIMEOUT_S = (5, 15)  # to connect, to answer


def call_graph(
    stack: Stack,
    method: str,
    path: str,
    token: str,
    *,
    query: dict[str, str] | None = None,
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One call of the Graph API; the answer's JSON. Raises CommandFailure with Meta's words and what to do."""
    url = f"{stack.graph_api_url}/{stack.graph_api_version}/{path}"
    try:
        answer = requests.request(
            method, url, params=query, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_S
        )
    except requests.RequestException as error:
        raise CommandFailure(
            f"{stack.graph_api_url} cannot be reached ({type(error).__name__})",
            at="Meta",
            fix="Check the network and try again.",
        ) from error
    try:
        data: dict[str, Any] = answer.json()
    except ValueError as error:
        raise CommandFailure(
            f"Meta answered {answer.status_code} without JSON", at=path, fix="Try again in a minute."
        ) from error
    if "error" in data:
        raise _explain(data["error"], path)
    return data


def subscribe_app(stack: Stack, waba_id: str, token: str) -> None:
    """Subscribes the token's app to the account, so that its webhooks come to us. Raises CommandFailure."""
    call_graph(stack, "POST", f"{waba_id}/subscribed_apps", token)


def read_phone_number(stack: Stack, phone_number_id: str, token: str) -> dict[str, Any]:
    """`display_phone_number`, `verified_name`, `quality_rating`, `status`, as far as Meta tells."""
    return call_graph(
        stack,
        "GET",
        phone_number_id,
        token,
        query={"fields": "display_phone_number,verified_name,quality_rating,code_verification_status,status"},
    )


def list_subscribed_apps(stack: Stack, waba_id: str, token: str) -> list[dict[str, Any]]:
    """The apps that hear of this account."""
    data: list[dict[str, Any]] = call_graph(stack, "GET", f"{waba_id}/subscribed_apps", token)["data"]
    return data


def _explain(error: dict[str, Any], path: str) -> CommandFailure:
    code, text = error.get("code"), error.get("error_user_msg") or error.get("message") or "no reason given"
    match code:
        case 190 | 0:
            fix = (
                "Make a System User token that does not expire (Meta Business settings → System users), "
                "and give it: okaeri stores add STORE --whatsapp-token TOKEN."
            )
        case 3 | 10 | 200 | 131005:
            fix = (
                "Give the System User full control of the WhatsApp account, and its token "
                "whatsapp_business_messaging and whatsapp_business_management."
            )
        case 100 | 33:
            fix = "Check the ids in Meta's app dashboard under WhatsApp → API setup."
        case 4 | 80007:
            fix = "Meta counts calls by the hour: try again later."
        case _:
            fix = "Look at the account in Meta's WhatsApp Manager."
    return CommandFailure(f"Meta says {code}: {text}", at=path, fix=fix)
