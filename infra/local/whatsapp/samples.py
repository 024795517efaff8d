"""Small files of every kind that a phone sends, for replies that bring none of their own. Each is whole and opens."""

import base64
import struct
import zlib
from functools import cache

_SIDE = 96  # pixels of the picture
_SAND, _TERRACOTTA = b"\xf4\xe9\xd8", b"\xc8\x5a\x3c"
_SILENCE = b"\xf8\xff\xfe"  # 20 ms of Opus
_LINE = "Receipt 1001, paid"
# A single pixel, for which no packer is needed.
_STICKER = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")


@cache
def make_sample(kind: str) -> tuple[str, bytes]:
    """Content type and bytes of an image, video, audio, voice, document or sticker."""
    match kind:
        case "image":
            return "image/png", make_picture()
        case "document":
            return "application/pdf", make_document()
        case "video":
            return "video/mp4", make_video()
        case "sticker":
            return "image/webp", _STICKER
    return "audio/ogg; codecs=opus", make_voice()


def make_picture() -> bytes:
    """A PNG: a broad stripe across a square."""
    rows = b"".join(
        b"\x00" + (_TERRACOTTA if _SIDE // 3 <= row < 2 * _SIDE // 3 else _SAND) * _SIDE for row in range(_SIDE)
    )
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def make_document() -> bytes:
    """A PDF of one page with one line."""
    words = f"BT /F1 18 Tf 40 80 Td ({_LINE}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 150]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(words), words),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n" % count + table + trailer


def make_voice() -> bytes:
    """A second of silence in Ogg Opus, as WhatsApp records a voice message (RFC 7845)."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 6) + b"Okaeri" + struct.pack("<I", 0)
    return b"".join(
        (_make_page(0, 0x02, 0, [head]), _make_page(1, 0x00, 0, [tags]), _make_page(2, 0x04, 48_000, [_SILENCE] * 50))
    )


def make_video() -> bytes:
    """An MP4 with its head and no pictures."""
    kind = b"ftypmp42\x00\x00\x00\x00mp42isom"
    head = b"mvhd" + struct.pack(">IIIII", 0, 0, 0, 1000, 0) + b"\x00\x01\x00\x00\x01\x00" + bytes(74)
    inner = struct.pack(">I", len(head) + 4) + head
    return struct.pack(">I", len(kind) + 4) + kind + struct.pack(">I", len(inner) + 8) + b"moov" + inner


def _make_page(number: int, flags: int, position: int, packets: list[bytes]) -> bytes:
    lengths = bytes(len(packet) for packet in packets)  # each below 255: one lacing value
    head = struct.pack("<4sBBqII", b"OggS", 0, flags, position, 1, number)
    rest = bytes([len(lengths)]) + lengths + b"".join(packets)
    return head + struct.pack("<I", _sum_page(head + bytes(4) + rest)) + rest


def _sum_page(page: bytes) -> int:
    """Ogg's checksum: CRC-32 by the same polynomial as zip's, but not mirrored, and begun at 0."""
    remainder = 0
    for byte in page:
        remainder ^= byte << 24
        for _ in range(8):
            remainder = (remainder << 1 ^ 0x04C11DB7 if remainder & 0x80000000 else remainder << 1) & 0xFFFFFFFF
    return remainder
