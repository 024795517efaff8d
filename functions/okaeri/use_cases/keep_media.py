"""Keeps a file that a customer sent on WhatsApp, before Meta forgets it, or records why it is not kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from okaeri.domain.media import find_most, judge_file, name_media_key
from okaeri.domain.records import ActionRequest, MediaRecord
from okaeri.domain.stores import Store
from okaeri.errors import GiveUp, StopSender, TryAgain

if TYPE_CHECKING:
    from okaeri.ports import Log, MediaStore, ReceivedMedia, Records

RecogniseFile = Callable[[bytes], Sequence[str]]


@dataclass(frozen=True)
class KeepMedia:
    """From Meta's id to a file of ours and a line beside the customer. Harmless twice: the same key, the same record.

    `recognise` says what a file may be by its content, the likeliest first.
    """

    received: ReceivedMedia
    media: MediaStore
    records: Records
    recognise: RecogniseFile
    log: Log

    def __call__(self, request: ActionRequest, store: Store, *, is_last: bool) -> None:
        """`request.target` is the provider's id; `data` may hold `type` and `filename`, as the sender wrote them.

        A file of a letter is kept already, or was refused: `data` holds its `key` or `refused`, and it is noted.
        Raises TryAgain, until the last try has failed too: then that is the reason why there is no file.
        """
        if "key" in request.data:
            self.records.put_media(note_file(request))
            return
        try:
            record = self._keep(request, store)
        except GiveUp as refusal:
            record = describe_file(request, refused=refusal.code)
        except (TryAgain, StopSender) as fault:
            if not is_last:
                after_s = fault.after_s if isinstance(fault, TryAgain) else fault.until_s
                raise TryAgain(fault.code, after_s=after_s) from fault
            record = describe_file(request, refused=fault.code)
        if record.refused:
            extra = {"store": store.store_id, "media": record.media_id, "reason": record.refused}
            self.log.warning("media not kept", extra=extra)
        self.records.put_media(record)

    def _keep(self, request: ActionRequest, store: Store) -> MediaRecord:
        claimed, body = self.received.fetch(store, request.target, most=find_most(request.data.get("type", "")))
        judgement = judge_file(claimed, self.recognise(body), len(body))
        if judgement.refused:
            raise GiveUp(judgement.refused)
        key = name_media_key(store.store_id, request.customer_id, request.target, judgement.content_type)
        self.media.put(key, body, content_type=judgement.content_type)
        return describe_file(
            request,
            content_type=judgement.content_type,
            size=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
            key=key,
        )


def note_file(request: ActionRequest) -> MediaRecord:
    """What came with a letter, as `receive_letter` kept it."""
    data = request.data
    return describe_file(
        request, content_type=data["content_type"], size=int(data["size"]), key=data["key"], refused=data["refused"]
    )


def describe_file(
    request: ActionRequest, *, content_type: str = "", size: int = 0, sha256: str = "", key: str = "", refused: str = ""
) -> MediaRecord:
    """What is kept beside the customer: of a file that was refused, why."""
    return MediaRecord(
        store_id=request.store_id,
        customer_id=request.customer_id,
        media_id=request.target,
        content_type=content_type,
        size=size,
        sha256=sha256,
        name=request.data.get("filename", "")[:255],
        key=key,
        refused=refused,
        received_at=request.requested_at,
    )
