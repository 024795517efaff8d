"""The parts of AfterShip's, EasyPost's and Shippo's webhooks that we read."""

from typing import Any

from receive_store_event.payload import Flag, Moment, Payload, Text


class AfterShipCheckpoint(Payload):
    """One scan, as the carrier noted it."""

    checkpoint_time: Moment = None
    message: Text = None
    city: Text = None
    state: Text = None
    location: Text = None
    country_name: Text = None


class AfterShipEstimate(Payload):
    """A day of arrival and who says so; a span has its last day in `datetime_max`."""

    datetime: Moment = None
    datetime_max: Moment = None
    estimated_delivery_date: Moment = None
    estimated_delivery_date_max: Moment = None
    source: Text = None


class AfterShipTracking(Payload):
    """A parcel. https://www.aftership.com/docs/tracking/webhook/webhook-overview"""

    tracking_number: str
    tag: str
    subtag: Text = None
    updated_at: Moment = None
    expected_delivery: Moment = None
    courier_estimated_delivery_date: AfterShipEstimate | None = None
    latest_estimated_delivery: AfterShipEstimate | None = None
    checkpoints: list[AfterShipCheckpoint] | None = None


class AfterShipEvent(Payload):
    """The whole webhook; `ts` is when it was made, in seconds."""

    event: str
    event_id: Text = None
    msg: AfterShipTracking


class EasyPostPlace(Payload):
    """Where a scan was made."""

    city: Text = None
    state: Text = None
    country: Text = None


class EasyPostDetail(Payload):
    """One scan."""

    datetime: Moment = None
    message: Text = None
    status: Text = None
    status_detail: Text = None
    tracking_location: EasyPostPlace | None = None


class EasyPostTracker(Payload):
    """A parcel. https://docs.easypost.com/docs/trackers"""

    object: Text = None
    tracking_code: Text = None
    status: Text = None
    status_detail: Text = None
    updated_at: Moment = None
    est_delivery_date: Moment = None
    tracking_details: list[EasyPostDetail] | None = None


class EasyPostEvent(Payload):
    """The whole webhook; `result` is whatever the event is about."""

    id: Text = None
    description: str
    result: dict[str, Any]


class ShippoPlace(Payload):
    """Where a scan was made."""

    city: Text = None
    state: Text = None
    country: Text = None


class ShippoSubstatus(Payload):
    """What the status does not say."""

    code: Text = None
    action_required: Flag = None


class ShippoStatus(Payload):
    """One scan."""

    status: Text = None
    status_details: Text = None
    status_date: Moment = None
    substatus: ShippoSubstatus | None = None
    location: ShippoPlace | None = None


class ShippoTrack(Payload):
    """A parcel. https://docs.goshippo.com/docs/tracking/webhooks/"""

    tracking_number: str
    eta: Moment = None
    tracking_status: ShippoStatus | None = None


class ShippoEvent(Payload):
    """The whole webhook; `data` is whatever the event is about."""

    event: str
    data: dict[str, Any]
