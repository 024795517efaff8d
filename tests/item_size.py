"""How DynamoDB counts an item: it charges each write by the kilobyte."""

from __future__ import annotations

from typing import Any


def measure_item(item: dict[str, dict[str, Any]]) -> int:
    """Bytes of names and values: a number takes a byte per two digits and one, a list three, an entry one more."""
    return sum(len(name.encode()) + _measure(attribute) for name, attribute in item.items())


def _measure(attribute: dict[str, Any]) -> int:
    [(kind, value)] = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "B":
            return len(value)
        case "N":
            return len(value) // 2 + 2
        case "BOOL":
            return 1
        case "L":
            return 3 + sum(1 + _measure(entry) for entry in value)
    raise KeyError(kind)
