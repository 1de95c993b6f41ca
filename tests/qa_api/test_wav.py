import io
import wave
from datetime import UTC, datetime

import numpy as np
import pytest

from qa_api import wav
from qa_api.errors import ArchiveUnavailable
from storage.model import Recording
from tests.qa_api.recordings import opus, sha256, tones


def recording(data: bytes, seconds: float, rate: int = 8000) -> Recording:
    return Recording(
        path="x.opus",
        format="opus",
        start=datetime(2026, 11, 21, tzinfo=UTC),
        channels=2,
        rate=rate,
        seconds=seconds,
        bytes=len(data),
        sha256=sha256(data),
    )


def decoded(data: bytes, described: Recording) -> tuple[tuple[int, int, int], np.ndarray]:
    whole = b"".join(wav.stream(io.BytesIO(data), described))
    assert len(whole) == wav.size(described)
    with wave.open(io.BytesIO(whole)) as file:
        kind = (file.getnchannels(), file.getframerate(), file.getnframes())
        return kind, np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)


def test_parties_stay_apart_and_the_length_is_that_of_the_call() -> None:
    data = opus(tones(4.0))
    kind, samples = decoded(data, recording(data, 4.0))
    assert kind == (2, 8000, 32000)
    left, right = (np.abs(samples[:, channel].astype(int)) for channel in (0, 1))
    assert left[4000:12000].mean() > 50 * max(1, right[4000:12000].mean())
    assert right[20000:30000].mean() > 50 * max(1, left[20000:30000].mean())


@pytest.mark.parametrize("seconds", [1.0, 3.0])
def test_the_header_is_kept_to_when_the_file_is_longer_or_shorter(seconds: float) -> None:
    data = opus(tones(2.0))
    kind, samples = decoded(data, recording(data, seconds))
    assert kind == (2, 8000, round(seconds * 8000))
    assert not samples[17000:].any()


def test_what_is_no_audio_is_refused_before_the_first_chunk() -> None:
    with pytest.raises(ArchiveUnavailable):
        wav.stream(io.BytesIO(b"RIFF nonsense"), recording(b"", 1.0))
