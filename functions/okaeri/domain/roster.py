"""A store's customers, page by page: for broadcasts, previews and what an operator asks of everybody."""

from __future__ import annotations

from typing import NamedTuple

from okaeri.domain.customers import Customer


class RosterPage(NamedTuple):
    """Some customers, and where the next page begins; `after` is None where this was the last.

    The order is one by chance and does not change: the first of the roster are a fair sample of all. Who is new
    meanwhile may be met or not; records that were joined to others are left out.
    """

    customers: tuple[Customer, ...]
    after: str | None
