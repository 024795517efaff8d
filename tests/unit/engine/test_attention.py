"""One budget of attention over all journeys: who speaks first, who waits, until when, and what the record says."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tests.unit.engine.shops import open_shop, place, write
from tests.world import World

TOKYO = ZoneInfo("Asia/Tokyo")


def list_days(world: World) -> list[tuple[str, str]]:
    """Template and day of each WhatsApp message, by the customer's calendar."""
    return [
        (message.template, f"{message.decided_at.astimezone(TOKYO):%d}")
        for message in world.list_messages()
        if message.channel == "whatsapp"
    ]


def test_a_second_journey_waits_for_tomorrow_and_the_record_names_who_went_first() -> None:
    world = open_shop(write("news", "send: one"), write("survey", "send: two"))
    place(world)
    assert world.told("whatsapp") == ["one"]
    assert "survey.two deferred attention_day_full:news" in world.why()
    world.wait(days=1)
    assert list_days(world) == [("one", "02"), ("two", "03")]


def test_the_higher_priority_speaks_first_though_it_is_not_the_first_to_be_asked() -> None:
    world = open_shop(write("a-survey", "send: two"), write("b-news", "send: one", priority="80"))
    place(world)
    assert world.told("whatsapp") == ["one"]
    assert "a-survey.two deferred attention_day_full:b-news" in world.why()


def test_of_two_that_wait_the_higher_priority_goes_first_whoever_wakes_first() -> None:
    for low, high in (("a-low", "z-high"), ("z-low", "a-high"), ("m-low", "n-high"), ("n-low", "m-high")):
        world = open_shop(
            write("first", "send: greeting"),
            write(low, "wait: PT1H", "send: {template: low, valid_for: P5D}"),
            write(high, "wait: PT1H", "send: {template: high, valid_for: P5D}", priority="90"),
        )
        place(world)
        world.wait(days=4)
        assert list_days(world) == [("greeting", "02"), ("high", "03"), ("low", "04")], (low, high)


def test_between_equals_the_one_that_has_waited_longer_goes_first() -> None:
    world = open_shop(
        write("first", "send: greeting"),
        write("z-early", "wait: PT1H", "send: {template: early, valid_for: P5D}"),
        write("a-late", "wait: PT2H", "send: {template: late, valid_for: P5D}"),
    )
    place(world)
    world.wait(days=4)
    assert list_days(world) == [("greeting", "02"), ("early", "03"), ("late", "04")]


def test_order_messages_always_pass_and_are_not_counted() -> None:
    world = open_shop(
        write("news", "send: one"),
        write("thanks", "send: order_one", "wait: PT1H", "send: order_two", purpose="order"),
        write("survey", "wait: P1D", "send: two"),
    )
    place(world)
    world.wait(hours=2)
    assert sorted(world.told("whatsapp")) == ["one", "order_one", "order_two"]
    world.wait(days=1)
    assert world.told("whatsapp")[-1] == "two"
    assert [entry.journey for entry in world.customer().attention] == ["news", "survey"]


def test_an_order_message_inside_a_marketing_journey_passes_too() -> None:
    world = open_shop(
        write("news", "send: one"), write("other", "send: {template: receipt, purpose: order}", "send: two")
    )
    place(world)
    assert world.told("whatsapp") == ["one", "receipt"]


def test_three_in_a_week_and_the_fourth_waits_until_the_first_is_a_week_old() -> None:
    steps = [part for day in range(5) for part in (f"send: {{template: m{day}, valid_for: P30D}}", "wait: PT24H")]
    world = open_shop(write("news", *steps))
    place(world)
    world.wait(days=20)
    assert [day for _, day in list_days(world)] == ["02", "03", "04", "09", "10"]
    assert "news.m3 deferred attention_week_full:news" in world.why()


def test_what_waits_for_the_week_longer_than_it_is_useful_expires_with_that_reason() -> None:
    steps = [part for day in range(4) for part in (f"send: {{template: m{day}, valid_for: P1D}}", "wait: PT24H")]
    world = open_shop(write("news", *steps))
    place(world)
    world.wait(days=10)
    assert [template for template, _ in list_days(world)] == ["m0", "m1", "m2"]
    assert "news.m3 expired attention_week_full:news" in world.why()


def test_one_purpose_may_have_a_limit_of_its_own() -> None:
    world = open_shop(
        write("news", "send: one", "wait: P1D", "send: {template: two, valid_for: P30D}"),
        settings={"attention": {"per_day": 5, "per_week": 20, "purposes": {"marketing": 1}}},
    )
    place(world)
    world.wait(days=10)
    assert list_days(world) == [("one", "02"), ("two", "09")]
    assert "news.two deferred attention_marketing_week_full:news" in world.why()


def test_a_day_is_a_day_of_the_customers_own_calendar() -> None:
    world = open_shop(
        write("late", "wait: {for: PT1H, at: '20:00'}", "send: one"),
        write("early", "wait: {for: PT1H, at: '08:30'}", "send: two"),
        settings={"marketing_hours": ("08:00", "21:00")},
    )
    place(world)
    world.wait(days=2)
    one, two = (message.decided_at for message in world.list_messages() if message.channel == "whatsapp")
    assert one.date() == two.date()  # in UTC; in Tokyo it is 20:00 and 8:30 of the next day
    assert list_days(world) == [("one", "02"), ("two", "03")]


def test_a_budget_of_none_says_nothing_and_tells_why() -> None:
    world = open_shop(write("news", "send: one"), settings={"attention": {"per_day": 0}})
    place(world)
    world.wait(days=5)
    assert world.told() == []
    assert "news.one expired attention_day_full" in world.why()
    assert not world.customer().runs


def test_what_was_said_twice_by_a_crash_is_counted_once() -> None:
    world = open_shop(write("news", "send: one"))
    place(world)
    first = world.customer()
    place(world, updated_at=world.clock())
    assert world.customer().attention == first.attention and len(first.attention) == 1


def test_marketing_of_an_order_journey_keeps_its_place_in_the_line_too() -> None:
    world = open_shop(
        write("care", "wait: PT10H", "send: {template: tips, purpose: marketing}", purpose="order", priority="90"),
        write("news", "wait: PT21H", "send: one"),
    )
    place(world)
    world.wait(hours=22)
    assert "news.one deferred attention_yields:care" in world.why()
    assert world.told("whatsapp") == ["tips"]
