"""Who signed a webhook: Shopify's, WooCommerce's, Meta's and the carriers' HMAC headers, and Standard Webhooks.

Each check takes the raw body, lower-cased headers and the secrets that count at present (current, then previous).
Comparisons take the same time whatever is wrong.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
import unicodedata
from collections.abc import Mapping, Sequence

from okaeri.domain.carriers import ADDRESS_TOKEN

_VERSION_1 = re.compile(r"v1,([A-Za-z0-9+/]{43}=)")
_TOLERANCE_S = 300  # Standard Webhooks' own


def is_signed_by_shopify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Base64 of HMAC-SHA256 over the body; Shopify's newer header set has no `X-`."""
    given = headers.get("shopify-hmac-sha256") or headers.get("x-shopify-hmac-sha256") or ""
    return _is_hmac(body, given, secrets)


def is_signed_by_woocommerce(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Base64 of HMAC-SHA256 over the body."""
    return _is_hmac(body, headers.get("x-wc-webhook-signature") or "", secrets)


def is_signed_by_meta(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """`sha256=` and the hex of HMAC-SHA256 with the app's secret, over the bytes as they came (`\\uXXXX` and all)."""
    shown = (headers.get("x-hub-signature-256") or "").strip().encode()
    expected = [b"sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex().encode() for secret in secrets]
    return any([hmac.compare_digest(one, shown) for one in expected])


def is_signed_by_standard(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Standard Webhooks, with its tolerance of five minutes either way (https://www.standardwebhooks.com).

    Only well-formed `v1` signatures are shown to the library: it stops at the first token without a comma or with
    broken base64, and it forgives base64 that is not canonical. It signs text; what is packed is compared here.
    """
    from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

    tokens = [token for token in headers.get("webhook-signature", "").split(" ") if _is_version_1(token)]
    if not tokens:
        return False
    shown = {name: headers.get(name, "") for name in ("webhook-id", "webhook-timestamp")}
    shown["webhook-signature"] = " ".join(tokens)
    for secret in secrets:
        try:
            Webhook(secret).verify(body, shown, json_parse=False)
        except UnicodeDecodeError:
            if _is_signed_as_bytes(body, shown, tokens, secret):
                return True
        except (WebhookVerificationError, EmptyWebhookSecretError, ValueError):
            continue  # ValueError: a secret that is not base64
        else:
            return True
    return False


def _is_signed_as_bytes(body: bytes, shown: Mapping[str, str], tokens: Sequence[str], secret: str) -> bool:
    """The library's rule for a body that is no text. The secret was read by the library before."""
    webhook_id, timestamp = shown["webhook-id"], shown["webhook-timestamp"]
    if not webhook_id or not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    if abs(time.time() - int(timestamp)) > _TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_") + "==")
    signature = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)
    expected = "v1," + base64.b64encode(signature).decode()
    return any([hmac.compare_digest(expected, token) for token in tokens])


def is_signed_by_aftership(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Base64 of HMAC-SHA256 over the body (https://www.aftership.com/docs/tracking/webhook/webhook-signature)."""
    return _is_hmac(body, headers.get("aftership-hmac-sha256") or "", secrets)


def is_signed_by_easypost(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """`hmac-sha256-hex=` and hex of HMAC-SHA256 over the body; the secret counts in its NFKD form."""
    shown = (headers.get("x-hmac-signature") or "").strip().encode()
    keys = [unicodedata.normalize("NFKD", secret).encode() for secret in secrets]
    expected = [b"hmac-sha256-hex=" + hmac.digest(key, body, hashlib.sha256).hex().encode() for key in keys]
    return any([hmac.compare_digest(one, shown) for one in expected])


def is_signed_by_shippo(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """`t=<seconds>,v1=<hex>` over `<seconds>.<body>` where Shippo signs for the account; else the address's token.

    However old: what is repeated is known already, and Shippo may try for hours.
    """
    given = headers.get("shippo-auth-signature")
    if given is None:
        token = headers.get(ADDRESS_TOKEN, "").encode()
        return any([hmac.compare_digest(secret.encode(), token) for secret in secrets])
    parts = dict(part.strip().partition("=")[::2] for part in given.split(","))
    signed, shown = parts.get("t", "").encode() + b"." + body, parts.get("v1", "").encode()
    expected = [hmac.digest(secret.encode(), signed, hashlib.sha256).hex().encode() for secret in secrets]
    return any([hmac.compare_digest(one, shown) for one in expected])


def _is_hmac(body: bytes, given: str, secrets: Sequence[str]) -> bool:
    shown = given.strip().encode()
    expected = [base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)) for secret in secrets]
    return any([hmac.compare_digest(one, shown) for one in expected])


def _is_version_1(token: str) -> bool:
    found = _VERSION_1.fullmatch(token)
    if found is None:
        return False
    try:
        return base64.b64encode(base64.b64decode(found[1], validate=True)).decode() == found[1]
    except binascii.Error:
        return False
