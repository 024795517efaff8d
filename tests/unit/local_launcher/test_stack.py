"""`stack.json` says what other programs were promised; the pace follows the person's wishes."""

import pytest

from local.launcher.aws import LocalAws
from local.launcher.deploy import Outputs
from local.launcher.description import Pace, PaceRefused, describe_stack
from local.launcher.ports import Ports
from local.launcher.stand_ins import MetaApp, describe_phones, describe_post, describe_shops
from local.launcher.stores import STORES, StoreKeys, invent_access, list_choices

APP = MetaApp(app_secret="app", verify_token="verify", access_token="access")
OUTPUTS = Outputs(
    {
        "TableName": "okaeri-Table",
        "MediaBucketName": "okaeri-media",
        "StatusesQueueUrl": "http://127.0.0.1:4/statuses",
        "ReceiveEmailEventArn": "arn:function",
    }
)
KEYS = {store.store_id: StoreKeys(f"secret of {store.store_id}", f"mia.token of {store.store_id}") for store in STORES}


def test_the_description_has_the_promised_shape() -> None:
    ports = Ports(api=1, whatsapp=2, mailbox=3, shops=5, aws=4)
    described = describe_stack(Pace(), ports, OUTPUTS, APP, KEYS)
    (first, *_) = described.pop("stores")
    assert described == {
        "api_url": "http://127.0.0.1:1",
        "console_url": None,
        "whatsapp_url": "http://127.0.0.1:2",
        "mailbox_url": "http://127.0.0.1:3",
        "shops_url": "http://127.0.0.1:5",
        "aws_endpoint_url": "http://127.0.0.1:4",
        "table_name": "okaeri-Table",
        "inbound_domain": "reply.okaeri.test",
        "media_bucket": "okaeri-media",
        "seconds_per_day": 86400,
        "whatsapp": {
            "phone_number_id": first["phone_number_id"],
            "waba_id": "200000000000001",
            "verify_token": "verify",
            "app_secret": "app",
            "webhook_url": "http://127.0.0.1:1/whatsapp",
        },
        "admin": None,
    }
    assert first == {
        "store_id": "kinari",
        "platform": "shopify",
        "domain": "kinari.myshopify.com",
        "events_url": "http://127.0.0.1:1/stores/kinari/events",
        "secret": "secret of kinari",
        "inbox_url": "http://127.0.0.1:1/inbox/kinari",
        "staff_token": "mia.token of kinari",
        "phone_number_id": "100000000000001",
        "from_email": "hello@kinari.example",
    }


def test_the_mailbox_is_told_where_events_and_letters_go() -> None:
    assert describe_post(LocalAws("http://127.0.0.1:4"), OUTPUTS) == {
        "aws_endpoint_url": "http://127.0.0.1:4",
        "statuses_queue_url": "http://127.0.0.1:4/statuses",
        "letters_domain": "reply.okaeri.test",
        "letters_bucket": "okaeri-media",
        "letters_function": "arn:function",
    }


def test_there_is_one_store_for_each_platform_with_a_number_of_its_own() -> None:
    assert [store.platform for store in STORES] == ["shopify", "woocommerce", "standard"]
    assert len({store.phone_number_id for store in STORES}) == len(STORES)


def test_checkouts_of_the_local_stores_carry_the_wording_for_whatsapp() -> None:
    for store in STORES:
        choices = list_choices(store)
        assert choices["phone-field-is-opt-in"] == "yes"
        assert "WhatsApp" in choices["phone-field-wording"]


def test_the_whatsapp_stand_in_knows_the_number_of_each_store() -> None:
    accounts = describe_phones(APP, STORES)["accounts"]
    numbers = [number["phone_number_id"] for account in accounts for number in account["phone_numbers"]]
    assert numbers == [store.phone_number_id for store in STORES]


def test_orders_are_changed_with_the_credentials_that_the_stores_were_given() -> None:
    accesses = {store.store_id: access for store in STORES if (access := invent_access(store, "http://127.0.0.1:5"))}
    shops = describe_shops(STORES, accesses, KEYS, "http://127.0.0.1:1")["shops"]
    assert [(shop["store_id"], shop["platform"]) for shop in shops] == [
        ("kinari", "shopify"),
        ("casa-lima", "woocommerce"),
    ]
    for shop in shops:
        access = accesses[shop["store_id"]]
        assert access["url"] == f"http://127.0.0.1:5/{shop['domain']}"
        assert {name: shop[name] for name in access if name != "url"} == {n: t for n, t in access.items() if n != "url"}
        assert shop["events_url"] == f"http://127.0.0.1:1/stores/{shop['store_id']}/events"
    assert len({text for access in accesses.values() for text in access.values()}) == 6


def test_days_are_real_unless_asked_otherwise() -> None:
    assert Pace.from_environment({}) == Pace(seconds_per_day=86400, delivery_patience=900)


def test_quick_days_come_with_a_short_patience() -> None:
    assert Pace.from_environment({"SECONDS_PER_DAY": "5"}) == Pace(seconds_per_day=5, delivery_patience=20)


def test_the_demo_is_quick_unless_the_person_says_how_quick() -> None:
    assert Pace.from_environment({}, 4).seconds_per_day == 4
    assert Pace.from_environment({"SECONDS_PER_DAY": "60"}, 4).seconds_per_day == 60


def test_the_limit_of_a_queues_delay_can_be_lowered_for_tests() -> None:
    pace = Pace.from_environment({"SECONDS_PER_DAY": "10", "QUEUE_DELAY_LIMIT_SECONDS": "5"})
    assert pace.queue_delay_limit == 5


@pytest.mark.parametrize("text", ["0", "ten", "86401", "-5", "1.5"])
def test_an_impossible_length_of_a_day_is_refused_with_what_is_possible(text: str) -> None:
    with pytest.raises(PaceRefused, match="SECONDS_PER_DAY must be a whole number of seconds from 1 to 86400"):
        Pace.from_environment({"SECONDS_PER_DAY": text})
