"""The steps that conversations need, as their author writes them."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from okaeri.catalogue.campaign_source import CAMPAIGN_STEPS
from okaeri.catalogue.journey_source import BRANCH, STEPS, FieldPath, Name, SourcePart
from okaeri.domain.values import Channel


class SourceFocus(SourcePart):
    """Makes the run be about one of the customer's orders."""

    short: ClassVar[str | None] = "order"
    order: str = Field(description="latest, or a field such as answer.order")


class SourceFind(SourcePart):
    """Chooses products off the shelf."""

    id: Name
    where: dict[Literal["type", "tag", "price_at_most", "price_at_least"], FieldPath] = Field(
        default={}, description="type, tag, price_at_most, price_at_least, each with a field: {tag: answer.skin}"
    )
    most: int = Field(5, ge=1, le=10, description="1 to 10")


class SourceChangeOrder(SourcePart):
    """Has the store change the run's order, and waits."""

    id: Name
    do: Literal["cancel", "address", "variant", "note", "return"] = Field(
        description="cancel, address, variant, note or return"
    )
    with_: dict[Name, FieldPath] = Field(default={}, alias="with", description="names and fields: {note: answer.note}")


class SourceLanguage(SourcePart):
    """Speaks another language from now on."""

    short: ClassVar[str | None] = "language"
    language: FieldPath


class SourceConsent(SourcePart):
    """Notes what the customer has just agreed to."""

    short: ClassVar[str | None] = "purpose"
    channel: Channel = Field(Channel.WHATSAPP, description="whatsapp or email")
    purpose: Literal["order", "marketing", "all", "publish"] = Field(
        "marketing", description="order, marketing, all or publish"
    )
    given: bool = Field(True, description="true or false")
    files: FieldPath | None = Field(None, description="the question that brought what may be shown: answer.photo")


class SourceRecord(SourcePart):
    """Keeps the answers as a response to a survey."""

    short: ClassVar[str | None] = "survey"
    survey: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="small letters, digits and hyphens")
    score: FieldPath | None = None
    answers: dict[Name, FieldPath] = Field(default={}, description="names and fields: {why: answer.why}")


class SourceEscalate(SourcePart):
    """Moves the run's ticket to the front."""

    short: ClassVar[str | None] = "escalate"
    escalate: Literal[True] = Field(True, description="escalate: true")


# In the order in which a newcomer meets them; `exit` comes last.
ALL_STEPS: dict[str, type[SourcePart]] = {
    **{name: part for name, part in STEPS.items() if name != "exit"},
    "focus": SourceFocus,
    "find": SourceFind,
    "change_order": SourceChangeOrder,
    "language": SourceLanguage,
    "consent": SourceConsent,
    "record": SourceRecord,
    "escalate": SourceEscalate,
    **CAMPAIGN_STEPS,
    "exit": STEPS["exit"],
}
STEP_NAMES = ("wait", "send", "ask", BRANCH, *list(ALL_STEPS)[3:])
