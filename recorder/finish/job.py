"""One call on its way to a recording: what was read of its spool, and the finisher that has it."""

from dataclasses import dataclass, field
from pathlib import Path

from recorder.finish.finisher import Finished, Finisher
from recorder.finish.packets import SpooledPackets
from recorder.finish.policy import ArchivePolicy
from recorder.media import MediaBlock, RecordingPlan
from recorder.spool.callfile import CallFile, Journal

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
    _packets: SpooledPackets = field(init=False)
    _early: list[MediaBlock] = field(default_factory=list)
    _newest: int = 0

    def __post_init__(self) -> None:
        self._packets = SpooledPackets(self.journal)

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
        self._packets = SpooledPackets(self.journal)
        self._early.clear()
        self._newest = 0

    def abort(self) -> None:
        """Give up what was made so far."""
        if self._finisher is not None:
            self._finisher.abort()
            self._finisher = None

    @property
    def is_begun(self) -> bool:
        """Whether a recording is being made, which takes an open file."""
        return self._finisher is not None

    def waiting(self) -> int:
        """Bytes in the spool that were not read yet."""
        return self._packets.waiting(self.file.files)

    def advance(self) -> None:
        """Read what is new and encode all of it that is settled."""
        plan = self.file.plan
        if plan is None:
            return
        if self._finisher is None:
            self._finisher = Finisher(plan, self.path, self.policy)
            self._plan = plan
        for blocks, reached in self._packets.read(self.file.files):
            self._feed(self._finisher, plan, blocks)
            if self._newest:
                self._finisher.advance(min(reached, self._newest) - GUARD)

    def close(self) -> Finished | None:
        """Read the rest and complete the recording; None where nothing was ever heard."""
        self.advance()
        self.damaged = self._packets.damaged
        plan, finisher = self.file.plan, self._finisher
        if plan is None or finisher is None:
            return None
        self._feed(finisher, plan, [])
        finished = finisher.close(max(self._newest, finisher.until))
        self._finisher = None  # only now: one that fails is still to be aborted
        return finished

    @property
    def path(self) -> Path:
        """Where the audio is made."""
        return self.folder / f"{self.file.id}.{self.policy.format}"

    def _feed(self, finisher: Finisher, plan: RecordingPlan, blocks: list[MediaBlock]) -> None:
        known = {source.stream for channel in plan.channels for source in channel.sources}
        early, self._early = self._early, []
        for block in early + blocks:
            if block.stream in known:
                finisher.feed(block)
                self._newest = max(self._newest, int(block.times.max()))
            else:
                # The spool may be ahead of the journal; an ended call's journal is complete.
                self._early.append(block)
