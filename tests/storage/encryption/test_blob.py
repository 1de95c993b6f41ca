"""The form of encrypted blobs: round trips of every range, and nothing given out of what was changed."""

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.encryption.blob import (
    CHUNK,
    HEADER,
    TAG,
    EncryptedBlob,
    decrypt,
    encrypt,
    encrypted_chunks,
    is_encrypted,
    plain_length,
    stored_length,
)
from storage.errors import Undecipherable

KEY, NAME = bytes(range(32)), "2026/11/21/x.opus"
DATA = hashlib.shake_256(b"sound").digest(3 * CHUNK + 5)
BLOB = encrypt(DATA, KEY, NAME)
SIZES = st.integers(0, 3 * CHUNK + 5) | st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])


@given(SIZES, st.integers(1, 2 * CHUNK))
def test_round_trip_in_chunks_of_any_size(size, step):
    data = DATA[:size]
    blob = b"".join(encrypted_chunks((data[at : at + step] for at in range(0, size, step)), KEY, NAME))
    assert is_encrypted(blob)
    assert len(blob) == stored_length(size)
    assert plain_length(len(blob), NAME) == size
    assert decrypt(blob, KEY, NAME) == data
    assert size < 16 or data[:16] not in blob


@given(st.integers(0, len(DATA)), st.integers(0, len(DATA)))
@example(CHUNK, CHUNK)
@example(0, 0)
@example(CHUNK - 1, CHUNK + TAG - 1)
def test_every_range(start, length):
    length = min(length, len(DATA) - start)
    opened = EncryptedBlob(BLOB[:HEADER], len(BLOB), KEY, NAME)
    at, size = opened.stored_range(start, length)
    touched = range(start // CHUNK, -(-(start + length) // CHUNK))
    assert size <= max(1, len(touched)) * (CHUNK + TAG)
    assert b"".join(opened.plain([BLOB[at : at + size]], start, length)) == DATA[start : start + length]


def test_the_same_is_encrypted_otherwise_each_time():
    assert encrypt(DATA, KEY, NAME) != BLOB


@pytest.mark.parametrize(
    "changed",
    [
        BLOB[:-1],
        BLOB[: HEADER + CHUNK + TAG],
        BLOB[:HEADER],
        BLOB[: HEADER + 5],
        BLOB + b"x",
        BLOB[:HEADER] + BLOB[HEADER + CHUNK + TAG :],
        BLOB[:HEADER] + BLOB[HEADER + CHUNK + TAG : HEADER + 2 * (CHUNK + TAG)] + BLOB[HEADER:],
        b"",
        b"OggS" + bytes(100),
        encrypt(DATA, bytes(32), NAME),
        encrypt(DATA, KEY, "2026/11/21/y.opus"),
    ],
    ids=[
        "cut",
        "cut at a chunk",
        "header alone",
        "no tag",
        "longer",
        "first chunk gone",
        "chunks swapped",
        "nothing",
        "in clear",
        "another key",
        "another name",
    ],
)
def test_what_is_not_the_blob_is_refused(changed):
    with pytest.raises(Undecipherable):
        decrypt(changed, KEY, NAME)


@given(st.integers(0, 8 * len(BLOB) - 1))
@example(8 * 7 + 4)
def test_any_bit_that_flips_is_noticed(bit):
    changed = bytearray(BLOB)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Undecipherable):
        decrypt(bytes(changed), KEY, NAME)


@given(st.integers(0, 3), st.binary(min_size=32, max_size=32).filter(lambda key: key != KEY))
def test_a_wrong_key_never_yields_a_byte(chunk, key):
    opened = EncryptedBlob(BLOB[:HEADER], len(BLOB), key, NAME)
    start = min(chunk * CHUNK, len(DATA) - 1)
    at, size = opened.stored_range(start, 1)
    with pytest.raises(Undecipherable):
        next(opened.plain([BLOB[at : at + size]], start, 1))


@given(st.integers(0, 2 * stored_length(CHUNK)))
def test_lengths_that_no_blob_has_are_refused(stored):
    try:
        assert stored_length(plain_length(stored, NAME)) == stored
    except Undecipherable:
        assert all(stored_length(plain) != stored for plain in range(max(0, stored - 100), stored + 1))
