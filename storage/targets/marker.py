"""The marker file by which a place is known, whatever its mount point: a disk, and whose calls lie there."""

import json
from typing import Any

MARKER = "earwitness-medium.json"
FORMAT = "earwitness medium 1"
LARGEST = 1 << 20
"""Bytes of a marker that is still read; nobody writes one of a tenth of it."""


def marker(volume: str, installation: str = "", known: dict[str, Any] | None = None) -> bytes:
    """The marker of a place that holds nothing yet; what else is told of a medium comes with its calls.

    ``installation`` is the id of the key that seals the calls which may lie there; ``known`` is what a marker
    says that is there already.
    """
    said = (known or {}) | {"format": FORMAT, "volume": volume}
    return encoded(said | {"installation": installation} if installation else said)


def encoded(document: dict[str, Any]) -> bytes:
    """A marker of these values."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def document_of(data: bytes) -> dict[str, Any]:
    """What a marker says; nothing for what is no marker of ours."""
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(document, dict) or not str(document.get("format", "")).startswith("earwitness medium"):
        return {}
    return document


def volume_of(data: bytes) -> str:
    """The volume that a marker names; empty for what is no marker of ours."""
    return text_of(document_of(data), "volume")


def text_of(document: dict[str, Any], field: str) -> str:
    """A text that a marker holds, empty where it holds none of this name."""
    value = document.get(field)
    return value if isinstance(value, str) else ""
