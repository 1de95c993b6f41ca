"""SRTP opened: against libsrtp where it knows the suite, else against the figures of the RFCs."""

import numpy as np
import pytest

from recorder.finish.srtp import Packets, derive, f8_stream, session
from recorder.protocol.sdes import SUITES
from tests.recorder.finish.packets import packets, pick, voice
from tests.recorder.finish.sealed import PROFILES, SSRC, bodies, by_hand, headers, key, sealed, with_bodies

BLOCK = packets(voice(1), sequence=65_520)


def as_packets(block, payloads=None) -> Packets:
    return Packets(headers(block), payloads or bodies(block), block.sequences, SSRC)


@pytest.mark.parametrize("suite", PROFILES)
def test_what_libsrtp_encrypts_is_opened_over_the_turn_of_the_sequence_number(suite):
    encrypted = sealed(BLOCK, key(suite))
    assert bodies(encrypted) != bodies(BLOCK)
    assert session(key(suite)).open(as_packets(encrypted)) == bodies(BLOCK)


@pytest.mark.parametrize("suite", PROFILES)
def test_another_key_another_index_or_a_changed_byte_open_nothing(suite):
    encrypted = as_packets(sealed(BLOCK, key(suite)))
    nothing = [None] * len(BLOCK)
    assert session(key(suite, seed=1)).open(encrypted) == nothing
    assert session(key(suite)).open(encrypted.moved(1)) == nothing
    changed = [bytes([body[0] ^ 1]) + body[1:] for body in encrypted.bodies]
    assert session(key(suite)).open(as_packets(BLOCK, changed)) == nothing
    assert session(key(suite)).open(as_packets(BLOCK, [b"\0" * 3] * len(BLOCK))) == nothing


def test_packets_of_many_sizes_are_opened_in_one_call():
    clear = [bytes(range(size)) for size in (0, 1, 15, 16, 17, 160, 33)]
    block = with_bodies(pick(BLOCK, np.arange(len(clear))), clear)
    for suite in PROFILES:
        assert session(key(suite)).open(as_packets(sealed(block, key(suite)))) == clear


def test_session_keys_are_those_of_rfc_3711_b_3():
    secret = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6")
    suite = SUITES["AES_CM_128_HMAC_SHA1_80"]
    assert derive(secret, suite, 0, 16).hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
    assert derive(secret, suite, 2, 14).hex().upper() == "30CBBC08863D8C85D49DB34A9AE1"
    assert derive(secret, suite, 1, 20).hex().upper() == "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"


def test_session_keys_of_256_bits_are_those_of_rfc_6188_7_4():
    secret = bytes.fromhex(
        "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b63b04803de51ee7c96423ab5b78d2"
    )
    suite = SUITES["AES_256_CM_HMAC_SHA1_80"]
    assert derive(secret, suite, 0, 32).hex() == (
        "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"
    )
    assert derive(secret, suite, 2, 14).hex() == "fa31791685ca444a9e07c6c64e93"
    assert derive(secret, suite, 1, 20).hex() == "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"


def test_the_key_stream_of_f8_is_that_of_rfc_3711_b_1():
    header = bytes.fromhex("806e5cba50681de55c621599")
    one = Packets([header], [b""], np.array([0xD462564A << 16 | 0x5CBA]), 0x5C621599)
    cipher_key = bytes.fromhex("234829008467be186c3de14aae72d62c")
    stream = f8_stream(cipher_key, bytes.fromhex("32f2870d"), one, np.array([3])).tobytes()
    clear = b"pseudorandomness is the next best thing"
    assert bytes(a ^ b for a, b in zip(clear, stream, strict=False)).hex() == (
        "019ce7a26e7854014a6366aa95d4eefd1ad4172a14f9faf455b7f1d4b62bd08f562c0eef7c4802"
    )


@pytest.mark.parametrize("suite", [suite for suite in SUITES if suite not in PROFILES])
def test_suites_that_libsrtp_does_not_offer(suite):
    encrypted = by_hand(BLOCK, key(suite))
    assert session(key(suite)).open(as_packets(encrypted)) == bodies(BLOCK)
    assert session(key(suite, seed=1)).open(as_packets(encrypted)) == [None] * len(BLOCK)


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"])
def test_what_is_made_by_hand_is_what_libsrtp_makes(suite):
    assert bodies(by_hand(BLOCK, key(suite))) == bodies(sealed(BLOCK, key(suite)))


@pytest.mark.parametrize("suite", SUITES)
def test_an_identifier_of_the_key_in_each_packet_is_passed_over(suite):
    plain = bodies((sealed if suite in PROFILES else by_hand)(BLOCK, key(suite)))
    tag = SUITES[suite].tag
    at = 0 if suite.startswith("AEAD") else tag
    marked = [body[: len(body) - at] + b"\0\0\0\1" + body[len(body) - at :] for body in plain]
    assert session(key(suite, mki=4)).open(as_packets(BLOCK, marked)) == bodies(BLOCK)


def test_a_suite_can_be_used_without_its_cipher_or_without_its_tag():
    open_key = key(is_encrypting=False)
    plain = bodies(by_hand(BLOCK, open_key))
    assert [body[:-10] for body in plain] == bodies(BLOCK)
    assert session(open_key).open(as_packets(BLOCK, plain)) == bodies(BLOCK)
    untagged = [body[:-10] for body in bodies(sealed(BLOCK, key()))]
    assert session(key(is_authenticating=False)).open(as_packets(BLOCK, untagged)) == bodies(BLOCK)
