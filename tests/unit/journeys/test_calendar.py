"""birthday, anniversary, win-back, subscription-offer: each year, once, and then silence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okaeri.domain.evidence import ActionDone
from tests.unit.journeys.years import Year, make_product, open_year
from tests.world import AIKO, MONDAY

BORN = AIKO.model_copy(update={"birthday": "1990-12-24"})


def list_days(year: Year, *templates: str) -> list[str]:
    """When each was said, by Aiko's own clock."""
    told = [message for message in year.world.list_messages() if message.template in templates]
    return [message.decided_at.astimezone(MONDAY.astimezone().tzinfo).date().isoformat() for message in told]


def test_a_card_comes_on_each_birthday() -> None:
    year = open_year("birthday")
    year.buy("1", "tea", buyer=BORN)
    year.live(800)
    days = [
        message.decided_at.isoformat()[:13] for message in year.world.list_messages() if message.template == "birthday"
    ]
    assert days == ["2026-12-24T01", "2027-12-24T01", "2028-12-24T01"]  # ten o'clock in Tokyo


def test_a_shop_that_gives_something_gives_a_code_of_their_own() -> None:
    year = open_year("birthday", percent="10")
    year.buy("1", "tea", buyer=BORN)
    year.live_until(datetime(2026, 12, 24, 2, tzinfo=UTC))
    [request] = [request for request in year.world.queues.actions if request.kind == "coupon"]
    done = ActionDone(
        customer_id=request.customer_id,
        action_id=request.action_id,
        at=year.world.clock(),
        action="coupon",
        ok=True,
        data={"code": "KINARI-7F3K", "last_day": "2027-01-07"},
    )
    year.world.hear(done, source="actions")
    assert year.told_of(["birthday", "birthday_gift"]) == ["birthday_gift"]


def test_whose_birthday_nobody_knows_gets_no_card() -> None:
    year = open_year("birthday")
    year.buy("1", "tea")
    assert year.world.customer().runs == ()


def test_a_thank_you_comes_each_year_on_the_day_of_the_first_order() -> None:
    year = open_year("anniversary")
    year.buy("1", "tea")
    year.live(200)
    year.buy("2", "tea")
    year.live(180)
    year.buy("3", "tea")
    year.live(370)
    days = [
        message.decided_at.date().isoformat()
        for message in year.world.list_messages()
        if message.template == "anniversary"
    ]
    assert days == ["2027-11-02", "2028-11-02"]


def test_who_has_been_gone_for_long_is_left_alone() -> None:
    year = open_year("anniversary")
    year.buy("1", "tea")
    year.live(800)
    assert year.told_of(["anniversary"]) == ["anniversary"]
    assert "anniversary.run ended silent for long" in year.world.why()


WIN_BACK = ("win_back_picks", "win_back", "win_back_thanks", "win_back_sorry")


def open_silence(orders: int = 1, every: int = 30) -> Year:
    """Aiko has ordered tea so often, every so many days; others buy cups with it."""
    year = open_year("win-back").sell(make_product("tea", tags=("kitchen",)), make_product("cup", tags=("kitchen",)))
    for number in range(orders):
        if number:
            year.live(every)
        year.buy(f"{number}", "tea")
    return year


def test_two_messages_at_most_and_then_silence() -> None:
    year = open_silence()
    assert year.told_of(WIN_BACK) == []
    year.live(89)
    assert year.told_of(WIN_BACK) == []
    year.live(3)
    assert year.told_of(WIN_BACK) == ["win_back_picks"]
    assert year.find("win_back_picks").data["find.picks.ids"] == "cup"
    year.live(23)
    assert year.told_of(WIN_BACK) == ["win_back_picks", "win_back"]
    year.live(400)
    assert year.told_of(WIN_BACK) == ["win_back_picks", "win_back"]


def test_who_orders_each_month_is_missed_sooner() -> None:
    year = open_silence(orders=6)
    year.live(75)
    assert year.told_of(WIN_BACK) == ["win_back_picks"]


def test_an_order_ends_it_and_begins_it_anew() -> None:
    year = open_silence()
    year.live(92)
    year.buy("9", "tea")
    year.live(60)
    assert year.told_of(WIN_BACK) == ["win_back_picks"]
    assert "win-back.run ended ordered" in year.world.why()
    assert [run.journey for run in year.world.customer().runs].count("win-back") == 1


def test_who_says_what_went_wrong_gets_a_person() -> None:
    year = open_silence()
    year.live(115).reply("went_wrong", "win_back")
    assert year.told_of(WIN_BACK)[-1] == "win_back_sorry"
    [ticket] = year.world.customer().open_tickets
    assert ticket.queue == "feedback"


@pytest.mark.parametrize("answer", ["no_need", "elsewhere"])
def test_another_answer_is_kept_and_thanked_for(answer: str) -> None:
    year = open_silence()
    year.live(115).reply(answer, "win_back")
    assert year.told_of(WIN_BACK)[-1] == "win_back_thanks"
    [response] = year.world.records.responses.values()
    assert response.answers == {"reason": answer}


SUBSCRIBE = "https://kinari.example/subscribe"


def reorder(year: Year, *every: int) -> Year:
    """Tea, and again after so many days each; it arrives."""
    from okaeri.domain.orders import ShipmentStatus

    for number, days in enumerate((0, *every)):
        year.live(days)
        year.buy(f"{number}", "tea")
        year.world.ship(f"{number}", ShipmentStatus.DELIVERED)
    return year.live(4)


def test_a_subscription_is_offered_once_to_who_reorders_regularly() -> None:
    year = reorder(open_year("subscription-offer", url=SUBSCRIBE), 30, 31)
    assert year.told_of(["subscription_offer"]) == []
    reorder(year, 25)
    assert year.told_of(["subscription_offer"]) == []


def test_after_three_reorders_the_shops_own_page_is_offered() -> None:
    year = reorder(open_year("subscription-offer", url=SUBSCRIBE), 30, 31, 29)
    assert year.told_of(["subscription_offer"]) == ["subscription_offer"]
    assert year.find("subscription_offer").data["setting.url"] == SUBSCRIBE
    year.live(25).buy("9", "tea")
    assert year.told_of(["subscription_offer"]) == ["subscription_offer"]


def test_a_shop_without_such_a_page_offers_nothing() -> None:
    year = reorder(open_year("subscription-offer"), 30, 31, 29, 30)
    assert year.told_of(["subscription_offer"]) == []
