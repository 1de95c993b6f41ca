"""Ogg pages as bytes."""

import io

from recorder.finish.ogg import PageWriter, checksum, lacing_values


def test_the_checksum_is_that_of_the_specification():
    """CRC of polynomial 0x04c11db7, bit by bit as RFC 3533 describes it."""
    data = bytes(range(200)) * 3
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    assert checksum(data) == crc


def test_long_packets_are_laced():
    packets = [b"a" * 10, b"b" * 255, b"c" * 600]
    assert lacing_values(packets) == 1 + 2 + 3
    file = io.BytesIO()
    PageWriter(file, 1).write(packets, 5, last=True)
    page = file.getvalue()
    assert page[5] == 6
    assert page[26:33] == bytes((6, 10, 255, 0, 255, 255, 90))
    assert page[33:] == b"".join(packets)
