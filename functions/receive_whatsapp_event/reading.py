"""Reads Meta's webhook: what shoppers said, what became of messages, and what our models refuse, each on its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from okaeri.domain.delivery import read_key
from okaeri.domain.evidence import ConsentSeen, Evidence, MessageReceived, NumberChanged
from okaeri.domain.orders import Buyer
from okaeri.domain.reports import AccountReport, Report, TemplateReport, WhatsappReport
from okaeri.use_cases.receive_whatsapp_event import Part, Reading, RefusedPart, Said
from receive_whatsapp_event.notices import describe_notice
from receive_whatsapp_event.payloads import (
    Change,
    Contact,
    Content,
    Edited,
    Entry,
    Message,
    Metadata,
    Payload,
    Preference,
    SharedContact,
    Status,
    TemplateUpdate,
    Webhook,
    Withdrawn,
)

_OWN_OBJECT = "whatsapp_business_account"
_LONGEST_TEXT = 4096  # what WhatsApp lets a person type
_AMENDING = ("edit", "revoke")
# Notices that a person should read; what else Meta sends says nothing to us.
_ACCOUNT_FIELDS = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_update",
        "business_capability_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
    }
)


def read_webhook(body: bytes, now: datetime) -> Reading:
    """Everything in a POST. Never raises: a part that we cannot read is handed back as it came."""
    try:
        webhook = Webhook.model_validate_json(body)
    except ValidationError as error:
        return Reading((_refuse(body, "body", error),))
    if webhook.object != _OWN_OBJECT:
        return Reading()
    parts: list[Part] = []
    for number, raw in enumerate(webhook.entry):
        parts += _read_entry(raw, f"entry[{number}]", now)
    return Reading(tuple(parts))


def unwrap_aws_notice(body: str) -> bytes:
    """Meta's webhook out of AWS's notice, whose `whatsAppWebhookEntry` is one of its entries as a text.

    What has another shape is handed on as it is, to be refused and kept.
    https://docs.aws.amazon.com/social-messaging/latest/userguide/managing-event-destinations.html
    """
    try:
        entry = json.loads(json.loads(body)["whatsAppWebhookEntry"])
    except (ValueError, KeyError, TypeError):
        return body.encode("utf-8", "surrogatepass")
    return json.dumps({"object": _OWN_OBJECT, "entry": [entry]}, ensure_ascii=True).encode()


def _read_entry(raw: Any, path: str, now: datetime) -> Iterator[Part]:
    try:
        entry = Entry.model_validate(raw)
    except ValidationError as error:
        yield _refuse(raw, path, error)
        return
    for position, change in enumerate(entry.changes):
        yield from _read_change(entry, change, f"{path}.changes[{position}]", now)


def _read_change(entry: Entry, raw: Any, path: str, now: datetime) -> Iterator[Part]:
    try:
        change = Change.model_validate(raw)
    except ValidationError as error:
        yield _refuse(raw, path, error)
        return
    value = change.value
    at = entry.time or now
    if change.field == "messages":
        yield from _read_messages(value, f"{path}.value")
    elif "user_preferences" in value:
        yield from _read_preferences(value, f"{path}.value")
    elif "message_template_name" in value:
        yield from _read_one(TemplateUpdate, value, f"{path}.value", lambda update: _report_template(entry, update, at))
    elif change.field in _ACCOUNT_FIELDS:
        details = describe_notice(value)
        yield AccountReport(waba_id=entry.id, field=change.field, event=_name_event(value), at=at, details=details)


def _read_messages(value: dict[str, Any], path: str) -> Iterator[Part]:
    number = _read_number(value)
    contacts = list(_read_contacts(value))
    for position, raw in enumerate(_list(value, "statuses")):
        yield from _read_one(Status, raw, f"{path}.statuses[{position}]", _report_status)
    for position, raw in enumerate(_list(value, "messages")):
        yield from _read_one(
            Message,
            raw,
            f"{path}.messages[{position}]",
            lambda message: _hear(message, number, contacts),
        )


def _read_preferences(value: dict[str, Any], path: str) -> Iterator[Part]:
    number = _read_number(value)
    for position, raw in enumerate(_list(value, "user_preferences")):
        yield from _read_one(
            Preference,
            raw,
            f"{path}.user_preferences[{position}]",
            lambda preference: _hear_preference(preference, number),
        )


def _read_one[P: Payload](kind: type[P], raw: Any, path: str, read: Callable[[P], Part | None]) -> Iterator[Part]:
    """One thing out of many: what the model refuses does not take the others with it."""
    try:
        part = read(kind.model_validate(raw))
    except ValidationError as error:
        yield _refuse(raw, path, error)
        return
    if part is not None:
        yield part


def _report_status(status: Status) -> Report | None:
    key = read_key(status.biz_opaque_callback_data)
    if key is None:
        return None  # another app's message, or one that a person sent
    pricing = {name: str(value) for name, value in (status.pricing or {}).items() if value is not None}
    return WhatsappReport(
        provider_id=status.id,
        status=status.status,
        at=status.timestamp,
        ref=str(key),
        code=status.errors[0].code if status.errors else "",
        pricing=pricing,
    )


def _hear(message: Message, number: str, contacts: list[Contact]) -> Part | None:
    if message.group_id:
        return None  # said to a group, not to the shop
    if message.system is not None:
        return _hear_system(message, number)
    contact = _find_contact(message, contacts)
    phone = message.sender or (contact.wa_id if contact else None)
    user_id = message.from_user_id or (contact.user_id if contact else None)
    if not phone and not user_id:
        return RefusedPart("messages[].from", "neither phone nor user id", message.model_dump_json().encode())
    said = _find_content(message)
    text, payload = _read_words(said) if said else (None, None)
    amended = _find_amended(message)
    referral = message.referral.model_dump(exclude_none=True) if message.referral else {}
    evidence = MessageReceived(
        provider_id=message.id,
        at=message.timestamp,
        type=_name_type(message, said),
        phone=phone,
        wa_user_id=user_id,
        profile_name=contact.profile.name if contact else None,
        text=text[:_LONGEST_TEXT] if text else None,
        payload=payload[:_LONGEST_TEXT] if payload else None,
        media_id=said.media.id if said and said.media else None,
        reply_to=amended.original_message_id if amended else _find_answered(message),
        referral=referral,
        amends=message.type if message.type in _AMENDING else None,
    )
    return Said(number, message.id, evidence)


def _hear_system(message: Message, number: str) -> Part | None:
    system = message.system
    assert system is not None  # the caller has looked
    if system.type not in ("user_changed_number", "user_changed_user_id"):
        return None
    evidence: Evidence = NumberChanged(
        at=message.timestamp,
        old_phone=message.sender if message.sender != system.wa_id else None,
        old_wa_user_id=system.previous_user_id or message.previous_user_id,
        new_phone=system.wa_id,
        new_wa_user_id=system.user_id or message.from_user_id,
    )
    return Said(number, message.id, evidence)


def _hear_preference(preference: Preference, number: str) -> Part | None:
    if preference.category != "marketing_messages":
        return None
    moment = str(preference.timestamp.timestamp())
    person = preference.user_id or preference.wa_id
    evidence = ConsentSeen(
        channel="whatsapp",
        purpose="marketing",
        given=preference.value.lower() != "stop",
        at=preference.timestamp,
        source="meta user preferences",
        wording=preference.detail or "",
        buyer=Buyer(phone=preference.wa_id),
        wa_user_id=preference.user_id,
    )
    return Said(number, f"{person} {preference.value} {moment}", evidence)


def _report_template(entry: Entry, update: TemplateUpdate, at: datetime) -> Report:
    if update.correct_category:
        event = f"{update.message_template_name} will be {update.correct_category}"
        return AccountReport(waba_id=entry.id, field="template_category_update", event=event, at=at)
    reason = update.reason or ""
    # Meta's own sample of a quality notice bears the field of a status notice: the keys tell them apart.
    return TemplateReport(
        waba_id=entry.id,
        meta_name=update.message_template_name,
        locale=update.message_template_language.replace("-", "_"),  # Meta writes en-US and en_US
        at=at,
        status=update.event or None,
        category=update.new_category or update.message_template_category or None,
        quality=update.new_quality_score or None,
        meta_id=update.message_template_id,
        reason="" if reason == "NONE" else reason,
    )


def _find_amended(message: Message) -> Edited | Withdrawn | None:
    """What names the earlier message, where this one changes it or takes it back."""
    return {"edit": message.edit, "revoke": message.revoke}.get(message.type)


def _find_content(message: Message) -> Content | None:
    """What is said now: of an edit the new content, which Meta may leave out; a withdrawal says nothing."""
    match message.type:
        case "edit":
            return message.edit.message if message.edit else None
        case "revoke":
            return None
    return message


def _name_type(message: Message, said: Content | None) -> str:
    """Meta's own name, of an edit that of what it says now; what Meta does not hand on is `unsupported`."""
    name = said.type if said else message.type
    return "unsupported" if name == "unknown" else name


