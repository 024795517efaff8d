"""SES's events as EventBridge hands them to a queue. Pure.

Shapes: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-eventbridge-examples.html
"""

import uuid
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from .configuration import Configuration, EventOrder
from .mail import Mail

type Json = dict[str, Any]

# our name: (eventType, detail-type, key of the details)
KINDS = {
    "send": ("Send", "Email Sent", "send"),
    "delivery": ("Delivery", "Email Delivered", "delivery"),
    "bounce": ("Bounce", "Email Bounced", "bounce"),
    "complaint": ("Complaint", "Email Complaint Received", "complaint"),
    "open": ("Open", "Email Opened", "open"),
    "click": ("Click", "Email Clicked", "click"),
    "delivery_delay": ("DeliveryDelay", "Email Delivery Delayed", "deliveryDelay"),
    "reject": ("Reject", "Email Rejected", "reject"),
}
# https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html: any label after + is allowed
SIMULATOR = "simulator.amazonses.com"
SIMULATED = {
    "bounce": {"event": "bounce"},
    "complaint": {"event": "complaint"},
    "suppressionlist": {"event": "bounce", "bounce_sub_type": "OnAccountSuppressionList"},
}


def find_simulated_answer(address: str) -> Json | None:
    """What SES's simulator addresses do; None for all others."""
    local_part, _, domain = parseaddr(address)[1].lower().rpartition("@")
    return SIMULATED.get(local_part.partition("+")[0]) if domain == SIMULATOR else None


def write_time(at: float) -> str:
    """ISO 8601 in UTC with milliseconds, as SES writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def build_event(
    mail: Mail,
    message_id: str,
    sent_at: float,
    order: EventOrder,
    kind: str,
    at: float,
    configuration: Configuration,
) -> Json:
    """One event of source `aws.ses`; `mail.tags` has our tags and SES's own."""
    event_type, detail_type, key = KINDS[kind]
    arn = f"arn:aws:ses:{configuration.region}:{configuration.account_id}"
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": "aws.ses",
        "account": configuration.account_id,
        "time": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": configuration.region,
        "resources": [f"{arn}:configuration-set/{mail.configuration_set}"],
        "detail": {
            "eventType": event_type,
            "mail": build_mail(mail, message_id, sent_at, arn, configuration),
            key: build_details(mail, order, kind, at, configuration),
        },
    }


def build_mail(mail: Mail, message_id: str, sent_at: float, arn: str, configuration: Configuration) -> Json:
    """The part that all events share."""
    bare = parseaddr(mail.sender)[1]
    headers = [("From", mail.sender), ("To", ", ".join(mail.to)), ("Subject", mail.subject), *mail.headers]
    own_tags = {
        "ses:operation": ["SendEmail"],
        "ses:configuration-set": [mail.configuration_set or ""],
        "ses:source-ip": ["127.0.0.1"],
        "ses:from-domain": [bare.rpartition("@")[2]],
        "ses:caller-identity": ["local"],
    }
    return {
        "timestamp": write_time(sent_at),
        "source": mail.sender,
        "sourceArn": f"{arn}:identity/{bare.rpartition('@')[2]}",
        "sendingAccountId": configuration.account_id,
        "messageId": message_id,
        "destination": [parseaddr(address)[1] for address in mail.recipients],
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers],
        "commonHeaders": {
            "from": [mail.sender],
            "to": mail.to,
            "messageId": message_id,
            "subject": mail.subject,
        },
        "tags": own_tags | {name: [value] for name, value in mail.tags.items()},
    }


def build_details(mail: Mail, order: EventOrder, kind: str, at: float, configuration: Configuration) -> Json:
    """The part of this kind of event."""
    addresses = [parseaddr(address)[1] for address in mail.recipients]
    moment = write_time(at)
    reader = {"timestamp": moment, "ipAddress": order.ip_address, "userAgent": order.user_agent}
    permanent = order.bounce_type == "Permanent"
    details: dict[str, Json] = {
        "send": {},
        "delivery": {
            "timestamp": moment,
            "processingTimeMillis": int(configuration.delivery_s * 1000),
            "recipients": addresses,
            "smtpResponse": "250 2.0.0 OK",
            "reportingMTA": "a8-50.smtp-out.amazonses.com",
        },
        "bounce": {
            "feedbackId": str(uuid.uuid4()),
            "bounceType": order.bounce_type,
            "bounceSubType": order.bounce_sub_type,
            "bouncedRecipients": [
                {
                    "emailAddress": address,
                    "action": "failed" if permanent else "delayed",
                    "status": "5.1.1" if permanent else "4.4.7",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown" if permanent else "smtp; 450 4.4.7 try later",
                }
                for address in addresses
            ],
            "timestamp": moment,
            "reportingMTA": "dns; amazonses.com",
        },
        "complaint": {
            "feedbackId": str(uuid.uuid4()),
            "complaintSubType": None,
            "complainedRecipients": [{"emailAddress": address} for address in addresses],
            "timestamp": moment,
            "userAgent": order.user_agent,
            "complaintFeedbackType": order.complaint_type,
            "arrivalDate": moment,
        },
        "open": reader,
        "click": reader | {"link": order.link, "linkTags": None},
        "delivery_delay": {
            "timestamp": moment,
            "delayType": "MailboxFull",
            "expirationTime": write_time(at + 12 * 3600),
            "delayedRecipients": [{"emailAddress": address, "status": "4.4.1"} for address in addresses],
        },
        "reject": {"reason": "Bad content"},
    }
    return details[kind]
