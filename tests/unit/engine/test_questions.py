"""Questions: taps, words, pictures, two devices, late answers, strange words, and nobody who answers."""

from __future__ import annotations

import pytest

from okaeri.domain.evidence import MessageReceived
from okaeri.domain.orders import Buyer
from okaeri.domain.pace import Pace
from okaeri.domain.values import Channel
from tests.unit.engine.shops import open_shop, place, write
from tests.world import AIKO, World

ASK = "ask: {id: rating, template: how_was_it, answers: {great: ['😍', wonderful], bad: ['🙁']}, timeout: P2D%s}"
AFTER = """branch:
      - when: {answer: rating, is: bad}
        steps: [{send: sorry}]
      - when: {answer: rating, is: great}
        steps: [{send: thanks}]
      - otherwise: [{send: noted}]"""


def open_question(more: str = "", *texts: str) -> World:
    world = open_shop(write("how", ASK % more, AFTER, purpose="order"), *texts)
    place(world)
    return world


def tap(world: World, answer: str, *, question: int = 0) -> None:
    """The button of the question that was asked so many questions ago."""
    asked = [message for message in world.list_messages() if message.template.startswith("how_was_it")]
    message = [message for message in asked if message.channel is Channel.WHATSAPP][-1 - question]
    world.write("label of the button", payload=f"ANSWER:{message.seed}:{answer}")


def tell(world: World) -> list[str]:
    return [template for template in world.told("whatsapp") if not template.startswith("how_was_it")]


def test_a_tap_is_an_answer() -> None:
    world = open_question()
    tap(world, "bad")
    assert tell(world) == ["sorry"]
    assert "how.answer.rating answered answer:bad" in world.why()


def test_words_that_mean_an_answer_count_as_it_however_they_are_written() -> None:
    for words in ("😍", "wonderful", "Wonderful!", " GREAT "):
        world = open_question()
        world.write(words)
        assert tell(world) == ["thanks"], words


def test_tapped_on_two_devices_the_first_counts() -> None:
    world = open_question()
    tap(world, "great")
    tap(world, "bad")
    assert tell(world) == ["thanks"]


def test_the_same_tap_delivered_twice_is_one() -> None:
    world = open_question()
    envelope = world.write(
        "label", payload=f"ANSWER:{next(m.seed for m in world.list_messages() if m.template == 'how_was_it')}:great"
    )
    world.give(envelope, redelivered=True)
    assert tell(world) == ["thanks"]


def test_any_words_will_do_where_text_is_asked_for() -> None:
    world = open_question(", text: true")
    world.talk("Es war ganz nett")
    assert tell(world) == ["noted"]
    assert "how.answer.rating answered own_words" in world.why()
    assert "Es war ganz nett" not in " ".join(world.why())


def test_a_picture_is_an_answer_where_one_is_asked_for() -> None:
    for more, said in ((", media: true", ["noted"]), ("", [])):
        world = open_question(more)
        world.hear(
            MessageReceived(
                provider_id="wamid.pic", at=world.clock(), type="image", phone=AIKO.phone, media_id="media1"
            )
        )
        assert tell(world) == said


def test_strange_words_are_asked_about_again_so_often_and_then_waited_through() -> None:
    world = open_question(", retries: 1, again: how_was_it_again")
    world.talk("hm?")
    world.talk("what do you mean")
    world.talk("leave me")
    asked = [name for name in world.told("whatsapp") if name.startswith("how_was_it")]
    assert asked == ["how_was_it", "how_was_it_again"]
    assert world.why().count("how.answer.rating not understood asked_again") == 1
    assert world.why().count("how.answer.rating not understood goes_on_waiting") == 2
    tap(world, "great")
    assert tell(world) == ["thanks"]


def test_the_button_of_the_first_asking_still_answers_after_the_second() -> None:
    world = open_question(", retries: 1, again: how_was_it_again")
    world.talk("hm?")
    tap(world, "bad", question=1)
    assert tell(world) == ["sorry"]


def test_nobody_answers_and_the_journey_goes_on() -> None:
    world = open_question()
    world.wait(days=3)
    assert tell(world) == ["noted"]


def test_a_late_answer_changes_nothing() -> None:
    world = open_question()
    world.wait(days=3)
    tap(world, "bad")
    assert tell(world) == ["noted"]
    assert not world.customer().runs


def test_stop_is_obeyed_and_is_no_answer() -> None:
    world = open_question(", text: true")
    world.write("STOP")
    assert "noted" not in world.told()
    (run,) = world.customer().runs
    assert run.waiting is not None
    world.wait(days=3)
    assert "noted" not in world.told("whatsapp")


def test_who_cannot_be_asked_is_not_waited_for() -> None:
    world = open_shop(write("how", ASK % "", AFTER, purpose="order"))
    place(world, buyer=Buyer(store_customer_id="1"), opt_ins=())
    assert not world.customer().runs
    assert "how_was_it not said nobody_reachable" in world.why()


