"""The records of a spool file: framed, checked, appended, never changed.

A record is a head and its body. The head is ``magic, kind, length of the body, CRC-32 of the body, CRC-32 of
the head so far``, little-endian, 20 bytes; its own check keeps a damaged length from being taken for
a record that is still being written. A file that ends inside a record was cut by a crash.

==========  ====================================================================================
kind        body
==========  ====================================================================================
``NAMES``   JSON: names of streams by their number in this file
``MESSAGE`` when and between whom (see ``pending.py``), then a message as it came
``OVER``    JSON: names of dialogs whose messages are noted although their calls are over
``MEDIA``   counts of groups and rows (uint32), a (stream, rows) pair of uint32 for each group,
            the rows (``ROW``), the payloads one after the other
``CALL``    JSON: the call of the packets that follow, where they are kept beyond the spool
            (see ``recorder/finish/kept.py``)
==========  ====================================================================================
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.media import MediaBlock

MAGIC = b"EWS1"
HEAD = struct.Struct("<4sIIII")
_CHECKED = struct.Struct("<4sIII")
_CHECK = struct.Struct("<I")
COUNTS = struct.Struct("<II")
NAMES = 1
MEDIA = 2
MESSAGE = 3
CALL = 4
OVER = 5

ROW = np.dtype(
    [
        ("time", "<i8"),
        ("sequence", "<i8"),
        ("timestamp", "<i8"),
        ("length", "<i4"),
        ("payload_type", "u1"),
        ("marker", "?"),
        ("head", "<u2"),
    ]
)

Buffer = bytes | memoryview


def names_record(names: Mapping[int, str]) -> list[Buffer]:
    """A ``NAMES`` record as buffers for one gathered write."""
    return framed(NAMES, [json.dumps(names).encode()])


def media_record(
    groups: NDArray[np.uint32], rows: NDArray[np.void], payload: NDArray[np.uint8]
) -> list[Buffer]:
    """A ``MEDIA`` record as buffers for one gathered write.

    ``groups`` is uint32 of shape (groups, 2): stream number and row count, as ``rows`` (``ROW``) stand.
    """
    counts = COUNTS.pack(len(groups), len(rows))
    return framed(MEDIA, [counts, groups.data.cast("B"), rows.view(np.uint8).data, payload.data])


def framed(kind: int, body: list[Buffer]) -> list[Buffer]:
    """A record of any kind as buffers for one gathered write."""
    check = 0
    for part in body:
        check = zlib.crc32(part, check)
    head = _CHECKED.pack(MAGIC, kind, sum(len(part) for part in body), check)
    return [head + zlib.crc32(head).to_bytes(4, "little"), *body]


@dataclass(slots=True)
class Scanner:
    """Reads records from bytes, whole or as they grow; keeps the stream names met so far.

    ``damaged`` counts the bytes passed over because they are no record: the scanner goes on at the next one.
    """

    names: dict[int, str] = field(default_factory=dict)
    damaged: int = 0

    def scan(self, data: memoryview) -> Iterator[tuple[int, list[MediaBlock]]]:
        """Each whole record as (offset behind it, its media); stops at the first that is not yet whole."""
        for end, kind, body in self.records(data):
            yield end, self._body(kind, body)

    def records(self, data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
        """Each whole record as (offset behind it, kind, body)."""
        at = 0
        while True:
            if not _is_head(data, at):
                at, more = self._resume(data, at)
                if not more:
                    return
            _, kind, length, check, _ = HEAD.unpack_from(data, at)
            body = data[at + HEAD.size : at + HEAD.size + length]
            if len(body) < length:
                return
            if zlib.crc32(body) != check:
                self.damaged += 1
                at += 1
                continue
            at += HEAD.size + length
            yield at, kind, body

    def _resume(self, data: memoryview, at: int) -> tuple[int, bool]:
        """The next offset at which a whole header stands, and whether there is one."""
        rest = bytes(data[at:])
        step = 0
        while (step := rest.find(MAGIC, step)) >= 0:
            if len(rest) - step < HEAD.size:
                return at, False
            if _is_head(data, at + step):
                self.damaged += step
                return at + step, True
            step += 1
        return at, False

    def _body(self, kind: int, body: memoryview) -> list[MediaBlock]:
        if kind == NAMES:
            self.names.update({int(number): name for number, name in json.loads(bytes(body)).items()})
        return list(_blocks(body, self.names)) if kind == MEDIA else []


def _is_head(data: memoryview, at: int) -> bool:
    if len(data) - at < HEAD.size or bytes(data[at : at + 4]) != MAGIC:
        return False
    (check,) = _CHECK.unpack_from(data, at + _CHECKED.size)
    return zlib.crc32(data[at : at + _CHECKED.size]) == int(check)


def _blocks(body: memoryview, names: Mapping[int, str]) -> Iterator[MediaBlock]:
    count, size = COUNTS.unpack_from(body)
    groups = np.frombuffer(body, "<u4", 2 * count, COUNTS.size).reshape(count, 2).tolist()
    rows = np.frombuffer(body, ROW, size, COUNTS.size + 8 * count)
    payload = np.frombuffer(body, np.uint8, offset=COUNTS.size + 8 * count + size * ROW.itemsize)
    ends = np.cumsum(rows["length"], dtype=np.int64)
    a = start = 0
    for stream, amount in groups:
        if not amount:
            continue
        b = a + amount
        end = int(ends[b - 1])
        # Where the record of its name was damaged, the media still counts, under a name of its own.
        yield _block(names.get(stream, f"unnamed-{stream}"), rows[a:b], payload[start:end])
        a, start = b, end


def _block(name: str, rows: NDArray[np.void], payload: NDArray[np.uint8]) -> MediaBlock:
    heads = rows["head"]
    return MediaBlock(
        stream=name,
        times=rows["time"],
        sequences=rows["sequence"],
        timestamps=rows["timestamp"],
        payload_types=rows["payload_type"],
        markers=rows["marker"],
        lengths=rows["length"],
        payload=payload,
        heads=heads if heads.any() else None,
    )


def rows_of(block: MediaBlock) -> NDArray[np.void]:
    """The block's packets as ``ROW``."""
    rows = np.empty(len(block), ROW)
    rows["time"] = block.times
    rows["sequence"] = block.sequences
    rows["timestamp"] = block.timestamps
    rows["length"] = block.lengths
    rows["payload_type"] = block.payload_types
    rows["marker"] = block.markers
    rows["head"] = 0 if block.heads is None else block.heads
    return rows


def merged(blocks: Sequence[MediaBlock]) -> MediaBlock:
    """Blocks of one stream as one, in the order given."""
    if len(blocks) == 1:
        return blocks[0]
    columns = {
        name: np.concatenate([getattr(block, name) for block in blocks])
        for name in MediaBlock.__slots__
        if name not in ("stream", "heads")
    }
    heads = [np.zeros(len(block), np.uint16) if block.heads is None else block.heads for block in blocks]
    has_heads = any(block.heads is not None for block in blocks)
    return MediaBlock(stream=blocks[0].stream, **columns, heads=np.concatenate(heads) if has_heads else None)
