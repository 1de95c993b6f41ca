"""The fuzzer itself: it finds what is there to find, keeps it, and goes on where it stopped."""

import subprocess
import sys
from pathlib import Path

from tests.fuzz import corpus_folder, report
from tests.fuzz.__main__ import tells
from tests.fuzz.report import Turn
from tests.fuzz.watched import Watched


def test_each_way_to_fail_is_kept_once_with_its_input(tmp_path: Path) -> None:
    def target(data: bytes) -> None:
        if data.startswith(b"a"):
            raise ValueError(data)
        if data.startswith(b"b"):
            raise KeyError(data)

    watched = Watched(target, tmp_path / "findings")
    for data in (b"a1", b"a2", b"b", b"c"):
        watched(data)

    assert watched.runs == 4
    assert len(watched.found) == 2
    inputs = {path.read_bytes() for path in tmp_path.glob("findings/*") if not path.suffix}
    assert inputs == {b"a1", b"b"}
    assert any(
        "ValueError at test_fuzzing.py" in path.read_text() for path in tmp_path.glob("findings/*.txt")
    )


def test_an_input_met_when_the_memory_of_the_turn_was_used_up_is_no_finding() -> None:
    hoarded = "==7== ERROR: libFuzzer: out-of-memory (used: 6013Mb; limit: 6000Mb)"
    refused = "==7== ERROR: libFuzzer: out-of-memory (malloc(2147483648))"
    assert tells(Path("oom-1"), refused)
    assert not tells(Path("oom-1"), hoarded)
    assert tells(Path("timeout-1"), hoarded)


def test_a_corpus_folder_is_bounded_and_keeps_the_short(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(corpus_folder, "MOST_FILES", 3)
    corpus_folder.begin(tmp_path, [b"x" * size for size in range(1, 7)])
    assert corpus_folder.prune(tmp_path) == 3
    assert sorted(map(len, corpus_folder.inputs(tmp_path))) == [1, 2, 3]


def test_turns_add_up_and_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "report"
    for findings in ((), ("broken",)):
        report.append(path, Turn("sip", 1.0, 60.0, 1000, 5, 7, findings, 0))
    with path.open("a") as out:
        out.write('{"target": "si')
    total = report.totals(report.read(path))["sip"]
    assert (total.seconds, total.runs, total.findings) == (120.0, 2000, 1)


def test_a_turn_from_the_command_line_reports_its_runs(tmp_path: Path) -> None:
    where = ["--corpus", str(tmp_path / "corpus"), "--report", str(tmp_path / "report")]
    command = [sys.executable, "-m", "tests.fuzz", "rtp", "--seconds", "1", *where]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (turn,) = report.read(tmp_path / "report")
    assert turn.runs > 0
    assert turn.findings == ()
    assert turn.corpus >= 2
    assert done.stdout.startswith("rtp: ")
