"""A journey file as its author writes it: the shape of each part. The JSON Schema for editors is made of this."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, WithJsonSchema

from okaeri.catalogue.journey_yaml import SourceMap
from okaeri.domain.journeys import Content
from okaeri.domain.values import Channel, Purpose

_CUSTOM_EVENT = r"^custom\.[a-z][a-z0-9_]*$"
_DURATION = r"^-?P(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$"
_NAME = r"^[a-z][a-z0-9_]{0,39}$"
_ANSWER_NAME = r"^([a-z][a-z0-9_]{0,39}|\d{1,2})$"
_CHOICES = (
    r"^(orders|open_orders|lines|languages|faq|guesses|products:{name}|product_types(:{name})?|tags:{name}"
    r"|budgets:{name}(:{name})?|cart_lines)$"
).replace("{name}", "[a-z][a-z0-9_]{0,39}")


def _refer(definition: str) -> WithJsonSchema:
    return WithJsonSchema({"definition": definition})


# Parts that are read on their own, so that one mistake in a file does not hide the others; typed in the schema.
SpanPart = Annotated[Any, _refer("span")]
ConditionPart = Annotated[Any, _refer("condition")]
StepsPart = Annotated[Any, _refer("steps")]
MatchPart = Annotated[Any, _refer("match")]
MatchesPart = Annotated[Any, _refer("matches")]
TimeoutPart = Annotated[Any, _refer("timeout")]
TriggerPart = Annotated[Any, _refer("trigger")]
AgainPart = Annotated[Any, _refer("again")]
GoalPart = Annotated[Any, _refer("goal")]
SplitArmPart = Annotated[Any, _refer("split_arm")]

Duration = Annotated[str, Field(pattern=_DURATION, description="ISO 8601: P7D, PT1H, PT30M"), _refer("duration")]
Name = Annotated[str, Field(pattern=_NAME, description="small letters, digits and _")]
AnswerName = Annotated[str, Field(pattern=_ANSWER_NAME, description="small letters, digits and _, or a number to 99")]
Template = Annotated[str, Field(pattern=r"^[a-z0-9_]+$", description="a template's name: small letters, digits and _")]
Event = Annotated[str, Field(description="an event such as order.paid, or custom.name"), _refer("event")]
FieldPath = Annotated[str, Field(description="a field such as order.total"), _refer("field")]
Amount = Annotated[str | int | float, Field(description="a number, or a field such as setting.percent")]
BEST = "best"
_Listed = Annotated[
    list[Channel], Field(min_length=1, description="channels in the order in which they are tried: [whatsapp, email]")
]
# `best`: of both, the one that the customer heeds, once that is known.
Channels = Annotated[
    Literal["best"] | _Listed,
    Field(description="best, or channels in the order in which they are tried: [whatsapp, email]"),
]
KIND_OF_CONTENT = "what kind of thing it says: order, answer, question, reminder, offer, news or care"


class SourcePart(BaseModel):
    """A part of a journey file. `short` is the field that is meant where a bare value stands for the whole part."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, strict=False)
    short: ClassVar[str | None] = None
    _source: SourceMap = PrivateAttr()

    def find_line(self, *path: str | int) -> int:
        """The line of what is at the path, or the part's own."""
        return self._source.find_line(*path)

    def keep_source(self, source: SourceMap) -> None:
        """Remembers where the part stands."""
        self._source = source


class SourceMatch(SourcePart):
    """An event; `match` names what it must share with the run, `when` must hold of it."""

    event: Event
    match: str | None = Field(None, description="what event and run share: order.id, cart.token, customer")
    when: ConditionPart = None
    reason: str = Field("", description="a few words")


class SourceTrigger(SourcePart):
    """What starts a run."""

    event: Event | list[Event] = Field(description="one event, or a list of them")
    key: str = Field(description="what a run is about: order.id, cart.token, event.id, customer")
    when: ConditionPart = None


class SourceAgain(SourcePart):
    """Whether a key may have another run, and how often."""

    short = "start"
    start: Literal["never", "after_end", "always"] = Field("after_end", description="never, after_end or always")
    at_most: int | None = Field(None, ge=1, description="a whole number from 1")
    per: Duration | None = None


class SourceGoal(SourcePart):
    """What the journey is for."""

    event: MatchesPart = Field(description="one event, or a list of them")
    match: str = Field("customer", description="what event and run share: order.id, cart.token, customer")
    when: ConditionPart = None
    within: Duration = Field(description="an ISO 8601 duration after the first message: P30D")
    ends: bool = Field(True, description="whether reaching it ends the run: true or false")


