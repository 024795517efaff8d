"""An address names a store, or a ticket that only we can name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from okaeri.adapters.reply_addresses import SignedReplyAddresses
from okaeri.domain.letters import Addressee
from okaeri.domain.values import make_id
from tests.fakes import FakeSecrets, FakeStores
from tests.unit.use_cases.speaking import STORE

TICKET = make_id("ticket", 1)
LONG = "a-shop-whose-name-is-as-long-as-allowed1"
SECRETS = {"stores/s1/links": {"key": "k1"}, "stores/s2/links": {"key": "k2"}, f"stores/{LONG}/links": {"key": "k3"}}


def make_addresses(
    domain: str = "reply.example.com", secrets: Mapping[str, dict[str, str]] = MappingProxyType({})
) -> SignedReplyAddresses:
    stores = FakeStores(*(STORE.model_copy(update={"store_id": name}) for name in ("s1", "s2", LONG)))
    return SignedReplyAddresses(FakeSecrets({**SECRETS, **secrets}), stores, domain=domain)


@pytest.mark.parametrize("store_id", ["s1", "s2", LONG])
@pytest.mark.parametrize("ticket_id", [TICKET, TICKET[:20], TICKET[:16]])
def test_a_reply_address_leads_back_to_its_ticket(store_id: str, ticket_id: str) -> None:
    addresses = make_addresses()
    address = addresses.make(store_id, ticket_id)
    assert addresses.read(address) == Addressee(store_id, ticket_id)
    assert addresses.read(address.upper()) == Addressee(store_id, ticket_id), "mail programs change the case"


CUSTOMER, SEED = make_id("customer", 1)[:24], make_id("run", 1, 0)


def test_a_question_s_address_leads_back_to_whom_it_was_asked() -> None:
    addresses = make_addresses()
    address = addresses.make_for_question("s1", CUSTOMER, SEED)
    expected = Addressee("s1", question=SEED[:16], customer_id=CUSTOMER)
    assert addresses.read(address) == expected
    assert addresses.read(address.upper()) == expected
    assert len(address.partition("@")[0]) <= 64


def test_what_was_signed_for_a_question_is_no_ticket() -> None:
    addresses = make_addresses()
    address = addresses.make_for_question("s1", CUSTOMER, SEED)
    assert addresses.read(address.replace("photo+", "reply+")) is None
    assert addresses.read(addresses.make("s1", CUSTOMER + SEED[:16]).replace("reply+", "photo+")) is None


@pytest.mark.parametrize(("customer", "seed"), [("c1", SEED), (CUSTOMER, ""), (CUSTOMER, "staff.reply")])
def test_where_nothing_can_be_named_there_is_no_address_of_a_question(customer: str, seed: str) -> None:
    assert make_addresses().make_for_question("s1", customer, seed) == ""
    assert make_addresses("").make_for_question("s1", CUSTOMER, SEED) == ""


def test_a_reply_address_keeps_within_what_mail_allows() -> None:
    local, _, _ = make_addresses().make(LONG, TICKET).partition("@")
    assert len(local) <= 64


@pytest.mark.parametrize("place", range(6, 58, 7))
def test_an_address_that_was_changed_leads_nowhere(place: int) -> None:
    addresses = make_addresses()
    address = addresses.make("s1", TICKET)
    other = "b" if address[place] != "b" else "c"
    assert addresses.read(address[:place] + other + address[place + 1 :]) is None


def test_an_address_signed_with_another_key_leads_nowhere() -> None:
    forged = make_addresses(secrets={"stores/s1/links": {"key": "other"}}).make("s1", TICKET)
    assert make_addresses().read(forged) is None


@pytest.mark.parametrize("address", ["s1@reply.example.com", "S1+anything@REPLY.example.com"])
def test_a_store_is_written_to_by_its_name(address: str) -> None:
    assert make_addresses().read(address) == Addressee("s1")


@pytest.mark.parametrize(
    "address",
    [
        "nobody@reply.example.com",
        "s1@elsewhere.example",
        "reply+@reply.example.com",
        "reply+!!@reply.example.com",
        "",
        "s1",
    ],
)
def test_an_address_that_is_none_of_ours_leads_nowhere(address: str) -> None:
    assert make_addresses().read(address) is None


def test_where_no_mail_is_received_there_is_no_address() -> None:
    assert make_addresses(domain="").make("s1", TICKET) == ""
    assert make_addresses(domain="").read("s1@") is None


def test_a_ticket_of_another_shape_is_answered_at_the_store() -> None:
    assert make_addresses().make("s1", "t-1") == "s1@reply.example.com"
