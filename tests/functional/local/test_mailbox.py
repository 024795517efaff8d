"""The mailbox in the place of SES, as boto3 meets it, with a local AWS behind it."""

from __future__ import annotations

import html
import json
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.functional.local.conftest import wait_for

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

Json = dict[str, Any]

ADA = "ada@example.com"
SENDER = "Linen & Co <hello@linen.example>"
PAGE = '<p>Hello <a href="https://shop.example/o/1?a=1&amp;b=2">Track</a><img src="cid:logo"></p>'


@dataclass
class LocalAws:
    """What reached the local AWS: events by queue, and every other call with its headers."""

    url: str = ""
    events: dict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    calls: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """A queue that takes batches, and an SES without identities."""
    aws = LocalAws()

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["X-Amz-Target"] == "AmazonSQS.SendMessageBatch"
            aws.events[body["QueueUrl"]] += [json.loads(entry["MessageBody"]) for entry in body["Entries"]]
            taken = [{"Id": e["Id"], "MessageId": e["Id"], "MD5OfMessageBody": ""} for e in body["Entries"]]
            self.answer(200, {"Successful": taken})

        def do_GET(self) -> None:
            aws.calls.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            if self.path.startswith("/v2/email/identities/"):
                self.answer(404, {"message": "Email identity does not exist."}, "NotFoundException")
            else:
                self.answer(200, {"SendingEnabled": True})

        def answer(self, status: int, body: Json, error: str | None = None) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if error:
                self.send_header("x-amzn-ErrorType", error)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    aws.url = f"http://127.0.0.1:{server.server_port}"
    yield aws
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Mailbox:
    """The mailbox, from both sides, and the queue that hears of its mails."""

    address: str
    ses: SESV2Client
    aws: LocalAws
    queue_url: str

    def send(self, to: str = ADA, content: Json | None = None, **request: Any) -> str:
        simple = {"Subject": {"Data": "Your order"}, "Body": {"Html": {"Data": PAGE}, "Text": {"Data": "Hello"}}}
        given: Any = {
            "FromEmailAddress": SENDER,
            "Destination": {"ToAddresses": [to]},
            "Content": {"Simple": simple | (content or {})},
            "ConfigurationSetName": "okaeri",
        }
        return self.ses.send_email(**(given | request))["MessageId"]

    def control(self, path: str, **body: Any) -> None:
        answer = requests.post(f"{self.address}/_/{path}", json=body, timeout=10)
        assert answer.ok, answer.text

    def mails(self) -> list[Json]:
        found: list[Json] = requests.get(f"{self.address}/_/messages", timeout=10).json()
        return found

    def hear(self, number: int) -> list[Json]:
        """So many new events of the queue, by their type."""
        queue = self.aws.events[self.queue_url]
        wait_for(lambda: len(queue) >= number)
        heard = sorted(queue, key=lambda event: str(event["detail"]["eventType"]))
        queue.clear()
        return heard


@pytest.fixture
def mailbox(mailbox_address: str, local_aws: LocalAws) -> Mailbox:
    once = Config(retries={"total_max_attempts": 1}, read_timeout=2)
    ses = boto3.client("sesv2", endpoint_url=mailbox_address, region_name="us-east-1", config=once)
    queue_url = f"{local_aws.url}/000000000000/statuses-{uuid.uuid4()}"
    mailbox = Mailbox(mailbox_address, ses, local_aws, queue_url)
    mailbox.control("reset")
    mailbox.control(
        "configure",
        aws_endpoint_url=local_aws.url,
        statuses_queue_url=queue_url,
        verified_identities=None,
        configuration_sets=None,
        delivery_s=0.01,
    )
    return mailbox


def test_a_mail_is_kept_as_it_was_sent_and_its_events_reach_the_queue(mailbox: Mailbox) -> None:
    headers = [
        {"Name": "List-Unsubscribe", "Value": "<https://okaeri.example/u/1>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]
    files = [{"FileName": "invoice.pdf", "ContentType": "application/pdf", "RawContent": b"%PDF-1.4"}]
    tags = [{"Name": "store", "Value": "linen"}, {"Name": "message", "Value": "0123abcd"}]
    sent = mailbox.send(content={"Headers": headers, "Attachments": files}, EmailTags=tags, ReplyToAddresses=[SENDER])
    [mail] = mailbox.mails()
    assert (mail["message_id"], mail["to"], mail["from"], mail["subject"]) == (sent, ADA, SENDER, "Your order")
    assert (mail["html"], mail["text"], mail["store"]) == (PAGE, "Hello", "linen")
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [file] = mail["attachments"]
    assert (file["filename"], file["size"]) == ("invoice.pdf", 8)
    assert requests.get(mailbox.address + file["url"], timeout=10).content == b"%PDF-1.4"
    delivery, send = mailbox.hear(2)
    assert (delivery["detail-type"], send["detail-type"]) == ("Email Delivered", "Email Sent")
    assert all(e["source"] == "aws.ses" and e["detail"]["mail"]["messageId"] == sent for e in (delivery, send))
    assert send["detail"]["mail"]["tags"]["message"] == ["0123abcd"]


def test_addresses_bounce_and_complain_as_ordered_and_as_the_simulator_does(mailbox: Mailbox) -> None:
    mailbox.control("answers", domain="gone.example", bounce="Permanent")
    mailbox.send("ada@gone.example")
    bounce, _ = mailbox.hear(2)
    assert bounce["detail"]["bounce"]["bounceType"] == "Permanent"
    mailbox.send("complaint@simulator.amazonses.com")
    kinds = [event["detail"]["eventType"] for event in mailbox.hear(3)]
    assert kinds == ["Complaint", "Delivery", "Send"]
    mailbox.control("answers", domain="gone.example")
    mailbox.send("ada@gone.example")
    assert [event["detail"]["eventType"] for event in mailbox.hear(2)] == ["Delivery", "Send"]


def test_an_unverified_sender_or_unknown_configuration_set_is_refused_as_ses_does(mailbox: Mailbox) -> None:
    mailbox.control("configure", verified_identities=["other.example"], configuration_sets=["okaeri"])
    with pytest.raises(ClientError) as refused:
        mailbox.send()
    assert refused.value.response["Error"]["Code"] == "MessageRejected"
    with pytest.raises(ClientError) as unknown:
        mailbox.send(ConfigurationSetName="else")
    assert unknown.value.response["Error"]["Code"] == "NotFoundException"
    assert mailbox.mails() == []


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        ({"code": "TooManyRequestsException"}, "TooManyRequestsException", 429),
        ({"http_status": 500}, "InternalFailure", 500),
    ],
)
def test_an_ordered_fault_strikes_once(mailbox: Mailbox, fault: Json, code: str, status: int) -> None:
    mailbox.control("faults", **fault, times=1)
    with pytest.raises(ClientError) as refused:
        mailbox.send()
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    mailbox.send()
    assert len(mailbox.mails()) == 1


