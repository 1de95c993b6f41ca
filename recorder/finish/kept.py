"""The packets of a call that could not all be opened or decoded, kept in one file until somebody can.

It is made of records of the spool (``recorder/spool/record.py``): one ``CALL``, then the packets of all
streams as they came. What a key of the signalling opened stands in it in clear and is marked so, as that key
is kept nowhere: with what was missing, the call can be finished anew as a whole.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pydantic import TypeAdapter, ValidationError

from recorder.errors import FinishError
from recorder.finish import headers
from recorder.finish.eras import Eras
from recorder.finish.finisher import Finished
from recorder.media import MediaBlock, RecordingPlan
from recorder.spool.callfile import CallFile
from recorder.spool.legfile import LegReader
from recorder.spool.record import CALL, HEAD, Scanner, framed, media_record, names_record, rows_of
from storage.model import Call, Encrypted, Gap, Side, has_undecoded

FILE = "media.bin"
"""Its name in the hand-off folder."""
FORMAT = "earwitness media 1"
CLOSED = frozenset({"encrypted", "codec"})
"""Causes of gaps (see ``storage.model.Gap``) that a key, or a decoder, can fill."""
_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True)
class Kept:
    """What the packets belong to: the call before it was finished, and the plan of its recording, without
    keys. ``shift`` is that of the call file."""

    call: Call
    plan: RecordingPlan
    format: str = FORMAT
    shift: int = 0


_ADAPTER = TypeAdapter(Kept)


def closed_sides(finished: Finished | None) -> tuple[Side, ...]:
    """The sides of whom something stayed encrypted, or a second undecoded, and was not heard otherwise."""
    gaps = finished.gaps if finished is not None else ()
    return tuple(side for side in Side if _is_closed([gap for gap in gaps if gap.side is side]))


def _is_closed(gaps: list[Gap]) -> bool:
    return any(gap.cause == "encrypted" for gap in gaps) or has_undecoded(gaps)


def keep(file: CallFile, legs: Iterable[Path], sides: tuple[Side, ...], path: Path) -> Encrypted:
    """Write the packets of ``legs``, the spool files of the call, to ``path``, replacing what was there.

    Raises ``OSError`` where the disk refuses.
    """
    assert file.plan is not None
    openers = _openers(file.plan)
    with path.open("wb") as out:
        kept = Kept(file.call, _without_keys(file.plan), shift=file.shift)
        out.writelines(framed(CALL, [_ADAPTER.dump_json(kept)]))
        numbers: dict[str, int] = {}
        for leg in legs:
            reader = LegReader(leg)
            while blocks := reader.read(_AT_ONCE):
                for block in blocks:
                    eras = openers.get(block.stream)
                    for part in _as_kept(eras, block) if eras else (block,):
                        _write(out, numbers, part)
    with path.open("rb") as made:
        digest = hashlib.file_digest(made, "sha256").hexdigest()
    return Encrypted(path=FILE, bytes=path.stat().st_size, sha256=digest, sides=sides)


def read_kept(path: Path) -> Kept:
    """What the kept packets in ``path`` belong to; ``LegReader`` reads them. Raises ``FinishError``."""
    with path.open("rb") as file:
        head = file.read(HEAD.size)
        size = HEAD.unpack(head)[2] if len(head) == HEAD.size else 0
        data = head + file.read(size)
    for _, kind, body in Scanner().records(memoryview(data)):
        if kind == CALL:
            return _read_call(bytes(body))
    raise FinishError("the kept packets are damaged: they do not begin with the call that they are of")


def _read_call(body: bytes) -> Kept:
    try:
        kept = _ADAPTER.validate_json(body)
    except ValidationError as error:
        raise FinishError("the kept packets do not say in a known way what call they are of") from error
    if kept.format != FORMAT:
        raise FinishError(f"the kept packets are in a form that this version cannot read: {kept.format}")
    return kept


def _without_keys(plan: RecordingPlan) -> RecordingPlan:
    channels = tuple(
        replace(channel, sources=tuple(replace(source, keys=()) for source in channel.sources))
        for channel in plan.channels
    )
    return replace(plan, channels=channels)


def _openers(plan: RecordingPlan) -> dict[str, Eras]:
    sources = [source for channel in plan.channels for source in channel.sources]
    return {source.stream: Eras(source) for source in sources if source.keys}


def _as_kept(eras: Eras, block: MediaBlock) -> Iterator[MediaBlock]:
    """The block as it came, but for the packets that are opened, in parts."""
    at = 0
    for opened in eras.open(block):
        came, at = block.part(at, at + len(opened)), at + len(opened)
        yield _mixed(came, opened)


def _mixed(came: MediaBlock, opened: MediaBlock) -> MediaBlock:
    if opened.heads is None:
        return came
    is_opened = (opened.heads >> 8) > 0
    if not is_opened.any():
        return came
    bodies = [
        clear if is_clear else closed
        for is_clear, clear, closed in zip(is_opened.tolist(), opened.bodies(), came.bodies(), strict=True)
    ]
    mixed = headers.with_bodies(came, bodies, np.flatnonzero(is_opened))
    assert mixed.heads is not None
    return replace(mixed, heads=np.where(is_opened, opened.heads, mixed.heads).astype(np.uint16))


def _write(out: BinaryIO, numbers: dict[str, int], block: MediaBlock) -> None:
    if block.stream not in numbers:
        numbers[block.stream] = len(numbers)
        out.writelines(names_record({numbers[block.stream]: block.stream}))
    groups = np.array([[numbers[block.stream], len(block)]], np.uint32)
    out.writelines(media_record(groups, rows_of(block), np.ascontiguousarray(block.payload)))
