"""Going on after a crash or a stop: running calls are taken up again from the spool."""

from dataclasses import dataclass

from recorder.assembly.call import RunningCall
from recorder.assembly.happening import Happening
from recorder.assembly.heard import Heard
from recorder.capture import Capture
from recorder.errors import SpoolDamaged
from recorder.spool.callfile import CallFile, Journal
from recorder.spool.legfile import LegReader

PIECE = 1 << 20
"""Bytes of a leg's file that are looked through at once: a call may have run for a day."""


@dataclass(slots=True)
class Recovered:
    """What was found: calls that go on, damaged call files that were set aside, bytes that were no record."""

    calls: int = 0
    damaged_calls: int = 0
    damaged_bytes: int = 0
    orphans: int = 0


def recover(capture: Capture) -> Recovered:
    """Give the engine every call that was running; repairs files that a crash left half written.

    A leg file that no call names is litter of a call that was finished, and is removed; but not where a call
    file was ever damaged, as it may have named it: it is set aside as well then.
    """
    journal = capture.spool.journal
    found = Recovered()
    files = [file for call_id in journal.stamps() if (file := _read(journal, call_id, found)) is not None]
    # Of calls that named the same place it is that of the one that named it last.
    for file in sorted(_whole(files, journal), key=lambda file: max(leg.told for leg in file.legs)):
        if not file.ended:
            _resume(capture, file, found)
            found.calls += 1
    ended = [leg.dialog for file in files if file.ended for leg in file.legs]
    capture.catch_up([dialog.call_id for dialog in ended if dialog is not None])
    for leg in journal.orphans(leg for file in files for leg in file.files):
        journal.clear_away(leg)
        found.orphans += 1
    return found


def forget(capture: Capture) -> Recovered:
    """Begin with an empty spool: the tap is at its beginning again, and gives the same calls once more.

    Call files go first, as ``FinishWorker`` hands off nothing whose call file went meanwhile.
    """
    journal = capture.spool.journal
    for call_id in journal.stamps():
        journal.remove(call_id)
    for leg in journal.orphans(()):
        journal.leg_path(leg).unlink(missing_ok=True)
    capture.spool.forget_noted()
    return Recovered()


def _read(journal: Journal, call_id: str, found: Recovered) -> CallFile | None:
    try:
        return journal.read(call_id)
    except SpoolDamaged:
        journal.set_aside(call_id)
        found.damaged_calls += 1
        return None


def _whole(files: list[CallFile], journal: Journal) -> list[CallFile]:
    """Without the running calls whose legs another call took over; the crash came between the two writes.

    Of media that signalling explained only the spool file is the other one's.
    """
    kept: list[CallFile] = []
    seen = {leg for file in files for leg in _adopted(file)}
    for file in sorted(files, key=lambda file: (not file.ended, -len(file.legs))):
        legs = {leg.id for leg in file.legs}
        if legs <= seen and not file.ended:
            journal.remove(file.id)
            continue
        seen |= legs
        kept.append(file)
    return kept


def _adopted(file: CallFile) -> set[str]:
    return set(file.files) - {leg.id for leg in file.legs}


def _resume(capture: Capture, file: CallFile, found: Recovered) -> None:
    heard: dict[tuple[str, str], Heard] = {}
    numbers: dict[str, dict[str, int]] = {}
    for leg in file.files:
        reader = LegReader(capture.spool.journal.leg_path(leg))
        while blocks := reader.piece(PIECE):
            for block in blocks:
                heard.setdefault((leg, block.stream), Heard()).add(block)
        reader.repair()
        numbers[leg] = reader.numbers
        found.damaged_bytes += reader.damaged
    call = RunningCall(file.id, file.legs, related={one.call: one.relation for one in file.call.related})
    for one in call.legs:
        for stream in one.streams.values():
            if (spooled := heard.get((stream.file, stream.name))) is not None:
                stream.last = max(stream.last, spooled.last)
    stopped = max(call.first.start, *(leg.last_media for leg in call.legs))
    call.first.happenings.append(Happening(stopped, "recorder-restarted"))
    capture.restore(call, heard, numbers, file.shift)
