"""When an order should arrive: the carrier's day, else the store's, else the shop's table, else nothing. Pure.

The table counts whole days on calendars, never hours, so that no change to summer time moves a day: the shop works on
its own days, a parcel travels on the table's, and neither while the country of shop or customer rests. Days are told as
midnight UTC, which stands for a date without a zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from okaeri.domain.country_rules import is_holiday
from okaeri.domain.orders import Order, Payment, Shipment, ShipmentStatus
from okaeri.domain.shop_hours import WEEK, find_shop_zone
from okaeri.domain.stores import DeliveryTimes, Store, TransitTime

ANY = "*"
DELIVERY_FIELDS = (
    *("eta", "eta_from", "eta_source", "late_from", "ship_by", "shipped_at", "moved_at", "midway"),
    *("is_split", "is_tracked", "is_sent", "ships"),
)
_DAY = timedelta(days=1)
_MAX_SEARCH = 400  # days; whoever works on none of them promises nothing
_UNPAID = (Payment.PENDING, Payment.FAILED)
_NOT_SENT = (ShipmentStatus.PENDING, ShipmentStatus.LABEL_CREATED, ShipmentStatus.CANCELLED)
_GONE = (ShipmentStatus.CANCELLED, ShipmentStatus.EXPIRED)
_OVER = (ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED, ShipmentStatus.EXPIRED)


class Arrival(NamedTuple):
    """From which day to which an order is expected; one day where both are the same. `source`: whose word it is."""

    first: datetime
    last: datetime
    source: Literal["carrier", "shop"]


def find_arrival(order: Order, store: Store, now: datetime) -> Arrival | None:
    """When the order should be there, as far as anybody has said so. With several parcels the last one counts."""
    open_parcels = [parcel for parcel in order.shipments if parcel.status not in _OVER]
    named = [parcel.eta for parcel in open_parcels or order.shipments if parcel.eta is not None]
    if named:
        return Arrival(max(named), max(named), "carrier")
    if order.eta is not None:
        return Arrival(order.eta, order.eta, "shop")
    return _estimate(order, store, now)


def read_delivery_field(order: Order, store: Store, name: str, now: datetime) -> object:
    """One of `DELIVERY_FIELDS`: what a journey may ask of an order's way; None where nothing is known."""
    match name:
        case "is_split":
            return len(_list_counted(order)) > 1 or has_more_to_come(order)
        case "is_tracked":
            return any(parcel.by_carrier for parcel in order.shipments)
        case "is_sent":
            return bool(_list_sent(order))
        case "ships":
            return _has_goods(order)
        case "shipped_at":
            return min((parcel.shipped_at or parcel.at for parcel in _list_sent(order)), default=None)
        case "moved_at":
            return max((parcel.scanned_at or parcel.at for parcel in _list_counted(order)), default=None)
        case "ship_by":
            return find_dispatch_day(order, store)
    arrival = find_arrival(order, store, now)
    if arrival is None:
        return None
    begun = order.paid_at or order.created_at
    middle = begun + max(arrival.first - begun, timedelta(0)) / 2
    known = {
        "eta": arrival.last,
        "eta_from": _to_moment(_find_calendar_day(arrival.first, store)),
        "eta_source": arrival.source,
        "late_from": _to_moment(_find_calendar_day(arrival.last, store) + _DAY),
        "midway": middle,
    }
    return known.get(name)


def has_more_to_come(order: Order) -> bool:
    """True where every parcel names its lines and some line that ships is in none of them yet."""
    parcels = _list_counted(order)
    if order.fulfilled or not parcels or not all(parcel.line_ids for parcel in parcels):
        return False
    packed = {line_id for parcel in parcels for line_id in parcel.line_ids}
    return any(line.needs_shipping and line.quantity > 0 and line.line_id not in packed for line in order.lines)


def find_dispatch_day(order: Order, store: Store) -> datetime | None:
    """The last day on which the order should leave the shop by its table; None where it promises nothing."""
    if _find_transit(order, store) is None or not _is_to_be_sent(order):
        return None
    day = _find_dispatch(order, store, store.settings.delivery_times.handling_most)
    return _to_moment(day) if day else None


def find_sent(order: Order) -> datetime | None:
    """When the last of its parcels left; None where none has."""
    return max((parcel.shipped_at or parcel.at for parcel in _list_sent(order)), default=None)


