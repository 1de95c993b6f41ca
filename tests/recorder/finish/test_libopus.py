"""Opus with its own concealment, and with the copies that packets carry of the ones before them."""

from pathlib import Path

import numpy as np
import pytest

from recorder.finish import libopus
from recorder.finish.decoders import open_decoder
from recorder.finish.finisher import Finisher
from recorder.finish.framed import FrameDecoder
from recorder.finish.framings import opus
from recorder.finish.policy import ArchivePolicy
from recorder.media import Channel, Format, MediaBlock, RecordingPlan, Source
from tests.recorder.finish.encoders import encoded
from tests.recorder.finish.packets import MS, START

OPUS = Format("OPUS", 48000, 2)
FEC = {"fec": "1", "packet_loss": "30", "application": "voip"}
PACKET = 960


def speech(seconds: float) -> np.ndarray:
    """Something whose pitch and loudness change all the time, so that guessing does not help."""
    time = np.arange(round(seconds * 48_000)) / 48_000
    pitch = np.cumsum(120 + 80 * np.sin(2 * np.pi * 3.1 * time)) / 48_000
    voice = sum(np.sin(2 * np.pi * pitch * overtone) / overtone for overtone in range(1, 12))
    return (voice * (0.4 + 0.6 * np.sin(2 * np.pi * 4.3 * time) ** 2) * 5000).astype(np.int16)


def decoder() -> libopus.OpusDecoder:
    found = open_decoder(OPUS)
    assert isinstance(found, libopus.OpusDecoder)
    return found


def array(payload: bytes) -> np.ndarray:
    return np.frombuffer(payload, np.uint8)


def heard(payloads: list[bytes], lost: int, *, copies: bool) -> np.ndarray:
    """What is heard in place of the packet ``lost``."""
    one = decoder()
    for payload in payloads[:lost]:
        one.decode(array(payload))
    filled = one.conceal(PACKET, payloads[lost + 1] if copies else b"")
    assert filled is not None
    return filled.astype(float)


def whole(payloads: list[bytes], number: int) -> np.ndarray:
    one = decoder()
    return [one.decode(array(payload)) for payload in payloads][number].astype(float)


@pytest.mark.parametrize("lost", [20, 33, 41])
def test_a_lost_packet_is_taken_from_the_one_behind_it(lost: int) -> None:
    payloads = encoded("libopus", speech(1.0), 48_000, bit_rate=24_000, options=FEC)
    truth = whole(payloads, lost)
    copied = np.abs(heard(payloads, lost, copies=True) - truth).mean()
    guessed = np.abs(heard(payloads, lost, copies=False) - truth).mean()
    assert copied < guessed / 2


def test_of_a_longer_loss_the_end_is_known() -> None:
    payloads = encoded("libopus", speech(1.0), 48_000, bit_rate=24_000, options=FEC)
    one = decoder()
    for payload in payloads[:20]:
        one.decode(array(payload))
    filled = one.conceal(2 * PACKET, payloads[22])
    assert filled is not None
    truth = whole(payloads, 21)
    assert np.abs(filled[PACKET:] - truth).mean() < np.abs(truth).mean() / 2


def test_without_a_copy_the_loss_is_concealed() -> None:
    payloads = encoded("libopus", speech(0.5), 48_000, bit_rate=24_000)
    assert np.abs(heard(payloads, 15, copies=True)).mean() > 200


def test_the_decoder_of_ffmpeg_stands_in_where_there_is_no_libopus() -> None:
    payloads = encoded("libopus", speech(0.5), 48_000)
    one = FrameDecoder(opus(OPUS), 48_000)
    pcm = np.concatenate([one.decode(array(payload)) for payload in payloads])
    other = decoder()
    same = np.concatenate([other.decode(array(payload)) for payload in payloads])
    assert len(pcm) == len(same)
    assert np.corrcoef(pcm, same)[0, 1] > 0.95


def recorded(folder: Path, payloads: list[bytes], lost: int | None) -> np.ndarray:
    """One side of a recording of the packets, 48 kHz."""
    kept = [number for number in range(len(payloads)) if number != lost]
    numbers = np.array(kept)
    chosen = [payloads[number] for number in kept]
    block = MediaBlock(
        stream="a",
        times=START + numbers * 20 * MS,
        sequences=1000 + numbers,
        timestamps=numbers * PACKET,
        payload_types=np.full(len(kept), 96, np.uint8),
        markers=numbers == 0,
        lengths=np.array([len(payload) for payload in chosen], np.int32),
        payload=array(b"".join(chosen)),
    )
    plan = RecordingPlan(START, 48_000, (Channel((Source("a", {96: OPUS}),)), Channel(())))
    finisher = Finisher(plan, folder / f"{lost}.wav", ArchivePolicy(format="wav"))
    # Step by step, so that the loss is filled before the packet behind it is final, too.
    for second in np.arange(0.1, 1.1, 0.1):
        if second < 0.2:
            finisher.feed(block)
        finisher.advance(START + round(second * 1e9))
    done = finisher.close(START + 1_000 * MS)
    assert done.path is not None
    return np.frombuffer(done.path.read_bytes()[44:], np.int16).reshape(-1, 2)[:, 0].astype(float)


@pytest.mark.parametrize("lost", [24, 25, 33])
def test_a_recording_uses_the_copies(tmp_path: Path, lost: int) -> None:
    payloads = encoded("libopus", speech(1.0), 48_000, bit_rate=24_000, options=FEC)
    place = slice(lost * PACKET, (lost + 1) * PACKET)
    truth = recorded(tmp_path, payloads, None)[place]
    filled = recorded(tmp_path, payloads, lost)[place]
    assert np.abs(filled - truth).mean() < np.abs(truth).mean() / 3
