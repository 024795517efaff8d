"""Which files are kept and sent: what a file is by its content decides, not what it is called.

Pages, drawings with scripts in them, archives and programs never pass: whoever opens a file of ours opens a picture, a
film, a sound or a PDF. Sizes are in bytes.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from okaeri.domain.values import make_id

MEGABYTE = 1024 * 1024
MOST_BYTES = 25 * MEGABYTE  # of any file: what is larger is not read
_MOST = {"image": 10 * MEGABYTE, "video": 16 * MEGABYTE, "audio": 16 * MEGABYTE, "application": MOST_BYTES}
# Content type → the ending of its key.
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "audio/ogg": "ogg",
    "audio/aac": "aac",
    "audio/mpeg": "mp3",
    "audio/amr": "amr",
    "audio/mp4": "m4a",
    "audio/3gpp": "3gp",
    "application/pdf": "pdf",
}
# One container holds films and sounds: which of both it is, only its sender says.
_SOUND_OF = {"video/mp4": "audio/mp4", "video/3gpp": "audio/3gpp"}
_SAYS_NOTHING = ("", "application/octet-stream", "binary/octet-stream")

MediaKind = Literal["image", "video", "audio", "document"]


class Judgement(NamedTuple):
    """The content type under which a file is kept, or why it is not: `too_large`, `not_allowed:<type>`, …"""

    content_type: str = ""
    refused: str = ""


class UploadedFile(NamedTuple):
    """A file for a message: the provider's id of it, or the `link` at which the provider fetches it; sent as `kind`."""

    media_id: str
    kind: MediaKind
    link: str = ""


def judge_file(claimed: str, found: Iterable[str], size: int) -> Judgement:
    """Whether a file is kept. `claimed` is the type that its sender names, `found` what its content may be, best first.

    `too_large`; `empty`; `not_allowed:<type>` for what is on no list; `not_what_it_says:<type>` for a film that calls
    itself a picture.
    """
    claimed = read_content_type(claimed)
    candidates = list(found)
    allowed = [name for name in candidates if name in _ENDINGS]
    if not size:
        return Judgement(refused="empty")
    if not allowed:
        return Judgement(refused=f"not_allowed:{next(iter(candidates), '') or claimed or 'unknown'}")
    fitting = [fit for name in allowed if (fit := _fit(name, claimed))]
    if not fitting:
        return Judgement(refused=f"not_what_it_says:{allowed[0]}")
    chosen = claimed if claimed in fitting else fitting[0]  # some sounds begin alike
    return Judgement(refused="too_large") if size > _MOST[_family(chosen)] else Judgement(chosen)


def read_content_type(text: str) -> str:
    """`audio/ogg; codecs=opus` without its parameters, in small letters."""
    return text.partition(";")[0].strip().lower()


def find_most(claimed: str) -> int:
    """How large a file of the type that its sender names may be; the most of all where that says nothing."""
    return _MOST.get(_family(read_content_type(claimed)), MOST_BYTES)


def name_kind(content_type: str) -> MediaKind:
    """As what WhatsApp sends it."""
    match _family(content_type):
        case "image":
            return "image"
        case "video":
            return "video"
        case "audio":
            return "audio"
    return "document"


def read_key_kind(key: str) -> MediaKind:
    """As what the file of one of our keys is sent, by its ending."""
    ending = key.rpartition(".")[2]
    return name_kind(next((name for name, known in _ENDINGS.items() if known == ending), ""))


def name_media_key(store_id: str, owner: str, media_id: str, content_type: str) -> str:
    """Where a file is kept: the store in clear, so that it can be emptied, whose it is and the file itself as hashes.

    `owner` is the customer's id, or the letter's.
    """
    folder, name = make_id("media", store_id, owner)[:24], make_id("media", media_id)[:24]
    return f"files/{store_id}/{folder}/{name}.{_ENDINGS[content_type]}"


def _fit(found: str, claimed: str) -> str:
    """The type that both content and sender can mean, empty where they exclude each other."""
    if claimed in _SAYS_NOTHING or _family(found) == _family(claimed):
        return found
    sound = _SOUND_OF.get(found, "")
    return sound if sound and _family(claimed) == "audio" else ""


def _family(content_type: str) -> str:
    return content_type.partition("/")[0]
