"""The customer's own clock: zone, the next 10:00, the hours in which marketing may speak."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from okaeri.domain.customers import Customer
from okaeri.domain.stores import Store


def find_zone(customer: Customer, store: Store) -> ZoneInfo:
    """The customer's zone where it is known, the only zone of their country, else the store's."""
    for name in (customer.time_zone, _find_country_zone(customer.country, store), store.time_zone):
        if name:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
    return ZoneInfo("UTC")


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


def find_opening(moment: datetime, hours: tuple[str, str], zone: ZoneInfo) -> datetime | None:
    """When the hours next open, or None where they are open at `moment`. Hours may pass midnight."""
    opens, closes = (time.fromisoformat(hour) for hour in hours)
    wall = moment.astimezone(zone).time()
    is_open = opens <= wall < closes if opens < closes else (wall >= opens or wall < closes)
    return None if is_open or opens == closes else find_next_local_time(moment, hours[0], zone)


def _find_country_zone(country: str | None, store: Store) -> str | None:
    if not country or country == store.country:
        return None
    from babel.core import get_global  # needed only for customers abroad

    zones = [zone for zone, territory in get_global("zone_territories").items() if territory == country.upper()]
    return zones[0] if len(zones) == 1 else None
