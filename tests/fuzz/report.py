"""What was fuzzed, one JSON object a turn, so that the hours of many runs add up."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Turn:
    """One target for a while.

    ``begun`` is Unix time; ``seconds`` are of the processor, whatever else the
    machine did; ``coverage`` is what libFuzzer counts, 0 without it.
    """

    target: str
    begun: float
    seconds: float
    runs: int
    corpus: int
    coverage: int
    findings: tuple[str, ...]
    seed: int


@dataclass(slots=True)
class Total:
    """What all turns of one target come to."""

    seconds: float = 0.0
    runs: int = 0
    findings: int = 0


def append(path: Path, turn: Turn) -> None:
    """Add a turn; a line is written whole."""
    with path.open("a") as out:
        out.write(json.dumps(asdict(turn)) + "\n")


def read(path: Path) -> list[Turn]:
    """The turns so far; a last line that a kill left half written is passed over."""
    turns = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            fields = json.loads(line)
        except json.JSONDecodeError:
            continue
        turns.append(Turn(**{**fields, "findings": tuple(fields["findings"])}))
    return turns


def totals(turns: Iterable[Turn]) -> dict[str, Total]:
    """The sums for each target."""
    sums: dict[str, Total] = defaultdict(Total)
    for turn in turns:
        total = sums[turn.target]
        total.seconds += turn.seconds
        total.runs += turn.runs
        total.findings += len(turn.findings)
    return sums
