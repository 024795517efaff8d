"""The mailbox page: a list of mails, and one of them as a mail client shows it."""

import html
import re
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import quote

import minijinja
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .configuration import EventOrder
from .events import write_time
from .post_office import Kept, PostOffice

type Json = dict[str, Any]

HERE = Path(__file__).parent / "static"
_HREF = re.compile(r"""(<a\s[^>]*?\bhref\s*=\s*)(["'])(https?://.*?)\2""", re.IGNORECASE | re.DOTALL)
_CID = re.compile(r"""\bcid:([^"'\s)>]+)""")
# What the HTML of a mail may do: show pictures and styles, and open links in a new tab. No script ever.
_MAIL_POLICY = "default-src 'none'; img-src * data:; style-src 'unsafe-inline' *; font-src *; media-src *"
TABS = ("html", "text", "headers")


class MailboxPage:
    """`/` and what its script asks for."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office
        names = ("page.html", "list.html", "reader.html")
        self._pages = minijinja.Environment(
            templates={name: (HERE / name).read_text("utf-8") for name in names}, undefined_behavior="strict"
        )

    def routes(self) -> list[Route]:
        return [
            Route("/", self.page),
            Route("/_/page", self.refresh),
            Route("/_/page/{message_id}/html", self.mail_html),
            Route("/_/page/{message_id}/link", self.follow_link),
        ]

    async def page(self, request: Request) -> Response:
        """The whole page; `?mail=` opens one, `?tab=` shows it as html, text or headers."""
        return HTMLResponse(self._pages.render_template("page.html", **self.describe(request)))

    async def refresh(self, request: Request) -> Response:
        """204 when nothing changed since `?version=`, else the list; the open mail stays as it is."""
        if request.query_params.get("version") == str(self.office.version):
            return Response(status_code=204)
        listed = self._pages.render_template("list.html", **self.describe(request))
        return JSONResponse({"version": self.office.version, "list": listed})

    async def mail_html(self, request: Request) -> Response:
        """The mail's own HTML for the frame; to look at it is an open."""
        kept = self.office.kept.get(request.path_params["message_id"])
        if kept is None or kept.mail.html is None:
            return Response("no such mail", 404)
        if self.office.configuration.opens_and_clicks:
            self.office.report(kept, EventOrder(message_id=kept.message_id, event="open"), "open")
        body = self.prepare_html(kept, kept.mail.html)
        return HTMLResponse(body, headers={"Content-Security-Policy": _MAIL_POLICY, "Referrer-Policy": "no-referrer"})

    def prepare_html(self, kept: Kept, source: str) -> str:
        """Links lead through the click counter, as with SES, and open in a new tab; `cid:` pictures show."""
        positions = {a.content_id: i for i, a in enumerate(kept.mail.attachments) if a.content_id}

        def count_clicks(match: re.Match[str]) -> str:
            address = quote(html.unescape(match[3]), safe="")
            return f"{match[1]}{match[2]}/_/page/{kept.message_id}/link?to={address}{match[2]}"

        def find_picture(match: re.Match[str]) -> str:
            position = positions.get(match[1])
            return match[0] if position is None else f"/_/messages/{kept.message_id}/attachments/{position}"

        return '<base target="_blank">' + _CID.sub(find_picture, _HREF.sub(count_clicks, source))

    async def follow_link(self, request: Request) -> Response:
        """Tells of the click and goes where the link led; only to addresses that the mail contains."""
        kept = self.office.kept.get(request.path_params["message_id"])
        address = request.query_params.get("to", "")
        known = {html.unescape(m[3]) for m in _HREF.finditer(kept.mail.html or "")} if kept else set()
        if kept is None or address not in known:
            return Response("no such link", 404)
        if self.office.configuration.opens_and_clicks:
            order = EventOrder(message_id=kept.message_id, event="click", link=address)
            self.office.report(kept, order, "click")
        return RedirectResponse(address, 302)

    def describe(self, request: Request) -> Json:
        """What the templates need."""
        kept = list(reversed(self.office.kept.values()))
        opened = self.office.kept.get(request.query_params.get("mail", ""))  # none by itself: to open is an event
        tab = request.query_params.get("tab", "html")
        return {
            "version": self.office.version,
            "mails": [self.describe_row(k, k is opened) for k in kept],
            "mail": self.describe_opened(opened) if opened else None,
            "tab": tab if tab in TABS and (tab != "html" or (opened and opened.mail.html)) else "text",
        }

    def describe_row(self, kept: Kept, selected: bool) -> Json:
        mail = kept.mail
        preview = " ".join((mail.text or re.sub(r"<[^>]+>", " ", mail.html or "")).split())
        return {
            "id": kept.message_id,
            "from": read_name(mail.sender),
            "to": ", ".join(mail.to),
            "subject": mail.subject,
            "preview": preview[:140],
            "time": write_time(kept.at),
            "clock": write_time(kept.at)[11:16],
            "attachments": len(mail.attachments),
            "trouble": next((event for event in ("bounce", "complaint") if event in kept.events), ""),
            "selected": selected,
        }

    def describe_opened(self, kept: Kept) -> Json:
        mail = kept.mail
        headers = [
            ("From", read_header(mail.sender)),
            ("To", ", ".join(mail.to)),
            ("Cc", ", ".join(mail.cc)),
            ("Bcc", ", ".join(mail.bcc)),
            ("Reply-To", ", ".join(mail.reply_to)),
            ("Subject", mail.subject),
            *mail.headers,
            ("Configuration set", mail.configuration_set or ""),
            ("Tags", ", ".join(f"{name} = {value}" for name, value in mail.tags.items())),
            ("Message id", kept.message_id),
            ("Events", ", ".join(kept.events)),
        ]
        return self.describe_row(kept, True) | {
            "sender": read_header(mail.sender),
            "has_html": mail.html is not None,
            "text": mail.text or "",
            "headers": [{"name": name, "value": value} for name, value in headers if value],
            "files": [
                {
                    "name": attachment.filename,
                    "size": write_size(len(attachment.content)),
                    "url": f"/_/messages/{kept.message_id}/attachments/{position}",
                }
                for position, attachment in enumerate(mail.attachments)
            ],
        }


def read_header(value: str) -> str:
    """Encoded words as a mail client shows them."""
    return str(make_header(decode_header(value)))


def read_name(sender: str) -> str:
    name, address = parseaddr(sender)
    return read_header(name) or address


def write_size(size: int) -> str:
    return f"{size / 1024:.0f} KB" if size >= 1024 else f"{size} bytes"
