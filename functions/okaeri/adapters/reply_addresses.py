"""The addresses at which letters arrive: of each store, each ticket, each question for a photo; signed by the store.

`aya@reply.example.com` writes to the store `aya`; `reply+<token>@reply.example.com` answers a ticket,
`photo+<token>@reply.example.com` a question. A local part has 64 characters at most (RFC 5321, 4.5.3.1.1) and mail
programs may change its case, so a token is ≤ 32 bytes in base 32: which store (4 bytes of a hash), which ticket (up to
20), or whom the question was asked and how its seed begins (12 and 8), and what proves it (8: an attempt takes a whole
mail).
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

_REPLY, _PHOTO = "reply+", "photo+"
_TICKET_ID = re.compile(r"(?:[0-9a-f]{2}){8,20}")
_CUSTOMER_ID, _SEED = re.compile(r"[0-9a-f]{24}"), re.compile(r"[0-9a-f]{16,}")
_PURPOSES = {_REPLY: b"okaeri.reply", _PHOTO: b"okaeri.photo"}  # what is signed for one is nothing to the other
_STORE_BYTES, _TICKET_BYTES, _PROOF_BYTES = 4, range(8, 21), 8
_CUSTOMER_DIGITS, _SEED_DIGITS = 24, 16


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
        return self._sign(_REPLY, store_id, ticket_id)

    def make_for_question(self, store_id: str, customer_id: str, seed: str) -> str:
        """Where a photo goes that the question asks for; empty where no mail is received."""
        if not self._domain or not _CUSTOMER_ID.fullmatch(customer_id) or not _SEED.fullmatch(seed):
            return ""
        return self._sign(_PHOTO, store_id, customer_id + seed[:_SEED_DIGITS])

    def read(self, address: str) -> Addressee | None:
        """To whom a letter goes that reached this address; None for one that is none of ours."""
        local, _, domain = address.strip().lower().rpartition("@")
        if not self._domain or domain != self._domain:
            return None
        for prefix in _PURPOSES:
            if local.startswith(prefix):
                return self._read_token(prefix, local.removeprefix(prefix))
        store_id = local.partition("+")[0]
        return Addressee(store_id) if store_id and self._stores.get(store_id) else None

    def _sign(self, prefix: str, store_id: str, named: str) -> str:
        token = _hash_store(store_id) + bytes.fromhex(named)
        token += _prove(prefix, token, self._find_key(store_id))
        return f"{prefix}{base64.b32encode(token).decode().rstrip('=').lower()}@{self._domain}"

    def _read_token(self, prefix: str, text: str) -> Addressee | None:
        try:
            token = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
        except binascii.Error:
            return None
        if len(token) - _STORE_BYTES - _PROOF_BYTES not in _TICKET_BYTES:
            return None
        signed, proof = token[:-_PROOF_BYTES], token[-_PROOF_BYTES:]
        hashed = (s for s in self._stores.list_ids() if _hash_store(s) == signed[:_STORE_BYTES])
        for store_id in hashed:
            if hmac.compare_digest(proof, _prove(prefix, signed, self._find_key(store_id))):
                named = signed[_STORE_BYTES:].hex()
                if prefix == _REPLY:
                    return Addressee(store_id, named)
                return Addressee(store_id, question=named[_CUSTOMER_DIGITS:], customer_id=named[:_CUSTOMER_DIGITS])
        return None

    def _find_key(self, store_id: str) -> str:
        secret = self._secrets.get(f"stores/{store_id}/links")
        if not secret.get("key"):
            raise GiveUp("secret_missing", f"stores/{store_id}/links")
        return secret["key"]


def _hash_store(store_id: str) -> bytes:
    return hashlib.sha256(store_id.encode()).digest()[:_STORE_BYTES]


def _prove(prefix: str, signed: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), _PURPOSES[prefix] + signed, hashlib.sha256)[:_PROOF_BYTES]
