"""A broadcast: one message to everybody in a segment, made of the same engine as a journey. Pure.

It compiles to a journey of one step with the key `broadcast.id`, so consent, hours, attention, truth and
never-twice are the engine's own. What is special about it is here: who it is for, how fast it goes, when it stops.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from pydantic import Field

from okaeri.domain.conditions import Condition, Span
from okaeri.domain.events import Event
from okaeri.domain.evidence import BroadcastDue, Envelope
from okaeri.domain.journeys import CouponStep, Definition, ExitStep, JumpStep, SendStep, Step
from okaeri.domain.pacing import USED_SHARE
from okaeri.domain.stores import PublishedJourney
from okaeri.domain.values import Channel, Purpose, Stored, make_id

EVENT = "broadcast.due"
KEY = "broadcast.id"
COUPON = "own"  # under which a template names the code: coupon.own, worth.own, until.own
CODES_A_MINUTE = 120  # made in the store: two a second leave its API to others
WORDS = ("title", "text", "url")  # what a broadcast says in each language


class BroadcastState(StrEnum):
    """How far it is. See NEXT for what may follow what."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


_S = BroadcastState
NEXT: dict[BroadcastState, frozenset[BroadcastState]] = {
    _S.DRAFT: frozenset({_S.SCHEDULED, _S.SENDING, _S.CANCELLED}),
    _S.SCHEDULED: frozenset({_S.SENDING, _S.PAUSED, _S.CANCELLED}),
    _S.SENDING: frozenset({_S.PAUSED, _S.DONE, _S.CANCELLED}),
    _S.PAUSED: frozenset({_S.SCHEDULED, _S.SENDING, _S.CANCELLED}),
    _S.DONE: frozenset({_S.CANCELLED}),  # all of it is released, and some may still wait for the morning
    _S.CANCELLED: frozenset(),
}


class RampPart(Stored):
    """A part that goes out before the rest: `percent` of the audience so far, and no fewer than `at_least` people."""

    percent: float
    at_least: int = 0


class RampLimits(Stored):
    """Shares of those who were told above which a broadcast pauses. Up to `chance` people are no reason to.

    `blocked` is what WhatsApp refused for the shopper's sake: its cap on marketing, or their wish for less of it.
    """

    failed: float = 0.1
    blocked: float = 0.05
    complained: float = 0.003
    unsubscribed: float = 0.02
    chance: int = 2


class Ramp(Stored):
    """Small parts first. After each, `watch` of real time goes by; the next part follows if the limits hold."""

    parts: tuple[RampPart, ...] = (RampPart(percent=1, at_least=50), RampPart(percent=10))
    watch: timedelta = timedelta(minutes=30)
    limits: RampLimits = Field(default_factory=RampLimits)


class BroadcastCoupon(Stored):
    """A code of their own for everybody who is told, as in a journey's `CouponStep`; numbers as text."""

    pool: str = ""
    percent: str = ""
    amount: str = ""
    days: str = ""
    minimum: str = ""
    budget: str = ""
    worth: str = ""


class EarlyAccess(Stored):
    """Who of the audience is told before the others, and how long: those of one segment, or of one tier.

    `template` is what they are told, the broadcast's own where it is empty.
    """

    segment: str = ""
    tier: str = ""
    ahead: timedelta
    template: str = ""

    @property
    def reason(self) -> str:
        """As what somebody has it, for the decision's record: `segment:loyal`, `tier:Gold`."""
        return f"segment:{self.segment}" if self.segment else f"tier:{self.tier}"