def test_a_journey_may_ask_whether_anybody_could_be_asked() -> None:
    then = "branch: [{when: {field: run.outcome, is: unreachable}, steps: [{tag: letter}]}]"
    world = open_shop(write("how", ASK % "", then, purpose="order"))
    place(world, buyer=Buyer(store_customer_id="1"), opt_ins=())
    assert world.customer().tags == ("letter",)


def test_words_answer_the_question_that_was_asked_last() -> None:
    other = "ask: {id: size, template: which_size, answers: {small: [wonderful]}, timeout: P2D}"
    world = open_question("", write("size", "wait: PT1H", other, "send: sized", purpose="order"))
    world.wait(hours=2)
    world.write("wonderful")
    assert tell(world) == ["which_size", "sized"]
    world.write("wonderful")
    assert tell(world)[-1] == "thanks"


def test_words_answer_one_question_alone_though_two_were_asked_at_one_moment_or_the_older_run_asked_last() -> None:
    def ask(name: str) -> str:
        return f"ask: {{id: {name}, template: ask_{name}, text: true, timeout: P2D}}"

    for early, late in (((), ()), (("wait: PT2H",), ("wait: PT1H",))):
        world = open_shop(
            write("aa", *early, ask("aa"), "send: from_aa", purpose="order"),
            write("bb", *late, ask("bb"), "send: from_bb", purpose="order"),
        )
        place(world)
        world.wait(hours=3)
        world.talk("words")
        assert world.told("whatsapp")[2:] == (["from_aa"] if early else ["from_bb"])


def test_words_from_before_the_question_do_not_answer_it() -> None:
    world = open_question()
    late = world.clock().replace(hour=1)
    world.hear(MessageReceived(provider_id="wamid.old", at=late, type="text", phone=AIKO.phone, text="great"))
    assert tell(world) == []


def test_a_question_that_is_put_off_until_morning_is_asked_then_and_waits_from_then() -> None:
    world = open_shop(write("how", "wait: PT10H", ASK % "", AFTER))
    place(world)
    world.wait(hours=20)
    assert world.told("whatsapp") == []
    world.write("great")  # nothing was asked yet
    world.wait(hours=6)
    assert world.told("whatsapp") == ["how_was_it"]
    world.wait(days=1)
    tap(world, "great")
    world.wait(days=1)
    assert tell(world) == ["thanks"]


def test_who_answers_is_answered_at_once_and_loses_no_attention_by_it() -> None:
    world = open_shop(write("how", ASK % ", retries: 1, again: how_was_it_again", AFTER))
    place(world)
    world.talk("hm?")
    tap(world, "great")
    assert world.told("whatsapp") == ["how_was_it", "how_was_it_again", "thanks"]
    assert [entry.journey for entry in world.customer().attention] == ["how"]  # the question alone


def test_what_is_said_long_after_the_answer_minds_the_talk_and_the_attention_again() -> None:
    world = open_shop(write("how", ASK % "", "wait: PT2H", "send: thanks"))
    place(world)
    tap(world, "great")
    world.wait(hours=5)
    assert tell(world) == [] and "how.thanks deferred attention_day_full:how" in world.why()


def test_while_the_second_asking_waits_for_the_morning_the_first_may_be_answered() -> None:
    world = open_shop(write("how", ASK % ", retries: 2, again: how_was_it_again", AFTER))
    place(world)
    world.wait(hours=9)
    for words in ("hm?", "what?"):
        world.talk(words)
    assert "how.how_was_it_again deferred outside_hours" in world.why()
    tap(world, "bad")
    world.wait(days=1)
    assert world.told("whatsapp") == ["how_was_it", "sorry"]


def test_a_question_about_two_orders_is_asked_once_and_what_follows_is_said() -> None:
    world = open_shop(write("how", "wait: PT10H", ASK % "", AFTER))
    place(world)
    world.wait(hours=1)
    place(world, "5002")
    world.wait(days=1)
    assert world.told("whatsapp") == ["how_was_it"]
    assert "how.how_was_it merged said_by_sibling" in world.why()
    tap(world, "great")
    world.wait(days=3)
    assert tell(world) == ["thanks", "noted"]  # the one that was answered, and its sibling that was not
    assert not world.customer().runs


@pytest.mark.parametrize("answer", ["great", "bad"])
def test_an_answer_is_there_for_words_and_conditions(answer: str) -> None:
    world = open_question()
    tap(world, answer)
    message = world.list_messages()[-1]
    assert message.data == {"answer.rating": answer, "answer.rating.title": "label of the button"}


def test_typed_words_answer_where_days_are_shortened_too() -> None:
    after_a_day = write("how", "wait: P1D", ASK % "", AFTER, purpose="order")
    shop = open_shop(after_a_day)
    pace = Pace(seconds_per_day=8, queue_delay_limit_s=900, delivery_patience_s=20)
    world = World(store=shop.store, definitions=shop.definitions, pace=pace)
    place(world)
    world.wait(seconds=10)
    world.write("wonderful")
    assert tell(world) == ["thanks"]
