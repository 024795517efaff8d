"""The request that SES gets, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from okaeri import wiring
from okaeri.adapters.ses import (
    HEADER_LIMIT,
    SesEmail,
    build_content,
    build_headers,
    build_thread,
    format_sender,
    to_ascii,
)
from okaeri.domain.delivery import MessageKey, Receipt
from okaeri.domain.stores import Contact, Store
from okaeri.domain.templates import EmailAttachment, EmailContent
from okaeri.errors import AnswerLost, GiveUp, OkaeriError, StopSender, TryAgain
from tests.unit.use_cases.speaking import STORE

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

SANDBOX = "Email address is not verified. The following identities failed the check: aiko@example.jp"
KEY = MessageKey("s1", "c" * 40, "m" * 40)
CONTENT = EmailContent(subject="ご注文 #1001", preheader="", html="<p>ありがとう</p>", text="ありがとう")
SHOP = STORE.model_copy(update={"contact": Contact(email="help@kinari.example")})


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(boto3.client("sesv2")) as stubber:
        yield stubber


def send(stub: Stubber, store: Store = SHOP, **change: str) -> Receipt:
    values = {"address": "aiko@example.jp", "unsubscribe_url": ""} | change
    email = SesEmail(cast("SESV2Client", stub.client), configuration_set="okaeri", stage="local")
    return email.send(store, values["address"], CONTENT, key=KEY, unsubscribe_url=values["unsubscribe_url"])


def test_an_e_mail_has_both_parts_the_shops_name_and_our_tags(stub: Stubber) -> None:
    expected: dict[str, Any] = {
        "FromEmailAddress": '"Kinari" <hello@kinari.example>',
        "Destination": {"ToAddresses": ["aiko@example.jp"]},
        "ReplyToAddresses": ["help@kinari.example"],
        "Content": {
            "Simple": {
                "Subject": {"Data": "ご注文 #1001", "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": "ありがとう", "Charset": "UTF-8"},
                    "Html": {"Data": "<p>ありがとう</p>", "Charset": "UTF-8"},
                },
                "Headers": [],
            }
        },
        "EmailTags": [
            {"Name": "store", "Value": "s1"},
            {"Name": "customer", "Value": "c" * 40},
            {"Name": "message", "Value": "m" * 40},
            {"Name": "stage", "Value": "local"},
        ],
        "ConfigurationSetName": "okaeri",
    }
    stub.add_response("send_email", {"MessageId": "ses-1"}, expected)
    assert send(stub) == Receipt(provider_id="ses-1")


def test_a_file_goes_along_under_its_name() -> None:
    receipt = EmailAttachment(filename="領収書 1001.pdf", content_type="application/pdf", body=b"%PDF")
    content = build_content(CONTENT.model_copy(update={"attachments": (receipt,)}), "")
    assert content["Attachments"] == [
        {"FileName": "領収書 1001.pdf", "ContentType": "application/pdf", "RawContent": b"%PDF"}
    ]
    assert send_stubbed(content)


def send_stubbed(content: dict[str, Any]) -> bool:
    """Whether botocore knows all of it: an older one would refuse the whole mail."""
    with Stubber(boto3.client("sesv2")) as stubber:
        stubber.add_response("send_email", {"MessageId": "ses-1"})
        answer = cast("SESV2Client", stubber.client).send_email(Content=cast("Any", {"Simple": content}))
    return answer["MessageId"] == "ses-1"


def test_marketing_can_be_left_with_one_click() -> None:
    assert build_headers("https://kinari.example/u/s1.token") == [
        {"Name": "List-Unsubscribe", "Value": "<https://kinari.example/u/s1.token>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]


@pytest.mark.parametrize(
    "url", ["https://kinari.example/u/é", "https://x/\r\nBcc: a@b.c", "https://x/" + "a" * HEADER_LIMIT]
)
def test_a_header_that_ses_refuses_is_never_sent(url: str) -> None:
    with pytest.raises(GiveUp, match="List-Unsubscribe"):
        build_headers(url)


@pytest.mark.parametrize(
    "name",
    [
        "Kinari",
        "きなり リネン商店 とても長い名前のお店です、東京、日本、ほんとうに",
        "Café & Co, Ltd.",
        'The "Best" Shop',
    ],
)
def test_the_shops_name_reads_right_whatever_its_script(name: str) -> None:
    sender = format_sender(name, "hello@kinari.example")
    assert sender.isascii()
    assert all(len(word) <= 75 for word in sender.split())
    shown = str(make_header(decode_header(sender)))
    assert shown.replace("'", '"').replace('"', "").startswith(name.replace('"', ""))
    assert sender.endswith(" <hello@kinari.example>")


def test_a_name_cannot_smuggle_a_header() -> None:
    assert "\n" not in format_sender("Evil\r\nBcc: all@example.com", "hello@kinari.example")


def test_a_domain_of_another_script_is_written_in_ascii() -> None:
    assert to_ascii("aiko@きなり.jp") == "aiko@xn--w8jycue.jp"


@pytest.mark.parametrize(
    "address", ["あい@example.jp", "no-at-sign", "a@", "@b.jp", "a@b.jp\r\nBcc: x@y.z", "a@" + "x" * 70 + ".jp"]
)
def test_an_address_that_ses_cannot_take_is_given_up(stub: Stubber, address: str) -> None:
    with pytest.raises(GiveUp, match="address_not_valid"):
        send(stub, address=address)


def test_a_shop_without_an_address_stops_its_sender(stub: Stubber) -> None:
    with pytest.raises(StopSender, match="no_sender_address"):
        send(stub, SHOP.model_copy(update={"from_email": None}))


@pytest.mark.parametrize(
    ("code", "status", "text", "error", "ours"),
    [
        ("MessageRejected", 400, SANDBOX, StopSender, "ses_not_verified"),
        ("MailFromDomainNotVerifiedException", 400, "", StopSender, "ses_mail_from_domain_not_verified"),
        ("AccountSuspendedException", 400, "", StopSender, "ses_account_suspended"),
        ("SendingPausedException", 400, "", StopSender, "ses_sending_paused"),
        ("NotFoundException", 404, "Configuration set <okaeri> does not exist.", StopSender, "ses_not_found"),
        ("LimitExceededException", 400, "", StopSender, "ses_quota"),
        ("TooManyRequestsException", 429, "Daily message quota exceeded.", StopSender, "ses_quota"),
        ("TooManyRequestsException", 429, "Maximum sending rate exceeded.", TryAgain, "ses_too_many_requests"),
        ("InternalServiceErrorException", 500, "", TryAgain, "ses_internal_service_error"),
        ("SomethingNew", 503, "", TryAgain, "ses_something_new"),
        ("MessageRejected", 400, "Email content is rejected", GiveUp, "ses_message_rejected"),
        ("BadRequestException", 400, "Missing final '@domain'", GiveUp, "ses_bad_request"),
    ],
)  # fmt: skip
def test_what_ses_refuses_has_one_next_step(
    stub: Stubber, code: str, status: int, text: str, error: type[OkaeriError], ours: str
) -> None:
    stub.add_client_error("send_email", code, text, http_status_code=status)
    with pytest.raises(error) as raised:
        send(stub)
    assert raised.value.code == ours
    assert "aiko@example.jp" not in str(raised.value)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (EndpointConnectionError(endpoint_url="https://email"), TryAgain),
        (ConnectTimeoutError(endpoint_url="https://email"), TryAgain),
        (ReadTimeoutError(endpoint_url="https://email"), AnswerLost),
        (ConnectionClosedError(endpoint_url="https://email"), AnswerLost),
    ],
)
def test_only_what_was_surely_not_sent_is_tried_again(
    stub: Stubber, failure: Exception, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**request: Any) -> None:
        raise failure

    monkeypatch.setattr(stub.client, "send_email", fail)
    with pytest.raises(error):
        send(stub)


def test_the_client_that_sends_makes_one_attempt_and_ends_before_its_function() -> None:
    wiring.connect_ses.cache_clear()
    config: Any = wiring.connect_ses().meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout < 30
    wiring.connect_ses.cache_clear()


def test_an_answer_to_a_letter_comes_back_to_its_ticket_and_stands_below_the_letter() -> None:
    content = CONTENT.model_copy(
        update={
            "reply_to": "reply+abc@in.example",
            "in_reply_to": "letter-1@example.jp",
            "references": ("t1@in.example", "letter-1@example.jp"),
        }
    )
    assert build_thread(content) == [
        {"Name": "In-Reply-To", "Value": "<letter-1@example.jp>"},
        {"Name": "References", "Value": "<t1@in.example> <letter-1@example.jp>"},
    ]
    assert build_thread(CONTENT) == []


@pytest.mark.parametrize(
    "letter_id", ["a b@c", "a@b\r\nBcc: x@y.example", "<a@b>", "愛@b.example", "no-at", "a" * 300 + "@b"]
)
def test_an_id_that_could_break_a_header_is_left_out(letter_id: str) -> None:
    content = CONTENT.model_copy(update={"in_reply_to": letter_id, "references": ("t1@in.example", letter_id)})
    assert build_thread(content) == [{"Name": "References", "Value": "<t1@in.example>"}]
