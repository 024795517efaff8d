"""Lets the shop's own people into its inbox."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Literal

from command_line import records
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.adapters.staff import DynamoStaff
from okaeri.domain.staff import NAME, StaffMember, hash_token, join_token

RoleName = Literal["agent", "lead"]


def add_member(stack: Stack, store_id: str, name: str, role: RoleName, *, new_token: bool = False) -> str:
    """Their token, which is not kept; one who is here already gets another with `new_token`. Raises CommandFailure."""
    records.read_store(stack, store_id)
    if not NAME.fullmatch(name):
        raise CommandFailure(f"{name!r} is no such name", at="NAME", fix="Use a-z, 0-9 and -, at most 32: mia.")
    staff = open_staff(stack)
    if staff.find(store_id, name) is not None and not new_token:
        raise CommandFailure(f"{name} is here already", at="NAME", fix="Another role or a lost token: add --new-token.")
    token = join_token(name, secrets.token_urlsafe(32))
    member = StaffMember(
        store_id=store_id, name=name, role=role, token_hash=hash_token(token), added_at=datetime.now(UTC)
    )
    staff.put(member)
    return token


def open_staff(stack: Stack) -> DynamoStaff:
    """Who may open which inbox."""
    return DynamoStaff(stack.dynamodb, stack.table_name)
