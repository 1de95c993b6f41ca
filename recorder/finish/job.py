"""One call on its way to a recording: what was read of its spool, and the finisher that has it."""

from dataclasses import dataclass, field
from pathlib import Path

from recorder.finish.finisher import Finished, Finisher
from recorder.finish.policy import ArchivePolicy
from recorder.media import MediaBlock, RecordingPlan
from recorder.spool.callfile import CallFile, Journal
from recorder.spool.legfile import LegReader

GUARD = 500_000_000
"""Packets this young (ns) may still be followed by ones that belong before them."""


@dataclass(slots=True)
class Job:
    """Follows one call; ``stamp`` tells which version of its file is known."""

    journal: Journal
    folder: Path
    policy: ArchivePolicy
    file: CallFile
    stamp: tuple[int, int]
    damaged: int = 0
    _finisher: Finisher | None = None
    _plan: RecordingPlan | None = None
    _readers: dict[str, LegReader] = field(default_factory=dict)
    _early: list[MediaBlock] = field(default_factory=list)
    _newest: int = 0

    def update(self, file: CallFile, stamp: tuple[int, int]) -> None:
        """The call's file has changed. What cannot be woven in is begun again from the start of the spool."""
        self.file, self.stamp = file, stamp
        plan = file.plan
        if plan is None or plan == self._plan:
            return
        if self._finisher is not None and not self._finisher.extend(plan):
            self.restart()
        self._plan = plan

    def restart(self) -> None:
        """Forget what was made so far."""
        self.abort()
        self._readers.clear()
        self._early.clear()
        self._newest = 0

    def abort(self) -> None:
        """Give up what was made so far."""
        if self._finisher is not None:
            self._finisher.abort()
            self._finisher = None

    def waiting(self) -> int:
        """Bytes in the spool that were not read yet."""
        return sum(self._reader(leg).waiting() for leg in self.file.files)

    def advance(self) -> None:
        """Read what is new and encode all of it that is settled."""
        self._read()
        if self._finisher is not None and self._newest:
            self._finisher.advance(self._newest - GUARD)

    def close(self) -> Finished | None:
        """Read the rest and complete the recording; None where nothing was ever heard."""
        while self._read():
            if self._finisher is not None:
                self._finisher.advance(self._newest - GUARD)
        self.damaged = sum(reader.damaged for reader in self._readers.values())
        if self._finisher is None:
            return None
        finisher, self._finisher = self._finisher, None
        return finisher.close(self._newest + self._last_packet())

    @property
    def path(self) -> Path:
        """Where the audio is made."""
        return self.folder / f"{self.file.id}.{self.policy.format}"

    def _read(self) -> bool:
        plan = self.file.plan
        if plan is None:
            return False
        if self._finisher is None:
            self._finisher = Finisher(plan, self.path, self.policy)
            self._plan = plan
        blocks, self._early = self._early, []
        new = [block for leg in self.file.files for block in self._reader(leg).read()]
        known = {source.stream for channel in plan.channels for source in channel.sources}
        for block in blocks + new:
            if block.stream not in known:
                # The spool may be ahead of the journal; an ended call's journal is complete.
                self._early.append(block)
                continue
            self._finisher.feed(block)
            self._newest = max(self._newest, int(block.times.max()))
        return bool(new)

    def _reader(self, leg: str) -> LegReader:
        if leg not in self._readers:
            self._readers[leg] = LegReader(self.journal.leg_path(leg))
        return self._readers[leg]

    def _last_packet(self) -> int:
        """The length of the packet that came last, about: what it holds follows its arrival."""
        return 20_000_000
