"""Archive formats that are neither Opus nor plain WAV."""

from dataclasses import replace
from itertools import starmap
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recorder.finish.decrypt import PREFIX
from recorder.finish.libsndfile import GSM, LibsndfileSink
from recorder.finish.policy import ArchivePolicy
from recorder.finish.stretch import stretch
from recorder.media import Channel, Format, RecordingPlan, Source
from recorder.protocol.sdes import suite_mark
from tests.recorder.finish.finishing import WAV, finish, likeness, signal_to_noise
from tests.recorder.finish.packets import FORMATS, START, packets, plan, voice
from tests.recorder.finish.sealed import SSRC, key, sealed


def spoken_in(*payload_types: int) -> RecordingPlan:
    """A party in each codec."""
    names: dict[str, dict[int, Format]] = {
        name: {number: FORMATS[number]} for name, number in zip("ab", payload_types, strict=False)
    }
    return RecordingPlan(START, 8000, tuple(Channel((one,)) for one in starmap(Source, names.items())))


@pytest.mark.parametrize(("payload_type", "law"), [(0, "ULAW"), (8, "ALAW")])
def test_g711_is_kept_as_it_came(tmp_path: Path, payload_type: int, law: str) -> None:
    said = packets(voice(3), payload_type)
    spoken = spoken_in(payload_type, payload_type)
    done, got = finish(tmp_path, spoken, [said], 3, ArchivePolicy(format="g711"))
    assert soundfile.info(done.path).subtype == law
    _, plain = finish(tmp_path, spoken, [said], 3, WAV)
    # The laws have two zeros, or none.
    assert np.abs(got.astype(int) - plain).max() <= 8
    assert signal_to_noise(voice(3), got[:, 0]) > 35


@pytest.mark.parametrize(("payload_type", "law"), [(0, "ULAW"), (8, "ALAW")])
def test_what_was_encrypted_is_kept_in_its_law(tmp_path: Path, payload_type: int, law: str) -> None:
    formats = {payload_type: replace(FORMATS[payload_type], encoding=PREFIX + FORMATS[payload_type].encoding)}
    source = Source("a", formats, (key(),), SSRC)
    spoken = RecordingPlan(START, 8000, (Channel((source,)),))
    said = sealed(packets(voice(1), payload_type), key())
    done, _ = finish(tmp_path, spoken, [said], 1, ArchivePolicy(format="g711"))
    assert soundfile.info(done.path).subtype == law


def test_what_stays_encrypted_has_no_say(tmp_path: Path) -> None:
    locked = Source("b", {8: Format(PREFIX + "PCMA")}, (), SSRC)
    spoken = RecordingPlan(START, 8000, (Channel((Source("a", {0: FORMATS[0]}),)), Channel((locked,))))
    done, _ = finish(tmp_path, spoken, [packets(voice(1))], 1, ArchivePolicy(format="g711"))
    assert soundfile.info(done.path).subtype == "ULAW"


def test_what_was_opened_before_it_was_kept_stays_in_its_law(tmp_path: Path) -> None:
    """Its key is not there any more when the call is made anew."""
    opened = packets(voice(1))
    opened.heads = np.full(len(opened), suite_mark(key().suite) << 8, np.uint16)
    kept = Source("a", {0: replace(FORMATS[0], encoding=PREFIX + "PCMU")}, (), SSRC, "sdes")
    spoken = RecordingPlan(START, 8000, (Channel((kept,)), Channel((Source("b", {97: Format("L16")}),))))
    done, _ = finish(tmp_path, spoken, [opened], 1, ArchivePolicy(format="g711"), None)
    assert soundfile.info(done.path).subtype == "ULAW"


def test_what_came_in_both_laws_is_a_law(tmp_path: Path) -> None:
    blocks = [packets(voice(1), 0, stream="a"), packets(voice(1), 8, stream="b")]
    done, _ = finish(tmp_path, spoken_in(0, 8), blocks, 1, ArchivePolicy(format="g711"))
    assert soundfile.info(done.path).subtype == "ALAW"


@pytest.mark.parametrize("rate", [8000, 16000])
def test_adpcm_keeps_the_parties_apart_in_a_quarter_of_the_room(tmp_path: Path, rate: int) -> None:
    first, second = voice(6, rate, seed=1), voice(6, rate, seed=2)
    kind = 9 if rate > 8000 else 0
    blocks = [packets(first, kind, stream="a"), packets(second, kind, stream="b")]
    planned = plan(("a",), ("b",), rate=rate)
    done, got = finish(tmp_path, planned, blocks, 6, ArchivePolicy(format="adpcm"))
    assert (done.channels, done.rate, done.seconds) == (2, rate, 6.0)
    assert likeness(first, got[:, 0]) > 0.95
    assert likeness(second, got[:, 1]) > 0.95
    assert abs(likeness(first, got[:, 1])) < 0.1
    assert done.bytes < 6 * rate * 2 * 2 * 0.27


def test_gsm_mixes_the_parties_into_one_channel(tmp_path: Path) -> None:
    first, second = voice(6, seed=1), voice(6, seed=2)
    blocks = [packets(first, stream="a"), packets(second, stream="b")]
    done, got = finish(tmp_path, plan(("a",), ("b",)), blocks, 6, ArchivePolicy(format="gsm"))
    assert (done.channels, got.shape[1], done.seconds) == (1, 1, 6.0)
    both = likeness(first.astype(int) + second, got[:, 0])
    assert both > 0.75
    assert all(0.4 < likeness(one, got[:, 0]) < both - 0.1 for one in (first, second))
    assert done.bytes < 6 * 1650
    assert done.measures.overtalk > 5, "it is told of each party all the same"


def test_two_loud_parties_do_not_wrap_around(tmp_path: Path) -> None:
    sink = LibsndfileSink(tmp_path / "a.wav", 8000, 2, GSM)
    loud = np.full(4800, 30_000, np.int16)
    sink.write([stretch(loud, 4800, 8000)] * 2, 4800)
    sink.close()
    got, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert got[1000:4000].min() > 0


@pytest.mark.parametrize("samples", [160, 640, 960, 4800])
def test_gsm_ends_in_silence_for_every_reader(tmp_path: Path, samples: int) -> None:
    sink = LibsndfileSink(tmp_path / "a.wav", 8000, 1, GSM)
    said = voice(samples / 8000)
    sink.write([stretch(said, samples, 8000)], samples)
    sink.close()
    got, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert samples <= len(got) < samples + 640
    assert np.abs(got[samples:].astype(int)).max(initial=0) <= np.abs(said.astype(int)).max()
