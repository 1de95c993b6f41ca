"""The spool as capture writes it: leg files, the journal, and an alarm instead of an error."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recorder.alarms import Alarm
from recorder.errors import SpoolError
from recorder.protocol.received import Received
from recorder.spool.callfile import CallFile, Journal
from recorder.spool.openfiles import OpenFiles
from recorder.spool.pending import PendingMessages

MOST_NOTED = 32 << 20
"""Bytes of signalling that wait for the journal."""


def _silent(_: str) -> None:
    """Nobody listens."""


@dataclass(slots=True)
class Spool:
    """Never raises for a disk that is full or fails: it tells the alarm once, answers False, and tries again
    at the next write. What was written stays as it is."""

    journal: Journal
    pending: PendingMessages
    alarm: Alarm = _silent
    trouble: str = ""
    writes: int = 0
    """How often anything was written, which grows where something may have to be synced."""
    _files: OpenFiles = field(init=False)
    _taken: dict[str, list[str]] = field(default_factory=dict)
    _going: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._files = OpenFiles(self.journal.leg_path)

    @classmethod
    def at(cls, folder: Path, alarm: Alarm = _silent) -> "Spool":
        """The spool in ``folder``, which is made where it is missing."""
        return cls(Journal(folder), PendingMessages(folder), alarm)

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.journal.folder.parent

    def append(
        self,
        leg: str,
        streams: Sequence[str],
        counts: NDArray[np.int64],
        rows: NDArray[np.void],
        payload: NDArray[np.uint8],
    ) -> bool:
        """One flush of a leg, as ``LegWriter.append``; whether it was written."""
        try:
            self._files.get(leg).append(streams, counts, rows, payload)
        except SpoolError as error:
            return self._failed(error)
        self.writes += 1
        if self.trouble:
            self.trouble = ""
            self.alarm("")
        return True

    def write(self, file: CallFile) -> bool:
        """Replace a call's file in the journal; whether it was written."""
        try:
            self.journal.write(file)
        except SpoolError as error:
            return self._failed(error)
        self.writes += 1
        for gone in self._taken.pop(file.id, ()):
            self.remove(gone)
        return True

    def take_over(self, gone: str, by: str) -> None:
        """The legs of the call ``gone`` are another one's: its file goes once that one is written, as a crash
        between the two must not leave packets that no call names."""
        self._taken.setdefault(by, []).extend([gone, *self._taken.pop(gone, ())])

    def remove(self, call: str, legs: tuple[str, ...] = ()) -> bool:
        """Forget a call and these leg files; whether that worked. ``forget_noted`` tries again."""
        self._taken.pop(call, None)
        self._going[call] = (*self._going.get(call, ()), *legs)
        return self._clear()

    def note(self, messages: Sequence[Received]) -> bool:
        """Keep messages that are about to be followed until the journal has them; whether it worked."""
        try:
            self.pending.note(messages)
        except OSError as error:
            return self._failed(SpoolError(f"signalling cannot be noted in the spool: {error.strerror}"))
        self.writes += bool(messages)
        return True

    def noted(self) -> list[Received]:
        """Messages that an engine before this one had noted."""
        return self.pending.read()

    def noted_over(self) -> set[str]:
        """Dialogs among them whose calls were over; after ``noted``."""
        return self.pending.over

    def forget_noted(self, left: int = 0, over: Sequence[str] = ()) -> None:
        """The journal has all but ``left`` calls, which only ring; a flood of them is not kept for ever.

        ``over`` are dialogs of calls that ended since the last time: whoever reads what is noted after these
        were finished must not begin them again.
        """
        try:
            if not left or self.pending.size > MOST_NOTED:
                self.pending.clear()
            else:
                self.pending.note_over(over)
        except OSError as error:
            self._failed(SpoolError(f"noted signalling cannot be kept in the spool: {error.strerror}"))
        if self._going:
            self._clear()

    def resume(self, leg: str, numbers: dict[str, int]) -> None:
        """Go on with a leg's file that already names these streams by these numbers."""
        self._files.resume(leg, numbers)

    def release(self, legs: Sequence[str]) -> None:
        """Close the files of legs that are over."""
        self._files.release(legs)

    def close(self) -> None:
        """Close every file."""
        self._files.close()
        self.pending.close()

    def _clear(self) -> bool:
        for call, legs in list(self._going.items()):
            try:
                self.journal.remove(call, legs)
            except OSError as error:
                return self._failed(SpoolError(f"cannot remove files of the spool: {error.strerror}"))
            del self._going[call]
        return True

    def _failed(self, error: SpoolError) -> bool:
        if self.trouble != str(error):
            self.trouble = str(error)
            self.alarm(self.trouble)
        return False
