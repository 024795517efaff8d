"""What a file is by its content (puremagic)."""

from __future__ import annotations

_LOOKED_AT = 64 * 1024  # bytes of its beginning: every type that we keep says there what it is
# puremagic's names, and endings where it has no name, as the types that everybody else writes.
_ALIASES = {
    "application/ogg": "audio/ogg",
    "audio/x-aac": "audio/aac",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/amr-wb": "audio/amr",
    "audio/3gpp": "video/3gpp",
    "video/3gpp2": "video/3gpp",
}
_BY_ENDING = {".amr": "audio/amr", ".oga": "audio/ogg", ".m4a": "audio/mp4", ".aac": "audio/aac"}


def recognise_file(body: bytes) -> list[str]:
    """What it may be, the likeliest first, as content types; nothing where nobody knows."""
    import puremagic  # a tenth of a second, and only where there is a file

    try:
        matches = puremagic.magic_string(body[:_LOOKED_AT])
    except (puremagic.PureError, ValueError):
        return []
    names = (_ALIASES.get(m.mime_type, m.mime_type) or _BY_ENDING.get(m.extension, "") for m in matches)
    return list(dict.fromkeys(name for name in names if name))
