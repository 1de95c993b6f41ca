"""Encrypted streams on their way to the recording: opened, or marked and never heard as noise."""

from dataclasses import replace

import numpy as np
import pytest

from recorder.finish.decrypt import LOCKED, Opener
from recorder.media import Format, Source
from recorder.protocol.sdes import SUITES
from tests.recorder.finish.packets import packets, pick, voice
from tests.recorder.finish.sealed import PROFILES, SSRC, bodies, by_hand, captured, key, sealed, with_bodies

SECURE = {0: Format("SRTP/PCMU"), 101: Format("SRTP/TELEPHONE-EVENT")}
CLEAR = packets(voice(4), sequence=65_500)


def source(*keys, formats=SECURE, exchange="sdes") -> Source:
    return Source("a", formats, keys, SSRC, exchange)


def encrypted(block, with_key):
    return captured((sealed if with_key.suite in PROFILES else by_hand)(block, with_key))


def opened(opener, block) -> list[bytes | None]:
    """Payloads in clear, None for packets that stay encrypted."""
    done = opener.open(block)
    assert [opener.formats[kind].encoding for kind in set(done.payload_types.tolist())]
    return [
        None if kind & LOCKED else body
        for kind, body in zip(done.payload_types.tolist(), bodies(done), strict=True)
    ]


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_through_loss_and_reordering(suite):
    block = encrypted(CLEAR, key(suite))
    order = np.random.default_rng(7).permutation(len(block)).reshape(-1)
    order = np.sort(order[: len(order) * 3 // 4].reshape(-1, 5), axis=0).ravel()
    opener = Opener(source(key(suite)))
    assert opened(opener, pick(block, order)) == [bodies(CLEAR)[at] for at in order.tolist()]
    assert opener.found.opened == {suite: len(order)}
    assert opener.found.locked == 0


@pytest.mark.parametrize("suite", PROFILES)
def test_with_another_key_or_none_all_stays_locked_and_is_kept_as_it_is(suite):
    block = encrypted(CLEAR, key(suite))
    for keys in ((), (key(suite, seed=1),)):
        opener = Opener(source(*keys))
        assert opened(opener, block) == [None] * len(block)
        assert opener.found.locked == len(block)
        assert opener.found.since == block.times[0]
        assert bodies(Opener(source(*keys)).open(block)) == bodies(block)


@pytest.mark.parametrize("turns", [0, 1, 5, 60])
def test_a_stream_is_opened_however_long_it_ran_before_it_was_seen(turns):
    """The sender's roll-over counter is not on the wire."""
    sent = replace(CLEAR, sequences=CLEAR.sequences + (turns << 16))
    block = captured(replace(by_hand(sent, key()), sequences=CLEAR.sequences))
    assert opened(Opener(source(key())), block) == bodies(CLEAR)


def test_a_new_key_in_the_call_is_taken_from_the_packet_on_that_it_opens():
    first, second = key(seed=1), key(seed=2)
    index = np.arange(len(CLEAR))
    restarted = replace(CLEAR, sequences=CLEAR.sequences & 0xFFFF)
    halves = [
        encrypted(pick(restarted, index[:90]), first),
        captured(by_hand(pick(restarted, index[90:]), second)),
    ]
    whole = with_bodies(captured(CLEAR), [body for half in halves for body in bodies(half)])
    opener = Opener(source(second, first))
    assert opened(opener, whole) == bodies(CLEAR)
    assert opener.found.opened[first.suite] == len(CLEAR)


def test_a_key_that_is_learned_later_opens_what_follows():
    block = encrypted(CLEAR, key())
    index = np.arange(len(block))
    opener = Opener(source())
    assert opened(opener, pick(block, index[:50])) == [None] * 50
    opener.learn(source(key()))
    assert opened(opener, pick(block, index[50:])) == bodies(CLEAR)[50:]


def test_a_packet_that_was_changed_on_its_way_stays_locked_alone():
    block = encrypted(CLEAR, key())
    payloads = bodies(block)
    payloads[7] = payloads[7][:-1] + bytes([payloads[7][-1] ^ 1])
    got = opened(Opener(source(key())), with_bodies(block, payloads))
    assert [at for at, one in enumerate(got) if one is None] == [7]


def test_keys_that_were_offered_but_not_used_do_no_harm():
    clear = source(key(), formats={0: Format("PCMU")})
    opener = Opener(clear)
    assert opened(opener, CLEAR) == bodies(CLEAR)
    assert not opener.found


def test_a_wrong_key_without_authentication_is_noticed_by_what_it_gives():
    untagged = with_bodies(CLEAR, [body[:-10] for body in bodies(sealed(CLEAR, key()))])
    weak = {"is_authenticating": False}
    assert opened(Opener(source(key(**weak))), captured(untagged))[:20] == bodies(CLEAR)[:20]
    assert opened(Opener(source(key(seed=1, **weak))), captured(untagged)) == [None] * len(CLEAR)


def test_encryption_that_nothing_announces_is_guessed_from_where_it_begins():
    hidden = sealed(CLEAR, key())
    index = np.arange(len(CLEAR))
    payloads = bodies(CLEAR)[:100] + bodies(hidden)[100:]
    opener = Opener(source(formats={0: Format("PCMU")}, exchange=""))
    got = opened(opener, with_bodies(captured(CLEAR), payloads))
    assert [one is None for one in got] == (index >= 100).tolist()
    assert opener.found.guessed == 100


def test_another_codec_in_between_does_not_make_sound_a_cipher():
    """Compressed speech is spread as evenly as cipher text is."""
    compressed = np.random.default_rng(4)
    index = np.arange(len(CLEAR))
    payloads = [
        body if at % 25 in (0, 24) else compressed.bytes(160) for at, body in enumerate(bodies(CLEAR))
    ]
    mixed = with_bodies(captured(CLEAR), payloads)
    mixed.payload_types = np.where(np.isin(index % 25, (0, 24)), 0, 111).astype(np.uint8)
    opener = Opener(source(formats={0: Format("PCMU"), 111: Format("OPUS", 48000, 2)}, exchange=""))
    assert opened(opener, mixed) == payloads
    assert not opener.found.guessed


def test_an_empty_block_is_none():
    assert len(Opener(source(key())).open(pick(CLEAR, np.arange(0)))) == 0


def test_a_stream_seen_late_is_opened_although_its_first_packet_was_changed():
    sent = replace(CLEAR, sequences=CLEAR.sequences + (9 << 16))
    block = captured(replace(by_hand(sent, key()), sequences=CLEAR.sequences))
    payloads = bodies(block)
    payloads[0] = bytes(len(payloads[0]))
    got = opened(Opener(source(key())), with_bodies(block, payloads))
    assert got == [None, *bodies(CLEAR)[1:]]
