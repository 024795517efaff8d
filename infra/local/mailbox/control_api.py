"""The control API, `/_/…`: what programs and tests read of the mails, and how they make things happen."""

import asyncio
from email.utils import parseaddr
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.control import ControlBody, FaultOrder, read_body, refuse

from .configuration import AnswerOrder, Configuration, EventOrder, LetterOrder
from .events import write_time
from .letters import deliver, write_letter
from .post_office import Kept, PostOffice

type Json = dict[str, Any]


class ControlApi:
    """Routes over one post office."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office

    def routes(self) -> list[Route]:
        return [
            Route("/_/health", self.health),
            Route("/_/configure", self.configure, methods=["POST"]),
            Route("/_/messages", self.messages),
            Route("/_/messages/{message_id}/attachments/{position:int}", self.attachment),
            Route("/_/reply", self.reply, methods=["POST"]),
            Route("/_/faults", self.add_fault, methods=["POST"]),
            Route("/_/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_/answers", self.order_answer, methods=["POST"]),
            Route("/_/events", self.make_event, methods=["POST"]),
            Route("/_/reset", self.reset, methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        configuration = self.office.configuration
        return JSONResponse({"ok": True, "kept": len(self.office.kept), "configuration": configuration.model_dump()})

    async def configure(self, request: Request) -> Response:
        change = await read_body(request, Configuration)
        self.office.configuration = self.office.configuration.merge(change)
        return JSONResponse({"configured": True})

    async def messages(self, request: Request) -> Response:
        """All mails, oldest first; `?to=` narrows it to one recipient."""
        if unknown := set(request.query_params) - {"to"}:
            raise refuse(f"unknown parameters: {', '.join(sorted(unknown))}")
        wanted = request.query_params.get("to", "").lower()
        found = [describe_mail(kept) for kept in self.office.kept.values() if is_for(kept, wanted)]
        return JSONResponse(found)

    async def attachment(self, request: Request) -> Response:
        kept = self.office.kept.get(request.path_params["message_id"])
        position = request.path_params["position"]
        if kept is None or position >= len(kept.mail.attachments):
            return JSONResponse({"error": "no such attachment"}, 404)
        attachment = kept.mail.attachments[position]
        # Never as a page of this origin: a mail must not script the mailbox.
        headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        return Response(attachment.content, media_type=attachment.content_type, headers=headers)

    async def reply(self, request: Request) -> Response:
        """Somebody writes: to the sender of a mail, or to an address at which mail is received."""
        letter = write_letter(self.office, await read_body(request, LetterOrder))
        await asyncio.to_thread(deliver, letter, self.office.configuration)
        [to] = letter.event["Records"][0]["ses"]["receipt"]["recipients"]
        return JSONResponse({"mail_id": letter.mail_id, "to": to})

    async def add_fault(self, request: Request) -> Response:
        order = await read_body(request, FaultOrder)
        if order.as_status is not None:
            raise refuse("as_status: WhatsApp's alone; use /_/answers for bounces and complaints")
        self.office.faults.add(order)
        return JSONResponse({"done": True})

    async def clear_faults(self, request: Request) -> Response:
        self.office.faults.clear()
        return JSONResponse({"done": True})

    async def order_answer(self, request: Request) -> Response:
        order = await read_body(request, AnswerOrder)
        key = order.address.lower() if order.address else f"@{(order.domain or '').lower()}"
        self.office.answers[key] = order
        return JSONResponse({"done": True})

    async def make_event(self, request: Request) -> Response:
        order = await read_body(request, EventOrder)
        kept = self.office.kept.get(order.message_id)
        if kept is None:
            raise refuse(f"message_id: no mail {order.message_id!r}")
        self.office.report(kept, order, order.event)
        return JSONResponse({"done": True})

    async def reset(self, request: Request) -> Response:
        await read_body(request, ControlBody)
        self.office.reset()
        return JSONResponse({"done": True})


def is_for(kept: Kept, address: str) -> bool:
    return not address or address in [parseaddr(recipient)[1].lower() for recipient in kept.mail.recipients]


def describe_mail(kept: Kept) -> Json:
    """One item of `GET /_/messages`; these names are a contract."""
    mail = kept.mail
    headers = dict(mail.headers)
    if mail.reply_to:
        headers["Reply-To"] = ", ".join(mail.reply_to)
    return {
        "message_id": kept.message_id,
        "from": mail.sender,
        "to": ", ".join(mail.to),
        "cc": ", ".join(mail.cc),
        "bcc": ", ".join(mail.bcc),
        "subject": mail.subject,
        "html": mail.html,
        "text": mail.text,
        "headers": headers,
        "attachments": [
            {
                "filename": attachment.filename,
                "content_type": attachment.content_type,
                "size": len(attachment.content),
                "content_id": attachment.content_id,
                "disposition": attachment.disposition,
                "url": f"/_/messages/{kept.message_id}/attachments/{position}",
            }
            for position, attachment in enumerate(mail.attachments)
        ],
        "tags": mail.tags,
        "store": mail.tags.get("store") or mail.tags.get("store_id"),
        "configuration_set": mail.configuration_set,
        "events": list(kept.events),
        "at": write_time(kept.at),
    }
