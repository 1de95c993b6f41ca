"""A call that was kept encrypted, finished anew with keys that somebody supplies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recorder.errors import FinishError, WrongKeys
from recorder.finish.clocktime import on_clock
from recorder.finish.complete import complete
from recorder.finish.finisher import Finished
from recorder.finish.job import Job
from recorder.finish.kept import CAUSE, closed_sides, read_kept
from recorder.finish.policy import ArchivePolicy
from recorder.finish.supplied import SuppliedKey
from recorder.media import Channel, RecordingPlan
from recorder.spool.callfile import CallFile, Journal
from storage.model import Call, Side

_FINISHED = ("gaps", "measures", "dtmf", "codecs", "events", "parties", "recording")
"""What finishing says of a call; the rest stays as it is archived."""
_SLACK = 0.001


@dataclass(frozen=True, slots=True)
class Reopened:
    """The call as it is now known, with ``recording.path`` in the folder of ``audio``.

    ``opened`` are the packets of each side that the keys opened, ``closed`` the sides of whom something is
    encrypted still.
    """

    call: Call
    audio: Path | None
    peaks: bytes | None
    opened: Mapping[Side, int]
    closed: tuple[Side, ...]


def reopen(
    archived: Call, media: Path, keys: Sequence[SuppliedKey], folder: Path, policy: ArchivePolicy
) -> Reopened:
    """Finish the call, whose kept packets are in ``media``, into ``folder``, which is empty and ours.

    The keys stay in memory. ``media`` is moved into the folder. Raises ``WrongKeys`` where none of the keys
    opens anything, or less is open with them than is archived; ``FinishError`` where the packets are damaged
    or of another call.
    """
    kept = read_kept(media)
    if kept.call.id != archived.id:
        raise FinishError(f"the kept packets are of the call {kept.call.id}, not of {archived.id}")
    journal = Journal(folder)
    media.rename(journal.leg_path(archived.id))
    file = CallFile(kept.call, _with_keys(kept.plan, keys), (archived.id,), ended=True)
    job = Job(journal, folder, policy, file, (0, 0))
    finished = job.close()
    if finished is None:
        raise FinishError(f"the kept packets of the call {archived.id} hold nothing that can be heard")
    opened = {side: _opened(file.plan, finished, side) for side in Side}
    if not any(opened.values()):
        raise WrongKeys(f"Nothing of the call {archived.id} opens with these keys; nothing was changed.")
    fresh = on_clock(complete(kept.call, file.plan, finished), kept.shift)
    _refuse_less(archived, fresh)
    call = archived.model_copy(update={name: getattr(fresh, name) for name in _FINISHED})
    return Reopened(
        call, finished.path, finished.peaks if finished.path else None, opened, closed_sides(finished)
    )


def _with_keys(plan: RecordingPlan, keys: Sequence[SuppliedKey]) -> RecordingPlan:
    channels = []
    for side, channel in zip(Side, plan.channels, strict=False):
        own = tuple(one.key for one in keys if side in one.sides)
        channels.append(Channel(tuple(replace(source, keys=own) for source in channel.sources)))
    return replace(plan, channels=tuple(channels))


def _opened(plan: RecordingPlan | None, finished: Finished, side: Side) -> int:
    """Packets of the side that were opened now, and not before they were kept."""
    if plan is None:
        return 0
    channels = dict(zip(Side, plan.channels, strict=False))
    found = [finished.encryption.get(source.stream) for source in channels[side].sources]
    return sum(one.opened.total() - one.before for one in found if one)


def _refuse_less(archived: Call, fresh: Call) -> None:
    for side in Side:
        if _closed_seconds(fresh, side) > _closed_seconds(archived, side) + _SLACK:
            raise WrongKeys(
                f"Side {side} of the call {archived.id} was opened before, and not by these keys: supply all "
                "of them together. Nothing was changed."
            )


def _closed_seconds(call: Call, side: Side) -> float:
    return sum(gap.seconds for gap in call.gaps if gap.side is side and gap.cause == CAUSE)
