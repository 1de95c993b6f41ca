"""The supervisor with real processes and real kills."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from earwitness import health
from earwitness.supervision.part import Part
from earwitness.supervision.supervisor import Supervisor
from earwitness.supervision.watch import Phase, Watch
from tests.waiting import PATIENCE

IDLE = "import sys; sys.stdin.read()"
DEAF = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open({!r}, "w").close()
sys.stdin.read()
"""


class Board:
    """The latest pids and phases, and a way to wait for a state of them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.pids: dict[str, int] = {}
        self.phases: dict[str, Phase] = {}

    def show(self, watches: Sequence[Watch]) -> None:
        with self._changed:
            self.pids = {watch.part.name: watch.pid for watch in watches}
            self.phases = {watch.part.name: watch.phase for watch in watches}
            self._changed.notify_all()

    def until(self, true: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(true, PATIENCE), (self.pids, self.phases)

    def until_running(self) -> dict[str, int]:
        self.until(lambda: bool(self.phases) and set(self.phases.values()) == {Phase.RUNNING})
        return dict(self.pids)


def part(name: str, program: str = IDLE, once: bool = False) -> Part:
    return Part(name, (sys.executable, "-c", program), once=once)


@contextmanager
def supervised(board: Board, *parts: Part) -> Iterator[Supervisor]:
    supervisor = Supervisor(parts, board.show, structlog.get_logger())
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_killed_part_comes_back_and_the_others_live_on() -> None:
    board = Board()
    with supervised(board, part("capture"), part("api"), part("archive")):
        before = board.until_running()
        os.kill(before["api"], signal.SIGKILL)
        board.until(lambda: board.pids["api"] not in (0, before["api"]))
        after = board.pids
        assert (after["capture"], after["archive"]) == (before["capture"], before["archive"])
    assert set(board.phases.values()) == {Phase.ENDED}
    for pid in after.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_it_ends_when_the_work_of_all_is_done() -> None:
    board = Board()
    Supervisor([part("file", "pass", once=True)], board.show, structlog.get_logger()).run()
    assert board.phases == {"file": Phase.ENDED}


def test_a_part_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("earwitness.supervision.supervisor.GRACE", 0.3)
    deaf = tmp_path / "deaf"
    os.mkfifo(deaf)
    board = Board()
    with supervised(board, part("deaf", DEAF.format(str(deaf)))):
        pid = board.until_running()["deaf"]
        deaf.read_bytes()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_no_part_outlives_a_killed_supervisor() -> None:
    """The supervisor is killed outright; its part sees the end of its standard input and stops."""
    inner = """
from earwitness.stop import Stop, on_signals, with_supervisor
stop = Stop()
on_signals(stop.ask)
with_supervisor()
print("up", flush=True)
stop.wait(60)
print("asked", stop.asked, flush=True)
"""
    program = f"""
import sys, structlog
from earwitness.supervision.part import Part
from earwitness.supervision.supervisor import Supervisor
part = Part("only", (sys.executable, "-c", {inner!r}))
Supervisor([part], lambda watches: None, structlog.get_logger()).run()
"""
    outer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert outer.stdout is not None
    lines = iter(outer.stdout.readline, "")
    assert any(line == "up\n" for line in lines)
    outer.kill()
    outer.wait(PATIENCE)
    assert outer.stdout.readline() == "asked True\n"
    outer.stdout.close()


def test_the_health_file_says_what_crashed(tmp_path: Path) -> None:
    watch = Watch(part("api"))
    watch.running(7, 0.0)
    health.write_parts(tmp_path, "serve", [watch])
    assert health.read(tmp_path, 1.0) == [health.Report("api", well=True, at=1.0)]
    health.write(tmp_path, health.Report("api", well=False, detail="no room left", at=2.0))
    assert [report.detail for report in health.unwell(health.read(tmp_path, 3.0))] == ["no room left"]
    (stale,) = health.read(tmp_path, 2.0 + health.STALE + 1)
    assert not stale.well
    watch.exited(-9, 5.0, stopping=False)
    health.write_parts(tmp_path, "serve", [watch])
    (crashed,) = health.read(tmp_path, 6.0)
    assert crashed.detail == "was ended by SIGKILL and is being restarted"


def test_a_part_that_said_nothing_yet_is_starting(tmp_path: Path) -> None:
    watches = [Watch(part(name)) for name in ("capture-0", "api")]
    for watch in watches:
        watch.running(7, 0.0)
    health.write_parts(tmp_path, "serve", watches)
    starting, answering = health.read(tmp_path, 1.0)
    assert (starting.well, starting.detail) == (False, "is starting")
    assert answering.well
    health.write(tmp_path, health.Report("capture-0", well=True, at=2.0))
    assert all(report.well for report in health.read(tmp_path, 3.0))


def test_capturing_does_not_wait_for_the_catalogue_to_be_loaded() -> None:
    program = (
        "import sys, earwitness.cli.application, earwitness.cli.serve, earwitness.sources\n"
        "from earwitness import serving\n"
        "from earwitness.parts import capture, finish\n"
        "print({'sqlalchemy', 'alembic', 'fastapi', 'boto3', 'asyncssh', 'tantivy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_supervisor_that_is_gone_is_said(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from earwitness import health
from earwitness.supervision.part import Part
from earwitness.supervision.watch import Watch
health.write_parts(Path(sys.argv[1]), "serve", [Watch(Part("api", ()))])
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    (report,) = health.read(tmp_path, 0.0)
    assert report.detail == "is not running: its supervisor is gone"
    health.clear(tmp_path, "serve", ["api"])
    assert health.read(tmp_path, 0.0) == []


def test_without_a_supervisor_there_are_no_parts(tmp_path: Path) -> None:
    assert health.read(tmp_path, 0.0) == []
