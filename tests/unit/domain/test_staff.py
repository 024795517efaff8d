"""Tokens of the shop's people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okaeri.domain.staff import Credentials, StaffMember, hash_token, is_token_of, join_token, read_token

TOKEN = join_token("mia", "s3cret.with-dots_and~more")
MIA = StaffMember(
    store_id="s1", name="mia", role="agent", token_hash=hash_token(TOKEN), added_at=datetime(2026, 11, 2, tzinfo=UTC)
)


def test_a_token_says_whose_it_is_and_only_its_hash_is_kept() -> None:
    assert read_token(f"Bearer {TOKEN}") == Credentials("mia", TOKEN)
    assert is_token_of(MIA, TOKEN)
    assert TOKEN not in MIA.model_dump_json()


@pytest.mark.parametrize("token", ["mia.other", "mia.", TOKEN[:-1], TOKEN + "x"])
def test_another_token_is_not_theirs(token: str) -> None:
    assert not is_token_of(MIA, token)


def test_nobody_has_no_token() -> None:
    assert not is_token_of(None, TOKEN)
    assert not is_token_of(None, "nobody")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Bearer .x", "Bearer MIA.x", "Basic mia.x", "Bearer -a.x"]
)
def test_what_is_no_token_of_ours_is_none(header: str) -> None:
    assert read_token(header) is None
