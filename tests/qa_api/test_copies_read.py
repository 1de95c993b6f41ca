"""Playing, drawing and downloading while copies are away, missing or damaged: another one is served."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from qa_api.archive import Archive
from qa_api.sound import sound_of, waveform_of
from storage.archive_names import peaks_name
from storage.catalogue import Condition, Held
from storage.catalogue.copy_checks import Condition as CopyCondition
from storage.copies.choice import Nearness
from storage.encryption.target import EncryptedTarget
from storage.targets import LocalTarget
from storage.targets.contract import read_back
from tests.qa_api.office import Office
from tests.qa_api.recordings import sha256
from tests.qa_api.world import HEARD
from tests.storage.copies.breaking import Breaking

AUDIO = f"/api/v1/calls/{HEARD}/audio"
PEAKS = f"/api/v1/calls/{HEARD}/peaks"
DOWNLOAD = f"/api/v1/calls/{HEARD}/download"
WAV = f"{DOWNLOAD}?format=wav"
READS = (AUDIO, PEAKS, DOWNLOAD, WAV)


class OneKey:
    """The same key for every call."""

    key = bytes(32)

    def data_key(self, name: str) -> bytes:
        return self.key


class TwoCopies(Office):
    """An office whose calls lie on a target that sorts before home, and on one that sorts after it."""

    def __init__(self, folder: Path):
        self.backup, self.vault = Breaking(folder / "backup"), Breaking(folder / "vault")
        super().__init__(folder, copies={"backup": self.backup, "vault": self.vault})

    def __enter__(self) -> "TwoCopies":
        super().__enter__()
        self.expected = {path: self.user("supervisor").get(path).content for path in READS}
        self.backup.asked.clear()
        self.vault.asked.clear()
        return self

    def blob(self, suffix: str) -> Path:
        """The file at home of the call that was heard."""
        (file,) = (self.folder / "archive").rglob(f"{HEARD}{suffix}")
        return file

    def condition(self, target: str) -> str:
        """What is known of the recording there."""
        copies = self.catalogue.calls.get(HEARD).copies
        (found,) = (copy for copy in copies if copy.target == target and copy.name.endswith(".opus"))
        return found.condition

    def mark(self, condition: CopyCondition, *targets: str) -> None:
        """Let scrubbing have found all blobs of the call bad on these targets."""
        found = self.catalogue.calls.get(HEARD)
        seen = [(Held(HEARD, copy), condition) for copy in found.copies if copy.target in targets]
        self.catalogue.copy_checks.note(seen, self.clock.now)

    def served(self) -> None:
        """Everything is served as it was archived."""
        browser = self.user("supervisor")
        for path in READS:
            answer = browser.get(path)
            assert (answer.status_code, answer.content) == (200, self.expected[path]), path
        data = self.expected[AUDIO]
        answer = browser.get(AUDIO, headers={"Range": "bytes=1000-"})
        assert (answer.status_code, answer.content) == (206, data[1000:])
        answer = browser.head(AUDIO)
        assert answer.status_code == 200
        assert answer.headers["content-length"] == str(len(data))

    def unavailable(self) -> None:
        """Nothing is served, and the answers say so."""
        browser = self.user("supervisor")
        for path in READS:
            answer = browser.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "archive-unavailable"), path
        assert browser.head(AUDIO).status_code == 503


@pytest.fixture
def two(place: Path) -> Iterator[TwoCopies]:
    with TwoCopies(place) as running:
        yield running


def test_while_home_is_good_no_other_target_is_asked(two: TwoCopies) -> None:
    two.backup.away = two.vault.away = True
    two.served()
    assert two.backup.asked == two.vault.asked == []


def test_what_moved_off_home_is_served_from_elsewhere(two: TwoCopies) -> None:
    found = two.catalogue.calls.get(HEARD)
    places = [copy for copy in found.copies if copy.target == "local" and copy.name.endswith(".json")]
    changed = found.call.model_copy(update={"codecs": ("PCMA",)})
    assert two.catalogue.calls.revise(changed, "local", places)
    shutil.rmtree(two.folder / "archive")
    two.served()


def test_what_is_not_stored_at_home_is_served_from_elsewhere_and_logged(two: TwoCopies) -> None:
    two.blob(".opus").unlink()
    two.blob(".peaks.dat").unlink()
    two.served()
    assert two.vault.asked == []
    lines = [json.loads(line) for line in two.whole_log().splitlines()]
    (told,) = {(line["target"], line["call"]) for line in lines if line["event"] == "copy not read"}
    assert told == ("local", HEARD)


def test_a_damaged_copy_is_never_served(two: TwoCopies) -> None:
    for suffix in (".opus", ".peaks.dat"):
        data = two.blob(suffix).read_bytes()
        two.blob(suffix).write_bytes(bytes(len(data)))
    two.backup.away = True
    two.mark(CopyCondition.DAMAGED, "local")
    two.served()
    assert "get" in two.vault.asked


def test_where_all_copies_are_damaged_nothing_is_served(two: TwoCopies) -> None:
    two.mark(CopyCondition.DAMAGED, "local", "vault")
    two.backup.away = True
    before = two.actions()
    two.unavailable()
    assert {"call.play", "call.download"}.isdisjoint(two.actions()[len(before) :])
    log = two.whole_log()
    assert "local: it was found damaged when it was last read back." in log
    assert "backup: The disk is in the drawer." in log


def test_a_target_that_refuses_at_open_and_one_that_breaks_are_followed_by_the_next(two: TwoCopies) -> None:
    two.mark(CopyCondition.MISSING, "local")
    two.backup.after = 0
    two.vault.after = None
    two.served()
    two.backup.after = 1500
    two.served()


def test_a_server_that_is_known_to_be_down_is_asked_last(two: TwoCopies) -> None:
    two.mark(CopyCondition.MISSING, "local")
    two.catalogue.target_states.looked("backup", Condition.DOWN, two.clock.now)
    two.served()
    assert two.backup.asked == []
    two.mark(CopyCondition.MISSING, "vault")
    two.served()
    assert two.backup.asked


def test_peaks_that_are_damaged_are_not_drawn(two: TwoCopies) -> None:
    peaks = two.blob(".peaks.dat")
    peaks.write_bytes(peaks.read_bytes()[:-1])
    two.served()
    peaks.write_bytes(b"no such file")
    two.served()


def test_damage_that_nobody_knows_of_is_not_served_whole(two: TwoCopies) -> None:
    data = two.blob(".opus").read_bytes()
    two.blob(".opus").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    browser = two.user("supervisor")
    for path in (AUDIO, DOWNLOAD):
        assert browser.get(path).content == data
    assert browser.get(AUDIO, headers={"Range": "bytes=0-"}).content == data
    assert two.condition("local") == "damaged", "it is put anew as one that scrubbing found"
    assert "its SHA-256 is another" in two.whole_log()


def test_a_long_recording_that_proves_altered_breaks_off_and_comes_from_elsewhere_then(
    two: TwoCopies,
) -> None:
    found = two.catalogue.calls.get(HEARD)
    data = bytes(range(256)) * 10_000
    (opus,) = (copy for copy in found.copies if copy.target == "local" and copy.name.endswith(".opus"))
    recording = found.call.recording.model_copy(update={"bytes": len(data), "sha256": sha256(data)})
    for target in (two.target, two.backup):
        target.put(opus.name, data)
    two.blob(".opus").write_bytes(bytes([1]) + data[1:])
    places = [replace(opus, bytes=len(data), sha256=sha256(data))]
    two.catalogue.calls.revise(found.call.model_copy(update={"recording": recording}), "local", places)
    browser = two.user("supervisor")
    with pytest.raises(httpx.RemoteProtocolError):
        browser.get(AUDIO)
    assert two.condition("local") == "damaged"
    assert browser.get(AUDIO).content == data
    assert "its SHA-256 is another" in two.whole_log()


def test_wav_is_made_of_a_copy_that_can_be_decoded(two: TwoCopies) -> None:
    two.blob(".opus").write_bytes(bytes(len(two.expected[AUDIO])))
    answer = two.user("supervisor").get(WAV)
    assert (answer.status_code, answer.content) == (200, two.expected[WAV])


def test_a_waveform_of_an_earlier_recording_is_not_drawn(two: TwoCopies) -> None:
    found = two.catalogue.calls.get(HEARD)
    old = two.blob(".peaks.dat").read_bytes()
    new = old[:-1] + bytes([old[-1] ^ 1])
    name = peaks_name(found.call)
    two.target.put(name, new)
    places = [copy for copy in found.copies if copy.target == "local" and copy.name != name]
    (before,) = (copy for copy in found.copies if copy.target == "local" and copy.name == name)
    changed = found.call.model_copy(update={"codecs": ("PCMA",)})
    two.catalogue.calls.revise(changed, "local", [*places, replace(before, sha256=sha256(new))])
    archive = Archive({"local": two.target, "backup": two.backup}, Nearness("local"))
    revised = two.catalogue.calls.get(HEARD)
    waveform, _ = waveform_of(revised, archive, None)
    assert waveform.pixels.tobytes()[-1] == new[-1]
    two.blob(".peaks.dat").unlink()
    assert two.user("supervisor").get(PEAKS).status_code == 503
    assert sound_of(revised, archive).reader.copy().target == "local"


class Encrypted(TwoCopies):
    """The same with the call that was heard encrypted, read through ``keys``."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.keys = OneKey()
        self.stored = {"local": LocalTarget(folder / "archive"), **self.copies}
        opened = {name: EncryptedTarget(target, self.keys) for name, target in self.stored.items()}
        self.overrides = {"targets": opened}

    def __enter__(self) -> "Encrypted":
        Office.__enter__(self)
        blobs = {copy.name for copy in self.catalogue.calls.get(HEARD).copies}
        for name in blobs:
            EncryptedTarget(self.target, self.keys).put(name, b"".join(self.target.get(name)))
        for copy in self.catalogue.calls.get(HEARD).copies:
            data = b"".join(self.target.get(copy.name))
            self.stored[copy.target].put(copy.name, data)
            held, now = Held(HEARD, copy), self.clock.now
            self.catalogue.copy_checks.replaced(held, now, size=len(data), sha256=sha256(data))
        self.expected = {path: self.user("supervisor").get(path).content for path in READS}
        return self