class SourceJourney(SourcePart):
    """A journey."""

    journey: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$", description="small letters, digits and hyphens")
    version: int = Field(ge=1, description="a whole number from 1")
    purpose: Purpose = Field(description="order or marketing")
    content: Content | None = Field(None, description=KIND_OF_CONTENT)
    channels: Channels = Field(
        [Channel.WHATSAPP, Channel.EMAIL], description="best, or the channels of every step that names none"
    )
    about: str = Field("", description="one sentence for people")
    priority: int = Field(50, ge=0, le=100, description="0 to 100; the higher wins the customer's attention")
    trigger: TriggerPart
    again: AgainPart = None
    holdout: int = Field(0, ge=0, le=90, description="percent of the customers who get nothing, 0 to 90")
    exit: list[MatchPart] = Field(default=[], description="a list of {event: …, match: …}")
    goal: GoalPart = None
    settings: dict[str, str | int] = Field(default={}, description="names and values that a shop may change")
    steps: StepsPart = Field(description="a list of steps")


class SourceSpan(SourcePart):
    """A length of time that the shop may change: a setting of the journey, or a rule of the store."""

    setting: str | None = Field(None, description="a name under settings")
    rule: Literal["review_after", "answer_within"] | None = Field(
        None, description="a rule of the store: review_after or answer_within"
    )
    default: Duration | None = None


class SourceMoment(SourcePart):
    """A date in the data, moved by `plus`; `else` is the wait where the field is empty."""

    until: FieldPath
    plus: Duration | None = None
    otherwise: SpanPart = Field(None, alias="else")


class SourceWait(SourcePart):
    """Waits for a time, a date, or events."""

    short = "for_"
    for_: SpanPart = Field(None, alias="for")
    at: str | None = Field(
        None, pattern=r"^(?:([01]\d|2[0-3]):[0-5]\d|setting\.[a-z][a-z0-9_]*)$", description='write it as "10:00"'
    )
    on: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(
        default=[], description="days of the week: [tue, wed]"
    )
    best_hour: bool = Field(False, description="true or false")
    until: FieldPath | None = None
    plus: Duration | None = None
    otherwise: SpanPart = Field(None, alias="else")
    event: MatchesPart = None
    all_of: MatchesPart = None
    match: str | None = Field(None, description="what event and run share: order.id, cart.token, customer")
    when: ConditionPart = None
    unchanged_for: SpanPart = None
    timeout: TimeoutPart = None


class SourceSend(SourcePart):
    """Says something."""

    short = "template"
    template: Template
    channels: Channels | None = None
    both: bool = Field(False, description="true or false")
    purpose: Purpose | None = Field(None, description="order or marketing")
    content: Content | None = Field(None, description=KIND_OF_CONTENT)
    gather: SpanPart = None
    valid_for: SpanPart = None
    survey: bool = Field(False, description="whether it asks for an opinion, such as a review: true or false")


class SourceAsk(SourcePart):
    """Asks, and waits for the answer."""

    id: Name
    template: Template
    channels: Channels | None = None
    purpose: Purpose | None = Field(None, description="order or marketing")
    content: Content | None = Field(None, description=KIND_OF_CONTENT)
    answers: dict[AnswerName, str | int | list[str | int]] = Field(
        default={}, description="each answer's name with the words that mean it: {good: [yes, 👍]}"
    )
    choices: str | None = Field(
        None,
        pattern=_CHOICES,
        description="orders, open_orders, lines, languages, faq, guesses, products:<find>, product_types, "
        "product_types:<setting>, tags:<setting>, budgets:<find>, budgets:<find>:<setting>, or cart_lines",
    )
    text: bool = Field(False, description="true or false")
    media: bool = Field(False, description="true or false")
    timeout: SpanPart
    retries: int = Field(0, ge=0, le=5, description="how often it is asked again, 0 to 5")
    again: Template | None = None
    valid_for: SpanPart = None


class SourceArm(SourcePart):
    """One arm of a branch."""

    when: ConditionPart = None
    steps: StepsPart = None
    otherwise: StepsPart = None


class SourceSplitArm(SourcePart):
    """One arm of a split."""

    name: Name
    weight: int = Field(1, ge=0, le=10_000, description="a whole number; its share is this part of the sum")
    steps: StepsPart = []


