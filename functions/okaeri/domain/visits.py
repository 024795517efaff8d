"""Who followed a message's link, a person or a program. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from okaeri.domain.values import make_id

Visitor = Literal["person", "machine"]

# Nobody reads and taps within two seconds of the arrival; what does is a scanner between the servers and the reader.
TOO_SOON = timedelta(seconds=2)
# Nobody follows two links at the same time: a scanner goes through all of a mail's.
TOO_MANY_WITHIN = timedelta(seconds=3)
MOST_VISITS = 20  # of one message that are looked at
MOST_AGENT = 300  # characters of a user agent; what tells a program stands before


class Visit(NamedTuple):
    """One time that a link was followed: when, which one (a short hash), and what says that it was a program."""

    at: datetime
    link: str
    machine: str = ""


def name_link(address: str) -> str:
    """A link's name among those of one message: eight hex digits, which tell nothing of where it leads."""
    return make_id(address)[:8]


def judge_visits(visits: Sequence[Visit], delivered_at: datetime | None) -> Visitor | None:
    """Whether a person was among those who followed a message's links; None where nobody did.

    Judged anew with each visit: the second link within seconds takes the first one's visitor for a program as well.
    """
    if not visits:
        return None
    return "person" if any(_is_by_person(visit, visits, delivered_at) for visit in visits) else "machine"


def _is_by_person(visit: Visit, visits: Sequence[Visit], delivered_at: datetime | None) -> bool:
    if visit.machine:
        return False
    if delivered_at is not None and visit.at - delivered_at < TOO_SOON:
        return False
    return not any(
        other.link != visit.link and abs(other.at - visit.at) <= TOO_MANY_WITHIN for other in visits if other != visit
    )
