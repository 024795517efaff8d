"""Faults on order, and how the stand-in's webhooks are encoded and signed."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from local.control import FaultOrder, Faults
from local.whatsapp.configuration import Account, Configuration, PhoneNumber
from local.whatsapp.webhooks import Change, encode_body, sign


def test_a_fault_with_times_is_used_up_and_one_without_stays() -> None:
    faults = Faults()
    faults.add(FaultOrder(code=131056, times=2))
    faults.add(FaultOrder(http_status=500))
    taken = [faults.take() for _ in range(4)]
    assert [(t.code, t.http_status) for t in taken if t] == [(131056, None)] * 2 + [(None, 500)] * 2
    faults.clear()
    assert faults.take() is None


def test_a_fault_with_a_rate_strikes_about_as_often() -> None:
    faults = Faults()
    faults.add(FaultOrder(timeout=True, rate=0.3))
    struck = sum(faults.take() is not None for _ in range(2000))
    assert 450 < struck < 750


@pytest.mark.parametrize(
    "order", [{}, {"code": 1, "timeout": True}, {"code": 1, "times": 1, "rate": 0.5}, {"code": 1, "rate": 1.5}]
)
def test_a_fault_is_of_one_kind_and_one_frequency(order: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FaultOrder.model_validate(order)


def test_webhooks_of_several_accounts_share_a_body_with_an_entry_each() -> None:
    changes = [Change("1", "messages", {"a": "é/"}, 5.0), Change("2", "messages", {}, 5.0)]
    changes.append(Change("1", "message_template_status_update", {"event": "APPROVED"}, 7.0))
    body = encode_body(changes)
    assert b"\\u00e9\\/" in body
    first, second = json.loads(body)["entry"]
    assert (first["id"], first["time"], second["id"]) == ("1", 7, "2")
    assert [change["field"] for change in first["changes"]] == ["messages", "message_template_status_update"]
    # echo -n '{}' | openssl dgst -sha256 -hmac secret
    assert sign(b"{}", "secret") == "sha256=77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13"


def test_a_configuration_is_changed_by_key_and_its_accounts_by_id() -> None:
    first = Account(waba_id="1", phone_numbers=[PhoneNumber(phone_number_id="11", display_phone_number="+1 212")])
    known = Configuration(app_secret="s", accounts=[first, Account(waba_id="2")])
    changed = known.merge(Configuration(template_review_s=0, accounts=[Account(waba_id="2", name="New")]))
    assert (changed.app_secret, changed.template_review_s) == ("s", 0)
    assert [(a.waba_id, a.name) for a in changed.accounts] == [("1", "Test shop"), ("2", "New")]
    with pytest.raises(ValidationError, match="unique"):
        Configuration(accounts=[first, Account(waba_id="11")])
