"""The marker file by which a removable disk is known, whatever its mount point."""

import json
from typing import Any

MARKER = "earwitness-medium.json"
FORMAT = "earwitness medium 1"
LARGEST = 1 << 20
"""Bytes of a marker that is still read; nobody writes one of a tenth of it."""


def marker(volume: str) -> bytes:
    """The marker of a disk that holds nothing yet; what else is told of a medium comes with its calls."""
    document = {"format": FORMAT, "volume": volume}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def volume_of(data: bytes) -> str:
    """The volume that a marker names; empty for what is no marker of ours."""
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict) or not str(document.get("format", "")).startswith("earwitness medium"):
        return ""
    volume = document.get("volume")
    return volume if isinstance(volume, str) else ""
