"""Template management: create, list, change and delete, with Meta's limits and answers."""

import base64
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .configuration import Account
from .errors import GraphError
from .exchange import Exchange
from .payloads import read_payload
from .rules import DAY_S, HOUR_S
from .state import Template
from .templates import check_definition, refuse_definition

type Json = dict[str, Any]
type Routes = dict[tuple[str, str], Callable[[Request], Awaitable[Json | Response]]]

EDITABLE = ("APPROVED", "REJECTED", "PAUSED")
DEFAULT_FIELDS = "name,parameter_format,components,language,status,category,id"
NAME_BLOCKED_S = 30 * DAY_S


class TemplateStore:
    """The templates of all accounts."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.state = exchange.state

    def account_routes(self, account: Account) -> Routes:
        async def create(request: Request) -> Json:
            return self.create(account, await read_payload(request))

        async def list_all(request: Request) -> Json:
            return self.list(account, request)

        async def delete(request: Request) -> Json:
            return self.delete(account, request.query_params.get("name"), request.query_params.get("hsm_id"))

        edge = "message_templates"
        return {("POST", edge): create, ("GET", edge): list_all, ("DELETE", edge): delete}

    def template_routes(self, template: Template) -> Routes:
        async def get(request: Request) -> Json:
            return describe(template, request.query_params.get("fields", DEFAULT_FIELDS))

        async def edit(request: Request) -> Json:
            return self.edit(template, await read_payload(request))

        async def unpause(request: Request) -> Json:
            return self.unpause(template)

        return {("GET", ""): get, ("POST", ""): edit, ("POST", "unpause"): unpause}

    def create(self, account: Account, definition: Json) -> Json:
        """PENDING until reviewed. Raises 2388019, 2388023, 2388024 beside what the definition lacks."""
        now, waba_id = self.exchange.clock.now(), account.waba_id
        configuration = self.state.configuration
        recent = [at for at in self.state.created_at.get(waba_id, []) if now - at < HOUR_S]
        if len(recent) >= configuration.template_creations_per_hour:
            raise GraphError(80007, "Too many templates were created for this account within an hour.")
        check_definition(definition)
        name, language = definition["name"], definition["language"]
        if self.state.find_template(waba_id, name, language):
            raise refuse_definition(
                2388024,
                "Content in This Language Already Exists",
                f"There is already {language} content for this template. Create a new one and try again.",
            )
        if now - self.state.deleted_names.get((waba_id, name), -NAME_BLOCKED_S) < NAME_BLOCKED_S:
            raise refuse_definition(
                2388023,
                "Message Template Language Is Being Deleted",
                f"New content can't be added to {name} within 30 days of its deletion. Use another name.",
            )
        mine = [t for t in self.state.templates.values() if t.waba_id == waba_id]
        if len(mine) >= configuration.template_limit:
            raise refuse_definition(
                2388019,
                "Template Limit Exceeded",
                f"This account has {configuration.template_limit} templates.",
            )
        self.state.created_at[waba_id] = [*recent, now]
        template = self.state.add_template(waba_id, definition, "PENDING")
        self.exchange.review_later(template)
        return {"id": template.id, "status": template.status, "category": template.category}

    def list(self, account: Account, request: Request) -> Json:
        """In pages, newest first, filtered by name, status, language and category."""
        query = request.query_params
        found = [t for t in reversed(self.state.templates.values()) if t.waba_id == account.waba_id]
        if name := query.get("name"):
            found = [t for t in found if name in t.name]
        for key in ("status", "language", "category"):
            if wanted := query.get(key):
                found = [t for t in found if getattr(t, key).lower() == wanted.lower()]
        limit = read_limit(query.get("limit", "25"))
        start = decode_cursor(query["after"]) + 1 if "after" in query else 0
        if "before" in query:
            start = max(0, decode_cursor(query["before"]) - limit)
        page = found[start : start + limit]
        fields = query.get("fields", DEFAULT_FIELDS)
        answer: Json = {"data": [describe(template, fields) for template in page]}
        if page:
            cursors = {"before": encode_cursor(start), "after": encode_cursor(start + len(page) - 1)}
            answer["paging"] = {"cursors": cursors}
            if start + len(page) < len(found):
                following = request.url.remove_query_params(["before", "access_token"])
                answer["paging"]["next"] = str(following.include_query_params(after=cursors["after"]))
        return answer

    def edit(self, template: Template, change: Json) -> Json:
        """Replaces the components; an approved template once in 24 hours and ten times in 30 days."""
        now = self.exchange.clock.now()
        if template.status not in EDITABLE:
            raise refuse_definition(None, "Can't edit", f"A template that is {template.status} can't be edited.")
        if template.status == "APPROVED":
            edits = template.edited_at
            if sum(now - at < DAY_S for at in edits) >= 1 or sum(now - at < 30 * DAY_S for at in edits) >= 10:
                raise refuse_definition(
                    None,
                    "Can't edit",
                    "An approved template can be edited once in 24 hours, 10 times in 30 days.",
                )
            if change.get("category", template.category) != template.category:
                raise refuse_definition(None, "Can't edit", "The category of an approved template can't be changed.")
        allowed = ("category", "components", "parameter_format", "message_send_ttl_seconds")
        definition = template.definition | {key: change[key] for key in allowed if key in change}
        check_definition(definition)
        if template.status == "APPROVED":
            template.edited_at.append(now)
        template.definition, template.status = definition, "PENDING"
        self.exchange.review_later(template)
        return {"success": True}

    def unpause(self, template: Template) -> Json:
        """Ends a pause."""
        if template.status != "PAUSED":
            raise refuse_definition(None, "Can't unpause", "The template is not paused.")
        self.exchange.set_template_status(template, "APPROVED")
        return {"success": True}

    def delete(self, account: Account, name: str | None, template_id: str | None) -> Json:
        """All languages of a name, or one by `hsm_id`. An approved one's name is blocked for 30 days."""
        gone = [
            t
            for t in self.state.templates.values()
            if t.waba_id == account.waba_id
            and (t.id == template_id if template_id else t.name == name)
            and (name is None or t.name == name)
        ]
        if not gone:
            raise refuse_definition(2593002, "Message Template Not Found", f"There is no template {name!r}.")
        for template in gone:
            del self.state.templates[template.id]
            if template.status == "APPROVED" and not template_id:
                self.state.deleted_names[account.waba_id, template.name] = self.exchange.clock.now()
        return {"success": True}


def describe(template: Template, fields: str) -> Json:
    """The fields asked for, and the id in any case."""
    known = {
        "previous_category": None,
        "quality_score": {"score": "UNKNOWN"},
        "rejected_reason": template.rejected_reason,
        **template.definition,
        "parameter_format": template.definition.get("parameter_format", "POSITIONAL"),
        "status": template.status,
    }
    wanted = [field.strip() for field in fields.split(",")]
    return {field: known[field] for field in wanted if known.get(field) is not None} | {"id": template.id}


def read_limit(text: str) -> int:
    """Templates in a page."""
    if not text.isdigit() or int(text) < 1:
        raise GraphError(100, message="(#100) Param limit must be a positive integer")
    return min(int(text), 1000)


def encode_cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"template:{position}".encode()).decode()


def decode_cursor(cursor: str) -> int:
    """131059 for one that we did not give."""
    try:
        kind, _, position = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if kind != "template":
            raise ValueError(kind)
        return int(position)
    except ValueError:
        raise GraphError(131059, "The cursor is not valid; start again from the first page.") from None
