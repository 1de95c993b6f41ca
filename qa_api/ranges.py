"""Byte ranges of RFC 9110, section 14: one range of one representation. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa_api.errors import RangeUnsatisfiable

_ONE = re.compile(r"(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes ``start`` to ``stop`` (not included) of ``total``."""

    start: int
    stop: int
    total: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        """The value of ``Content-Range`` (14.4)."""
        return f"bytes {self.start}-{self.stop - 1}/{self.total}"


def wanted(header: str | None, total: int) -> ByteRange | None:
    """The range that ``Range`` asks for, or None for the whole.

    An unknown unit, a malformed value or several ranges are ignored, as 14.2 allows; a range that starts
    at or after the end, and an empty suffix, raise ``RangeUnsatisfiable`` (15.5.17).
    """
    unit, _, value = (header or "").partition("=")
    match = _ONE.fullmatch(value.strip())
    if unit.strip().lower() != "bytes" or not match or match[0] == "-":
        return None
    first, last = match[1], match[2]
    if first and last and int(first) > int(last):
        return None
    if first:
        start, stop = int(first), min(int(last) + 1, total) if last else total
    else:
        start, stop = max(0, total - int(last)), total
    if start >= stop:
        raise RangeUnsatisfiable(f"The audio has {total} bytes.", length=total)
    return ByteRange(start, stop, total)


def cut(chunks: Iterable[bytes], start: int, length: int) -> Iterator[bytes]:
    """The ``length`` bytes from ``start`` on of what the chunks make."""
    stop, at = start + length, 0
    for chunk in chunks:
        if piece := chunk[max(start - at, 0) : max(stop - at, 0)]:
            yield piece
        at += len(chunk)
        if at >= stop:
            return


def still_valid(if_range: str | None, etag: str) -> bool:
    """Whether ``If-Range`` lets the range be answered (13.1.5): strong comparison, dates never match."""
    return if_range is None or if_range.strip() == etag


def none_match(if_none_match: str | None, etag: str) -> bool:
    """Whether ``If-None-Match`` calls for 304 (13.1.2): weak comparison."""
    if if_none_match is None:
        return False
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in ("*", etag.removeprefix("W/")) for tag in tags)
