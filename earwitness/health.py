"""How the parts are: each writes its own report, the supervisor says which there are, the API reads both.

``run/supervisor.json`` names every part and its process; ``run/<part>.json`` is what the part says of itself.
A part whose report is older than ``STALE`` seconds hangs.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from earwitness.supervision.watch import Phase, Watch

STALE = 30.0
SUPERVISOR = "supervisor.json"


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


def write_parts(folder: Path, watches: Sequence[Watch]) -> None:
    """The supervisor says which parts there are and how their processes are."""
    _replace(folder / SUPERVISOR, [_state(watch) for watch in watches])


def read(folder: Path, now: float) -> list[Report]:
    """Every part, well or not, at Unix time ``now``; empty when no supervisor runs."""
    states = _load(folder / SUPERVISOR)
    return [_judge(folder, state, now) for state in states] if isinstance(states, list) else []


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


def _judge(folder: Path, state: dict[str, Any], now: float) -> Report:
    part = str(state["part"])
    if state["phase"] == Phase.ENDED:
        return Report(part, well=bool(state["once"]), detail="has come to its end", at=now)
    if state["phase"] != Phase.RUNNING:
        return Report(part, well=False, detail=f"{state['last_exit']} and is being restarted", at=now)
    own = _load(folder / f"{part}.json")
    if own is None:
        return Report(part, well=True, at=now)
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
