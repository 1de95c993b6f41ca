"""The contents of a source in the pieces in which they are sent."""

from collections.abc import Iterator

from storage.targets.contract import Source
from storage.targets.streams import filled, opened

FIRST = 8 << 20
"""Bytes of the first pieces."""
_DOUBLED_AFTER = 1000


def parts(source: Source) -> Iterator[bytes]:
    """At least one piece; all but the last are as long as ``part_bytes`` says, the last one may be shorter.

    What ``source`` raises comes through.
    """
    if isinstance(source, bytes):
        yield from (source[at : at + FIRST] for at in range(0, max(1, len(source)), FIRST))
        return
    number, data = 0, b""
    with opened(source) as stream:
        while number == 0 or data:
            data = filled(stream, part_bytes(number))
            if data or number == 0:
                yield data
            number += 1


def part_bytes(number: int) -> int:
    """Bytes of piece ``number``, from 0: twice as many after each thousand, so that 10,000 do for 5 TiB."""
    return FIRST << (number // _DOUBLED_AFTER)
