"""``python -m tests.fuzz TARGET --seconds N``: fuzz one parser, or ``all`` in turns.

With atheris installed (``pip install atheris``) it is led by coverage; without it, input is changed blindly,
which is repeatable by ``--seed``. ``--corpus`` keeps what reached new code for the next run, ``--report``
one JSON object a turn, so that the hours add up: ``all`` goes on with what was fuzzed least, ``--total``
repeats that until so many seconds are over. The status is 1 if anything was found; each finding is kept in
the corpus folder, its input beside the reason.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz import corpus_folder, report
from tests.fuzz.corpus import CORPUS
from tests.fuzz.report import Turn

_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_COVERAGE = re.compile(r"\bcov: (\d+)")
_HOARDED = "out-of-memory (used:"
"""What libFuzzer says when all inputs of a turn together have taken its memory.

Atheris never lets go of what a comparison of arrays answers, so a turn over NumPy code ends so by itself and
says nothing of its last input; an input that takes too much at once is refused as ``out-of-memory (malloc``.
"""


def main() -> int:
    """Fuzz what the command line says; 1 if a target broke its promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("target", choices=[*CORPUS, "all"])
    parser.add_argument("--seconds", type=int, default=60, help="of one turn")
    parser.add_argument(
        "--total", type=int, default=0, help="seconds of all turns; 0: one turn of each target"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", type=Path, help="where input and findings are kept")
    parser.add_argument("--report", type=Path, help="a file of JSON lines, one a turn")
    parser.add_argument("--nice", type=int, default=0, help="how far to stand back for other work, up to 19")
    chosen = parser.parse_args()
    os.nice(chosen.nice)
    with tempfile.TemporaryDirectory() as spare:
        corpus = chosen.corpus or Path(spare)
        known = chosen.report or Path(spare, "report")
        return _turns(chosen, corpus, known)


def _turns(chosen: argparse.Namespace, corpus: Path, known: Path) -> int:
    names = list(CORPUS) if chosen.target == "all" else [chosen.target]
    end = time.monotonic() + chosen.total
    found, left = 0, list(names)
    while left or (names and time.monotonic() < end):
        totals = report.totals(report.read(known))
        name = min(left or names, key=lambda one: totals[one].seconds if one in totals else 0.0)
        left = [one for one in left if one != name]
        turn = _turn(name, chosen.seconds, chosen.seed + int(totals[name].runs), corpus / name)
        report.append(known, turn)
        found += len(turn.findings)
        if not turn.runs:
            names.remove(name)
        told = f"{turn.runs} runs, {turn.runs / max(turn.seconds, 0.001):.0f} a second"
        sys.stdout.write(f"{name}: {told}, {turn.corpus} inputs, {len(turn.findings)} findings\n")
        for one in turn.findings:
            sys.stdout.write(f"{name}: {one}\n")
        sys.stdout.flush()
    return min(1, found)


def _turn(name: str, seconds: int, seed: int, folder: Path) -> Turn:
    """Run one turn in a process of its own; a process that dies of it is a finding, too."""
    corpus_folder.begin(folder / "corpus", CORPUS[name])
    findings = folder / "findings"
    findings.mkdir(exist_ok=True)
    before = {path.name: path.stat().st_mtime_ns for path in findings.iterdir()}
    begun = time.time()
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.turn",
        name,
        str(seconds),
        str(seed % (1 << 31)),
        str(folder),
    ]
    status, processor, said = _watched(command)
    new = sorted(
        path
        for path in findings.iterdir()
        if before.get(path.name) != path.stat().st_mtime_ns and tells(path, said)
    )
    told = [path.read_text() if path.suffix == ".txt" else f"input in {path}\n" for path in new]
    if status and not told and _HOARDED not in said:
        told.append(f"ended with {status}\n{said[-2000:]}")
    return Turn(
        name,
        round(begun, 3),
        round(processor, 3),
        int(_last(_RUNS, said)),
        corpus_folder.prune(folder / "corpus"),
        int(_last(_COVERAGE, said)),
        tuple(told),
        seed,
    )


def _watched(command: list[str]) -> tuple[int, float, str]:
    """Run it: its status, its processor seconds (which count beside other work, too), and what it said."""
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return process.returncode, used.ru_utime + used.ru_stime, said.read()


def tells(path: Path, said: str) -> bool:
    """Whether the file says what was found: a reason, or an input kept by libFuzzer, which said ``said``."""
    kept = ("timeout-", "crash-") if _HOARDED in said else ("timeout-", "crash-", "oom-")
    return path.suffix == ".txt" or path.name.startswith(kept)


def _last(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.findall(text)
    return found[-1] if found else "0"


if __name__ == "__main__":
    sys.exit(main())
