"""The name below a letter: greeted by, unless a stranger's address hides in it."""

import pytest

from okaeri.domain.letters import read_name


@pytest.mark.parametrize(
    "name", ["Aiko Sato", "佐藤 愛子", "J. R. Müller-Lüdenscheidt", "D'Angelo", "Dr. Ana  Souza", ""]
)
def test_a_name_is_a_name(name: str) -> None:
    assert read_name(f" {name}\n") == " ".join(name.split())


@pytest.mark.parametrize(
    "name", ["http://prize.example", "Win at prize.example now", "prize.example/claim", "me@prize.example", "tel:0900"]
)
def test_an_advertisement_is_no_name_that_our_answer_greets_by(name: str) -> None:
    assert read_name(name) == ""
