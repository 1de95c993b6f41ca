"""Packets appended to a leg's file, and what is read of it again."""

import numpy as np

from recorder.media import MediaBlock
from recorder.spool.legfile import LegWriter
from recorder.spool.record import ROW


def append(writer: LegWriter, stream: str, sequences: list[int], payload: bytes = b"abcd") -> None:
    table = np.zeros(len(sequences), ROW)
    table["sequence"] = sequences
    table["length"] = len(payload)
    data = np.frombuffer(payload * len(sequences), np.uint8)
    writer.append([stream], np.array([len(sequences)]), table, data)


def sequences(blocks: list[MediaBlock]) -> dict[str, list[int]]:
    return {block.stream: block.sequences.tolist() for block in blocks}
