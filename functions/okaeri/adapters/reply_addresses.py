"""The addresses at which letters arrive: one of each store, and one of each ticket, signed by the store's own key.

`aya@reply.example.com` writes to the store `aya`; `reply+<token>@reply.example.com` answers a ticket. A local part has
64 characters at most (RFC 5321, 4.5.3.1.1) and mail programs may change its case, so a token is ≤ 32 bytes in base 32:
which store (4 bytes of a hash), which ticket (up to 20), and what proves it (8: an attempt takes a whole mail).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from okaeri.domain.letters import Addressee
from okaeri.errors import GiveUp

if TYPE_CHECKING:
    from okaeri.ports import Secrets, Stores

_REPLY = "reply+"
_TICKET_ID = re.compile(r"(?:[0-9a-f]{2}){8,20}")
_PURPOSE = b"okaeri.reply"
_STORE_BYTES, _TICKET_BYTES, _PROOF_BYTES = 4, range(8, 21), 8


class SignedReplyAddresses:
    """Implements `receive_letter.ReplyAddresses`, and makes the addresses that our mails ask to be answered at."""

    def __init__(self, secrets: Secrets, stores: Stores, *, domain: str) -> None:
        """`domain` is where mail is received; empty where none is."""
        self._secrets, self._stores, self._domain = secrets, stores, domain

    def make(self, store_id: str, ticket_id: str) -> str:
        """Where an answer about the ticket goes; empty where no mail is received."""
        if not self._domain:
            return ""
        if not _TICKET_ID.fullmatch(ticket_id):
            return f"{store_id}@{self._domain}"
        token = _hash_store(store_id) + bytes.fromhex(ticket_id)
        token += _prove(token, self._find_key(store_id))
        return f"{_REPLY}{base64.b32encode(token).decode().rstrip('=').lower()}@{self._domain}"

    def read(self, address: str) -> Addressee | None:
        """To whom a letter goes that reached this address; None for one that is none of ours."""
        local, _, domain = address.strip().lower().rpartition("@")
        if not self._domain or domain != self._domain:
            return None
        if local.startswith(_REPLY):
            return self._read_token(local.removeprefix(_REPLY))
        store_id = local.partition("+")[0]
        return Addressee(store_id) if store_id and self._stores.get(store_id) else None

    def _read_token(self, text: str) -> Addressee | None:
        try:
            token = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
        except binascii.Error:
            return None
        if len(token) - _STORE_BYTES - _PROOF_BYTES not in _TICKET_BYTES:
            return None
        signed, proof = token[:-_PROOF_BYTES], token[-_PROOF_BYTES:]
        named = (s for s in self._stores.list_ids() if _hash_store(s) == signed[:_STORE_BYTES])
        for store_id in named:
            if hmac.compare_digest(proof, _prove(signed, self._find_key(store_id))):
                return Addressee(store_id, signed[_STORE_BYTES:].hex())
        return None

    def _find_key(self, store_id: str) -> str:
        secret = self._secrets.get(f"stores/{store_id}/links")
        if not secret.get("key"):
            raise GiveUp("secret_missing", f"stores/{store_id}/links")
        return secret["key"]


def _hash_store(store_id: str) -> bytes:
    return hashlib.sha256(store_id.encode()).digest()[:_STORE_BYTES]


def _prove(signed: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), _PURPOSE + signed, hashlib.sha256)[:_PROOF_BYTES]