class Broadcast(Stored):
    """One broadcast and how far it is. Written by who commands it and by `run_broadcasts`, one version at a time.

    `audience` None is everybody. `words` are its own, by locale. `size` is how many the audience was at its start,
    which the ramp's percentages are of. `cursor` is where the roster is to be read on; `released` people are on
    their way by then, `pages` of them kept; `passed_over` counts by reason whom no channel can reach. `part` is
    the part of the ramp that is going out, `watch_until` when it is to be judged.

    With `early_access` the roster is read twice: for the `early_size` people of it until all are released
    (`has_told_early`) or `opens_at` has come, then for all others (`is_open`).
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    broadcast_id: str
    name: str
    template: str
    channels: tuple[Channel, ...] = (Channel.WHATSAPP, Channel.EMAIL)
    audience: Condition | None = None
    words: dict[str, dict[str, str]] = Field(default_factory=dict)
    coupon: BroadcastCoupon | None = None
    early_access: EarlyAccess | None = None
    early_definition: str = ""
    early_size: int = 0
    opens_at: datetime | None = None
    has_told_early: bool = False
    is_open: bool = False
    send_at: datetime | None = None
    valid_for: timedelta = timedelta(days=2)  # how long a message may wait for its hour
    ramp: Ramp = Field(default_factory=Ramp)
    state: BroadcastState = BroadcastState.DRAFT
    reason: str = ""
    made_by: str = ""
    made_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    definition: str = ""
    size: int = 0
    cursor: str | None = None
    released: int = 0
    pages: int = 0
    passed_over: dict[str, int] = Field(default_factory=dict)
    part: int = 0
    watch_until: datetime | None = None
    version: int = 0

    model_config = Stored.model_config | {"populate_by_name": True}

    @property
    def journey(self) -> str:
        """What its runs, findings and messages name as their journey."""
        return f"broadcast/{self.broadcast_id}"

    @property
    def is_early(self) -> bool:
        """Whether it goes to those of its early access, and to nobody else yet."""
        return self.early_access is not None and not self.is_open


def compile_broadcast(broadcast: Broadcast, *, early: bool = False) -> Definition:
    """The journey that it is, or `early` that of its early access.

    The audience is its condition: who has left it by then is told nothing. With a coupon a code is asked for first:
    who gets none is told nothing, for the message would promise one.
    """
    template, valid_for = choose_template(broadcast, early=early), Span(fixed=broadcast.valid_for)
    say = SendStep(template=template, channels=broadcast.channels, valid_for=valid_for)
    steps: tuple[Step, ...] = (say,)
    if broadcast.coupon is not None:
        has_code = Condition(field="run.outcome", equals="issued")
        give = CouponStep(coupon=COUPON, **broadcast.coupon.model_dump())
        has_none = Condition(none=(has_code,))
        steps = (give, JumpStep(unless=has_none, to=3), ExitStep(reason="no code"), say)
    return Definition(
        journey=broadcast.journey,
        version=1,
        purpose=Purpose.MARKETING,
        events=(EVENT,),
        key=KEY,
        when=broadcast.audience,
        steps=steps,
    )


def choose_template(broadcast: Broadcast, *, early: bool) -> str:
    """What those of its early access are told, or all others."""
    own = broadcast.early_access.template if early and broadcast.early_access else ""
    return own or broadcast.template


def list_templates(broadcast: Broadcast) -> tuple[str, ...]:
    """All that it says, what the early ones are told first."""
    if broadcast.early_access is None:
        return (broadcast.template,)
    return tuple(dict.fromkeys(choose_template(broadcast, early=early) for early in (True, False)))


def plan_times(broadcast: Broadcast, at: datetime | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When it begins, None for now, and when it opens for all, None where nobody is told earlier.

    `at` is when it opens, None where the early ones are told now. Early access that would have begun already begins
    now, and is the shorter for it.
    """
    ahead = broadcast.early_access.ahead if broadcast.early_access else timedelta(0)
    if at is None or at <= now:
        return None, now + ahead if ahead else None
    begins = at - ahead
    return (begins if begins > now else None), (at if ahead else None)


def name_event(broadcast: Broadcast) -> str:
    """The id of its one event. The same for all, so that two records that become one hear it once."""
    return make_id(broadcast.store_id, EVENT, broadcast.broadcast_id)


def make_broadcast_event(broadcast: Broadcast, at: datetime, *, early: bool = False) -> Event:
    """Its one event for a customer. Early or not it is one: who had early access is not told again."""
    access = broadcast.early_access if early else None
    return Event(
        event_id=name_event(broadcast),
        name=EVENT,
        occurred_at=at,
        refs={KEY: (broadcast.broadcast_id,)},
        data={"early_access": access.reason} if access else {},
    )


def summon(evidence: BroadcastDue) -> PublishedJourney:
    """The journey that this evidence starts, as the engine takes those of a store."""
    return PublishedJourney(journey=f"broadcast/{evidence.broadcast_id}", definition=evidence.definition)


def address_recipient(broadcast: Broadcast, customer_id: str, at: datetime) -> Envelope:
    """What goes on the bulk queue for one recipient; its id is the same however often it is sent."""
    return Envelope(
        id=make_id("broadcast", broadcast.store_id, broadcast.broadcast_id, customer_id),
        store_id=broadcast.store_id,
        source="run_broadcasts",
        received_at=at,
        evidence=BroadcastDue(
            customer_id=customer_id,
            broadcast_id=broadcast.broadcast_id,
            definition=broadcast.early_definition if broadcast.is_early else broadcast.definition,
            early=broadcast.is_early,
        ),
    )


def count_minute(per_second: int, waiting: int) -> int:
    """How many people may be released in a minute: what can be sent in it, less what waits to be sent already."""
    return max(0, int(60 * USED_SHARE * per_second) - waiting)


def find_part_end(broadcast: Broadcast) -> int | None:
    """How many people are told by the end of the present part; None for the last, which is the rest."""
    if broadcast.part >= len(broadcast.ramp.parts):
        return None
    part = broadcast.ramp.parts[broadcast.part]
    return max(part.at_least, ceil(broadcast.size * part.percent / 100), 1)


def choose_words(broadcast: Broadcast, locale: str, fallback: str) -> dict[str, str]:
    """What it says in this language, else in the nearest of its languages: the same tongue, the shop's, its first."""
    tongue = locale.partition("_")[0]
    near = (locale, tongue, *(other for other in broadcast.words if other.partition("_")[0] == tongue), fallback)
    return next(
        (broadcast.words[name] for name in near if name in broadcast.words), next(iter(broadcast.words.values()), {})
    )
