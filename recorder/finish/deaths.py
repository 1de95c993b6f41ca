"""At which call a finishing worker was when its process died, so that none holds up all others."""

import contextlib
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

AT_WORK = "at-work"
COUNTS = "deaths.json"


class Deaths:
    """Notes in ``folder`` which call is worked at: a decoder that takes the process with it leaves that note,
    and what nobody could catch is known at the next start."""

    def __init__(self, folder: Path, calls: Collection[str]) -> None:
        """Look who was worked at last; of calls other than these nothing is remembered."""
        self._at = folder / AT_WORK
        counts = folder / COUNTS
        self._counts = {call: count for call, count in _read(counts).items() if call in calls}
        with contextlib.suppress(FileNotFoundError, UnicodeDecodeError):
            last = self._at.read_text(encoding="ascii")
            if last in calls:
                self._counts[last] = self._counts.get(last, 0) + 1
        if self._counts or counts.exists():
            counts.write_text(json.dumps(self._counts), encoding="ascii")
        self._at.unlink(missing_ok=True)

    def at(self, call: str) -> int:
        """How often a worker died at this call."""
        return self._counts.get(call, 0)

    @contextmanager
    def noted(self, call: str) -> Iterator[None]:
        """Meanwhile this call is worked at."""
        with contextlib.suppress(OSError):
            self._at.write_text(call, encoding="ascii")
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                self._at.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, int]:
    try:
        found = json.loads(path.read_bytes())
        return {str(call): int(count) for call, count in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
