"""What the engine weighed, as sentences: `okaeri journeys simulate`, `backtest` and `explain` say them alike."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from okaeri.domain.records import Finding

# Codes of gates, senders and runs, in words that finish the sentence "…: ".
REASONS = {
    "bought_already": "it was bought already",
    "cart_emptied": "the cart is empty",
    "cart_gone": "the cart is gone",
    "cart_of_another": "the cart belongs to somebody else now",
    "condition not met": "its condition does not hold",
    "customer_gone": "the customer was erased",
    "email_bounced": "mail to this address bounced",
    "no_email": "no e-mail address is known",
    "no_marketing_consent": "no consent to marketing there",
    "no_order_consent": "no consent to order messages there",
    "no_sender_address": "the shop has no sender address",
    "no_sender_number": "the shop has no WhatsApp number",
    "no_template": "the shop has no such template in a language of theirs",
    "no_whatsapp_number": "no phone number is known",
    "not_on_whatsapp": "this number is not on WhatsApp",
    "order_cancelled": "the order was cancelled",
    "order_deleted": "the order was deleted",
    "order_gone": "the order is gone",
    "order_refunded": "the order was refunded",
    "outside_hours": "it is outside the hours for marketing",
    "outside marketing hours": "it is outside the hours for marketing",
    "paid_already": "it was paid meanwhile",
    "ran already": "it ran already for this",
    "running already": "it is running already for this",
    "shared_identifier": "more than one person uses this address",
    "stopped_by_customer": "they asked for nothing more on this channel",
    "store paused": "the shop is paused",
    "store_paused": "the shop is paused",
    "switched off": "the journey is switched off",
    "switched_off": "the journey is switched off",
    "too_late": "it came too late to be of use",
    "too_many_runs": "it made room: there were more than 64 runs",
    "us_number": "Meta delivers no marketing to numbers of the United States",
    "window_closed": "more than 24 hours have passed since they last wrote",
    "131026": "this number is not on WhatsApp (131026)",
    "131049": "Meta holds back marketing to this person (131049)",
    "131050": "they stopped marketing in WhatsApp (131050)",
    "bounced": "the mailbox refused it for good",
    "timeout": "nothing came in time",
}
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")


def say_reason(code: str) -> str:
    """A reason's code in words; one that is not listed reads as it is, without underscores."""
    if code.startswith("parcel_"):
        return f"the parcel is {code.removeprefix('parcel_').replace('_', ' ')} by now"
    return REASONS.get(code, code.replace("_", " "))


def say_finding(finding: Finding, zone: tzinfo) -> str:
    """One finding as a sentence without its full stop; moments are told in `zone`."""
    what, _, part = finding.what.partition(".")
    why = say_reason(finding.why) if finding.why else ""
    if part == "run":
        return _say_run(what, finding.verdict, why)
    channel, _, template = finding.what.partition(":")
    if template:
        verdict = "can be reached" if finding.verdict == "reachable" else finding.verdict
        return _join(f"{channel} for {template}: {verdict}", why)
    if finding.verdict == "waits":
        return f"{what} waits {say_times(finding.why, zone)}"
    if finding.verdict == "nothing to do":
        return _join("nothing to do", why)
    named = f"{what}: {part}" if part else what
    return _join(f"{named} {finding.verdict}", say_times(why, zone))


def _say_run(journey: str, verdict: str, why: str) -> str:
    match verdict:
        case "started":
            return f"{journey} begins" + (f" ({why})" if why and not why.startswith("key ") else "")
        case "not started":
            return _join(f"{journey} does not begin", why)
        case "ended":
            return f"{journey} ends" if why == "done" else _join(f"{journey} ends", why)
    return _join(f"{journey}: {verdict}", why)


def say_times(text: str, zone: tzinfo) -> str:
    """The text with every moment in it as the customer's clock shows it."""
    return _ISO_TIME.sub(lambda found: say_moment(datetime.fromisoformat(found[0]).astimezone(zone)), text)


def say_moment(moment: datetime) -> str:
    """`Mon 2 Nov 2026 12:00`."""
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M}"


def _join(sentence: str, why: str) -> str:
    return f"{sentence}: {why}" if why else sentence
