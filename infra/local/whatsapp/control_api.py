"""The control API, `/_/…`: what programs and tests read of the phones, and how they make things happen."""

import asyncio
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.control import ControlBody, FaultOrder, read_body, refuse

from .clock import to_iso
from .configuration import Configuration, StatusTiming
from .exchange import Exchange
from .orders import (
    AccountOrder,
    ClockOrder,
    HoldOrder,
    NumberOrder,
    PhoneOrder,
    PreferenceOrder,
    ReplyOrder,
    TemplateOrder,
)
from .state import Message
from .webhooks import verify_webhook

type Json = dict[str, Any]

SHOWN_BUTTON_KEYS = ("type", "text", "payload", "url", "description", "section")


class ControlApi:
    """Routes over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.state = exchange.state

    def routes(self) -> list[Route]:
        return [
            Route("/_/health", self.health),
            Route("/_/configure", self.configure, methods=["POST"]),
            Route("/_/messages", self.messages),
            Route("/_/reply", self.reply, methods=["POST"]),
            Route("/_/preferences", self.preferences, methods=["POST"]),
            Route("/_/phones", self.phones, methods=["POST"]),
            Route("/_/templates", self.templates, methods=["POST"]),
            Route("/_/hold", self.hold, methods=["POST"]),
            Route("/_/numbers", self.numbers, methods=["POST"]),
            Route("/_/accounts", self.accounts, methods=["POST"]),
            Route("/_/faults", self.add_fault, methods=["POST"]),
            Route("/_/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_/statuses", self.statuses, methods=["POST"]),
            Route("/_/clock", self.clock, methods=["GET", "POST"]),
            Route("/_/reset", self.reset, methods=["POST"]),
            Route("/_/media/{media_id}", self.media),
        ]

    async def health(self, request: Request) -> Response:
        tally = self.exchange.webhooks.tally
        return JSONResponse(
            {
                "ok": True,
                "phone_number_ids": list(self.state.numbers),
                "subscribed": sorted(self.state.subscribed),
                "webhook_url": self.state.configuration.webhook_url,
                "webhooks": vars(tally),
            }
        )

    async def configure(self, request: Request) -> Response:
        """A new `webhook_url` is taken on only after Meta's handshake."""
        change = await read_body(request, Configuration)
        url = change.webhook_url
        known = self.state.configuration
        rest = change.model_copy(update={"webhook_url": known.webhook_url}) if url else change
        self.state.configure(known.merge(rest))
        if url:
            token = self.state.configuration.verify_token
            problem = await asyncio.to_thread(verify_webhook, url, token)
            if problem:
                raise refuse(f"The callback URL or verify token couldn't be validated: {problem}")
            self.state.configure(self.state.configuration.merge(Configuration(webhook_url=url)))
        return JSONResponse({"configured": True, "webhook_url": self.state.configuration.webhook_url})

    async def messages(self, request: Request) -> Response:
        """What reached phones, oldest first; `?to=` and `?phone_number_id=` narrow it."""
        query = request.query_params
        if unknown := set(query) - {"to", "phone_number_id"}:
            raise refuse(f"unknown parameters: {', '.join(sorted(unknown))}")
        found = [m for m in self.state.messages.values() if m.outgoing and m.status != "failed" and not m.held]
        if to := query.get("to"):
            digits = re.sub(r"\D", "", to)
            found = [m for m in found if (m.to or "").removeprefix("+") == digits]
        if number := query.get("phone_number_id"):
            found = [m for m in found if m.phone_number_id == number]
        return JSONResponse([describe_message(message) for message in found])

    async def reply(self, request: Request) -> Response:
        conversation, message = self.exchange.receive(await read_body(request, ReplyOrder))
        answer = {"id": message.id, "type": message.type, "to": message.phone_number_id, "chat": conversation.key}
        return JSONResponse(answer)

    async def preferences(self, request: Request) -> Response:
        self.exchange.prefer(await read_body(request, PreferenceOrder))
        return done()

    async def phones(self, request: Request) -> Response:
        order = await read_body(request, PhoneOrder)
        phone = "+" + re.sub(r"\D", "", order.phone) if order.phone else None
        person = self.state.know_person(phone, order.user_id)
        if order.wa_id:
            self.state.set_wa_id(person, re.sub(r"\D", "", order.wa_id))
        for key in ("name", "username", "on_whatsapp", "offline", "hides_phone"):
            if key in order.model_fields_set:
                setattr(person, key, getattr(order, key))
        self.state.version += 1
        shown = ("user_id", "phone", "wa_id", "name", "username", "on_whatsapp", "offline", "hides_phone")
        return JSONResponse({key: getattr(person, key) for key in shown})

    async def templates(self, request: Request) -> Response:
        order = await read_body(request, TemplateOrder)
        found = [
            t
            for t in self.state.templates.values()
            if t.name == order.name and order.language in (None, t.language) and order.waba_id in (None, t.waba_id)
        ]
        if not found:
            raise refuse(f"no template {order.name!r} in that language and account")
        for template in found:
            if order.status:
                self.exchange.set_template_status(template, order.status, order.reason)
            if order.category and order.category != template.category:
                self.exchange.set_template_category(template, order.category)
            if order.quality:
                self.exchange.set_template_quality(template, order.quality)
        return JSONResponse({"changed": [template.id for template in found]})

    async def hold(self, request: Request) -> Response:
        return JSONResponse({"held": self.exchange.hold(await read_body(request, HoldOrder))})

    async def numbers(self, request: Request) -> Response:
        self.exchange.judge_number(await read_body(request, NumberOrder))
        return done()

    async def accounts(self, request: Request) -> Response:
        self.exchange.judge_account(await read_body(request, AccountOrder))
        return done()

    async def add_fault(self, request: Request) -> Response:
        order = await read_body(request, FaultOrder)
        if order.code is not None and not str(order.code).isdigit():
            raise refuse("code: one of Meta's numbers, such as 131056")
        self.exchange.faults.add(order)
        return done()

    async def clear_faults(self, request: Request) -> Response:
        self.exchange.faults.clear()
        return done()

    async def statuses(self, request: Request) -> Response:
        self.state.timing = await read_body(request, StatusTiming)
        return done()

    async def clock(self, request: Request) -> Response:
        if request.method == "POST":
            order = await read_body(request, ClockOrder)
            self.exchange.timetable.move_clock(order.advance_s)
        clock = self.exchange.clock
        return JSONResponse({"now": to_iso(clock.now()), "ahead_s": clock.ahead_s})

    async def reset(self, request: Request) -> Response:
        await read_body(request, ControlBody)
        self.exchange.reset()
        return done()

    async def media(self, request: Request) -> Response:
        """What a phone sent, or was sent. Open to the page; Meta itself asks for the bearer token."""
        found = self.state.media.get(request.path_params["media_id"])
        if found is None:
            return JSONResponse({"error": "no such media"}, 404)
        return Response(found.content, media_type=found.mime_type)


def done() -> Response:
    return JSONResponse({"done": True})


def describe_message(message: Message) -> Json:
    """One item of `GET /_/messages`; these names are a contract."""
    shown = message.shown
    buttons = [{k: b[k] for k in SHOWN_BUTTON_KEYS if b.get(k) not in (None, "")} for b in shown.all_buttons]
    return {
        "id": message.id,
        "to": message.to,
        "recipient": message.recipient,
        "type": message.type,
        "template": message.template,
        "language": message.language,
        "category": message.category,
        "text": shown.text,
        "buttons": buttons,
        "media": shown.media,
        "at": to_iso(message.at),
        "status": message.status,
        "biz_opaque_callback_data": message.callback_data,
        "phone_number_id": message.phone_number_id,
    }
