"""Papers of orders as files: looked for in the bucket, and made by make_documents where they are not there yet."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from okaeri.adapters.invoice_fields import describe_invoice
from okaeri.domain.customers import Customer
from okaeri.domain.invoices import DocumentFile, DocumentRequest, name_document_key
from okaeri.domain.orders import Order
from okaeri.domain.stores import Store
from okaeri.errors import GiveUp, TryAgain

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

    from okaeri.ports import MediaStore

# After a fault nothing is asked for so long: one slow maker must not hold up each message of a batch in turn.
REST_S = 60.0


class InvokedDocuments:
    """Implements `ports.Documents`."""

    def __init__(
        self,
        client: LambdaClient,
        function_name: str,
        media: MediaStore,
        *,
        read_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`client` makes one attempt and waits a few seconds: a message waits no longer for its attachment."""
        self._client, self._function_name, self._media = client, function_name, media
        self._read_seconds = read_seconds
        self._rests_until = 0.0

    def find(self, store: Store, order: Order, customer: Customer, locale: str) -> DocumentFile:
        """The file of the order as it is now. Raises as the port says."""
        invoice, filename = describe_invoice(order, store, customer, locale)
        key = name_document_key(store.store_id, order.order_id, invoice)
        if self._read_seconds() < self._rests_until:
            raise TryAgain("documents_at_rest")
        body = self._read(key)
        if body is None:
            self._make(DocumentRequest(key=key, invoice=invoice))
            body = self._read(key)
        if body is None:
            raise TryAgain("document_lost")
        return DocumentFile(key=key, filename=filename, title=invoice.title, body=body)

    def _read(self, key: str) -> bytes | None:
        try:
            return self._media.get(key)[1]
        except GiveUp:
            return None
        except TryAgain:
            self._rest()
            raise
        except ClientError as error:  # not allowed, no such bucket: for a person to mend, and no reason to wait
            self._rest()
            raise TryAgain("documents_unreadable", error.response["Error"]["Code"]) from error

    def _rest(self) -> None:
        self._rests_until = self._read_seconds() + REST_S

    def _make(self, request: DocumentRequest) -> None:
        try:
            answer = self._client.invoke(FunctionName=self._function_name, Payload=request.model_dump_json())
            said = json.loads(answer["Payload"].read())
        except (ClientError, BotoCoreError, ValueError) as error:
            self._rest()
            raise TryAgain("documents_unreachable", type(error).__name__) from error
        if answer.get("FunctionError"):
            self._rest()
            raise TryAgain("documents_failed")
        if code := said.get("code"):
            raise GiveUp(str(code))
