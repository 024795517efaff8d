"""The `value` of each webhook change, as Meta words it. Pure."""

import re
from typing import Any

from .rules import price
from .state import Conversation, Message, Number, Person, Template

type Json = dict[str, Any]


def build_metadata(number: Number) -> Json:
    return {
        "display_phone_number": re.sub(r"\D", "", number.facts.display_phone_number),
        "phone_number_id": number.facts.phone_number_id,
    }


def build_contact(person: Person) -> Json:
    """Name and ids; `wa_id` only when the person's phone may be shown."""
    profile = {"name": person.name or "Shopper"} | ({"username": person.username} if person.username else {})
    contact: Json = {"profile": profile, "user_id": person.user_id}
    return contact | ({"wa_id": person.shown_wa_id} if person.shown_wa_id else {})


def build_status(conversation: Conversation, message: Message, status: str, at: float) -> Json:
    """`statuses[]` with its contact; pricing on `sent` and `delivered`, errors on `failed`."""
    person = conversation.person
    entry: Json = {"id": message.id, "status": status, "timestamp": str(int(at))}
    if person.shown_wa_id:
        entry["recipient_id"] = person.shown_wa_id
    entry["recipient_user_id"] = person.user_id
    if message.callback_data is not None:
        entry["biz_opaque_callback_data"] = message.callback_data
    if status in ("sent", "delivered"):
        entry["pricing"] = price(
            message.category, message.in_free_entry_point, in_window=message.in_window, now=message.at
        )
    if message.in_free_entry_point and status == "sent":
        entry["conversation"] = {
            "id": conversation.key.replace("~", ""),
            "expiration_timestamp": str(int(conversation.free_until or at)),
            "origin": {"type": "referral_conversion"},
        }
    if status == "failed":
        entry["errors"] = [message.error]
    contacts = {} if status == "failed" else {"contacts": [build_contact(person)]}
    return {
        "messaging_product": "whatsapp",
        "metadata": build_metadata(conversation.number),
        **contacts,
        "statuses": [entry],
    }


def build_inbound(conversation: Conversation, message: Message, content: Json) -> Json:
    """`messages[]` with its contact. `content` is `{type: …}` and perhaps `context`, `referral`."""
    person = conversation.person
    entry: Json = {"id": message.id, "timestamp": str(int(message.at)), "type": message.type, **content}
    if person.shown_wa_id:
        entry["from"] = person.shown_wa_id
    entry["from_user_id"] = person.user_id
    return {
        "messaging_product": "whatsapp",
        "metadata": build_metadata(conversation.number),
        "contacts": [build_contact(person)],
        "messages": [entry],
    }


def build_preference(number: Number, person: Person, value: str, at: float) -> Json:
    """The person stopped or resumed marketing in WhatsApp's own settings."""
    wa_id = {"wa_id": person.shown_wa_id} if person.shown_wa_id else {}
    detail = f"User requested to {value} marketing messages"
    preference = {
        "user_id": person.user_id,
        "detail": detail,
        "category": "marketing_messages",
        "value": value,
        "timestamp": int(at),
    }
    return {
        "messaging_product": "whatsapp",
        "metadata": build_metadata(number),
        "contacts": [build_contact(person)],
        "user_preferences": [wa_id | preference],
    }


def build_template_status(template: Template, event: str) -> Json:
    value: Json = {
        "event": event,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
        "reason": template.rejected_reason if event == "REJECTED" else "NONE",
    }
    if event == "PAUSED":
        value["other_info"] = {
            "title": "FIRST_PAUSE",
            "description": "The template was paused for 3 hours because of recurring issues.",
        }
    return value


def build_number_quality(number: Number, event: str) -> Json:
    return build_metadata(number) | {
        "event": event,
        "max_daily_conversations_per_business": number.facts.messaging_limit,
    }


def build_capability(limit: str) -> Json:
    return {"max_daily_conversations_per_business": limit, "max_phone_numbers_per_waba": 25}


def build_account_update(event: str, restriction: str | None, until: float | None, ban_state: str | None) -> Json:
    value: Json = {"event": event}
    if restriction:
        end = {"expiration": int(until)} if until else {}
        value["restriction_info"] = [{"restriction_type": restriction, **end}]
    if ban_state:
        value["ban_info"] = {"waba_ban_state": ban_state}
    return value


def build_template_quality(template: Template, previous: str, quality: str) -> Json:
    return {
        "previous_quality_score": previous,
        "new_quality_score": quality,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }


def build_template_category(template: Template, previous: str) -> Json:
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "previous_category": previous,
        "new_category": template.category,
    }
