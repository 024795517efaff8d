"""Called by the senders: sets an order's paper as a PDF and keeps it for them."""

from __future__ import annotations

from typing import Any

from okaeri import wiring
from okaeri.domain.invoices import DocumentRequest
from okaeri.errors import GiveUp
from okaeri.settings.make_documents import MakeDocumentsSettings

settings = MakeDocumentsSettings.from_environment()
make_documents = wiring.make_documents(settings)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int | str]:
    """Answers with the file's `size` in bytes, or with the `code` of why there can be none. A passing fault fails."""
    try:
        return {"size": make_documents(DocumentRequest.model_validate(event))}
    except GiveUp as refusal:
        return {"code": refusal.code}
