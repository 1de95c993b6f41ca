"""Sources that can be read again."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.targets.rereadable import Rereadable, RereadableStream

DATA = hashlib.shake_256(b"source").digest(50_000)


class Pipe(io.RawIOBase):
    """A stream that cannot seek, and gives less than it is asked for."""

    def __init__(self, data: bytes, fails_at: int | None = None) -> None:
        self._data, self._fails_at = io.BytesIO(data), fails_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if self._fails_at is not None and self._data.tell() >= self._fails_at:
            self._fails_at, self._data = None, io.BytesIO()
            raise OSError("the source broke")
        data = self._data.read(min(len(buffer), 3_000))
        buffer[: len(data)] = data
        return len(data)


def sources(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(DATA)
    begun = io.BytesIO(b"before" + DATA)
    begun.seek(6)
    return [DATA, path, begun, Pipe(DATA)]


def test_read_again_from_anywhere(tmp_path):
    for source in sources(tmp_path):
        with Rereadable(source) as whole:
            first = whole.chunks(0, 10_000)
            got = next(first) + next(first)
            again = len(got) // 2
            assert b"".join(whole.chunks(again, 7_000)) == DATA[again:]
            assert b"".join(whole.chunks()) == DATA
            assert (whole.bytes, whole.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())


def test_only_what_was_read_can_be_read_again():
    with Rereadable(DATA) as whole, pytest.raises(ValueError, match="only 0 bytes were read"):
        whole.read_at(1, 1)


def test_a_source_that_failed_once_never_seems_to_end():
    with Rereadable(Pipe(DATA, fails_at=20_000)) as whole:
        for _ in range(3):
            with pytest.raises(OSError, match="the source broke"):
                list(whole.chunks())
        assert isinstance(whole.failure, OSError)


def test_more_than_fits_in_memory():
    data = bytes(9 << 20)
    with Rereadable(Pipe(data[: 9 << 20])) as whole:
        assert sum(map(len, whole.chunks())) == len(data)
        assert b"".join(whole.chunks(8 << 20)) == bytes(1 << 20)


@given(st.lists(st.tuples(st.sampled_from("rsce"), st.integers(0, 60_000)), max_size=8))
def test_its_stream_is_as_any_other(steps):
    expected = io.BytesIO(DATA)
    with Rereadable(Pipe(DATA)) as whole, io.BufferedReader(RereadableStream(whole)) as stream:
        for step, number in steps:
            if step == "r":
                assert stream.read(number) == expected.read(number)
            elif step == "s":
                stream.seek(min(number, len(DATA)))
                expected.seek(min(number, len(DATA)))
            elif step == "e":
                assert stream.seek(0, io.SEEK_END) == expected.seek(0, io.SEEK_END)
            assert stream.tell() == expected.tell()
