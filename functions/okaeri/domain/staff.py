"""The shop's own people: who may see the inbox, and as what."""

import hashlib
import hmac
import re
from datetime import datetime
from typing import NamedTuple

from okaeri.domain.values import Stored

ROLES = ("agent", "lead")
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
# Compared with where there is no such person, so that a wrong name takes as long as a wrong token.
_NOBODY = hashlib.sha256(b"nobody").hexdigest()


class StaffMember(Stored):
    """One person of a shop. `name` is of a-z, 0-9 and -; `token_hash` is the SHA-256 of their token, in hex."""

    store_id: str
    name: str
    role: str
    token_hash: str
    added_at: datetime


class Credentials(NamedTuple):
    """A token taken apart: whose it says that it is, and the whole."""

    name: str
    token: str


def join_token(name: str, secret: str) -> str:
    """What a member shows: their name, a dot, and at least 128 random bits."""
    return f"{name}.{secret}"


def read_token(header: str) -> Credentials | None:
    """Of an `Authorization: Bearer …` header; None where it is none of ours."""
    scheme, _, token = header.strip().partition(" ")
    name, dot, secret = token.strip().partition(".")
    if scheme.lower() != "bearer" or not dot or not secret or not NAME.fullmatch(name):
        return None
    return Credentials(name, token.strip())


def hash_token(token: str) -> str:
    """What is kept of it. Tokens are random, so one round is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token_of(member: StaffMember | None, token: str) -> bool:
    """Whether the token is this member's. Takes the same time wherever the two differ."""
    kept = member.token_hash if member else _NOBODY
    return hmac.compare_digest(kept, hash_token(token)) and member is not None
