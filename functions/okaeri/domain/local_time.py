"""The customer's own clock: zone, the next 10:00, when marketing may next speak, the hour that suits them best."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from okaeri.domain.country_rules import ContactHours, find_rule, is_holiday
from okaeri.domain.customers import Customer
from okaeri.domain.stores import Store, StoreSettings
from okaeri.domain.time_zones import find_phone_country, find_phone_zone, find_place_zone
from okaeri.domain.values import Channel, Purpose

MAX_SEARCH = timedelta(days=30)
MIN_HABIT = 3  # hours seen before they are taken for a habit
# How much an hour speaks for its neighbours: who ordered at 8 may well read at 7 or 9.
_NEARNESS = {0: 4, 1: 3, 2: 1}

WallHours = tuple[timedelta, timedelta]  # from and until, since midnight; 24 h is the day's end


def find_country(customer: Customer, store: Store) -> str | None:
    """Whose rules hold: the country of the customer's address, else of their phone, else the store's."""
    return customer.country or find_phone_country(customer.phones) or store.country


def find_zone(customer: Customer, store: Store) -> ZoneInfo:
    """The zone of the customer's address, else of their phone, else of their country, else the store's.

    A country of several zones has one of them named where neither region nor phone tells; in the store's own
    country that is the store's.
    """
    country = customer.country
    # A phone of another country than the address says nothing of where its bearer lives.
    for name in (
        customer.time_zone,
        find_place_zone(country) if country else None,
        find_phone_zone(customer.phones, country),
        find_place_zone(country, guess=True) if country and country != store.country else None,
        store.time_zone,
    ):
        if name:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
    return ZoneInfo("UTC")


def find_store_zone(store: Store) -> ZoneInfo:
    """The zone in which a store keeps its books; UTC where what it names is none."""
    try:
        return ZoneInfo(store.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def name_month(moment: datetime, zone: tzinfo) -> str:
    """The month of a calendar, such as "2026-11"."""
    return f"{moment.astimezone(zone):%Y-%m}"


def find_next_local_time(moment: datetime, at: str, zone: ZoneInfo) -> datetime:
    """The first time at or after `moment` when the clock on the wall there shows `at` ("10:00"). UTC.

    A time that a change to summer time skips is taken as the moment after the gap.
    """
    wall = time.fromisoformat(at)
    day = moment.astimezone(zone).date()
    while True:
        candidate = datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)
        if candidate >= moment:
            return candidate
        day += timedelta(days=1)


def find_window(
    moment: datetime, *, purpose: Purpose, channel: Channel, customer: Customer, store: Store
) -> datetime | None:
    """When this may next be said to this customer; None where it may be said at `moment`. UTC.

    Order messages always may. Marketing keeps to the shop's hours and days and to the rule of the customer's country,
    both by the customer's clock. Where the two share no minute within 30 days, the country's rule alone decides.
    """
    if purpose is Purpose.ORDER:
        return None
    zone = find_zone(customer, store)
    country = find_country(customer, store)
    hours = find_rule(country).find_hours(purpose, channel)
    opening = _find_opening(moment, zone, store.settings, hours, country)
    if opening is None:
        opening = _find_opening(moment, zone, None, hours, country)
    return None if opening is None or opening <= moment else opening


def find_best_hour(customer: Customer, zone: ZoneInfo) -> int | None:
    """The hour of the day (0–23, their clock) at which they most often order or write; None below three times.

    Hours are kept in UTC and read by the offset of the day when the customer was last there.
    """
    if len(customer.active_hours) < MIN_HABIT:
        return None
    seen = max(at for at in (customer.created_at, customer.last_order_at, customer.window_opened_at) if at)
    offset = seen.astimezone(zone).utcoffset() or timedelta(0)
    hours = [(timedelta(hours=hour, minutes=30) + offset) // timedelta(hours=1) % 24 for hour in customer.active_hours]

    def rate(candidate: int) -> tuple[int, int]:
        apart = [min((candidate - hour) % 24, (hour - candidate) % 24) for hour in hours]
        latest = max((place for place, hour in enumerate(hours) if hour == candidate), default=-1)
        return sum(_NEARNESS.get(distance, 0) for distance in apart), latest

    return max(range(24), key=rate)


def _find_opening(
    moment: datetime, zone: ZoneInfo, shop: StoreSettings | None, rule: ContactHours | None, country: str | None
) -> datetime | None:
    """The first moment, at `moment` or after it, that lies in the hours of both; None where 30 days hold none."""
    today = moment.astimezone(zone).date()
    for ahead in range(MAX_SEARCH.days + 1):
        day = today + timedelta(days=ahead)
        theirs = _list_rule_hours(day, rule, country)
        ours = _list_shop_hours(day, shop) if shop else _WHOLE_DAY
        for opens, closes in sorted((max(a, c), min(b, d)) for a, b in ours for c, d in theirs):
            start, end = place_wall_time(day, opens, zone), place_wall_time(day, closes, zone)
            if opens < closes and moment < end and start < end:
                return max(moment, start)
    return None


_DAY = timedelta(days=1)
_WHOLE_DAY: tuple[WallHours, ...] = ((timedelta(0), _DAY),)


def _list_shop_hours(day: date, settings: StoreSettings) -> Iterator[WallHours]:
    """The shop's hours on that day. Hours that pass midnight belong to the day on which they begin."""
    opens, closes = (_since_midnight(time.fromisoformat(hour)) for hour in settings.marketing_hours)
    is_over_midnight = closes <= opens
    if day.weekday() in settings.marketing_days:
        yield (opens, _DAY if is_over_midnight else closes)
    if is_over_midnight and (day - _DAY).weekday() in settings.marketing_days:
        yield (timedelta(0), closes)


def _list_rule_hours(day: date, rule: ContactHours | None, country: str | None) -> tuple[WallHours, ...]:
    if rule is None:
        return _WHOLE_DAY
    hours = rule.days[day.weekday()]
    if hours is None or (not rule.on_holidays and is_holiday(country, day)):
        return ()
    return ((_since_midnight(hours[0]), _since_midnight(hours[1])),)


def _since_midnight(wall: time) -> timedelta:
    return timedelta(hours=wall.hour, minutes=wall.minute)


def place_wall_time(day: date, since_midnight: timedelta, zone: ZoneInfo) -> datetime:
    """A time on the wall as a moment, UTC: of a doubled one the first, of a skipped one the end of the gap."""
    naive = datetime.combine(day, time()) + since_midnight
    moment = naive.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == naive:
        return moment
    # Read by the offset after the gap it lies before the gap, by the one before the gap behind it.
    early, late = naive.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        early, late = (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
    return late.replace(microsecond=0)
