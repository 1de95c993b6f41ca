"""A call of which packets were kept, finished anew with keys and codecs that somebody supplies.

A wrong key opens nothing; a wrong codec makes noise, or packets that cannot be read. So these count as not
heard, and a codec that is told anew takes the place of what was told before.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from recorder.codecs import archive_rate
from recorder.errors import FinishError, WrongKeys
from recorder.finish.clocktime import on_clock
from recorder.finish.complete import complete
from recorder.finish.encrypted import KIND
from recorder.finish.finisher import Finished
from recorder.finish.job import Job
from recorder.finish.kept import CLOSED, closed_sides, read_kept
from recorder.finish.policy import ArchivePolicy
from recorder.finish.supplies import Supplies
from recorder.finish.unheard import seconds_beyond, seconds_unheard
from recorder.media import Channel, RecordingPlan
from recorder.spool.callfile import CallFile, Journal
from storage.model import Call, Side

_FINISHED = ("gaps", "measures", "dtmf", "codecs", "events", "parties", "recording")
"""What finishing says of a call; the rest stays as it is archived."""
_UNHEARD = CLOSED | {"unreadable"}
_LOCKED = frozenset({"encrypted"})
_SLACK = 0.001
_LEAST = 1.0
"""Seconds that cannot be read for which packets stay; less may be damaged."""


@dataclass(frozen=True, slots=True)
class Reopened:
    """The call as it is now known, with ``recording.path`` in the folder of ``audio``.

    ``opened`` are the packets of each side that the keys opened, ``gained`` the seconds of each side that
    could not be heard before, ``closed`` the sides of whom something cannot be heard still.
    """

    call: Call
    audio: Path | None
    peaks: bytes | None
    opened: Mapping[Side, int]
    gained: Mapping[Side, float]
    closed: tuple[Side, ...]


def reopen(archived: Call, media: Path, supplies: Supplies, folder: Path, policy: ArchivePolicy) -> Reopened:
    """Finish the call, whose kept packets are in ``media``, into ``folder``, which is empty and ours.

    The keys stay in memory. ``media`` is moved into the folder. Raises ``WrongKeys`` where nothing more can
    be heard than is archived, or less; ``FinishError`` where the packets are damaged or of another call.
    """
    kept = read_kept(media)
    if kept.call.id != archived.id:
        raise FinishError(f"the kept packets are of the call {kept.call.id}, not of {archived.id}")
    journal = Journal(folder)
    media.rename(journal.leg_path(archived.id))
    file = CallFile(kept.call, _supplied(kept.plan, supplies), (archived.id,), ended=True)
    job = Job(journal, folder, policy, file, (0, 0))
    finished = job.close()
    if finished is None:
        raise FinishError(f"the kept packets of the call {archived.id} hold nothing that can be heard")
    opened = {side: _opened(file.plan, finished, side) for side in Side}
    fresh = on_clock(complete(supplies.named(kept.call, kept.plan), file.plan, finished), kept.shift)
    _refuse_less(archived, fresh)
    is_more = any(seconds_beyond(archived, fresh, side, _UNHEARD) >= _SLACK for side in Side)
    is_new = any(opened.values()) or is_more
    if not is_new and not (_is_told(kept.plan, supplies) and _sounds_otherwise(archived, fresh)):
        raise WrongKeys(
            f"Nothing more of the call {archived.id} can be heard with these keys and codecs; nothing was "
            "changed."
        )
    call = archived.model_copy(update={name: getattr(fresh, name) for name in _FINISHED})
    peaks = finished.peaks if finished.path else None
    gained = {side: _gained(archived, fresh, side) for side in Side}
    return Reopened(call, finished.path, peaks, opened, gained, _closed(finished))


def _supplied(plan: RecordingPlan, supplies: Supplies) -> RecordingPlan:
    """The plan with what was supplied; its rate is that of what can be heard now."""
    channels = tuple(
        Channel(tuple(supplies.of(source, side) for source in channel.sources))
        for side, channel in zip(Side, plan.channels, strict=False)
    )
    formats = [one for channel in channels for source in channel.sources for one in source.all_formats]
    rate = max(map(archive_rate, formats), default=plan.rate)
    return replace(plan, channels=channels, rate=max(plan.rate, rate))


def _opened(plan: RecordingPlan | None, finished: Finished, side: Side) -> int:
    """Packets of the side that were opened now, and not before they were kept."""
    if plan is None:
        return 0
    channels = dict(zip(Side, plan.channels, strict=False))
    found = [finished.encryption.get(source.stream) for source in channels[side].sources]
    return sum(one.opened.total() - one.before for one in found if one)


def _is_told(plan: RecordingPlan, supplies: Supplies) -> bool:
    """Whether the codecs are of payload types that the call has, and that had none with a decoder."""
    return any(
        supplies.explains(source, side)
        for side, channel in zip(Side, plan.channels, strict=False)
        for source in channel.sources
    )


def _sounds_otherwise(archived: Call, fresh: Call) -> bool:
    return _digest(fresh) not in {"", _digest(archived)}


def _digest(call: Call) -> str:
    return call.recording.sha256 if call.recording else ""


def _gained(archived: Call, fresh: Call, side: Side) -> float:
    before, now = (seconds_unheard(call, side, _UNHEARD) for call in (archived, fresh))
    return max(before - now, 0.0)


def _closed(finished: Finished) -> tuple[Side, ...]:
    """The sides of whom something cannot be heard still: a wrong codec finds nothing that it can read."""
    unreadable: dict[Side, float] = defaultdict(float)
    for gap in finished.gaps:
        unreadable[gap.side] += gap.seconds * (gap.cause == "unreadable")
    closed = closed_sides(finished)
    return tuple(side for side in Side if side in closed or unreadable[side] >= _LEAST)


def _refuse_less(archived: Call, fresh: Call) -> None:
    for side in Side:
        # What could not be decoded between packets that were opened may be all along.
        ways = (CLOSED, _LOCKED) if _was_opened(archived, side) else (CLOSED,)
        if any(seconds_beyond(fresh, archived, side, causes) >= _SLACK for causes in ways):
            raise WrongKeys(
                f"Side {side} of the call {archived.id} was opened before, and not by these keys and codecs: "
                "supply all of them together. Nothing was changed."
            )
        if seconds_beyond(fresh, archived, side, _UNHEARD) >= _LEAST:
            raise WrongKeys(
                f"Less of side {side} of the call {archived.id} can be heard with these codecs than before. "
                "Nothing was changed."
            )


def _was_opened(archived: Call, side: Side) -> bool:
    """Whether keys opened packets of the side before."""
    told = (event.detail for event in archived.events if event.kind == KIND and event.side is side)
    return any("suite" in detail for detail in told)
