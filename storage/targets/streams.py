"""A ``Source`` read as a stream."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from storage.targets.contract import Source


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The bytes of ``source`` as a stream; what was opened for it is closed again."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        yield io.BytesIO(source) if isinstance(source, bytes) else source


def filled(stream: BinaryIO, size: int) -> bytes:
    """``size`` bytes, fewer only at the end: what gives little at a time must not be sent so."""
    data = stream.read(size)
    if not data or len(data) == size:
        return data
    gathered = bytearray(data)
    while len(gathered) < size and (data := stream.read(size - len(gathered))):
        gathered += data
    return bytes(gathered)
