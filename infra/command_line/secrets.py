"""The stack's secrets in SSM: one SecureString for each store and need, never printed but when first made."""

from __future__ import annotations

import base64
import json
import secrets

from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.domain.stores import Platform

# WooCommerce decodes HTML entities in the secret before it signs: https://github.com/woocommerce/woocommerce,
# includes/class-wc-webhook.php, generate_signature.
_UNSAFE_FOR_WOOCOMMERCE = set("&<>\"'")


def name_secret(stack: Stack, store_id: str, need: str) -> str:
    """`/okaeri/{stack}/stores/{store}/{webhook|whatsapp|links}`."""
    return f"{stack.secrets_prefix}/stores/{store_id}/{need}"


def read_secret(stack: Stack, name: str) -> dict[str, str] | None:
    """The JSON object under that name, None where there is none."""
    try:
        found = stack.ssm.get_parameter(Name=name, WithDecryption=True)
    except stack.ssm.exceptions.ParameterNotFound:
        return None
    value: dict[str, str] = json.loads(found["Parameter"]["Value"])
    return value


def write_secret(stack: Stack, name: str, value: dict[str, str]) -> None:
    """Writes it as a SecureString under the account's aws/ssm key, over what was there."""
    stack.ssm.put_parameter(Name=name, Value=json.dumps(value), Type="SecureString", Overwrite=True)


def make_webhook_secret(platform: Platform) -> str:
    """A new secret for webhooks of a platform that lets us choose: 32 random bytes."""
    if platform is Platform.STANDARD:
        return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(32)


def check_webhook_secret(platform: Platform, secret: str) -> None:
    """Refuses a secret that this platform could not sign with."""
    if secret != secret.strip() or not secret:
        raise CommandFailure("the secret is empty or has blanks around it", at="--secret", fix="Copy it again.")
    if platform is Platform.WOOCOMMERCE and _UNSAFE_FOR_WOOCOMMERCE & set(secret):
        raise CommandFailure(
            "WooCommerce signs wrongly with any of & < > \" ' in the secret",
            at="--secret",
            fix="Leave --secret out: a good one is made and printed.",
        )
    if platform is Platform.STANDARD:
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError as error:
            raise CommandFailure(
                "the secret is not whsec_ and base64",
                at="--secret",
                fix="Leave --secret out: a good one is made and printed.",
            ) from error
        if not 24 <= len(key) <= 64:
            raise CommandFailure(
                f"the secret holds {len(key)} bytes, Standard Webhooks asks for 24 to 64",
                at="--secret",
                fix="Leave --secret out: a good one is made and printed.",
            )
