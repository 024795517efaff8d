"""A stored model as one compressed JSON attribute: half of the size, a fifth of the CPU, of one per field.

Fields at their default are left out, so a default is part of the shape: it changes by the rules of design §4.
"""

from __future__ import annotations

import zlib
from collections.abc import Set

from pydantic import BaseModel

from okaeri.adapters.item_dictionary import BY_CHECKSUM, DICTIONARIES

_LEVEL = 6  # costs a tenth of a millisecond more than the fastest, and often saves a write unit


def encode_body(model: BaseModel, *, leave_out: Set[str] = frozenset(), whole: bool = False) -> dict[str, bytes]:
    """The attribute's value. `whole` keeps defaults too: models with unions are told apart by one."""
    text = model.model_dump_json(by_alias=True, exclude={*leave_out, "schema_version"}, exclude_defaults=not whole)
    schema = getattr(model, "schema_version", None)
    if schema is not None:  # always written, so that a reader of another version doesn't take its own default
        text = f'{{"schema":{schema}{"," if text != "{}" else ""}{text[1:]}'
    press = zlib.compressobj(_LEVEL, zdict=DICTIONARIES[-1])
    return {"B": press.compress(text.encode()) + press.flush()}


def decode_body[M: BaseModel](kind: type[M], value: dict[str, bytes]) -> M:
    """The model, with the fields that this version doesn't know."""
    body = value["B"]
    checksum = int.from_bytes(body[2:6])  # RFC 1950: the dictionary's, after two bytes of header
    return kind.model_validate_json(zlib.decompressobj(zdict=BY_CHECKSUM[checksum]).decompress(body))
