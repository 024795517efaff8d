"""Message templates at Meta: created, listed, looked up. Used by the command line.

https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/message_templates
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import requests

from okaeri.adapters.locale_formats import CATALOGUE
from okaeri.adapters.meta_templates import describe_for_meta
from okaeri.adapters.whatsapp_errors import make_error, read_error_body
from okaeri.domain.invoices import PDF
from okaeri.domain.templates import Template, TemplateState
from okaeri.errors import GiveUp, StopSender, TryAgain

Json = dict[str, Any]

TIMEOUT_S = (5.0, 30.0)  # to connect, to answer: nobody waits for these but a person at a keyboard
PAGE = 100
_EXAMPLE = CATALOGUE / "documents" / "example.pdf"
# Codes of template creation: limit reached, too long, header, body, footer, ratio, variables at an end.
_CREATION_CODES = range(2_388_000, 2_389_000)


class TemplateRefused(GiveUp):
    """Meta refuses a definition; the text says why in its words."""


class GraphTemplates:
    """The templates of one WhatsApp Business account."""

    def __init__(
        self,
        *,
        base_url: str,
        version: str,
        waba_id: str,
        token: str,
        session: requests.Session | None = None,
    ) -> None:
        self._graph_url = f"{base_url}/{version}"
        self._url = f"{self._graph_url}/{waba_id}/message_templates"
        self._session = session or requests.Session()
        self._token = token
        self._handle = ""

    def create(self, template: Template, *, public_url: str) -> TemplateState:
        """Asks Meta to approve it. `public_url` is what buttons lead to."""
        has_file = template.whatsapp is not None and template.whatsapp.document is not None
        definition = describe_for_meta(template, public_url, handle=self._upload_example() if has_file else "")
        answer = self._call("POST", json=definition)
        return read_state({"name": definition["name"], **answer})

    def list(self, name: str | None = None) -> Iterator[tuple[str, str, TemplateState]]:
        """Name at Meta, language and state of each template, page by page."""
        for entry in self._list("id,name,language,status,category,rejected_reason", name):
            yield str(entry.get("name", "")), str(entry.get("language", "")), read_state(entry)

    def list_whole(self) -> Iterator[tuple[str, str, TemplateState, Sequence[Json]]]:
        """As `list`, with the components that Meta holds."""
        for entry in self._list("id,name,language,status,category,rejected_reason,components"):
            name, language = str(entry.get("name", "")), str(entry.get("language", ""))
            yield name, language, read_state(entry), entry.get("components") or ()

    def _list(self, fields: str, name: str | None = None) -> Iterator[Json]:
        query: Json = {"fields": fields, "limit": PAGE}
        if name:
            query["name"] = name
        while True:
            page = self._call("GET", params=query)
            yield from page.get("data", [])
            paging = page.get("paging") or {}
            after = (paging.get("cursors") or {}).get("after")
            if not after or not paging.get("next"):
                return
            query["after"] = after

    def get_state(self, template: Template) -> TemplateState | None:
        """What Meta says of the template in its language; None where it was never created."""
        for name, language, state in self.list(template.meta_name):
            # Meta's `name` finds parts of names too, and writes `en-US` as well as `en_US`.
            if name == template.meta_name and language.replace("-", "_") == template.meta_language:
                return state
        return None

    def _upload_example(self) -> str:
        """The handle of an example for headers that hold a PDF, uploaded once: what Meta's reviewers look at.

        https://developers.facebook.com/docs/graph-api/guides/upload
        """
        if not self._handle:
            body = _EXAMPLE.read_bytes()
            app_id = self._call("GET", url=f"{self._graph_url}/app").get("id", "")
            facts = {"file_name": _EXAMPLE.name, "file_length": len(body), "file_type": PDF}
            begun = self._call("POST", url=f"{self._graph_url}/{app_id}/uploads", params=facts)
            # The session that takes the bytes wants the token by another word than all else.
            headers = {"Authorization": f"OAuth {self._token}", "file_offset": "0"}
            url = f"{self._graph_url}/{begun.get('id', '')}"
            self._handle = str(self._call("POST", url=url, data=body, headers=headers).get("h", ""))
            if not self._handle:
                raise TemplateRefused("example_not_taken", "Meta took no example of the PDF")
        return self._handle

    def _call(
        self, method: str, *, url: str = "", headers: Mapping[str, str] = MappingProxyType({}), **more: Any
    ) -> Json:
        sent = {"Authorization": f"Bearer {self._token}", **headers}
        try:
            answer = self._session.request(method, url or self._url, headers=sent, timeout=TIMEOUT_S, **more)
            body = answer.json()
        except requests.RequestException as error:  # also a body that is no JSON
            raise TryAgain("graph_unreachable", type(error).__name__) from error
        found = read_error_body(body)
        if found is not None:
            raise _explain(body["error"], *found)
        return body if isinstance(body, dict) else {}


def _explain(error: Json, code: int, transient: bool) -> TryAgain | GiveUp | StopSender:
    subcode = error.get("error_subcode")
    text = error.get("error_user_msg") or (error.get("error_data") or {}).get("details") or error.get("message")
    if code == 100 or code in _CREATION_CODES or (isinstance(subcode, int) and subcode in _CREATION_CODES):
        return TemplateRefused(str(subcode or code), str(text or "no reason given"))
    return make_error(code, transient=transient)


def read_state(entry: Json) -> TemplateState:
    """A template as Meta describes it."""
    reason = str(entry.get("rejected_reason") or "")
    return TemplateState(
        status=str(entry.get("status") or "PENDING").upper(),
        category=str(entry.get("category") or "").upper(),
        meta_id=str(entry.get("id") or ""),
        meta_name=str(entry.get("name") or ""),
        reason="" if reason == "NONE" else reason,
    )
