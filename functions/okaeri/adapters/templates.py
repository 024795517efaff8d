"""A store's message templates in DynamoDB, and what Meta says of each, cached for seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.templates import Template, TemplateState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FRESH_S = 30

_Name = tuple[str, str, str]  # store id, template, locale


class DynamoTemplates:
    """Implements `ports.Templates`. The command line publishes them."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._table = Table(client, table_name)
        self._templates: ExpiringCache[_Name, Template] = ExpiringCache(fresh_s=_FRESH_S)
        self._states: ExpiringCache[_Name, TemplateState] = ExpiringCache(fresh_s=_FRESH_S)

    def get(self, store_id: str, name: str, locale: str) -> Template | None:
        """At most 30 s old; one that is unknown is looked for again after 10 s."""
        return self._templates.get((store_id, name, locale), lambda: self._load(Template, store_id, name, locale))

    def get_state(self, store_id: str, name: str, locale: str) -> TemplateState | None:
        """At most 30 s old; one that was never pushed is looked for again after 10 s."""
        return self._states.get(
            (store_id, name, locale),
            lambda: self._load(TemplateState, store_id, name, keys.template_state_key(locale)),
        )

    def put_state(self, store_id: str, name: str, locale: str, state: TemplateState) -> None:
        """Keeps what Meta says now; other processes learn of it within 30 s."""
        self._table.update(
            keys.template_key(store_id, name),
            keys.template_state_key(locale),
            "SET body = :body, #status = :status, #schema = :schema",
            names={"#status": "status", "#schema": "schema"},
            values={
                ":body": encode_body(state, whole=True),
                ":status": {"S": state.status},
                ":schema": {"N": "1"},
            },
        )
        self._states.forget((store_id, name, locale))

    def _load[M: Template | TemplateState](self, kind: type[M], store_id: str, name: str, sk: str) -> M | None:
        item = self._table.get(keys.template_key(store_id, name), sk, consistent=False)
        return decode_body(kind, item["body"]) if item else None