def _read_words(message: Content) -> tuple[str | None, str | None]:
    """What they typed or tapped, and the payload of what they tapped."""
    if message.text:
        return message.text.body, None
    if message.button:
        return message.button.text, message.button.payload
    if message.interactive:
        choice = message.interactive.button_reply or message.interactive.list_reply
        if choice:
            return choice.title, choice.id
        answer = message.interactive.nfm_reply
        return (answer.body, answer.response_json) if answer else (None, None)
    if message.reaction:
        return message.reaction.emoji, None
    if message.location:
        place = message.location
        return ", ".join(filter(None, (place.name, place.address))) or f"{place.latitude}, {place.longitude}", None
    if message.contacts:
        return "\n".join(filter(None, map(_describe_contact, message.contacts))) or None, None
    if message.media:
        return message.media.caption or message.media.filename, None
    return (message.order.text if message.order else None), None


def _describe_contact(contact: SharedContact) -> str:
    return " ".join(filter(None, (contact.name.formatted_name, *(phone.phone for phone in contact.phones))))


def _find_answered(message: Message) -> str | None:
    if message.reaction:
        return message.reaction.message_id
    return message.context.id if message.context else None


def _find_contact(message: Message, contacts: list[Contact]) -> Contact | None:
    """Whose name and ids go with the message: the same user id, the same phone, or the only one there is."""
    for contact in contacts:
        if message.from_user_id and contact.user_id == message.from_user_id:
            return contact
        if message.sender and contact.wa_id == message.sender:
            return contact
    return contacts[0] if len(contacts) == 1 else None


def _read_contacts(value: dict[str, Any]) -> Iterator[Contact]:
    for raw in _list(value, "contacts"):
        try:
            yield Contact.model_validate(raw)
        except ValidationError:
            continue  # names are a courtesy; the message has the ids as well


def _read_number(value: dict[str, Any]) -> str:
    try:
        return Metadata.model_validate(value.get("metadata") or {}).phone_number_id
    except ValidationError:
        return ""


def _list(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _name_event(value: dict[str, Any]) -> str:
    """The few words of a notice that may be logged."""
    names = ("event", "alert_type", "decision", "new_quality_score", "message_template_name")
    return " ".join(str(value[name]) for name in names if isinstance(value.get(name), str | int))[:200]


def _refuse(raw: Any, path: str, error: ValidationError) -> RefusedPart:
    body = raw if isinstance(raw, bytes) else json.dumps(raw, ensure_ascii=True).encode()
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return RefusedPart(f"{path}.{where}" if where else path, first["msg"], body)
