"""What is read with each event is fresh for a while, and stale rather than missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.errors import TryAgain


class Source:
    """Answers with what it is told to, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: str | None = "a"
        self.seconds = 0.0
        self.failing = False

    def load(self) -> str | None:
        self.asked += 1
        if self.failing:
            raise TryAgain("aws_unreachable")
        return self.answer


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def read(source: Source) -> Callable[[], str | None]:
    cache: ExpiringCache[str, str] = ExpiringCache(
        fresh_s=30, missing_s=10, most=2, read_seconds=lambda: source.seconds
    )
    return lambda: cache.get("key", source.load)


def test_a_fresh_value_is_not_asked_for_again(source: Source, read: Callable[[], str | None]) -> None:
    read()
    source.seconds, source.answer = 29.9, "b"
    assert (read(), source.asked) == ("a", 1)
    source.seconds = 30.0
    assert (read(), source.asked) == ("b", 2)


def test_what_does_not_exist_is_looked_for_again_sooner(source: Source, read: Callable[[], str | None]) -> None:
    source.answer = None
    assert read() is None
    source.answer, source.seconds = "a", 9.9
    assert read() is None
    source.seconds = 10.0
    assert read() == "a"


def test_a_stale_value_serves_while_its_source_is_away(source: Source, read: Callable[[], str | None]) -> None:
    read()
    source.seconds, source.failing = 1_000.0, True
    assert read() == "a"
    source.seconds = 1_004.0
    assert (read(), source.asked) == ("a", 2)  # each attempt may cost a time-out
    source.seconds, source.failing, source.answer = 1_005.0, False, "b"
    assert read() == "b"


def test_nothing_to_serve_is_told(source: Source, read: Callable[[], str | None]) -> None:
    source.failing = True
    with pytest.raises(TryAgain):
        read()


def test_the_one_loaded_longest_ago_makes_room() -> None:
    cache: ExpiringCache[str, str] = ExpiringCache(fresh_s=30, most=2, read_seconds=lambda: 0.0)
    loaded: list[str] = []

    def load(key: str) -> str:
        loaded.append(key)
        return key

    for key in ("a", "b", "c", "b", "c", "a"):
        assert cache.get(key, partial(load, key)) == key
    assert loaded == ["a", "b", "c", "a"]
