"""Going on after a crash or a stop: running calls are taken up again from the spool."""

from dataclasses import dataclass

from recorder.assembly.call import RunningCall
from recorder.assembly.happening import Happening
from recorder.capture import Capture
from recorder.errors import SpoolDamaged
from recorder.media import MediaBlock
from recorder.spool.callfile import CallFile, Journal
from recorder.spool.legfile import LegReader
from recorder.spool.record import merged


@dataclass(slots=True)
class Recovered:
    """What was found: calls that go on, damaged call files that were set aside, bytes that were no record."""

    calls: int = 0
    damaged_calls: int = 0
    damaged_bytes: int = 0
    orphans: int = 0


def recover(capture: Capture) -> Recovered:
    """Give the engine every call that was running; repairs files that a crash left half written.

    A leg file that no call names is litter of a call that was finished, and is removed.
    """
    journal = capture.spool.journal
    found = Recovered()
    running = []
    files: list[str] = []
    over: list[str] = []
    for call_id in journal.stamps():
        file = _read(journal, call_id, found)
        if file is None:
            continue
        files += file.files
        if file.ended:
            over += [leg.dialog.call_id for leg in file.legs if leg.dialog is not None]
        else:
            running.append(file)
    for file in _whole(running, journal):
        _resume(capture, file, found)
        found.calls += 1
    capture.catch_up(over)
    for leg in journal.orphans(files):
        journal.leg_path(leg).unlink(missing_ok=True)
        found.orphans += 1
    return found


def _read(journal: Journal, call_id: str, found: Recovered) -> CallFile | None:
    try:
        return journal.read(call_id)
    except SpoolDamaged:
        journal.set_aside(call_id)
        found.damaged_calls += 1
        return None


def _whole(running: list[CallFile], journal: Journal) -> list[CallFile]:
    """Without the calls whose legs another one has taken over; the crash came between the two writes."""
    kept: list[CallFile] = []
    seen: set[str] = set()
    for file in sorted(running, key=lambda file: len(file.legs), reverse=True):
        legs = {leg.id for leg in file.legs}
        if legs <= seen:
            journal.remove(file.id)
            continue
        seen |= legs
        kept.append(file)
    return kept


def _resume(capture: Capture, file: CallFile, found: Recovered) -> None:
    blocks: dict[str, list[MediaBlock]] = {}
    numbers: dict[str, dict[str, int]] = {}
    for leg in file.files:
        reader = LegReader(capture.spool.journal.leg_path(leg))
        while new := reader.read():
            for block in new:
                blocks.setdefault(block.stream, []).append(block)
        reader.repair()
        numbers[leg] = reader.numbers
        found.damaged_bytes += reader.damaged
    heard = {name: merged(parts) for name, parts in blocks.items()}
    call = RunningCall(file.id, file.legs, related={one.call: one.relation for one in file.call.related})
    for one in call.legs:
        for stream in one.streams.values():
            if stream.name in heard:
                stream.last = max(stream.last, int(heard[stream.name].times.max()))
    stopped = max(call.first.start, *(leg.last_media for leg in call.legs))
    call.first.happenings.append(Happening(stopped, "recorder-restarted"))
    capture.restore(call, heard, numbers)
