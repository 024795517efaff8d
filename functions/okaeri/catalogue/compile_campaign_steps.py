"""The steps that campaigns need, as they are written → as the engine walks them."""

from __future__ import annotations

from okaeri.catalogue.campaign_source import SourceCartLink, SourceDraw, SourcePoints, SourceRecommend
from okaeri.catalogue.compile_conditions import Reading, take_id
from okaeri.catalogue.journey_source import SourceCoupon, SourcePart
from okaeri.catalogue.journey_words import Field
from okaeri.domain.facts import LAST_DAY
from okaeri.domain.journeys import CartLinkStep, CouponStep, DrawStep, PointsStep, RecommendStep, Step

_AMOUNTS = ("percent", "amount", "days", "minimum", "budget", "worth", "uses")


def compile_campaign_step(part: SourcePart, reading: Reading, line: int) -> Step | None:
    """The compiled step, None where it is none of these; what cannot be used is among the reading's problems."""
    match part:
        case SourceRecommend():
            if part.id not in reading.ids.get("find", {}):  # on another branch, or chosen anew
                take_id(reading, "find", part.id, Field("number"), part)
            return RecommendStep(find=part.id, kind=part.kind, of=part.of, most=part.most, line=line)
        case SourceCartLink():
            if part.id not in reading.ids.get("link", {}):  # made anew, with less in it
                take_id(reading, "link", part.id, Field("text"), part, ("made", "none"))
            reading.ids["link"] |= {f"{part.id}.missing": Field("text"), f"{part.id}.items": Field("text")}
            without = reading.use_field(part.without, part.find_line("without")) if part.without else ""
            return CartLinkStep(link=part.id, of=part.of, without=without, line=line)
        case SourcePoints():
            return _compile_points(part, reading, line)
        case SourceDraw():
            reading.outcomes.update(dict.fromkeys(("won", "lost")))
            return DrawStep(draw=part.id, percent=read_amount(part, "percent", reading), per=part.per, line=line)
    return None


def compile_coupon(part: SourceCoupon, reading: Reading, line: int) -> CouponStep:
    """Where the code comes from: a pool, or made in the store."""
    take_id(reading, "coupon", part.id, Field("text"), part, ("issued", "failed", "timeout"))
    reading.ids["coupon"] |= {
        f"{part.id}{LAST_DAY}": Field("time"),
        f"{part.id}.percent": Field("text"),
        f"{part.id}.amount": Field("text"),
    }
    if part.percent is not None and part.amount is not None:
        reading.problems.report(line, f"issue_coupon {part.id!r}: percent and amount", "keep one of them")
    if part.pool is None and part.percent is None and part.amount is None:
        fix = "give it pool, percent or amount"
        reading.problems.report(line, f"issue_coupon {part.id!r}: where the code comes from is open", fix)
    if part.budget is not None and part.amount is None and part.worth is None:
        reading.problems.report(line, f"issue_coupon {part.id!r}: what a code takes of the budget is open", "add worth")
    if part.uses is not None and part.percent is None and part.amount is None:
        fix = "give it percent or amount: a code of a pool is used once"
        reading.problems.report(line, f"issue_coupon {part.id!r}: uses", fix)
    pool = part.pool or ""
    if pool.startswith("setting."):
        pool = reading.use_field(pool, part.find_line("pool"))
    amounts = {name: read_amount(part, name, reading) for name in _AMOUNTS}
    return CouponStep(coupon=part.id, pool=pool, **amounts, line=line)


def read_amount(part: SourcePart, name: str, reading: Reading) -> str:
    """A number as text, or the field that holds it; empty where none is given."""
    given = getattr(part, name)
    if given is None:
        return ""
    text = str(given)
    return reading.use_field(text, part.find_line(name)) if text[:1].isalpha() else text


def _compile_points(part: SourcePoints, reading: Reading, line: int) -> PointsStep:
    if (part.add is None) == (part.take is None):
        reading.problems.report(line, "points: what is done is open", "give it add or take")
    reading.outcomes.update(dict.fromkeys(("done", "short", "none")))
    moved = reading.ids.setdefault("points", {})
    moved |= {part.reason: Field("number"), f"{part.reason}.worth": Field("number")}
    return PointsStep(
        add=read_amount(part, "add", reading),
        take=read_amount(part, "take", reading),
        money=part.money,
        reason=part.reason,
        line=line,
    )
