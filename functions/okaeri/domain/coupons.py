"""Single-use codes: pools that a shop fills, and from which journeys take one code for one customer. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from okaeri.domain.values import Value

ENOUGH_CODES = 50  # below this `okaeri doctor` asks for more
MAX_CODE = 64  # characters
USEFUL_FOR = timedelta(days=1)  # a code that ends sooner is given to nobody
_POOL = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")  # as in journeys
_CODE = re.compile(r"[!-~]+")  # printable ASCII without blanks: what a shopper can type into a checkout


class Coupon(Value):
    """One code; `last_day` is the last day on which the shop takes it (UTC), None where it does not end."""

    code: str
    last_day: date | None = None


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