def _estimate(order: Order, store: Store, now: datetime) -> Arrival | None:
    """By the shop's table. Once an order should have left and has not, the table knows nothing more."""
    times, transit = store.settings.delivery_times, _find_transit(order, store)
    if transit is None or not _is_to_be_sent(order):
        return None
    zone = find_shop_zone(store)
    sent = find_sent(order)
    leaves = sent.astimezone(zone).date() if sent else None
    earliest = leaves or _find_dispatch(order, store, times.handling_least)
    latest = leaves or _find_dispatch(order, store, times.handling_most)
    if earliest is None or latest is None or (sent is None and now.astimezone(zone).date() > latest):
        return None
    travels = _make_calendar(order, store, times)
    first, last = _add_days(earliest, transit.least, travels), _add_days(latest, transit.most, travels)
    return Arrival(_to_moment(first), _to_moment(last), "shop") if first and last else None


def _is_to_be_sent(order: Order) -> bool:
    """Something of it travels, and it is paid for, or will be at the door."""
    return _has_goods(order) and (order.cash_on_delivery or order.payment not in _UNPAID)


def _has_goods(order: Order) -> bool:
    return any(line.needs_shipping and line.quantity > 0 for line in order.lines)


def _find_transit(order: Order, store: Store) -> TransitTime | None:
    """The row that names way and country, else the way, else the country, else any; the first of its kind."""
    place = order.shipping_address
    country = ((place.country if place else None) or order.buyer.country or "").upper()
    method = (order.shipping_method or "").strip().casefold()

    def fits(row: TransitTime) -> bool:
        by_method = row.method == ANY or row.method.strip().casefold() == method
        return by_method and (row.country == ANY or row.country.upper() == country)

    rows = [row for row in store.settings.delivery_times.transit if fits(row)]
    return min(rows, key=lambda row: (row.method == ANY, row.country == ANY), default=None)


def _find_dispatch(order: Order, store: Store, handling: int) -> date | None:
    """The business day on which it leaves after so many days of handling, begun on the day that it still makes."""
    ordered = (order.paid_at or order.created_at).astimezone(find_shop_zone(store))
    begins = ordered.date()
    if ordered.time() >= time.fromisoformat(store.settings.delivery_times.cutoff):
        begins += _DAY
    first = _find_day(begins, lambda day: works_on(store, day))
    return _add_days(first, handling, lambda day: works_on(store, day)) if first else None


def works_on(store: Store, day: date) -> bool:
    """Whether the shop packs on that day: by its own dates, its country's holidays, its week; else Monday to Friday."""
    hours = store.settings.shop_hours
    dated = day.isoformat()
    if dated in hours.open or dated in hours.closed:
        return dated in hours.open
    if not hours.on_holidays and is_holiday(store.country, day):
        return False
    return bool(hours.days.get(WEEK[day.weekday()])) if hours.days else day.weekday() < 5


def _make_calendar(order: Order, store: Store, times: DeliveryTimes) -> Callable[[date], bool]:
    place = order.shipping_address
    countries = {store.country, (place.country if place else None) or order.buyer.country} - {None}

    def travels(day: date) -> bool:
        return day.weekday() in times.days and not any(is_holiday(country, day) for country in countries)

    return travels


def _add_days(start: date, days: int, counts: Callable[[date], bool]) -> date | None:
    """So many days that count after `start`; `start` itself for none."""
    day: date | None = start
    for _ in range(days):
        day = _find_day(day + _DAY, counts) if day else None
    return day


def _find_day(start: date, counts: Callable[[date], bool]) -> date | None:
    return next((day for day in (start + ahead * _DAY for ahead in range(_MAX_SEARCH)) if counts(day)), None)


def _list_counted(order: Order) -> list[Shipment]:
    """The parcels that a shopper still counts: none that was called off."""
    return [parcel for parcel in order.shipments if parcel.status not in _GONE]


def _list_sent(order: Order) -> list[Shipment]:
    return [parcel for parcel in order.shipments if parcel.status not in _NOT_SENT]


def _find_calendar_day(moment: datetime, store: Store) -> date:
    """The day that a carrier's or the shop's word names; an hour of it is on the shop's clock."""
    return (moment if moment.time() == time(0) else moment.astimezone(find_shop_zone(store))).date()


def _to_moment(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
