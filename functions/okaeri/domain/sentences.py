"""What was decided, and what became of it, in sentences: the codes of engine, senders and providers in plain words.

The words are data (`catalogue/sentences.json`). A code is `code` or `code:first:second` with its arguments; one that
the data does not know reads as it is, without underscores.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import cache
from importlib import resources

from okaeri.domain.messages import MessageState
from okaeri.domain.records import Finding
from okaeri.domain.values import Channel

COPIED = ("consent.told", "consent.failed")  # what came of telling the store of a consent
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_PLACE = re.compile(r"\{(\w+)\}")
_NAMES = {Channel.WHATSAPP: "WhatsApp", Channel.EMAIL: "e-mail"}


@cache
def load_sentences() -> Mapping[str, Mapping[str, str]]:
    """The vocabulary: `events`, `findings`, `states`, `reasons`, `provider_codes`."""
    text = resources.files("okaeri.catalogue").joinpath("sentences.json").read_text("utf-8")
    return {name: words for name, words in json.loads(text).items() if isinstance(words, dict)}


def find_sentence(group: str, code: str) -> str | None:
    """The words of a code without its arguments, its family's where it has none of its own; None if unknown."""
    words = load_sentences()[group]
    if code in words:
        return words[code]
    families = (name for name in words if name.endswith("*") and code.startswith(name[:-1]))
    family = max(families, key=len, default=None)
    return None if family is None else words[family].replace("{rest}", code[len(family) - 1 :].replace("_", " "))


def fill(sentence: str, values: Mapping[str, str]) -> str:
    """The sentence with its places filled; a part in brackets is dropped where one of its places is empty."""

    def keep(part: re.Match[str]) -> str:
        return part[1] if all(values.get(name) for name in _PLACE.findall(part[1])) else ""

    return _PLACE.sub(lambda place: values.get(place[1], ""), _OPTIONAL.sub(keep, sentence))


def say_reason(code: str, zone: tzinfo | None = None) -> str:
    """A reason's code in words; moments among its arguments are told in `zone`."""
    if code.isdecimal():
        meaning = load_sentences()["provider_codes"].get(code)
        return f"{meaning} ({code})" if meaning else f"Meta's code {code}"
    head, _, rest = code.partition(":")
    sentence = find_sentence("reasons", head)
    if sentence is None:
        return _say_times(code.replace("_", " "), zone)
    places = max((int(name) for name in _PLACE.findall(sentence) if name.isdecimal()), default=1)
    arguments = rest.split(":", places - 1)
    values = {str(number): _spell(argument) for number, argument in enumerate(arguments, start=1)}
    return _say_times(fill(sentence, values), zone)


def say_finding(finding: Finding, zone: tzinfo | None = None) -> str:
    """One thing that was weighed, as a sentence without its full stop."""
    sentence = find_sentence("findings", finding.verdict)
    reason = say_reason(finding.why, zone) if finding.why else ""
    if sentence is None:
        return f"{finding.what} {finding.verdict}" + (f": {reason}" if reason else "")
    values = {"what": finding.what, "reason": reason, **_read_subject(finding.what)}
    return fill(sentence, values)


def say_event(name: str, data: Mapping[str, str], zone: tzinfo | None = None) -> str:
    """An event as it happened to the customer; `data` are a decision's."""
    sentence = find_sentence("events", name)
    if sentence is None:
        return f"{name} comes"
    values = dict(data) | {
        "order": _first(data.get("order.name") or data.get("order.id", "")),
        "cart": _first(data.get("cart.token", "")),
        "broadcast": data.get("broadcast.id", ""),
        "early_access": _say_whom(code) if (code := data.get("early_access")) else "",
        "channel": say_channel(data.get("channel", "")),
        "purpose": say_purpose(data.get("purpose", "")),
        "reason": say_reason(code, zone) if (code := data.get("code") or data.get("reason")) else "",
    }
    if name in COPIED and (code := data.get("reason")):
        values["reason"] = say_copy_reason(code)
    return fill(sentence, values)


def say_copy_reason(code: str) -> str:
    """Why the store was told nothing of a consent."""
    own = f"copy_{code}"
    return say_reason(own if own in load_sentences()["reasons"] else code)


def say_state(state: MessageState) -> str:
    """Where a message is, in words."""
    return load_sentences()["states"][state]


def say_channel(channel: str) -> str:
    """`WhatsApp`, `e-mail`."""
    return _NAMES.get(Channel(channel), channel) if channel in Channel else channel


def say_purpose(purpose: str) -> str:
    """`order messages`, `marketing`, `messages`."""
    return {"order": "order messages", "all": "messages"}.get(purpose, purpose)


def say_moment(moment: datetime) -> str:
    """`Mon 2 Nov 2026 12:00`."""
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M}"


def _say_whom(code: str) -> str:
    """As what somebody has early access: `segment:loyal` is a loyal customer."""
    own = f"as_{code.replace(':', '_')}"
    return say_reason(own if own in load_sentences()["reasons"] else f"as_{code}")


def _say_times(text: str, zone: tzinfo | None) -> str:
    """The text with every moment in it as the clock of `zone` shows it."""
    if zone is None:
        return text
    return _ISO_TIME.sub(lambda found: say_moment(datetime.fromisoformat(found[0]).astimezone(zone)), text)


def _read_subject(what: str) -> dict[str, str]:
    """`journey.part`, `journey.answer.name`, `channel:template` or a template alone, in their places."""
    channel, colon, template = what.partition(":")
    if colon and channel in Channel:
        return {"channel": say_channel(channel), "template": template}
    journey, dot, part = what.partition(".")
    name = part.partition(".")[2]
    return {"journey": journey, "template": part, "name": name} if dot else {"template": what}


def _spell(argument: str) -> str:
    return ", ".join(say_channel(part) for part in argument.split(",") if part)


def _first(values: str) -> str:
    return values.partition(",")[0]
