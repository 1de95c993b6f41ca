"""Writing capture files."""

import random
from pathlib import Path

import numpy as np
import pytest

from recorder.taps.pcap_writer import PcapWriter
from tests.recorder import capture_files as files
from tests.recorder import frames


def test_what_is_written_is_what_a_plain_writer_writes(tmp_path: Path) -> None:
    rng = random.Random(5)
    some = [rng.randbytes(rng.choice([0, 54, 214, 214, 214, 1500])) for _ in range(200)]
    batch = frames.batch(some, gap=7)
    batch.wire_lengths = batch.wire_lengths + np.arange(200, dtype=np.int32) % 2 + 1
    with PcapWriter(tmp_path / "out.pcap") as writer:
        writer.write(batch)
        writer.write(frames.batch([]))
        writer.write(batch)
    expected = [
        files.Frame(data, int(time), int(wire))
        for data, time, wire in zip(some, batch.times, batch.wire_lengths, strict=True)
    ]
    assert files.read(tmp_path / "out.pcap") == (expected * 2, "")


def test_the_file_is_a_pcap_before_the_first_batch(tmp_path: Path) -> None:
    with PcapWriter(tmp_path / "out.pcap", link_type=113) as writer:
        writer.write(frames.batch([b"x"], link_type=113))
    assert files.read(tmp_path / "out.pcap")[0][0].link_type == 113


def test_one_file_has_one_link_type(tmp_path: Path) -> None:
    with (
        PcapWriter(tmp_path / "out.pcap") as writer,
        pytest.raises(ValueError, match="a file of link type 1 cannot hold frames of 101"),
    ):
        writer.write(frames.batch([b"x"], link_type=101))
