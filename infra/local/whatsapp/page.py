"""The phone page: what shoppers see, and a way to answer as one of them."""

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import minijinja
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from .clock import to_iso
from .exchange import Exchange
from .rules import SERVICE_WINDOW_S
from .state import Conversation, Message
from .utterances import HIDDEN

type Json = dict[str, Any]

MOST_TALKS = 200  # newest first; a burst of thousands must not slow the page
HERE = Path(__file__).parent / "static"
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]、。）」]")
_STYLES = (
    (re.compile(r"```(.+?)```", re.DOTALL), r"<code>\1</code>"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), r"<em>\1</em>"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), r"<s>\1</s>"),
)


def write_like_whatsapp(text: str) -> str:
    """HTML of a message's text: escaped, with WhatsApp's bold, italic and code, and links that open."""
    pieces, last = [], 0
    for match in _LINK.finditer(text):
        pieces.append(style(text[last : match.start()]))
        address = html.escape(match[0])
        pieces.append(f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>')
        last = match.end()
    return "".join([*pieces, style(text[last:])])


def style(text: str) -> str:
    escaped = html.escape(text, quote=False)
    for pattern, replacement in _STYLES:
        escaped = pattern.sub(replacement, escaped)
    return escaped


class PhonePage:
    """`/` and what its script asks for."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.state = exchange.state
        names = ("page.html", "people.html", "conversation.html", "media.html")
        self._pages = minijinja.Environment(
            templates={name: (HERE / name).read_text("utf-8") for name in names},
            filters={"whatsapp": lambda text: minijinja.safe(write_like_whatsapp(text))},
            undefined_behavior="strict",
        )

    def routes(self) -> list[Route]:
        return [
            Route("/", self.page),
            Route("/_/page", self.refresh),
            Route("/_/page/seen", self.seen, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """The whole page; `?chat=` opens a conversation, otherwise the latest one (on a wide screen)."""
        return HTMLResponse(self._pages.render_template("page.html", **self.describe(request)))

    async def refresh(self, request: Request) -> Response:
        """204 when nothing changed since `?version=`, else the parts that the script puts in place."""
        if request.query_params.get("version") == str(self.state.version):
            return Response(status_code=204)
        facts = self.describe(request)
        parts = {name: self._pages.render_template(f"{name}.html", **facts) for name in ("people", "conversation")}
        return JSONResponse({"version": self.state.version, **parts})

    async def seen(self, request: Request) -> Response:
        """Somebody looks at this conversation."""
        conversation = self.state.conversations.get(request.query_params.get("chat", ""))
        if conversation:
            self.exchange.see(conversation)
        return Response(status_code=204)

    def describe(self, request: Request) -> Json:
        """What the templates need."""
        wanted = request.query_params.get("chat", "")
        talks = [c for c in self.state.conversations.values() if visible(c.messages)]
        talks.sort(key=lambda c: visible(c.messages)[-1].at, reverse=True)
        chosen = self.state.conversations.get(wanted)
        opened = chosen or (talks[0] if talks else None)
        return {
            "version": self.state.version,
            "talks": [self.describe_talk(c, c is opened) for c in talks[:MOST_TALKS]],
            "more": max(0, len(talks) - MOST_TALKS),
            "chat": self.describe_chat(opened) if opened else None,
            "chosen": chosen is not None,
            "numbers": [
                {
                    "id": n.facts.phone_number_id,
                    "name": n.facts.verified_name,
                    "phone": n.facts.display_phone_number,
                }
                for n in self.state.numbers.values()
            ],
        }

    def describe_talk(self, conversation: Conversation, selected: bool) -> Json:
        last = visible(conversation.messages)[-1]
        person = conversation.person
        unread = [m for m in conversation.messages if m.outgoing and m.status in ("sent", "delivered")]
        return {
            "key": conversation.key,
            "who": person.name or person.phone or person.user_id,
            "detail": person.phone or person.user_id,
            "business": conversation.number.facts.verified_name,
            "preview": preview(last),
            "mine": not last.outgoing,
            "time": to_iso(last.at),
            "clock": clock_time(last.at),
            "unread": len(unread),
            "selected": selected,
        }

    def describe_chat(self, conversation: Conversation) -> Json:
        now = self.exchange.clock.now()
        person, number = conversation.person, conversation.number
        last = conversation.last_inbound_at
        left_s = SERVICE_WINDOW_S - (now - last) if last is not None else 0
        return {
            "key": conversation.key,
            "who": person.name or person.phone or person.user_id,
            "phone": person.phone,
            "user_id": person.user_id,
            "business": number.facts.verified_name,
            "business_phone": number.facts.display_phone_number,
            "number_id": number.facts.phone_number_id,
            "stopped": number.waba_id in person.marketing_stopped,
            "typing": conversation.typing_until > now,
            "window": f"{int(left_s // 3600)} h {int(left_s % 3600 // 60)} min" if left_s > 0 else None,
            "days": list(group_by_day(visible(conversation.messages))),
        }


def visible(messages: Iterable[Message]) -> list[Message]:
    """What a phone shows as a bubble: no failed messages; reactions, edits and the like sit on other bubbles."""
    return [m for m in messages if m.status != "failed" and m.type not in HIDDEN]


def preview(message: Message) -> str:
    media = message.shown.media
    return message.shown.body.replace("\n", " ")[:120] or (f"[{media['type']}]" if media else "…")


def clock_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")


def group_by_day(messages: list[Message]) -> Iterable[Json]:
    """Bubbles under their dates, in UTC; the script writes times in the viewer's own zone."""
    days: dict[str, list[Json]] = {}
    by_id = {m.id: m for m in messages}
    for message in messages:
        day = datetime.fromtimestamp(message.at, UTC).strftime("%-d %B %Y")
        days.setdefault(day, []).append(describe_bubble(message, by_id.get(message.context_id or "")))
    return ({"day": day, "bubbles": bubbles} for day, bubbles in days.items())


def describe_bubble(message: Message, quoted: Message | None) -> Json:
    shown = message.shown
    return {
        "id": message.id,
        "outgoing": message.outgoing,
        "template": message.template,
        "language": message.language,
        "category": message.category,
        "type": message.type,
        "header": shown.header,
        "body": shown.body,
        "footer": shown.footer,
        "media": shown.media and {"link": "", "filename": "", "id": "", "name": "", **shown.media},
        "buttons": [{"url": "", "payload": "", "description": "", "section": "", **b} for b in shown.buttons],
        "list_button": shown.list_button,
        "cards": [
            {
                "body": c.body,
                "media": c.media and {"link": "", "filename": "", "id": "", "name": "", **c.media},
                "buttons": [{"url": "", "payload": "", **b} for b in c.buttons],
            }
            for c in shown.cards
        ],
        "status": message.status,
        "reaction": message.reaction,
        "quoted": preview(quoted) if quoted and not message.outgoing else "",
        "time": to_iso(message.at),
        "clock": clock_time(message.at),
    }
