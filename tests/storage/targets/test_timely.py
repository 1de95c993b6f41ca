"""A folder that hangs fails: by the contract while it answers, by its errors while it does not."""

import threading
import time
from datetime import timedelta

import pytest

from storage.catalogue import Condition
from storage.clock import utc_now
from storage.copies.probe import probe
from storage.durable import part_name
from storage.errors import NotStored, TargetUnreachable
from storage.targets import LocalTarget, MemoryTarget
from storage.targets.sweeping import sweep
from storage.targets.throttled import Limiter, ThrottledTarget
from storage.targets.timely import CHUNKS, DOES_NOT_ANSWER, TimelyTarget, writing_for
from tests.hanging import HangingFolder
from tests.storage.targets.contract import TargetContract
from tests.waiting import PATIENCE, until

SOON = 0.05


class TestTimelyTarget(TargetContract):
    @pytest.fixture
    def target(self, tmp_path):
        return TimelyTarget(LocalTarget(tmp_path / "root"))


@pytest.fixture
def folder(tmp_path):
    made = HangingFolder(tmp_path / "nas")
    yield made
    made.answer()


READS = (
    lambda target: target.stat("one"),
    lambda target: target.get("one"),
    lambda target: list(target.list()),
    lambda target: target.space(),
)


@pytest.mark.parametrize("read", READS, ids=["stat", "get", "list", "space"])
def test_whatever_is_read_of_a_folder_that_hangs_fails_until_it_answers(tmp_path, folder, read):
    target = TimelyTarget(LocalTarget(tmp_path / "nas"), SOON)
    target.put("one", b"1")
    folder.hang()
    for _ in range(3):
        with pytest.raises(TargetUnreachable) as error:
            read(target)
        assert str(error.value) == DOES_NOT_ANSWER
    folder.answer()
    until(lambda: answered(lambda: read(target)))
    until(lambda: answered(lambda: b"".join(target.get("one"))) == b"1")


def answered(ask):
    """What it gives, None where that does not come soon enough."""
    try:
        return ask()
    except TargetUnreachable:
        return None


def test_a_target_that_hangs_is_seen_to_be_down(tmp_path, folder):
    target = TimelyTarget(LocalTarget(tmp_path / "nas"), SOON)
    folder.hang()
    look = probe(target)
    assert (look.condition, look.answers, look.detail) == (Condition.DOWN, False, DOES_NOT_ANSWER)


def test_what_stops_in_the_middle_fails_there():
    class Stopping(MemoryTarget):
        def get(self, name, start=0, length=None):
            yield from (b"some",) * 6
            never.wait(PATIENCE)

    never = threading.Event()
    target = TimelyTarget(Stopping(), PATIENCE)
    chunks = target.get("one")
    got = [next(chunks) for _ in range(CHUNKS)]
    # What comes next has less time than it takes to come.
    target._seconds = SOON
    with pytest.raises(TargetUnreachable):
        got.extend(iter(lambda: next(chunks), None))
    assert got == [b"some"] * CHUNKS
    never.set()


def test_while_one_answer_is_owed_the_next_is_not_waited_for_as_long(monkeypatch):
    monkeypatch.setattr("storage.targets.timely.AGAIN_SECONDS", SOON)
    target, answer = MemoryTarget(), threading.Event()
    target.stat = lambda name: answer.wait(2 * PATIENCE)
    timely = TimelyTarget(target, PATIENCE)
    with pytest.raises(TargetUnreachable):
        timely.within(SOON).stat("one")
    begun = time.monotonic()
    with pytest.raises(TargetUnreachable):
        timely.stat("one")
    assert time.monotonic() - begun < PATIENCE
    answer.set()


def test_a_write_is_waited_for_and_can_be_seen_to_take_long():
    clock = [100.0]
    target, begun, let_go = MemoryTarget(), threading.Event(), threading.Event()

    def put(name, source):
        begun.set()
        let_go.wait(PATIENCE)
        return put_at_once(name, source)

    put_at_once, target.put = target.put, put
    timely = TimelyTarget(target, PATIENCE, lambda: clock[0])
    wrapped = ThrottledTarget(timely, sending=Limiter(1 << 30), receiving=Limiter(1 << 30))
    assert writing_for(wrapped) == 0
    writing = threading.Thread(target=timely.put, args=("one", b"1"))
    writing.start()
    assert begun.wait(PATIENCE)
    clock[0] += 700
    assert writing_for(wrapped) == 700
    assert timely.stat("one") is None
    let_go.set()
    writing.join()
    assert writing_for(wrapped) == 0
    assert timely.stat("one").bytes == 1
    assert writing_for(MemoryTarget()) == 0


def test_what_killed_writes_left_is_swept_through_it(tmp_path):
    (tmp_path / part_name("x")).write_bytes(b"1")
    assert sweep(TimelyTarget(LocalTarget(tmp_path)), utc_now() + timedelta(days=1)) == 1


def test_what_is_not_there_is_no_silence(tmp_path):
    with pytest.raises(NotStored):
        TimelyTarget(LocalTarget(tmp_path), PATIENCE).get("one")
