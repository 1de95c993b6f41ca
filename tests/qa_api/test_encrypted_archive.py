"""The sound of calls that lie encrypted in the archive."""

import hashlib
from datetime import UTC, datetime

import pytest

from qa_api import sound
from qa_api.archive import Archive
from storage.catalogue import CatalogueCall, Copy
from storage.encryption.target import EncryptedTarget
from storage.errors import NoCopyReadable
from storage.model import Call
from storage.targets import MemoryTarget
from tests.qa_api.recordings import opus, peaks, tones
from tests.storage.handoffs import a_call, a_recording

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Key:
    """One key for every call."""

    def data_key(self, name: str) -> bytes:
        return bytes(32)


@pytest.fixture
def stored() -> MemoryTarget:
    return MemoryTarget()


@pytest.fixture
def archive(stored) -> Archive:
    return Archive({"main": EncryptedTarget(stored, Key())})


@pytest.fixture
def found(stored) -> CatalogueCall:
    samples = tones(2.0)
    audio = opus(samples)
    stem = f"2026/11/21/{a_call().id}"
    recording = a_recording(audio).model_copy(update={"path": f"{stem}.opus", "seconds": 2.0})
    call: Call = a_call(recording=recording)
    target = EncryptedTarget(stored, Key())
    copies = []
    for name, data in ((f"{stem}.opus", audio), (f"{stem}.peaks.dat", peaks(samples))):
        target.put(name, data)
        blob = stored.stat(name)
        copies.append(Copy("main", name, blob.bytes, blob.sha256, NOW))
    return CatalogueCall(call, None, None, tuple(copies))


def test_played_in_ranges(found, archive):
    heard = sound.sound_of(found, archive)
    assert heard.etag == f'"{found.call.recording.sha256}"'
    whole = b"".join(heard.reader.chunks())
    assert hashlib.sha256(whole).hexdigest() == found.call.recording.sha256
    assert b"".join(heard.reader.chunks(100, 50)) == whole[100:150]


def test_downloaded_and_drawn(found, archive):
    download = sound.download_of(found, archive, "opus")
    assert len(b"".join(download.chunks)) == download.bytes == found.call.recording.bytes
    converted = sound.download_of(found, archive, "wav")
    assert len(b"".join(converted.chunks)) == converted.bytes
    waveform, _ = sound.waveform_of(found, archive, None)
    assert waveform.length == 40


def test_what_was_altered_is_said_before_a_byte_is_sent(found, archive, stored):
    name = found.call.recording.path
    data = bytearray(b"".join(stored.get(name)))
    data[-1] ^= 1
    stored.put(name, bytes(data))
    heard = sound.sound_of(found, archive)
    with pytest.raises(NoCopyReadable, match=r"main: .* cannot be decrypted: it was altered"):
        heard.reader.chunks()
    stored.put(name, bytes(data[:-1]))
    with pytest.raises(NoCopyReadable, match="main: "):
        sound.sound_of(found, archive)
