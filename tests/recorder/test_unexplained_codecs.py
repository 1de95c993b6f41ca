"""Media without signalling in codecs whose payload types mean nothing by themselves."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from recorder.finish import worker
from storage.model import CallState
from tests.recorder.finish.encoders import encoded
from tests.recorder.finish.packets import decode, voice
from tests.recorder.phones import finished_as_it_runs, recorded
from tests.recorder.recording import call_files, captured, taken_over
from tests.recorder.reports import receiver_report, reception
from tests.recorder.wire import Place, Wire

ANNA, BERND = ("192.0.2.1", 4000), ("192.0.2.2", 5000)


def stream(
    wire: Wire,
    payloads: Sequence[bytes],
    source: Place,
    destination: Place,
    *,
    kind: int = 111,
    step: int = 960,
) -> None:
    """A packet every 20 ms."""
    for at, body in enumerate(payloads):
        head = struct.pack("!BBHII", 0x80, kind, 700 + at, 9000 + step * at, source[1])
        wire.udp(0.02 * at, head + body, source, destination)


def opus(seconds: float, seed: int) -> list[bytes]:
    return encoded("libopus", voice(seconds, 48_000, seed=seed), 48_000, options={"frame_duration": "20"})


def conversation(seconds: float = 4.0) -> Wire:
    wire = Wire()
    stream(wire, opus(seconds, 1), ANNA, BERND)
    stream(wire, opus(seconds, 2), BERND, ANNA)
    return wire


def test_opus_is_heard(tmp_path: Path) -> None:
    call, folder = recorded(tmp_path, conversation().batch())
    assert (call.state, call.codecs) == (CallState.MEDIA_ONLY, ("OPUS",))
    assert call.recording is not None
    sound = decode(folder / call.recording.path, 16_000)
    assert call.recording.seconds == pytest.approx(4.0, abs=0.05)
    assert all(np.abs(channel[8_000:-8_000].astype(float)).mean() > 500 for channel in sound)


def test_what_is_told_while_the_call_runs_is_heard_from_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ENOUGH", 0)
    call, folder = finished_as_it_runs(tmp_path, conversation().batch())
    assert call.recording is not None
    assert np.abs(decode(folder / call.recording.path, 16_000)[:, 1_000:8_000].astype(float)).mean() > 500


def test_the_next_engine_knows_what_the_last_one_found_out(tmp_path: Path) -> None:
    wire = conversation()
    before, after = wire.batch(end=3.9), wire.batch(start=3.9)
    (file,) = taken_over(tmp_path / "spool", [before], [after])
    assert file.call.codecs == ("OPUS",)


def test_jitter_is_told_in_the_clock_of_the_codec_that_was_found_out(tmp_path: Path) -> None:
    wire = conversation()
    report = receiver_report(ANNA[1], reception(BERND[1], jitter=960))
    wire.udp(2.0, report, (ANNA[0], ANNA[1] + 1), (BERND[0], BERND[1] + 1))
    (file,) = call_files(captured(tmp_path, [wire.batch()]))
    assert [party.jitter_ms for party in file.call.parties if party.jitter_ms is not None] == [20.0]


def test_cipher_text_is_not_taken_for_a_codec(tmp_path: Path) -> None:
    wire = Wire()
    chance = np.random.default_rng(1)
    stream(wire, [chance.bytes(80) for _ in range(200)], ANNA, BERND)
    call, _ = recorded(tmp_path, wire.batch())
    assert (call.codecs, call.recording) == (("PT111",), None)
