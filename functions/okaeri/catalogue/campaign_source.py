"""The steps that campaigns need, as their author writes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from okaeri.catalogue.journey_source import Amount, FieldPath, Name, SourcePart


class SourceRecommend(SourcePart):
    """Chooses products for the customer."""

    id: Name
    kind: Literal["similar", "complementary", "cheaper", "better", "popular"] = Field(
        description="similar, complementary, cheaper, better or popular"
    )
    of: Literal["order", "cart", "product", "customer"] = Field(description="order, cart, product or customer")
    most: int = Field(4, ge=1, le=10, description="1 to 10")


class SourceCartLink(SourcePart):
    """Makes the address of a filled cart."""

    id: Name
    of: Literal["order", "cart", "product"] = Field(description="order, cart or product")
    without: FieldPath | None = None


class SourcePoints(SourcePart):
    """Gives or takes loyalty points."""

    add: Amount | None = None
    take: Amount | None = None
    money: bool = Field(False, description="whether it is an amount of money, by the programme's rate: true or false")
    reason: Name


class SourceDraw(SourcePart):
    """Draws whether the customer wins."""

    id: Name
    percent: Amount
    per: Literal["week", "month", "once"] = Field("week", description="week, month or once")


CAMPAIGN_STEPS: dict[str, type[SourcePart]] = {
    "recommend": SourceRecommend,
    "cart_link": SourceCartLink,
    "points": SourcePoints,
    "draw": SourceDraw,
}
