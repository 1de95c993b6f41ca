"""Records are opened one by one; what depends on the record before stays closed where that is missing."""

import hmac

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from recorder.protocol.tls_hello import TLS_1_0, TLS_1_2
from recorder.protocol.tls_openers import EncryptThenMac, MacThenEncrypt
from recorder.protocol.tls_records import DATA, Record
from recorder.protocol.tls_schedule import WriteKeys

KEYS = WriteKeys(mac=b"m" * 20, key=b"k" * 16, iv=b"i" * 16)
TEXTS = [b"", b"one and more than a block", b"", b"two and more than a block"]


def padded(text: bytes) -> bytes:
    left = 16 - (len(text) + 1) % 16 if (len(text) + 1) % 16 else 0
    return text + bytes([left]) * (left + 1)


def mac(number: int, version: int, content: bytes) -> bytes:
    said = number.to_bytes(8, "big") + bytes([DATA]) + version.to_bytes(2, "big")
    return hmac.digest(KEYS.mac, said + len(content).to_bytes(2, "big") + content, "sha1")


def sealed(version: int, *, mac_last: bool) -> list[Record]:
    """``TEXTS`` as a side writes them with ``KEYS``; from TLS 1.1 on each record brings its own IV."""
    records = []
    before = KEYS.iv
    for number, text in enumerate(TEXTS):
        inner = text if mac_last else text + mac(number, version, text)
        encryptor = Cipher(algorithms.AES(KEYS.key), modes.CBC(before)).encryptor()
        blocks = encryptor.update(padded(inner)) + encryptor.finalize()
        fragment = blocks if version <= TLS_1_0 else before + blocks
        before = blocks[-16:]
        if mac_last:
            fragment += mac(number, version, fragment)
        records.append(Record(DATA, version, fragment))
    return records


@pytest.mark.parametrize(("opens", "mac_last"), [(MacThenEncrypt, False), (EncryptThenMac, True)])
@pytest.mark.parametrize(("version", "behind_gap"), [(TLS_1_0, None), (TLS_1_2, (DATA, TEXTS[1]))])
def test_behind_a_gap_nothing_is_read_with_a_block_of_another_record(opens, mac_last, version, behind_gap):
    records = sealed(version, mac_last=mac_last)
    opener = opens(version, KEYS, "sha1")
    assert opener.open(0, records[0]) == (DATA, b"")
    whole = opens(version, KEYS, "sha1")
    for number, record in enumerate(records):
        assert whole.open(number, record) == (DATA, TEXTS[number])
        whole.passed(record)
    opener.lost()
    assert opener.open(1, records[1]) == behind_gap
    opener.passed(records[1])
    assert opener.open(2, records[2]) == (DATA, b"")
    opener.passed(records[2])
    assert opener.open(3, records[3]) == (DATA, TEXTS[3])
