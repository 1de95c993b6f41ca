import io
import wave

import av
import numpy as np
import pytest
import soundfile

from qa_api import peaks
from storage.catalogue import Copy
from storage.errors import CatalogueError
from tests.qa_api.office import Browser, Office
from tests.qa_api.recordings import opus, sha256, tones
from tests.qa_api.recordings import peaks as peaks_file
from tests.qa_api.world import HEARD, MISSED, SECONDS, UNRELEASED

AUDIO = f"/api/v1/calls/{HEARD}/audio"
PEAKS = f"/api/v1/calls/{HEARD}/peaks"


@pytest.fixture
def data(reading: Office) -> bytes:
    """The archived file as it lies on the disk."""
    (name,) = (copy.name for copy in reading.catalogue.calls.get(HEARD).copies if copy.name.endswith("opus"))
    return (reading.folder / "archive" / name).read_bytes()


def part(browser: Browser, value: str, **headers: str):
    return browser.get(AUDIO, headers={"Range": value, **headers})


def test_the_whole_file_comes_as_it_was_archived(reading: Office, data: bytes) -> None:
    answer = reading.known("agent").get(AUDIO)
    assert answer.status_code == 200
    assert answer.content == data
    assert answer.headers["content-type"] == "audio/ogg"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == f'"{sha256(data)}"'
    assert answer.headers["cache-control"] == "private, no-cache"
    with av.open(io.BytesIO(answer.content)) as file:
        assert file.streams.audio[0].codec_context.channels == 2


@pytest.mark.parametrize(
    ("value", "start", "stop"),
    [
        ("bytes=0-", 0, None),
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=-10", -10, None),
        ("bytes=-99999999", 0, None),
        ("bytes=500-99999999", 500, None),
        ("BYTES = 5-9", 5, 10),
    ],
)
def test_a_range_comes_as_asked(
    reading: Office, data: bytes, value: str, start: int, stop: int | None
) -> None:
    answer = part(reading.known("agent"), value)
    expected = data[start:stop]
    first = data.index(expected) if start < 0 else start
    assert answer.status_code == 206
    assert answer.content == expected
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(expected) - 1}/{len(data)}"
    assert answer.headers["content-length"] == str(len(expected))


@pytest.mark.parametrize("value", ["bytes=9-5", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b", "x"])
def test_what_is_no_single_range_is_ignored(reading: Office, data: bytes, value: str) -> None:
    answer = part(reading.known("agent"), value)
    assert (answer.status_code, answer.content) == (200, data)


@pytest.mark.parametrize("value", ["bytes=99999999-", "bytes=-0"])
def test_a_range_outside_is_unsatisfiable(reading: Office, data: bytes, value: str) -> None:
    answer = part(reading.known("agent"), value)
    assert (answer.status_code, answer.json()["code"]) == (416, "range-unsatisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(data)}"


def test_if_range_and_if_none_match(reading: Office, data: bytes) -> None:
    browser = reading.known("agent")
    etag = f'"{sha256(data)}"'
    assert part(browser, "bytes=0-9", **{"If-Range": etag}).status_code == 206
    for other in ('"other"', f"W/{etag}", "Sat, 21 Nov 2026 12:00:00 GMT"):
        assert part(browser, "bytes=0-9", **{"If-Range": other}).status_code == 200
    for matching in (etag, f"W/{etag}", f'"a", {etag}', "*"):
        answer = browser.get(AUDIO, headers={"If-None-Match": matching})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag


def test_head_tells_the_length_and_is_no_playback(office: Office, data: bytes) -> None:
    answer = office.user("agent").head(AUDIO)
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(data)))
    assert "call.play" not in office.actions()


def test_a_playback_is_one_event_however_many_ranges(office: Office) -> None:
    browser = office.user("auditor")
    for start in (0, 100, 900, 50):
        part(browser, f"bytes={start}-")
        office.clock.advance(minutes=5)
    assert office.actions().count("call.play") == 1
    event = office.catalogue.audit.page(action="call.play")[0]
    assert (event.actor, event.object_id, event.address) == ("auditor", HEARD, "127.0.0.1")
    assert event.reason == "Complaint 4711"
    office.clock.advance(minutes=10)
    part(browser, "bytes=0-")
    assert office.actions().count("call.play") == 2


def test_without_audio_there_is_a_clear_answer(reading: Office) -> None:
    browser = reading.known("compliance")
    for what in ("audio", "peaks", "download"):
        answer = browser.get(f"/api/v1/calls/{MISSED}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no-recording")


def test_what_is_out_of_reach_is_not_there(reading: Office) -> None:
    browser = reading.known("agent")
    for what in ("audio", "peaks"):
        answer = browser.get(f"/api/v1/calls/{UNRELEASED}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no-such-call")


@pytest.mark.parametrize("damage", ["removed", "cut"])
def test_an_archive_that_lost_the_audio_is_said_to_be_unwell(office: Office, damage: str) -> None:
    browser = office.user("supervisor")
    for copy in office.catalogue.calls.get(HEARD).copies:
        file = office.folder / "archive" / copy.name
        if damage == "removed":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:-1])
    for path in (AUDIO, PEAKS, f"/api/v1/calls/{HEARD}/download?format=wav"):
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "archive-unavailable"), path
    assert "call.play" not in office.actions()


