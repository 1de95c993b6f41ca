"""Parts of objects, out of answers that may be of another part: proxies take ranges as they like."""

import re
from collections.abc import Generator, Iterator
from contextlib import closing

from storage.errors import TargetError

_WHOLE, _PART = 200, 206
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


def range_header(start: int, length: int | None) -> str:
    """The header ``Range`` for ``length`` bytes, 1 or more, from ``start``; empty where that is all."""
    if start == 0 and length is None:
        return ""
    return f"bytes={start}-{'' if length is None else start + length - 1}"


def gives_all(name: str, start: int, length: int | None, status: int, content_range: str | None) -> bool:
    """Whether the answer is the whole blob, of which the part is to be taken; False: it is that very part.

    ``length`` of 1 or more. Raises ``TargetError`` where it is neither, or ends too early.
    """
    if status == _WHOLE:
        return True
    told = _CONTENT_RANGE.fullmatch((content_range or "").strip().lower())
    if status == _PART and range_header(start, length) and told is not None and int(told[1]) == start:
        ends = [] if told[3] == "*" else [int(told[3]) - 1]
        ends += [] if length is None else [start + length - 1]
        if int(told[2]) == min(ends, default=int(told[2])):
            return False
    raise TargetError(
        f"The server was asked for {range_header(start, length) or 'all'} of {name} and answers with another "
        f"part ({status}, {content_range}). Check the proxy before it: it has to pass ranges on, or to give "
        "all."
    )


def part(chunks: Generator[bytes], ahead: int, length: int | None) -> Iterator[bytes]:
    """At most ``length`` bytes of what follows the first ``ahead`` of ``chunks``, which are closed then."""
    with closing(chunks):
        for chunk in chunks:
            wanted = chunk[ahead:] if length is None else chunk[ahead : ahead + length]
            ahead -= min(ahead, len(chunk))
            length = None if length is None else length - len(wanted)
            if wanted:
                yield wanted
            if length == 0:
                return
