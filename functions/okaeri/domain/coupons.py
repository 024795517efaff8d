"""Single-use codes: pools that a shop fills, and from which journeys take one code for one customer. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from okaeri.domain.values import Value

ENOUGH_CODES = 50  # below this `okaeri doctor` asks for more
MAX_CODE = 64  # characters
USEFUL_FOR = timedelta(days=1)  # a code that ends sooner is given to nobody
MAX_PREFIX = 10  # characters
_ALPHABET = "CDFGHJKMNPQRTVWXY34679"
_POOL = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")  # as in journeys
_CODE = re.compile(r"[!-~]+")  # printable ASCII without blanks: what a shopper can type into a checkout


class Coupon(Value):
    """One code; `last_day` is the last day on which the shop takes it (UTC), None where it does not end."""

    code: str
    last_day: date | None = None


class Offer(Value):
    """What a code is to be worth: `percent` of an order or an `amount`, in the store's currency as `minimum` is.

    Without either the shop's pool says it. `days` is how long it is good for, None for ever; `uses` how many orders
    may use it. `worth` is what it takes of the `budget`, which is None where the shop sets no limit.
    """

    percent: Decimal | None = None
    amount: Decimal | None = None
    days: int | None = None
    minimum: Decimal | None = None
    uses: int = 1
    worth: Decimal = Decimal(0)
    budget: Decimal | None = None

    @property
    def is_made(self) -> bool:
        """Whether the code is to be made in the store."""
        return bool(self.percent or self.amount)


class NewCoupon(Value):
    """A code to be made in a store. `ends_at` is the moment after its last day; each customer may use it once."""

    code: str
    title: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    minimum: Decimal | None = None
    starts_at: datetime
    ends_at: datetime | None = None
    uses: int = 1


class CouponsInvalid(ValueError):
    """A list of codes cannot be taken. `line` counts from 1."""

    def __init__(self, line: int, what: str, fix: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line, self.what, self.fix = line, what, fix


class PoolCount(Value):
    """How a pool stands: codes to give, given, and those that ended before anybody got them."""

    pool: str
    left: int
    issued: int
    ended: int


def read_offer(data: Mapping[str, str]) -> Offer | None:
    """What a run asks for; None where that is more than an order, or what it takes of a budget cannot be read."""
    numbers = {name: Decimal(data[name]) for name in Offer.model_fields if name in data}
    percent, days, uses = numbers.get("percent"), numbers.get("days"), numbers.get("uses")
    if percent is not None and percent > 100:
        return None
    if "budget" in numbers and not numbers.keys() & {"worth", "amount"}:  # it would never come to an end
        return None
    return Offer(
        percent=percent,
        amount=numbers.get("amount"),
        days=int(days) if days else None,
        minimum=numbers.get("minimum") or None,
        uses=max(1, int(uses or 1)),
        worth=numbers.get("worth", numbers.get("amount", Decimal(0))),
        budget=numbers.get("budget"),
    )


def make_code(prefix: str, choose: Callable[[int], int]) -> str:
    """A code that can be read aloud and guessed by nobody: the shop's prefix and eight letters or digits, 36 bits.

    None of them looks like another one, and without vowels they make no words. `choose(n)` is a number below n.
    """
    drawn = [_ALPHABET[choose(len(_ALPHABET))] for _ in range(8)]
    return f"{prefix}-{''.join(drawn[:4])}-{''.join(drawn[4:])}"


def name_prefix(store_id: str, chosen: str) -> str:
    """What a store's codes begin with: its own choice, else its id."""
    letters = re.sub(r"[^A-Z0-9]", "", (chosen or store_id).upper())
    return letters[:MAX_PREFIX] or "CODE"


def is_pool_name(name: str) -> bool:
    """Whether a pool may be called so: small letters, digits, `_` and `-`, at most 60."""
    return bool(_POOL.fullmatch(name))


def first_day(now: datetime) -> date:
    """The earliest last day of a code that still helps whoever gets it now."""
    return (now + USEFUL_FOR).date()


def read_coupons(rows: Iterable[list[str]]) -> Iterator[Coupon]:
    """Rows of a CSV file: a code, and after it perhaps its last day (ISO 8601). A heading `code` is passed over.

    Raises CouponsInvalid at the first row that is no code.
    """
    for line, row in enumerate(rows, 1):
        cells = [cell.strip().lstrip("\ufeff") for cell in row]
        if not any(cells) or (line == 1 and cells[0].lower() in ("code", "codes", "coupon")):
            continue
        code = cells[0]
        if not _CODE.fullmatch(code) or len(code) > MAX_CODE:
            raise CouponsInvalid(line, "no code", f"Letters, digits and signs without blanks, at most {MAX_CODE}.")
        yield Coupon(code=code, last_day=_read_day(cells[1] if len(cells) > 1 else "", line))


def _read_day(text: str, line: int) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CouponsInvalid(line, f"{text!r} is no day", "Write it as 2026-12-31, or leave it out.") from error
