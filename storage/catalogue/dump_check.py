"""Whether a dump of a catalogue is whole, told without a database to put it into."""

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from storage.catalogue.dump_format import FORMAT, Digest
from storage.errors import DamagedDump


def check_dump(pieces: Iterable[bytes]) -> None:
    """Read a dump to its end and compare the rows of each table with its digest. Raises ``DamagedDump``.

    Of one in the format of another version nothing is said: that is for who loads it.
    """
    for _ in marks(pieces):
        pass


def marks(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The lines of a dump that are no rows: its head, the beginning and the digest of each table, its end.

    Raises ``DamagedDump``, for the rows of a table before its digest is given out.
    """
    digest, ended = Digest(), False
    for number, line in enumerate(_lines(pieces)):
        if ended:
            raise DamagedDump("there is something behind its end")
        if line.startswith(b"["):
            digest.add(line)
            continue
        mark = _mark(line)
        if number == 0 and mark.get("format") != FORMAT:
            if "format" not in mark:
                raise DamagedDump("there is no format where it should stand")
            yield mark
            return
        if "digest" in mark and mark != digest.document():
            raise DamagedDump("a table does not have the rows that were dumped")
        digest, ended = Digest(), "end" in mark
        yield mark
    if not ended:
        raise DamagedDump("it was cut off")


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    unpacking, rest = zlib.decompressobj(wbits=31), b""
    try:
        for piece in pieces:
            *whole, rest = (rest + unpacking.decompress(piece)).split(b"\n")
            yield from whole
    except zlib.error as error:
        raise DamagedDump(str(error)) from error
    if not unpacking.eof or rest:
        raise DamagedDump("it was cut off")


def _mark(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise DamagedDump(str(error)) from error
    if not isinstance(found, dict):
        raise DamagedDump("there is a line that is neither a row nor says what comes")
    return found