def test_a_dropped_response_keeps_the_mail_and_a_timeout_does_not(mailbox: Mailbox) -> None:
    mailbox.control("faults", drop_response=True, times=1)
    with pytest.raises(ConnectionClosedError):
        mailbox.send()
    assert len(mailbox.mails()) == 1
    mailbox.control("faults", timeout=True, times=1)
    with pytest.raises(ReadTimeoutError):
        mailbox.send()
    assert len(mailbox.mails()) == 1


def test_all_other_calls_reach_the_local_aws_unchanged(mailbox: Mailbox) -> None:
    assert mailbox.ses.get_account()["SendingEnabled"]
    method, path, headers = mailbox.aws.calls[-1]
    assert (method, path) == ("GET", "/v2/email/account")
    assert headers["host"] == mailbox.address.removeprefix("http://")  # it is part of the signature
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256")
    with pytest.raises(mailbox.ses.exceptions.NotFoundException):
        mailbox.ses.get_email_identity(EmailIdentity="other.example")
    requests.get(f"{mailbox.address}/v2/email/tags?ResourceArn=a%3Ab%2Fc&x=", timeout=10)
    assert mailbox.aws.calls[-1][1] == "/v2/email/tags?ResourceArn=a%3Ab%2Fc&x="


def test_reading_and_clicking_on_the_page_are_events_and_other_links_lead_nowhere(mailbox: Mailbox) -> None:
    logo = {"FileName": "logo.png", "ContentType": "image/png", "RawContent": b"x", "ContentId": "logo"}
    sent = mailbox.send(content={"Attachments": [logo | {"ContentDisposition": "INLINE"}]})
    frame = requests.get(f"{mailbox.address}/_/page/{sent}/html", timeout=10)
    assert "script-src" not in frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
    assert f'src="/_/messages/{sent}/attachments/0"' in frame.text
    link = frame.text.split('href="')[1].split('"')[0]
    followed = requests.get(mailbox.address + html.unescape(link), allow_redirects=False, timeout=10)
    assert followed.headers["Location"] == "https://shop.example/o/1?a=1&b=2"
    elsewhere = f"{mailbox.address}/_/page/{sent}/link?to=https://evil.example/"
    assert requests.get(elsewhere, allow_redirects=False, timeout=10).status_code == 404
    click, _, opened, _ = mailbox.hear(4)
    assert click["detail"]["click"]["link"] == "https://shop.example/o/1?a=1&b=2"
    assert opened["detail"]["eventType"] == "Open"


def test_events_can_be_made_by_hand(mailbox: Mailbox) -> None:
    sent = mailbox.send()
    mailbox.hear(2)
    mailbox.control("events", message_id=sent, event="click", link="https://shop.example/", user_agent="Scanner")
    [event] = mailbox.hear(1)
    assert event["detail"]["click"]["userAgent"] == "Scanner"
    assert mailbox.mails()[0]["events"] == ["send", "delivery", "click"]


def test_a_mail_without_configuration_set_tells_nothing(mailbox: Mailbox) -> None:
    simple: Any = {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}
    mailbox.ses.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [ADA]}, Content={"Simple": simple})
    named = mailbox.send()
    assert {event["detail"]["mail"]["messageId"] for event in mailbox.hear(2)} == {named}


def test_the_page_lists_mails_and_shows_each_part(mailbox: Mailbox) -> None:
    sent = mailbox.send(content={"Subject": {"Data": 'ご注文 "#1001" <M>'}}, EmailTags=[{"Name": "run", "Value": "r1"}])
    listed = requests.get(mailbox.address, timeout=10).text
    assert "ご注文 &quot;#1001&quot; &lt;M&gt;" in listed and "<iframe" not in listed
    assert "<iframe" in requests.get(f"{mailbox.address}/?mail={sent}", timeout=10).text
    assert "run = r1" in requests.get(f"{mailbox.address}/?mail={sent}&tab=headers", timeout=10).text
    assert "Hello" in requests.get(f"{mailbox.address}/?mail={sent}&tab=text", timeout=10).text


@pytest.mark.parametrize("path", ["configure", "faults", "answers", "events", "reset"])
def test_an_unknown_key_of_a_control_body_is_named(mailbox: Mailbox, path: str) -> None:
    answer = requests.post(f"{mailbox.address}/_/{path}", json={"nonsense": 1}, timeout=10)
    assert answer.status_code == 400 and "nonsense" in answer.json()["error"]
