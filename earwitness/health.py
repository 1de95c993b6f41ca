"""How the parts are: each writes its own report, the supervisor says which there are, the API reads both.

``run/<role>.parts`` names the parts of one supervisor and their processes; ``run/<part>.json`` is what a part
says of itself. A part whose report is older than ``STALE`` seconds hangs.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from earwitness.supervision.watch import Phase, Watch

STALE = 30.0


@dataclass(frozen=True, slots=True)
class Report:
    """One part: whether it is well and, where not, what is wrong and what to do. ``at`` is Unix time.

    ``numbers`` are what the part counts, by name, for the metrics.
    """

    part: str
    well: bool
    detail: str = ""
    at: float = 0.0
    numbers: Mapping[str, float] = field(default_factory=dict)


def write(folder: Path, report: Report) -> None:
    """A part says how it is; readers see the old report or the new one."""
    _replace(folder / f"{report.part}.json", asdict(report))


def write_parts(folder: Path, role: str, watches: Sequence[Watch]) -> None:
    """A supervisor says which parts there are and how their processes are."""
    parts = [_state(watch) for watch in watches]
    _replace(folder / f"{role}.parts", {"supervisor": os.getpid(), "parts": parts})


def clear(folder: Path, role: str, parts: Sequence[str]) -> None:
    """Forget what an earlier run said."""
    (folder / f"{role}.parts").unlink(missing_ok=True)
    for part in parts:
        (folder / f"{part}.json").unlink(missing_ok=True)


def read(folder: Path, now: float, answering: str = "api") -> list[Report]:
    """Every part, well or not, at Unix time ``now``; empty where nothing is supervised.

    One that said nothing of itself yet is starting, but for the one that is ``answering``, which never does.
    """
    reports = []
    for path in sorted(folder.glob("*.parts")):
        supervised = _load(path)
        if supervised is not None:
            alive = _alive(int(supervised["supervisor"]))
            reports += [_judge(folder, state, alive, now, answering) for state in supervised["parts"]]
    return reports


def supervised(folder: Path, part: str) -> bool:
    """Whether a supervisor that lives has this part, however it is."""
    found = (_load(path) for path in folder.glob("*.parts"))
    return any(
        _alive(int(each["supervisor"])) and any(state["part"] == part for state in each["parts"])
        for each in found
        if each is not None
    )


def unwell(reports: Sequence[Report]) -> Iterator[Report]:
    """Those that need somebody."""
    return (report for report in reports if not report.well)


def _state(watch: Watch) -> dict[str, Any]:
    return {
        "part": watch.part.name,
        "phase": watch.phase,
        "pid": watch.pid,
        "restarts": watch.restarts,
        "last_exit": watch.last_exit,
        "once": watch.part.once,
    }


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _judge(folder: Path, state: dict[str, Any], supervised: bool, now: float, answering: str) -> Report:
    part = str(state["part"])
    if not supervised:
        return Report(part, well=False, detail="is not running: its supervisor is gone", at=now)
    if state["phase"] == Phase.ENDED:
        return Report(part, well=bool(state["once"]), detail="has come to its end", at=now)
    if state["phase"] != Phase.RUNNING:
        return Report(part, well=False, detail=f"{state['last_exit']} and is being restarted", at=now)
    own = _load(folder / f"{part}.json")
    if own is None:
        well = part == answering
        return Report(part, well, detail="" if well else "is starting", at=now)
    report = Report(**own)
    if now - report.at > STALE:
        return replace(report, well=False, detail=f"has said nothing for {now - report.at:.0f} s")
    return report


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _replace(path: Path, value: Any) -> None:
    """Atomic but not durable: after a loss of power nothing of this is true anyway."""
    part = path.with_suffix(f".{os.getpid()}.tmp")
    part.write_text(json.dumps(value), encoding="utf-8")
    part.replace(path)
