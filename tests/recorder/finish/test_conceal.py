"""Short losses are filled, and stay losses in the books."""

import numpy as np
import pytest

from recorder.finish.conceal import Concealer, repeated
from recorder.finish.decoders import open_decoder
from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy
from recorder.media import Format
from storage.model import Side
from tests.recorder.finish.encoders import amr_payload, encoded
from tests.recorder.finish.packets import START, packets, pick, plan, voice


def vowel(seconds, rate=8000, pitch=110.0):
    """A sound with a pitch and its overtones."""
    time = np.arange(round(seconds * rate)) / rate
    return sum(3000 / n * np.sin(2 * np.pi * pitch * n * time) for n in range(1, 8)).astype(np.int16)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("pitch", [80.0, 110.0, 240.0])
def test_a_vowel_goes_on(rate, pitch):
    sound = vowel(0.2, rate, pitch)
    before, after = sound[: rate // 10], sound[rate // 10 :]
    filled = repeated(before, rate // 50, rate)
    assert np.corrcoef(filled, after[: rate // 50])[0, 1] > 0.9
    long = repeated(before, rate * 6 // 100, rate).astype(float)
    assert np.abs(long[-rate // 200 :]).max() < np.abs(long[: rate // 100]).max() / 4


def test_too_little_is_known_to_go_on():
    assert repeated(vowel(0.03), 160, 8000) is None


def test_silence_goes_on_as_silence():
    assert not repeated(np.zeros(400, np.int16), 160, 8000).any()


@pytest.mark.parametrize(
    ("format_", "payloads"),
    [
        (Format("AMR", parameters="octet-align=1"), ("libopencore_amrnb", 8000)),
        (Format("OPUS", 48000, 2), ("libopus", 48000)),
        (Format("G723"), ("g723_1", 8000)),
    ],
    ids=lambda value: getattr(value, "encoding", None),
)
def test_codecs_that_conceal_do_it_themselves(format_, payloads):
    codec, rate = payloads
    frames = encoded(codec, vowel(0.5, rate), rate)
    decoder = open_decoder(format_)
    for frame in frames:
        payload = amr_payload([frame], True) if codec == "libopencore_amrnb" else frame
        decoder.decode(np.frombuffer(payload, np.uint8))
    filled = decoder.conceal(decoder.rate // 50)
    assert len(filled) == decoder.rate // 50
    assert np.abs(filled.astype(float)).mean() > 200


def test_only_what_follows_sound_and_is_short_is_filled():
    decoder = open_decoder(Format("PCMU"))
    concealer = Concealer(8000, 0.06)
    assert concealer.fill(0, 160) is None
    for number in range(3):
        concealer.note(decoder, vowel(0.02), (number + 1) * 160)
    assert concealer.fill(480, 480 + 481) is None
    assert concealer.fill(500, 600) is None
    rate, pcm = concealer.fill(480, 640)
    assert (rate, len(pcm)) == (8000, 160)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_filled_loss_is_heard_and_still_counts(tmp_path, rate):
    block = packets(vowel(3))
    index = np.arange(len(block))
    kept = pick(block, (index != 50) & ~((index >= 100) & (index < 110)))
    finisher = Finisher(plan(("a",), ("b",), rate=rate), tmp_path / "call.wav", ArchivePolicy(format="wav"))
    finisher.feed(kept)
    done = finisher.close(START + 3_000_000_000)
    assert [(gap.side, gap.start, gap.seconds, gap.cause) for gap in done.gaps] == [
        (Side.A, 1.0, 0.02, "concealed"),
        (Side.A, 2.0, 0.2, "lost"),
    ]
    sound = np.frombuffer(done.path.read_bytes()[44:], np.int16).reshape(-1, 2)[:, 0].astype(float)
    assert np.abs(sound[rate : rate + rate // 50]).mean() > 1000
    assert np.abs(sound[rate * 2 + rate // 100 : rate * 2 + rate // 10]).max() < 20


def test_two_copies_of_a_loss_are_one(tmp_path):
    block = packets(voice(3))
    index = np.arange(len(block))
    first = pick(block, (index != 50))
    second = pick(block, (index != 50) & (index != 51))
    second.stream = "c"
    finisher = Finisher(plan(("a", "c"), ("b",)), tmp_path / "call.wav", ArchivePolicy(format="wav"))
    finisher.feed(first)
    finisher.feed(second)
    done = finisher.close(START + 3_000_000_000)
    assert [(gap.start, gap.seconds, gap.cause) for gap in done.gaps] == [(1.0, 0.02, "concealed")]
