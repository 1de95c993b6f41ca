"""Secrets of targets: where the settings say they are."""

from collections.abc import Mapping
from pathlib import Path

from storage.errors import TargetRefused


def secret(place: str, environ: Mapping[str, str], what: str) -> str:
    """The secret at ``env:NAME`` or in ``file:/path``, without the line end behind it; empty for no place.

    Raises ``TargetRefused``, naming ``what`` is missing and never the secret.
    """
    if not place:
        return ""
    kind, _, where = place.partition(":")
    if kind == "env":
        if not environ.get(where):
            raise TargetRefused(
                f"The {what} should be in the environment variable {where}, which is not set."
            )
        return environ[where]
    try:
        return Path(where).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise TargetRefused(
            f"The {what} should be in the file {where}, which cannot be read: {reason}. "
            "The user that Earwitness runs as has to be able to read it."
        ) from error
