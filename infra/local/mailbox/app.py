"""The mailbox as an ASGI application: SES's sending call, control API and page; the rest is passed on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from local.control import answer_refusal

from .configuration import Configuration
from .control_api import ControlApi
from .page import MailboxPage
from .post_office import PostOffice
from .ses_api import SesApi

STATIC = Path(__file__).parent / "static"


def build_app(configuration: Configuration) -> Starlette:
    """Everything of one mailbox; its mails live and die with the application."""
    office = PostOffice(configuration)
    ses = SesApi(office)

    @asynccontextmanager
    async def run_office(app: Starlette) -> AsyncIterator[None]:
        async with office.running():
            yield

    routes = [
        *MailboxPage(office).routes(),
        *ControlApi(office).routes(),
        Mount("/_/static", StaticFiles(directory=STATIC)),
        Route("/v2/email/outbound-emails", ses.send_email, methods=["POST"]),
        Route("/{path:path}", ses.pass_on, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]
    return Starlette(routes=routes, lifespan=run_office, exception_handlers={HTTPException: answer_refusal})
