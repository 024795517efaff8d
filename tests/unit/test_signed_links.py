"""Tokens of our links: whose they are, what they are for, and that nobody can make or bend one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from okaeri.adapters.signed_links import name_store, read_link, read_unsubscribe, sign_link, sign_unsubscribe
from okaeri.errors import RefuseRequest

KEY = "a-long-random-key"
URL = "https://shop.example/orders/1?token=ä&next=/a#b"


def test_a_link_leads_to_its_target() -> None:
    token = sign_link("linen", URL, KEY)
    assert name_store(token) == "linen"
    assert read_link(token, KEY).url == URL


def test_a_token_fits_into_an_address() -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]+", sign_link("linen", URL, KEY))
    assert len(sign_link("linen", "https://shop.example/checkouts/" + "x" * 1200, KEY)) < 2000


def test_an_unsubscribe_link_names_the_customer_and_the_channel() -> None:
    token = sign_unsubscribe("linen", "c1", "email", KEY)
    assert read_unsubscribe(token, KEY) == ("linen", "c1", "email")


@pytest.mark.parametrize(
    "bend",
    [
        lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
        lambda token: token.replace("linen.", "other.", 1),
        lambda token: "linen." + token,
        lambda token: token.partition(".")[2],
        lambda token: "",
        lambda token: "linen.",
        lambda token: "linen.é",
    ],
)
def test_a_bent_token_is_refused(bend: Callable[[str], str]) -> None:
    with pytest.raises(RefuseRequest) as refused:
        read_link(bend(sign_link("linen", URL, KEY)), KEY)
    assert refused.value.status == 404


def test_another_stores_key_opens_nothing() -> None:
    with pytest.raises(RefuseRequest):
        read_link(sign_link("linen", URL, KEY), "another key")


def test_a_link_unsubscribes_nobody() -> None:
    with pytest.raises(RefuseRequest):
        read_unsubscribe(sign_link("linen", URL, KEY), KEY)
    with pytest.raises(RefuseRequest):
        read_link(sign_unsubscribe("linen", "c1", "email", KEY), KEY)


def test_a_link_leads_only_to_web_addresses() -> None:
    with pytest.raises(RefuseRequest):
        read_link(sign_link("linen", "javascript:alert(1)", KEY), KEY)


def test_a_store_whose_name_holds_a_dot_cannot_sign() -> None:
    with pytest.raises(ValueError, match="dot"):
        sign_link("lin.en", URL, KEY)
