"""The Graph API's side: who asks for which object, and what it answers."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.serving import HungUp, keep_waiting

from .configuration import Account
from .errors import TITLES, GraphError, invalid_token, unknown_object
from .exchange import Exchange, describe_fault
from .media_api import MediaApi
from .payloads import read_payload, read_token
from .sending import accept_message, mark_read, require_number
from .template_store import TemplateStore

type Json = dict[str, Any]
type Answer = Json | Response

log = logging.getLogger(__name__)

_VERSION = re.compile(r"v\d{1,2}\.\d")
_PERMISSIONS = ["business_management", "whatsapp_business_management", "whatsapp_business_messaging"]


class GraphApi:
    """Answers every error in Meta's shape."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.state = exchange.state
        self.templates = TemplateStore(exchange)
        self.media = MediaApi(exchange)

    async def handle(self, request: Request) -> Response:
        try:
            answer = await self.answer(request)
        except GraphError as error:
            return JSONResponse(error.to_answer(), error.http_status)
        except (AttributeError, KeyError, TypeError) as error:  # a list where an object belongs, and the like
            log.warning("%s %s: %r", request.method, request.url.path, error, exc_info=True)
            wrong_shape = GraphError(100, "Invalid parameter: a part of the request is not of the documented type")
            return JSONResponse(wrong_shape.to_answer(), wrong_shape.http_status)
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    async def answer(self, request: Request) -> Answer:
        """Find the object and its edge behind `/{version}/{object}[/{edge}]`."""
        parts = [part for part in request.url.path.split("/") if part]
        if parts[:2] == ["_", "download"] and len(parts) == 3:
            return self.download(request, parts[2])
        if parts and _VERSION.fullmatch(parts[0]):
            parts = parts[1:]
        if not 1 <= len(parts) <= 2:
            raise GraphError(100, message=f"(#100) Unknown path components: {request.url.path}")
        token = read_token(request)
        object_id, edge = parts[0], parts[1] if len(parts) == 2 else ""
        if object_id == "debug_token":
            return self.debug_token(request, token)
        accounts = self.find_accounts(token)
        route = self.find_route(request.method, object_id, edge, accounts)
        if route is None:
            raise unknown_object(object_id, request.method.lower())
        return await route(request)

    def find_accounts(self, token: str) -> list[Account]:
        """What the token opens; 190 when it is none of ours."""
        configuration = self.state.configuration
        if token in configuration.access_tokens:
            return configuration.accounts
        opened = [a for a in configuration.accounts if token in a.access_tokens]
        if not opened:
            raise invalid_token()
        return opened

    def find_route(
        self, method: str, object_id: str, edge: str, accounts: list[Account]
    ) -> Callable[[Request], Awaitable[Answer]] | None:
        """The endpoint of that object, if the token may see the object and it has that edge."""
        routes: dict[tuple[str, str], Callable[[Request], Awaitable[Answer]]] = {}
        if object_id in ("app", self.state.configuration.app_id) or object_id.startswith("upload:"):
            return self.media.example_routes(object_id, self.state.configuration.app_id).get((method, edge))
        wabas = {a.waba_id: a for a in accounts}
        number, template = self.state.numbers.get(object_id), self.state.templates.get(object_id)
        if account := wabas.get(object_id):

            async def get_account(request: Request) -> Answer:
                return self.describe_account(account)

            async def get_numbers(request: Request) -> Answer:
                return {"data": [self.describe_number(n.phone_number_id) for n in account.phone_numbers]}

            async def get_apps(request: Request) -> Answer:
                return self.list_apps(account.waba_id)

            async def subscribe(request: Request) -> Answer:
                return self.subscribe(account.waba_id, subscribed=request.method == "POST")

            routes = {
                ("GET", ""): get_account,
                ("GET", "phone_numbers"): get_numbers,
                ("GET", "subscribed_apps"): get_apps,
                ("POST", "subscribed_apps"): subscribe,
                ("DELETE", "subscribed_apps"): subscribe,
            } | self.templates.account_routes(account)
        elif number and number.waba_id in wabas:

            async def get_number(request: Request) -> Answer:
                return self.describe_number(object_id)

            async def send(request: Request) -> Answer:
                return await self.send_message(request, object_id)

            async def upload(request: Request) -> Answer:
                return await self.media.upload(request, number)

            routes = {("GET", ""): get_number, ("POST", "messages"): send, ("POST", "media"): upload}
        elif template and template.waba_id in wabas:
            routes = self.templates.template_routes(template)
        elif (media := self.media.find(object_id)) and self.state.numbers[media.phone_number_id].waba_id in wabas:

            async def get_media(request: Request) -> Answer:
                return self.media.describe(request, object_id)

            routes = {("GET", ""): get_media}
        return routes.get((method, edge))

    async def send_message(self, request: Request, number_id: str) -> Answer:
        """A message or a read mark; faults strike here."""
        number = require_number(self.state, number_id)
        payload = await read_payload(request)
        if payload.get("messaging_product") != "whatsapp":
            raise GraphError(100, message="(#100) The parameter messaging_product is required.")
        now = self.exchange.clock.now()
        if payload.get("status") == "read":
            return mark_read(self.state, number, payload, now)
        fault = self.exchange.faults.take()
        later: GraphError | None = None
        if fault and fault.timeout:
            return await keep_waiting(request)
        if fault and fault.http_status:
            return answer_http_status(fault.http_status)
        if fault and fault.code is not None:
            later = describe_fault(fault.code)
            said_later = later.code in self.state.configuration.said_later
            if not (said_later if fault.as_status is None else fault.as_status):
                raise later
        accepted = accept_message(self.state, number, payload, now, later)
        self.exchange.deliver(accepted)
        return HungUp() if fault and fault.drop_response else accepted.answer

    def download(self, request: Request, media_id: str) -> Response:
        """A file of one of the numbers that the token opens."""
        accounts = self.find_accounts(read_token(request))
        return self.media.download(request, media_id, [n.phone_number_id for a in accounts for n in a.phone_numbers])

    def debug_token(self, request: Request, token: str) -> Json:
        """What a token is good for; an unknown one is answered as not valid."""
        configuration = self.state.configuration
        app_token = f"{configuration.app_id}|{configuration.app_secret}"
        if app_token != token:
            self.find_accounts(token)
        try:
            accounts = self.find_accounts(request.query_params.get("input_token", ""))
        except GraphError as error:
            wrong = {"code": 190, "message": error.message}
            return {"data": {"app_id": configuration.app_id, "is_valid": False, "error": wrong, "scopes": []}}
        ids = [a.waba_id for a in accounts]
        return {
            "data": {
                "app_id": configuration.app_id,
                "type": "SYSTEM_USER",
                "application": "Okaeri",
                "expires_at": 0,
                "is_valid": True,
                "scopes": _PERMISSIONS,
                "granular_scopes": [{"scope": scope, "target_ids": ids} for scope in _PERMISSIONS],
            }
        }

    def describe_account(self, account: Account) -> Json:
        return {
            "id": account.waba_id,
            "name": account.name,
            "currency": "USD",
            "timezone_id": "1",
            "account_review_status": "APPROVED",
            "business_verification_status": "verified",
        }

    def describe_number(self, number_id: str) -> Json:
        facts = self.state.numbers[number_id].facts
        return {
            "id": number_id,
            "display_phone_number": facts.display_phone_number,
            "verified_name": facts.verified_name,
            "quality_rating": facts.quality_rating,
            "code_verification_status": "VERIFIED",
            "name_status": "APPROVED",
            "platform_type": "CLOUD_API",
            "status": "CONNECTED",
            "throughput": {"level": "STANDARD" if facts.messages_per_second <= 80 else "HIGH"},
            "whatsapp_business_manager_messaging_limit": facts.messaging_limit,
            "webhook_configuration": {"application": self.state.configuration.webhook_url or ""},
        }

    def list_apps(self, waba_id: str) -> Json:
        app = {"id": self.state.configuration.app_id, "name": "Okaeri"}
        return {"data": [{"whatsapp_business_api_data": app}] if waba_id in self.state.subscribed else []}

    def subscribe(self, waba_id: str, subscribed: bool) -> Json:
        if subscribed:
            self.state.subscribed.add(waba_id)
        else:
            self.state.subscribed.discard(waba_id)
        return {"success": True}


def answer_http_status(status: int) -> Response:
    """An ordered HTTP error, with the code that Meta would give with it where there is one."""
    codes = {401: 190, 403: 10, 404: 132001, 429: 4, 500: 131000, 503: 2}
    if status not in codes:
        return Response("", status, media_type="text/html")
    assert codes[status] in TITLES
    return JSONResponse(GraphError(codes[status], "Ordered through the control API.").to_answer(), status)