def test_peaks_are_those_of_the_archive(reading: Office) -> None:
    browser = reading.known("agent")
    answer = browser.get(PEAKS)
    drawn = answer.json()
    expected = peaks.read(peaks_file(tones(SECONDS)))
    assert (drawn["channels"], drawn["length"], drawn["pixels_per_second"]) == (2, 80, 20.0)
    assert drawn["data"] == [list(row) for row in peaks.rows(expected)]
    again = browser.get(PEAKS, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    fewer = browser.get(PEAKS, params={"points": 10})
    assert (fewer.json()["length"], fewer.json()["pixels_per_second"]) == (10, 2.5)
    assert fewer.headers["etag"] != answer.headers["etag"]


def test_downloads(office: Office, data: bytes) -> None:
    browser = office.user("supervisor")
    kept = browser.get(f"/api/v1/calls/{HEARD}/download")
    assert (kept.content, kept.headers["content-type"]) == (data, "audio/ogg")
    converted = browser.get(f"/api/v1/calls/{HEARD}/download?format=wav")
    assert converted.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(converted.content)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 32000)
    events = office.catalogue.audit.page(action="call.download")
    assert [event.after for event in events] == [{"format": "wav"}, {"format": "opus"}]
    assert office.user("evaluator").get(f"/api/v1/calls/{HEARD}/download").status_code == 403


def archived(office: Office, form: str, data: bytes, channels: int = 2) -> str:
    """The path of the API below a call like the one heard, of which this is the archived WAV file."""
    found = office.catalogue.calls.get(HEARD).call
    changes = {"format": form, "path": "2026/11/21/other.wav", "bytes": len(data), "sha256": sha256(data)}
    recording = found.recording.model_copy(update=changes | {"channels": channels})
    other = found.model_copy(update={"id": "other", "recording": recording})
    stored = office.target.put(recording.path, data)
    copy = Copy("local", recording.path, stored.bytes, sha256(data), office.clock.now)
    office.catalogue.calls.add(other, [copy])
    return "/api/v1/calls/other"


def test_a_file_archived_as_wav_is_not_made_into_opus(office: Office) -> None:
    data = opus(tones(1.0))
    path = archived(office, "wav", data)
    browser = office.user("supervisor")
    answer = browser.get(f"{path}/download?format=opus")
    assert (answer.status_code, answer.json()["code"]) == (406, "format-unavailable")
    assert browser.get(f"{path}/download?format=wav").content == data


def test_g711_is_played_as_it_is_and_downloaded_as_plain_wav(office: Office) -> None:
    data = sound_file("ALAW", tones(SECONDS))
    path = archived(office, "g711", data)
    browser = office.user("supervisor")
    played = browser.get(f"{path}/audio")
    assert (played.content, played.headers["content-type"]) == (data, "audio/wav")
    refused = browser.get(f"{path}/download")
    assert (refused.status_code, refused.json()["detail"]) == (406, "It is kept as g711; ask for wav.")
    samples = plain(browser.get(f"{path}/download?format=wav").content)
    assert np.abs(samples - tones(SECONDS)).max() < 600


@pytest.mark.parametrize(("form", "samples", "channels"), [("adpcm", "IMA_ADPCM", 2), ("gsm", "GSM610", 1)])
def test_what_no_browser_plays_is_plain_wav_to_the_player(
    office: Office, form: str, samples: str, channels: int
) -> None:
    said = tones(SECONDS)[:channels]
    path = archived(office, form, sound_file(samples, said), channels)
    browser = office.user("supervisor")
    whole = browser.get(f"{path}/audio")
    assert whole.headers["content-type"] == "audio/wav"
    assert plain(whole.content).shape == said.shape
    assert np.corrcoef(plain(whole.content)[0], said[0])[0, 1] > 0.9
    about = browser.head(f"{path}/audio")
    assert about.headers["content-length"] == str(len(whole.content))
    assert about.headers["etag"] == whole.headers["etag"]
    for start, stop in ((0, 1), (40, 50), (30_001, 30_005), (9_999, len(whole.content))):
        some = browser.get(f"{path}/audio", headers={"Range": f"bytes={start}-{stop - 1}"})
        assert (some.status_code, some.content) == (206, whole.content[start:stop])
    again = browser.get(f"{path}/audio", headers={"If-None-Match": whole.headers["etag"]})
    assert again.status_code == 304


def sound_file(samples: str, said: np.ndarray) -> bytes:
    """A WAV file of 8 kHz with its samples in this encoding."""
    file = io.BytesIO()
    soundfile.write(file, said.T, 8000, samples, format="WAV")
    return file.getvalue()


def plain(data: bytes) -> np.ndarray:
    """The samples of a WAV file of 16 bits, shape (channels, samples)."""
    with wave.open(io.BytesIO(data)) as file:
        assert file.getsampwidth() == 2
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels()).T


def test_a_long_file_is_streamed(office: Office) -> None:
    found = office.catalogue.calls.get(HEARD).call
    data = bytes(range(256)) * 20_000
    recording = found.recording.model_copy(update={"path": "2026/11/21/long.opus", "bytes": len(data)})
    office.target.put(recording.path, data)
    copy = Copy("local", recording.path, len(data), sha256(data), office.clock.now)
    call = found.model_copy(update={"id": "long", "recording": recording})
    office.catalogue.calls.add(call, [copy])
    browser = office.user("supervisor")
    answer = browser.get("/api/v1/calls/long/audio", headers={"Range": "bytes=1000001-4000000"})
    assert answer.content == data[1000001:4000001]


def test_without_a_trail_there_is_no_playback(office: Office) -> None:
    browser = office.user("supervisor")

    def failing(_: object) -> int:
        raise CatalogueError("the disk is full")

    recorded = office.catalogue.audit.record
    office.catalogue.audit.record = failing
    for path in (AUDIO, f"/api/v1/calls/{HEARD}/download"):
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "catalogue-unavailable")
    office.catalogue.audit.record = recorded
    assert browser.get(AUDIO).status_code == 200
    assert office.actions().count("call.play") == 1
