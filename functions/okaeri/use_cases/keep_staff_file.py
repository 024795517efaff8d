"""Keeps a file that a person of the shop sends along with an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from okaeri.domain.media import judge_file, name_media_key
from okaeri.domain.staff import StaffMember
from okaeri.domain.stores import Store
from okaeri.errors import RefuseRequest

if TYPE_CHECKING:
    from okaeri.ports import MediaStore

MOST_BYTES = 4 * 1024 * 1024  # Lambda takes 6 MB of JSON, and base64 adds a third


@dataclass(frozen=True)
class KeepStaffFile:
    """`recognise` names what a file may be by its content, the likeliest type first."""

    media: MediaStore
    recognise: Callable[[bytes], Sequence[str]]

    def __call__(self, store: Store, by: StaffMember, body: bytes, *, claimed: str) -> str:
        """Its key in the store of media, to be sent with an answer; the same file again has the same key.

        `claimed` is the type that its sender names. Raises RefuseRequest(422), TryAgain.
        """
        if len(body) > MOST_BYTES:
            raise RefuseRequest(422, "file_too_large", "The file is too large.", at="content", fix="Send at most 4 MB.")
        judgement = judge_file(claimed, self.recognise(body), len(body))
        if judgement.refused:
            raise RefuseRequest(
                422,
                "file_refused",
                "This is no file that customers are sent.",
                at="content",
                fix="Send a picture, a film, a sound or a PDF.",
            )
        key = name_media_key(
            store.store_id, f"staff:{by.name}", hashlib.sha256(body).hexdigest(), judgement.content_type
        )
        self.media.put(key, body, content_type=judgement.content_type)
        return key
