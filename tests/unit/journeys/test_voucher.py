"""voucher: a few questions, a code of one's own, one reminder, and one question why it was not used."""

from __future__ import annotations

from typing import Any

from okaeri.domain.evidence import ActionDone
from okaeri.domain.messages import Message
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store, open_talk
from tests.world import BOTH_OPT_INS, make_order


def open_voucher(**settings: str) -> Talk:
    """Aiko has ordered once, agreed to marketing on WhatsApp, and comes by the shop's code."""
    store = open_store("voucher", settings=settings)
    codes = store.settings.model_copy(update={"entry_codes": {"voucher": "voucher"}})
    talk = open_talk(store.model_copy(update={"settings": codes}))
    talk.world.order(make_order(opt_ins=BOTH_OPT_INS))
    return talk.do("begin:voucher")


def told(talk: Talk) -> list[str]:
    return [name for name in talk.world.told() if name.startswith(("voucher", "survey"))]


def give(talk: Talk, **data: str) -> Talk:
    """A code comes out of the pool, or none does."""
    requests = [request for request in talk.world.queues.actions if request.kind == "coupon"]
    done: dict[str, Any] = {"action": "coupon", "ok": "code" in data, "data": data}
    talk.world.hear(
        ActionDone(
            customer_id=requests[-1].customer_id, action_id=requests[-1].action_id, at=talk.world.clock(), **done
        ),
        source="actions",
    )
    return talk


def answer_all(talk: Talk) -> Talk:
    return talk.tap("Aprons").type("Aiko").tap("Yes, please")


def find_last(talk: Talk, template: str) -> Message:
    return [message for message in talk.world.list_messages() if message.template == template][-1]


def test_the_first_question_says_how_many_there_are_and_all_may_be_skipped() -> None:
    talk = open_voucher()
    assert told(talk) == ["voucher_likes"]
    assert "Three short questions at most" in talk.text()
    assert talk.labels() == ["Aprons", "Towels", "Skip"]
    talk.tap("Skip").tap("Skip").tap("No, thank you")
    give(talk, code="KINARI-7F3K")
    assert told(talk) == ["voucher_likes", "voucher_name", "voucher_email", "voucher_code"]
    assert "*KINARI-7F3K*" in talk.text()
    assert "until" not in talk.text()
    assert talk.world.customer().attributes == {}


def test_what_was_answered_is_on_the_profile_and_the_yes_to_mails_has_its_proof() -> None:
    talk = answer_all(open_voucher())
    customer = talk.world.customer()
    assert (customer.first_name, customer.attributes["interests"]) == ("Aiko", "Aprons")
    [entry] = [entry for entry in talk.world.records.consents.values() if entry.channel == "email"]
    assert (entry.purpose, entry.given, entry.wording) == ("marketing", True, "Yes, please")
    assert entry.proof["message"] == find_last(talk, "voucher_email").message_id


def test_the_pool_is_the_one_that_the_shop_names() -> None:
    talk = answer_all(open_voucher(pool="autumn-fair"))
    assert [request.target for request in talk.world.queues.actions] == ["autumn-fair"]


def test_a_code_says_its_last_day() -> None:
    talk = give(answer_all(open_voucher()), code="KINARI-7F3K", last_day="2026-12-31")
    assert "works once, until Thu, Dec 31." in talk.text()


def test_an_empty_pool_is_said_honestly() -> None:
    talk = give(answer_all(open_voucher()), reason="pool_empty")
    assert told(talk)[-1] == "voucher_none"
    talk.world.wait(days=40)
    assert told(talk)[-1] == "voucher_none"


def test_nobody_gets_a_second_code() -> None:
    talk = give(answer_all(open_voucher()), code="KINARI-7F3K")
    before = told(talk)
    talk.world.wait(days=60)
    talk.do("begin:voucher")
    assert told(talk).count("voucher_likes") == before.count("voucher_likes")


def test_who_uses_it_is_reminded_of_nothing() -> None:
    talk = give(answer_all(open_voucher()), code="KINARI-7F3K")
    talk.world.wait(days=2)
    talk.world.order(make_order("5002", created_at=talk.world.clock(), coupon_codes=("kinari-7f3k",)))
    talk.world.wait(days=60)
    assert told(talk)[-1] == "voucher_code"


def test_who_does_not_is_reminded_once_three_days_before_its_end_and_asked_why_after_it() -> None:
    talk = give(answer_all(open_voucher()), code="KINARI-7F3K", last_day="2026-12-01")
    talk.world.wait(days=24)
    assert "voucher_reminder" not in told(talk)
    talk.world.wait(days=4)
    assert told(talk).count("voucher_reminder") == 1
    talk.world.wait(days=6)
    assert told(talk).count("voucher_reminder") == 1
    assert told(talk)[-1] == "voucher_why"


def test_why_it_was_not_used_is_kept() -> None:
    talk = give(answer_all(open_voucher()), code="KINARI-7F3K")
    talk.world.wait(days=22)
    question = find_last(talk, "voucher_why")
    talk.world.write("Still too expensive", payload=f"ANSWER:{question.seed}:too_dear")
    [response] = talk.world.records.responses.values()
    assert (response.survey, response.answers) == ("voucher", {"why": "too_dear"})
    assert told(talk)[-1] == "survey_thanks"


def test_without_a_yes_to_marketing_nobody_is_reminded() -> None:
    store = open_store("voucher")
    codes = store.settings.model_copy(update={"entry_codes": {"voucher": "voucher"}})
    talk = open_talk(store.model_copy(update={"settings": codes}))
    talk.do("begin:voucher").tap("Skip").tap("Skip")
    give(talk, code="KINARI-7F3K")
    talk.world.wait(days=60)
    assert told(talk) == ["voucher_likes", "voucher_name", "voucher_code"]
