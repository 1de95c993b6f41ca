"""Cursors of lists: opaque to the client, checked when they come back. They carry no right of their own."""

import base64
import binascii
from datetime import UTC, datetime

from indexer.engine import Key
from qa_api.errors import WrongCursor


def of_key(key: Key | None) -> str | None:
    """The cursor after which the next page begins."""
    return _packed(str(key)) if key else None


def key_of(cursor: str) -> Key | None:
    """The key of a cursor, None of an empty one; raises ``WrongCursor``."""
    if not cursor:
        return None
    try:
        return Key.parse(_unpacked(cursor))
    except ValueError as error:
        raise WrongCursor("Begin again at the first page.") from error


def of_position(position: int) -> str:
    """The cursor of a position of the audit log."""
    return _packed(str(position))


def position_of(cursor: str) -> int | None:
    """The position of a cursor, None of an empty one; raises ``WrongCursor``."""
    if not cursor:
        return None
    text = _unpacked(cursor)
    if not text.isdecimal() or len(text) > 18:
        raise WrongCursor("Begin again at the first page.")
    return int(text)


def of_text(text: str) -> str:
    """The cursor of an id."""
    return _packed(text)


def text_of(cursor: str) -> str:
    """The id of a cursor, empty as it is; raises ``WrongCursor``."""
    return _unpacked(cursor)


def of_time(time: datetime) -> str:
    """The cursor of a moment."""
    return _packed(time.astimezone(UTC).isoformat())


def time_of(cursor: str) -> datetime | None:
    """The moment of a cursor, None of an empty one; raises ``WrongCursor``."""
    if not cursor:
        return None
    try:
        found = datetime.fromisoformat(_unpacked(cursor))
    except ValueError as error:
        raise WrongCursor("Begin again at the first page.") from error
    if found.tzinfo is None:
        raise WrongCursor("Begin again at the first page.")
    return found


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(cursor: str) -> str:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (UnicodeError, binascii.Error) as error:
        raise WrongCursor("Begin again at the first page.") from error
