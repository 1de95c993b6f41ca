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
PATIENCE = 10_000_000_000
"""How long (ns) packets are waited for that the journal does not explain yet."""


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
                self._finisher.advance(self._settled(reached))

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
        return self.folder / f"{self.file.id}.{self.policy.suffix}"

    def _settled(self, reached: int) -> int:
        """Up to when (ns) nothing more can come, as the spool was read up to ``reached``: what waits for the
        journal to explain it is waited for, but not for ever."""
        waits = min((int(block.times.min()) for block in self._early), default=self._newest)
        return min(reached, max(waits, self._newest - PATIENCE)) - GUARD

    def _feed(self, finisher: Finisher, plan: RecordingPlan, blocks: list[MediaBlock]) -> None:
        """Feed what the plan knows of. The spool may be ahead of the journal, of which an ended call's is
        complete."""
        early, self._early = self._early, []
        held: set[str] = set()
        known = _known(plan)
        for block in early + blocks:
            types = known.get(block.stream, frozenset())
            if block.stream in held or not types.issuperset(block.payload_types.tolist()):
                held.add(block.stream)
                self._early.append(block)
            else:
                finisher.feed(block)
                self._newest = max(self._newest, int(block.times.max()))


def _known(plan: RecordingPlan) -> dict[str, frozenset[int]]:
    """The payload types of each stream that the plan tells of."""
    sources = [source for channel in plan.channels for source in channel.sources]
    return {source.stream: frozenset(source.formats) for source in sources}
