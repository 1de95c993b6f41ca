"""What the chores of keeping work with, and where they say what worries them."""

import threading
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from earwitness.keeping import places
from earwitness.keeping.target_watch import TargetWatch
from earwitness.settings import Settings
from storage.catalogue import Catalogue
from storage.copies.placement import Placement
from storage.targets import Target


class Worries:
    """What is wrong now, by what it is and, where it is about one, the target. Safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[tuple[str, str], str] = {}

    def say(self, what: str, text: str, target: str = "") -> None:
        """This is wrong, until an empty text says that it is not any more."""
        with self._lock:
            if text:
                self._texts[what, target] = text
            else:
                self._texts.pop((what, target), None)

    def all(self, away: Container[str] = ()) -> dict[str, str]:
        """All of it, by a key that stays the same while it is wrong. What cannot be done on a target that is
        ``away`` is left out: that it is away says so."""
        with self._lock:
            return {
                f"{what} {target}".rstrip(): text
                for (what, target), text in self._texts.items()
                if target not in away
            }


@dataclass(frozen=True, slots=True)
class Means:
    """``targets`` are all by name, without any decryption; ``home`` is the one where calls come in.

    ``stopping`` is to be asked again and again by whatever takes long.
    """

    settings: Settings
    catalogue: Catalogue
    targets: Mapping[str, Target]
    watches: Mapping[str, TargetWatch]
    home: str
    placement: Placement
    stopping: Callable[[], bool]
    now: Callable[[], datetime]
    worries: Worries = field(default_factory=Worries)

    @classmethod
    def of(
        cls,
        settings: Settings,
        catalogue: Catalogue,
        targets: Mapping[str, Target],
        stopping: Callable[[], bool],
        now: Callable[[], datetime],
    ) -> Self:
        """Those that the settings give, with targets that nobody has looked at yet."""
        home, placement = places.home(settings), places.placement(settings)
        tried_out = {spec.name for spec in settings.targets}
        carried = {spec.name for spec in settings.targets if spec.kind == "usb"}
        watches = {
            name: TargetWatch(
                name,
                target,
                catalogue.target_states,
                time.monotonic,
                writes=name in tried_out,
                keeps=name in placement.keyless,
                carried=name in carried,
            )
            for name, target in targets.items()
        }
        return cls(settings, catalogue, targets, watches, home, placement, stopping, now)

    def reachable(self) -> dict[str, Target]:
        """The targets that are worth trying."""
        return {name: target for name, target in self.targets.items() if self.watches[name].worth_trying}

    def elsewhere(self) -> list[str]:
        """Those of ``places.elsewhere`` that there are."""
        return [name for name in places.elsewhere(self.settings) if name in self.targets]

    def lasting(self, name: str) -> bool:
        """Whether nothing can be deleted there: such a medium gets no keys, snapshots or lists."""
        return name in self.placement.keyless or not self.targets[name].capabilities.deletes
