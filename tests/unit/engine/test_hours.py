"""When marketing is said, as the engine plays it: by the clock, the country and the channel of that moment."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from okaeri.catalogue.compile_journeys import compile_journey, hash_definition
from okaeri.domain.evidence import CustomerSeen
from okaeri.domain.messages import Message
from okaeri.domain.orders import Buyer, OptIn
from tests.world import AIKO, BOTH_OPT_INS, MONDAY, World, make_order, make_store

NEWSLETTER = OptIn(channel="email", purpose="marketing", source="newsletter form", explicit=True, confirmed=True)
JOURNEY = """\
journey: hello
version: 1
purpose: marketing
trigger: {event: order.placed, key: order.id}
steps:
  - wait: {for: P1D, at: "10:00"}
  - send: {template: review_request, channels: CHANNELS}
"""


def play(channels: str, *, at: str = "10:00") -> World:
    """A shop in Tokyo that says one marketing message at that hour a day after an order."""
    definition = compile_journey(JOURNEY.replace("CHANNELS", channels).replace("10:00", at), "hello.yaml")
    definitions = {hash_definition(definition): definition}
    return World(store=make_store(definitions), definitions=definitions)


def order(world: World, buyer: Buyer, at: datetime = MONDAY) -> None:
    opt_ins = (*BOTH_OPT_INS, NEWSLETTER)
    world.order(make_order(buyer=buyer, created_at=at, updated_at=at, opt_ins=opt_ins))


def find_told(world: World, zone: str) -> tuple[str, str]:
    """The channel and the local time, to the hour, of the one marketing message."""
    (message,) = [message for message in world.list_messages() if message.template == "review_request"]
    return message.channel, f"{_find_moment(message).astimezone(ZoneInfo(zone)):%a %H}"


def _find_moment(message: Message) -> datetime:
    assert message.state_at is not None
    return message.state_at


def test_at_home_the_hour_that_the_journey_names_is_kept() -> None:
    world = play("[whatsapp]")
    order(world, AIKO)
    world.wait(days=3)
    assert find_told(world, "Asia/Tokyo") == ("whatsapp", "Wed 10")


def test_who_moves_abroad_while_a_run_waits_is_told_in_their_new_morning() -> None:
    world = play("[email]")
    order(world, AIKO)
    moved = AIKO.model_copy(update={"country": "US", "time_zone": "America/New_York"})
    world.hear(CustomerSeen(buyer=moved, at=world.clock()))
    world.wait(days=3)
    # Ten in Tokyo is eight in the evening in New York, when the shop's hours have just ended.
    assert find_told(world, "America/New_York") == ("email", "Wed 09")


def test_the_countrys_own_hours_open_later_than_the_shops() -> None:
    for at, hour in (("09:00", "Tue 10"), ("11:00", "Tue 11")):
        world = play("[whatsapp]", at=at)
        order(world, AIKO.model_copy(update={"country": "IN", "time_zone": "Asia/Kolkata"}))
        world.wait(days=3)
        assert find_told(world, "Asia/Kolkata") == ("whatsapp", hour)


def test_a_holiday_is_passed_over_on_whatsapp_and_not_by_mail() -> None:
    paris = AIKO.model_copy(update={"country": "FR", "time_zone": "Europe/Paris", "locale": "fr-FR"})
    eve = datetime(2026, 11, 9, 12, tzinfo=ZoneInfo("Europe/Paris"))  # the day after the next is Armistice Day
    for channels, told in (("[whatsapp]", ("whatsapp", "Thu 09")), ("[email]", ("email", "Wed 10"))):
        world = play(channels)
        world.clock.now = eve
        order(world, paris, eve)
        world.wait(days=5)
        assert find_told(world, "Europe/Paris") == told
