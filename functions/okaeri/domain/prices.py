"""What a message costs: rates by market and category, and what is free, each from a day on.

Meta bills a WhatsApp message when it is delivered, by the recipient's calling code and the message's category. Rates
change on quarter days, the rule of what is free changed on 2026-10-01 (facts: WhatsApp §0, §9), so both carry the day
from which they count. A rate that the list lacks is None, never a guess.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from okaeri.domain.messages import Charge, Message, MessageCost, MessageState
from okaeri.domain.values import Channel, Stored

# Meta's words for how a message is charged (`pricing.type` of a status), used for estimates too.
REGULAR = "regular"
FREE_IN_WINDOW = "free_customer_service"
FREE_ENTRY_POINT = "free_entry_point"
SERVICE, EMAIL, AWS_FEE = "service", "email", "aws_fee"
_LONGEST_CODE = 7  # digits of a calling code with its area, such as +1 787


class Rate(Stored):
    """What one message costs from `since` on: a decimal text. `verified`: somebody compared it with Meta's own list."""

    market: str
    category: str
    amount: str
    since: date
    source: str = ""
    verified: bool = False


class FreeRule(Stored):
    """What costs nothing from `since` on, and which category's rate counts for another that has none of its own.

    `free` holds categories that are free inside the 24-hour window, and `free_entry_point`.
    """

    since: date
    free: tuple[str, ...] = ()
    priced_as: dict[str, str] = Field(default_factory=dict)
    source: str = ""
    verified: bool = False


class PriceList(Stored):
    """Everything that is known of prices. `markets` maps a calling code, with or without an area, to its market.

    Rates without a market: `email` (SES) and `aws_fee`, what AWS's transport asks beside Meta's rate.
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    currency: str = "USD"
    markets: dict[str, str] = Field(default_factory=dict)
    rates: tuple[Rate, ...] = ()
    rules: tuple[FreeRule, ...] = ()
    imported_at: datetime | None = None  # None: the list that we ship

    model_config = Stored.model_config | {"populate_by_name": True}


def find_market(prices: PriceList, recipient: str) -> str:
    """The market of an E.164 number, or of a WhatsApp user id by its country (`BR.13491…`); empty where unknown."""
    if recipient.startswith("+"):
        digits = recipient[1:]
        codes = (digits[:length] for length in range(_LONGEST_CODE, 0, -1))
        return next((prices.markets[code] for code in codes if code in prices.markets), "")
    country, dot, _ = recipient.partition(".")
    return country if dot and country in prices.markets.values() else ""


def find_rate(prices: PriceList, market: str, category: str, at: datetime) -> Rate | None:
    """The rate in force; where the category has none of its own, that of the category it is priced as."""
    rule = find_rule(prices, at)
    named = (category, rule.priced_as.get(category) if rule else None)
    for name in named:
        known = [r for r in prices.rates if (r.market, r.category) == (market, name) and r.since <= at.date()]
        if known:
            return max(known, key=lambda rate: rate.since)
    return None


def find_rule(prices: PriceList, at: datetime) -> FreeRule | None:
    """What is free at that time."""
    known = [rule for rule in prices.rules if rule.since <= at.date()]
    return max(known, key=lambda rule: rule.since, default=None)


def estimate_cost(
    prices: PriceList,
    recipient: str,
    category: str,
    *,
    at: datetime,
    in_window: bool = False,
    in_free_entry_point: bool = False,
    by_aws: bool = False,
) -> MessageCost:
    """What a WhatsApp message will cost if it is delivered. `category` is Meta's: utility, marketing, service, …

    `recipient` is a number in E.164 or a WhatsApp user id; `in_window`: within 24 hours of the shopper's last message.
    """
    category = category.lower()
    market = find_market(prices, recipient)
    rate = find_rate(prices, market, category, at)
    fee = find_rate(prices, "", AWS_FEE, at) if by_aws else None
    extra = fee.amount if fee else None
    full = _add(rate.amount, extra) if rate else None
    kind = _find_type(find_rule(prices, at), category, in_window=in_window, in_free_entry_point=in_free_entry_point)
    amount = full if kind == REGULAR else extra or "0"
    return MessageCost(
        currency=prices.currency, amount=amount, rate=full, fee=extra, category=category, type=kind, market=market
    )


def estimate_email_cost(prices: PriceList, *, at: datetime) -> MessageCost:
    """What SES asks for one e-mail; attachments and receiving are not in it."""
    rate = find_rate(prices, "", EMAIL, at)
    amount = rate.amount if rate else None
    return MessageCost(currency=prices.currency, amount=amount, rate=amount, category=EMAIL, type=REGULAR)


def read_charge(pricing: Mapping[str, str]) -> Charge | None:
    """Meta's `pricing` of a status, None where it has none. `billable` is deprecated: the type says it as well."""
    if not pricing:
        return None
    kind = pricing.get("type", "")
    billable = pricing.get("billable", "").lower()
    return Charge(
        type=kind,
        category=pricing.get("category", "").lower().replace("-", "_"),
        billable=billable != "false" and kind not in (FREE_IN_WINDOW, FREE_ENTRY_POINT),
    )


def price_again(prices: PriceList, cost: MessageCost, at: datetime) -> MessageCost:
    """The same cost with the amount that it lacked, where a list knows it by now."""
    if cost.amount is not None or cost.type not in ("", REGULAR):
        return cost
    rate = find_rate(prices, cost.market, cost.category, at)
    return cost.model_copy(update={"amount": _add(rate.amount, cost.fee)}) if rate else cost


_NOTHING_WENT_OUT = frozenset(
    {MessageState.DECIDED, MessageState.QUEUED, MessageState.PARKED, MessageState.EXPIRED, MessageState.SUPPRESSED}
)


def find_charge(message: Message) -> MessageCost | None:
    """What the message has cost so far, None where nothing is charged: it never went out, or WhatsApp failed it."""
    if message.state in _NOTHING_WENT_OUT:
        return None
    if message.state is MessageState.FAILED and (message.channel is Channel.WHATSAPP or message.provider_id is None):
        return None
    return message.cost


def add_up(costs: Iterable[MessageCost]) -> tuple[dict[str, Decimal], int]:
    """The sum by currency, and how many costs are unknown and not in it."""
    sums: dict[str, Decimal] = {}
    unknown = 0
    for cost in costs:
        if cost.amount is None:
            unknown += 1
        else:
            sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + Decimal(cost.amount)
    return sums, unknown


def _find_type(rule: FreeRule | None, category: str, *, in_window: bool, in_free_entry_point: bool) -> str:
    free = rule.free if rule else ()
    if in_free_entry_point and FREE_ENTRY_POINT in free:
        return FREE_ENTRY_POINT
    return FREE_IN_WINDOW if in_window and category in free else REGULAR


def _add(amount: str, fee: str | None) -> str:
    return str(Decimal(amount) + Decimal(fee)) if fee else amount
