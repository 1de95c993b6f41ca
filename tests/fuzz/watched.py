"""A target that is watched while it is fuzzed: what it does wrong is kept, and fuzzing goes on."""

import hashlib
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SLOW = 1.0
"""Seconds of CPU that no input may take."""
MOST_FINDINGS = 20
"""Kept for each target and turn: after that many ways to fail the next ones say nothing new."""


@dataclass(slots=True)
class Watched:
    """Calls ``target``; each new way to fail is written to ``folder``: the input, and beside it the reason.

    ``runs`` counts the inputs, ``found`` holds the reasons met since the beginning of the turn.
    """

    target: Callable[[bytes], None]
    folder: Path
    runs: int = 0
    found: dict[str, str] = field(default_factory=dict)

    def __call__(self, data: bytes) -> None:
        self.runs += 1
        begun = time.process_time()
        try:
            self.target(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            self._keep(data, _place(error), traceback.format_exc(limit=-6))
        if time.process_time() - begun > SLOW:
            self._keep(data, "slow", f"more than {SLOW} s of CPU on input of {len(data)} bytes\n")

    def _keep(self, data: bytes, kind: str, why: str) -> None:
        if kind in self.found or len(self.found) >= MOST_FINDINGS:
            return
        self.found[kind] = why
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / hashlib.sha256(kind.encode()).hexdigest()[:16]
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(f"{kind}\n{why}")


def _place(error: Exception) -> str:
    """What went wrong and on which line: the same twice is one finding."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