class SourceSplit(SourcePart):
    """Divides the customers by a stable hash."""

    id: Name
    arms: list[SplitArmPart] = Field(min_length=2, description="a list of {name: …, weight: …, steps: […]}")


class SourceTag(SourcePart):
    """Adds tags to the customer, takes some away."""

    short = "add"
    add: str | list[str] = Field(default=[], description="a tag, or a list of them")
    remove: str | list[str] = Field(default=[], description="a tag, or a list of them")
    each: FieldPath | None = None
    prefix: str = Field("", max_length=20, description="what begins each of them: bought:")


class SourceSet(SourcePart):
    """Sets an attribute of the customer."""

    attribute: Name
    value: str | int | None = Field(None, description="a text")
    field: FieldPath | None = None


class SourceEmit(SourcePart):
    """Makes an event of the shop's own."""

    short = "event"
    event: str = Field(pattern=_CUSTOM_EVENT, description="custom. and a name: custom.vip_reached")
    data: dict[Name, FieldPath] = Field(default={}, description="names and fields: {order: order.id}")


class SourceTicket(SourcePart):
    """Opens a ticket for the shop's people."""

    short = "queue"
    queue: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="small letters, digits and hyphens")
    subject: str = Field("", max_length=200, description="a few words")
    priority: Literal["low", "normal", "high"] = Field("normal", description="low, normal or high")
    due: SpanPart = None
    hours: bool = Field(False, description="whether due counts the shop's hours alone: true or false")
    hand_over: bool = Field(False, description="whether the talk is a person's from now on: true or false")
    stage: str = Field("", pattern=r"^[a-z_]{0,30}$", description="small letters and _")
    data: dict[Name, FieldPath] = Field(default={}, description="names and fields: {item: answer.item}")


class SourceCall(SourcePart):
    """Calls one of the shop's webhooks and waits for its answer."""

    id: Name
    webhook: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", description="a name among the store's webhooks")
    data: dict[Name, FieldPath] = Field(default={}, description="names and fields: {order: order.id}")
    timeout: SpanPart = "PT1H"


class SourceCoupon(SourcePart):
    """Gives a single-use code: from a pool, or made in the store."""

    id: Name
    pool: str | None = Field(
        None,
        pattern=r"^(setting\.[a-z][a-z0-9_]*|[a-z0-9][a-z0-9_-]{0,59})$",
        description="small letters, digits, - and _, or setting. and the name of the setting that holds it",
    )
    percent: Amount | None = None
    amount: Amount | None = None
    days: Amount | None = None
    minimum: Amount | None = None
    budget: Amount | None = None
    worth: Amount | None = None
    uses: Amount | None = None


class SourceExit(SourcePart):
    """Ends the run."""

    short = "reason"
    reason: str = Field("done", max_length=100, description="a few words")


class SourceCondition(SourcePart):
    """`all`, `any`, `none` of further conditions; or a field, an answer, a segment or a tag with its test."""

    all: list[ConditionPart] | None = Field(None, min_length=1, description="a list of conditions")
    any: list[ConditionPart] | None = Field(None, min_length=1, description="a list of conditions")
    none: list[ConditionPart] | None = Field(None, min_length=1, description="a list of conditions")
    field: FieldPath | None = None
    answer: str | None = Field(None, description="the id of a question")
    segment: str | None = Field(None, description="a segment's name")
    tag: str | None = Field(None, description="a tag")
    is_: bool | int | str | None = Field(None, alias="is", description="a text, a whole number, true or false")
    in_: str | list[str | int] | None = Field(None, alias="in", description="a list of values, or a field with a list")
    has: str | None = Field(None, description="a value that the list holds")
    exists: bool | None = Field(None, description="true or false")
    at_least: float | None = Field(None, description="a number")
    less_than: float | None = Field(None, description="a number")
    older_than: Duration | None = None
    newer_than: Duration | None = None


STEPS: dict[str, type[SourcePart]] = {
    "wait": SourceWait,
    "send": SourceSend,
    "ask": SourceAsk,
    "split": SourceSplit,
    "tag": SourceTag,
    "set": SourceSet,
    "emit": SourceEmit,
    "open_ticket": SourceTicket,
    "issue_coupon": SourceCoupon,
    "call": SourceCall,
    "exit": SourceExit,
}
BRANCH = "branch"
