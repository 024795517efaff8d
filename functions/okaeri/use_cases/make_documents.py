"""Sets a paper as a PDF and keeps it. The same paper again is the same file under the same key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from okaeri.domain.invoices import PDF, DocumentRequest

if TYPE_CHECKING:
    from okaeri.ports import DocumentWriter, MediaStore


@dataclass(frozen=True)
class MakeDocuments:
    """From what a sender asks for to a file in the bucket."""

    writer: DocumentWriter
    media: MediaStore

    def __call__(self, request: DocumentRequest) -> int:
        """How many bytes it has. Raises GiveUp where it can't be set, TryAgain where it can't be kept."""
        pdf = self.writer.write(request.invoice)
        self.media.put(request.key, pdf, content_type=PDF)
        return len(pdf)
