"""Temporary names of blobs that are still being sent. They begin with a dot, so no blob can bear them."""

import posixpath
import secrets

from storage.durable import is_part, part_name

__all__ = ["is_part", "part_beside"]


def part_beside(path: str) -> str:
    """A new temporary name in the folder of ``path``, of the form that ``durable.is_part`` knows."""
    return posixpath.join(posixpath.dirname(path), part_name(secrets.token_hex(8)))
