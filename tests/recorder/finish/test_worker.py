"""The worker turns spooled calls into hand-offs, whatever happens to it on the way."""

import errno
import json
import os
from pathlib import Path

import av
import numpy as np
import pytest

from recorder.batch import Batch
from recorder.capture import Capture
from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.media import MediaBlock
from storage.model import Call
from tests.recorder.recording import captured, traffic


def audio(path: Path) -> np.ndarray:
    """The samples of a recording, shape (channels, samples), -1 to 1."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    planes = np.concatenate(frames, axis=1)
    planes = planes.reshape(2, -1, order="F") if planes.shape[0] == 1 else planes
    return planes / (32768 if planes.dtype == np.int16 else 1)


def handed_off(handoff: Path) -> list[tuple[Call, Path]]:
    """What lies in the hand-off folder."""
    return [
        (Call.model_validate_json((folder / "call.json").read_bytes()), folder)
        for folder in sorted(handoff.glob("*"))
        if not folder.name.startswith(".")
    ]


@pytest.fixture
def batches() -> list[Batch]:
    return traffic(legs=2, calls=2, concurrent=2)[0]


@pytest.mark.parametrize("format_", ["opus", "wav", "flac", "g711", "adpcm"])
def test_an_ended_call_is_handed_off_with_audio_of_its_length(
    tmp_path: Path, batches: list[Batch], format_: str
) -> None:
    captured(tmp_path / "spool", batches)
    worker = FinishWorker(
        tmp_path / "spool", tmp_path / "handoff", WorkerOptions(ArchivePolicy(format=format_))
    )
    assert worker.poll() == 2

    for call, folder in handed_off(tmp_path / "handoff"):
        assert call.recording is not None
        samples = audio(folder / call.recording.path)
        assert samples.shape[0] == call.recording.channels == 2
        assert abs(call.recording.seconds - call.duration) < 0.3
        assert np.abs(samples).max() > 0.05
        assert (folder / "peaks.dat").stat().st_size > 24
    assert list((tmp_path / "spool" / "calls").iterdir()) == []
    assert list((tmp_path / "spool" / "legs").iterdir()) == []


def test_encoding_along_gives_what_encoding_at_the_end_gives(tmp_path: Path, batches: list[Batch]) -> None:
    options = WorkerOptions(ArchivePolicy(format="wav"))
    captured(tmp_path / "a", batches)
    FinishWorker(tmp_path / "a", tmp_path / "a-out", options).poll()

    capture = Capture(tmp_path / "b")
    worker = FinishWorker(tmp_path / "b", tmp_path / "b-out", options)
    for batch in batches:
        capture.feed(batch)
        worker.poll()
    capture.finish()
    worker.poll()

    after, along = handed_off(tmp_path / "a-out"), handed_off(tmp_path / "b-out")
    assert [call.recording for call, _ in along] == [call.recording for call, _ in after]


def test_a_worker_that_was_killed_is_followed_by_one_that_begins_again(
    tmp_path: Path, batches: list[Batch]
) -> None:
    capture = Capture(tmp_path / "spool")
    killed = FinishWorker(tmp_path / "spool", tmp_path / "handoff")
    for batch in batches[: len(batches) // 2]:
        capture.feed(batch)
        killed.poll()
    del killed
    for batch in batches[len(batches) // 2 :]:
        capture.feed(batch)
    capture.finish()

    worker = FinishWorker(tmp_path / "spool", tmp_path / "handoff")
    assert worker.poll() == 2
    assert all(
        abs((call.recording.seconds if call.recording else 0) - call.duration) < 0.3
        for call, _ in handed_off(tmp_path / "handoff")
    )


def test_a_call_handed_off_just_before_a_kill_is_not_handed_off_twice(
    tmp_path: Path, batches: list[Batch]
) -> None:
    capture = captured(tmp_path / "spool", batches)
    journal = capture.spool.journal
    saved = {path: path.read_bytes() for path in (*journal.folder.iterdir(), *journal.legs.iterdir())}
    FinishWorker(tmp_path / "spool", tmp_path / "handoff").poll()
    before = handed_off(tmp_path / "handoff")
    for path, data in saved.items():
        path.write_bytes(data)

    FinishWorker(tmp_path / "spool", tmp_path / "handoff").poll()

    assert handed_off(tmp_path / "handoff") == before


def test_calls_are_shared_out_and_each_stays_with_its_worker(tmp_path: Path) -> None:
    batches, truths = traffic(legs=1, calls=6, concurrent=6)
    captured(tmp_path / "spool", batches)
    shares = [
        FinishWorker(tmp_path / "spool", tmp_path / "handoff", WorkerOptions(share=(index, 2))).poll()
        for index in range(2)
    ]
    assert sum(shares) == len(truths.calls) == len(handed_off(tmp_path / "handoff"))


def test_a_damaged_call_is_set_aside_and_told_and_the_others_are_finished(
    tmp_path: Path, batches: list[Batch]
) -> None:
    capture = captured(tmp_path / "spool", batches)
    victim = sorted(capture.spool.journal.stamps())[0]
    (capture.spool.journal.folder / f"{victim}.json").write_text(json.dumps({"call": 1}))
    told: list[str] = []

    worker = FinishWorker(
        tmp_path / "spool", tmp_path / "handoff", failed=lambda call, _why: told.append(call)
    )
    assert worker.poll() == 1
    assert told == [victim]
    assert len(handed_off(tmp_path / "handoff")) == 1


def test_of_a_call_that_cannot_be_completed_nothing_stays_open_or_behind(
    tmp_path: Path, batches: list[Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Finisher) -> None:
        raise ValueError("no room in the header")

    captured(tmp_path / "spool", batches)
    monkeypatch.setattr(Finisher, "_complete", fail)
    told: list[str] = []
    worker = FinishWorker(tmp_path / "spool", tmp_path / "handoff", failed=lambda _, why: told.append(why))
    assert worker.poll() == 0
    assert told == ["ValueError: no room in the header"] * 2
    assert list((tmp_path / "spool" / "finishing-0").iterdir()) == []


def test_a_call_that_takes_the_process_with_it_holds_up_no_other(
    tmp_path: Path, batches: list[Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = captured(tmp_path / "spool", batches)
    victim = min(capture.spool.journal.stamps())
    feed = Finisher.feed

    def deadly(finisher: Finisher, block: MediaBlock) -> None:
        if victim in str(finisher._path):
            os._exit(1)
        feed(finisher, block)

    monkeypatch.setattr(Finisher, "feed", deadly)
    _die(tmp_path / "spool", tmp_path / "handoff")
    _die(tmp_path / "spool", tmp_path / "handoff")
    assert [call.id == victim for call, _ in handed_off(tmp_path / "handoff")] == [False]

    monkeypatch.setattr(Finisher, "feed", feed)
    third = FinishWorker(tmp_path / "spool", tmp_path / "handoff")
    assert third.waiting == {victim: f"the finishing worker died 2 times while it was at call {victim}"}
    while not third.poll():
        assert third.waiting
    assert len(handed_off(tmp_path / "handoff")) == 2
    assert not third.waiting


def _die(spool: Path, handoff: Path) -> None:
    """A worker in a process of its own, until that is no more."""
    child = os.fork()
    if child == 0:
        worker = FinishWorker(spool, handoff)
        while True:
            worker.poll()
    os.waitpid(child, 0)


def test_calls_that_wait_for_room_are_told_until_they_are_finished(
    tmp_path: Path, batches: list[Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    captured(tmp_path / "spool", batches)
    worker = FinishWorker(tmp_path / "spool", tmp_path / "handoff")
    with monkeypatch.context() as disk:
        disk.setattr("recorder.finish.worker.publish", full)
        assert worker.poll() == 0
        assert worker.poll() == 0
    assert len(worker.waiting) == 2
    assert all(why.startswith("[Errno 28] No space left") for why in worker.waiting.values())
    while not worker.poll():
        assert worker.waiting
    assert not worker.waiting
    assert len(handed_off(tmp_path / "handoff")) == 2


def test_a_call_that_went_while_it_was_finished_is_not_handed_off_half(
    tmp_path: Path, batches: list[Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = captured(tmp_path / "spool", batches)
    journal = capture.spool.journal
    advance = Finisher.advance

    def gone_meanwhile(finisher: Finisher, until: int) -> None:
        for call in journal.stamps():
            file = journal.read(call)
            assert file is not None
            journal.remove(call, file.files)
        advance(finisher, until)

    monkeypatch.setattr(Finisher, "advance", gone_meanwhile)
    worker = FinishWorker(tmp_path / "spool", tmp_path / "handoff")
    assert worker.poll() == 0
    assert not list(tmp_path.glob("handoff/*"))
    assert not list((tmp_path / "spool" / "finishing-0").glob("*.part"))


def test_no_more_recordings_are_open_at_once_than_the_process_may_have_files(
    tmp_path: Path, batches: list[Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recorder.finish.worker.ENOUGH", 1)
    monkeypatch.setattr("recorder.finish.worker.allowed", lambda: 1)
    capture = Capture(tmp_path / "spool")
    worker = FinishWorker(tmp_path / "spool", tmp_path / "handoff")
    most = 0
    for batch in batches:
        capture.feed(batch)
        worker.poll()
        most = max(most, len(list((tmp_path / "spool" / "finishing-0").glob("*.part"))))
    capture.finish()
    worker.poll()
    assert most == 1
    assert all(call.recording for call, _ in handed_off(tmp_path / "handoff"))
    assert len(handed_off(tmp_path / "handoff")) == 2


def test_a_worker_that_is_asked_to_stop_in_a_backlog_leaves_the_rest(
    tmp_path: Path, batches: list[Batch]
) -> None:
    captured(tmp_path / "spool", batches)
    worker = FinishWorker(tmp_path / "spool", tmp_path / "handoff")
    assert worker.poll(lambda: bool(handed_off(tmp_path / "handoff"))) == 1
    assert worker.poll() == 1


def test_a_call_that_was_never_heard_is_handed_off_without_audio(tmp_path: Path) -> None:
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    only_sip = [_without_media(batch) for batch in batches]
    captured(tmp_path / "spool", only_sip)
    FinishWorker(tmp_path / "spool", tmp_path / "handoff").poll()
    ((call, folder),) = handed_off(tmp_path / "handoff")
    assert call.recording is None
    assert [path.name for path in folder.iterdir()] == ["call.json"]


def _without_media(batch: Batch) -> Batch:
    keep = np.flatnonzero(batch.lengths > 300)
    return Batch(
        batch.data, batch.offsets[keep], batch.lengths[keep], batch.wire_lengths[keep], batch.times[keep]
    )
