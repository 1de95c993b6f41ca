"""Room on the disks that this machine writes to: where calls come in, and where its data folder lies."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from storage.errors import TargetError
from storage.retention.lowspace import Proof, Room, make_room
from storage.targets.contract import Space, Target

log = structlog.get_logger("jobs")
SECONDS = 60.0


def chores(means: Means) -> Iterator[Chore]:
    """One for each of the two."""
    yield Chore("room", SECONDS, partial(keep_room, means), target=means.home)
    yield Chore("room for data", SECONDS, partial(watch_data_disk, means))


def keep_room(means: Means) -> None:
    """Warn of a disk that fills up; where the settings say so, let sound move off that lies elsewhere."""
    settings = means.settings.space
    try:
        space = means.targets[means.home].space()
    except TargetError:
        return  # being looked at is another chore
    if space is None:
        return
    room = Room(space, settings.warn_percent, settings.free_percent)
    text = f"Only {room.free:.0f} % of the disk of {means.home} are free." if room.alarm else ""
    if room.lacking:
        proof = Proof(settings.copies, timedelta(days=means.settings.scrub.days))
        done = make_room(
            means.catalogue,
            _that_stay(means),
            room,
            home=means.home,
            proof=proof,
            now=means.now(),
            stop=means.stopping,
        )
        if done.calls:
            log.warning("sound moved off", calls=done.calls, held=done.held, bytes=done.bytes)
        if done.short:
            text += f" {done.short:,} bytes are lacking, and no other call lies safely elsewhere."
    means.worries.say("room", text)


def _that_stay(means: Means) -> dict[str, Target]:
    """The targets that are there, without those for export: their media are given away, and prove nothing."""
    stay = {means.home, *means.placement.targets}
    return {name: target for name, target in means.reachable().items() if name in stay}


def watch_data_disk(means: Means) -> None:
    """Warn of a data folder whose disk fills up, unless ``keep_room`` looks at that disk."""
    settings = means.settings
    if _is_looked_at(means):
        means.worries.say("data room", "")
        return
    found = shutil.disk_usage(settings.data)
    room = Room(Space(found.free, found.total), settings.space.warn_percent, free_percent=0)
    text = (
        f"Only {room.free:.0f} % of the disk of the data folder {settings.data} are free. "
        f"Running calls, those that wait for {means.home}, and the catalogue lie there. Make room."
    )
    means.worries.say("data room", text if room.alarm else "")


def _is_looked_at(means: Means) -> bool:
    """Whether calls come in on the disk of the data folder, and that disk tells its room."""
    settings = means.settings
    spec = next((target for target in settings.targets if target.name == means.home), None)
    if spec is None:
        folder = settings.archive_folder
    elif spec.kind == "local":
        folder = spec.folder
    else:
        return False
    try:
        # Asked first, as that comes to an end where the folder hangs, and looking at its disk does not.
        return means.targets[means.home].space() is not None and _disk(folder) == _disk(settings.data)
    except TargetError:
        return False


def _disk(folder: Path) -> int:
    """The device that the folder is on, or would be made on."""
    place = folder.absolute()
    return next(each for each in (place, *place.parents) if each.exists()).stat().st_dev