@pytest.fixture
def encrypted(place: Path) -> Iterator[Encrypted]:
    with Encrypted(place) as running:
        yield running


@pytest.mark.parametrize("damage", ["altered", "cut", "header"])
def test_what_does_not_decrypt_is_served_from_elsewhere_and_put_anew(
    encrypted: Encrypted, damage: str
) -> None:
    file = encrypted.blob(".opus")
    data = file.read_bytes()
    bad = {
        "altered": data[:-1] + bytes([data[-1] ^ 1]),
        "cut": data[:-20],
        "header": bytes([data[0] ^ 1]) + data[1:],
    }
    file.write_bytes(bad[damage])
    encrypted.served()
    assert [encrypted.condition(name) for name in ("local", "backup")] == ["damaged", "good"]
    assert '"event": "copy not read"' in encrypted.whole_log()


def test_a_wrong_key_says_nothing_of_the_copies(encrypted: Encrypted) -> None:
    encrypted.keys.key = bytes([1]) * 32
    browser = encrypted.user("supervisor")
    assert [browser.get(path).status_code for path in READS] == [503] * len(READS)
    assert [encrypted.condition(name) for name in ("local", "backup", "vault")] == ["good"] * 3
    encrypted.keys.key = bytes(32)
    encrypted.served()


def test_the_length_of_an_encrypted_call_is_that_of_what_is_heard(built: Path, place: Path) -> None:
    stored = LocalTarget(place / "archive")
    opened = EncryptedTarget(stored, OneKey())
    for blob in list(stored.list()):
        opened.put(blob.name, b"".join(LocalTarget(built / "archive").get(blob.name)))
    with Office(place, overrides={"targets": {"local": opened}}) as office:
        for copy in office.catalogue.calls.get(HEARD).copies:
            kept = read_back(stored, copy.name)
            office.catalogue.copy_checks.replaced(
                Held(HEARD, copy), office.clock.now, size=kept.bytes, sha256=kept.sha256
            )
        browser = office.user("supervisor")
        (file,) = (built / "archive").rglob(f"{HEARD}.opus")
        answer = browser.head(AUDIO)
        assert answer.headers["content-length"] == str(file.stat().st_size)
        assert (
            browser.get(AUDIO).content == file.read_bytes() != (place / file.relative_to(built)).read_bytes()
        )
