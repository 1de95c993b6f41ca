"""The other targets of the settings that a restore asks: for records of deletions, and for newer snapshots.

Whichever target calls are restored from, it may have been away when calls were erased and holds placed.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from earwitness import wiring
from earwitness.settings import LOCAL, Settings
from storage.encryption.keyring import KeyOpener
from storage.errors import StorageError
from storage.media import read_about
from storage.restore.newer import Compared, Newer
from storage.restore.presence import holds_anything
from storage.restore.snapshot import Snapshot, whole_snapshot
from storage.seals.keys import PublicKey, public_key
from storage.targets import Target

PATIENCE = 120.0
"""Seconds in which a target has to answer: a share whose server is gone may never do so."""
_NOTHING = "it holds nothing of an installation. If calls should lie there, see that its disk is mounted."


@dataclass(slots=True)
class OtherTargets:
    """``there`` are the targets that answered, ``silent`` those that did not, with the reason, by name."""

    there: dict[str, Target] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)

    def failed(self, found: Mapping[str, str]) -> None:
        """These answered and then did not."""
        for name, reason in found.items():
            self.there.pop(name, None)
            self.silent[name] = reason

    def newer(self, own: Snapshot | None, opener: KeyOpener) -> list[Newer]:
        """The snapshots that are newer than ``own``, in which people decided something else; newest first.

        Where one cannot be read its target is as good as silent.
        """
        compared, found = Compared(own), []
        for name, target in list(self.there.items()):
            try:
                snapshot, damaged = whole_snapshot(target, opener)
                newer = compared.newer(name, snapshot) if snapshot is not None else None
            except StorageError as error:
                self.silent[name] = f"its newest snapshot cannot be read: {error}"
            else:
                if damaged:
                    self.silent[name] = f"its newest snapshot cannot be read: {next(iter(damaged.values()))}"
                found += [newer] if newer is not None else []
        return sorted(found, key=lambda one: (one.at, one.target), reverse=True)

    def seal_keys(self) -> list[PublicKey]:
        """The public keys that the markers of those name that answered; whose they are proves nothing."""
        found = []
        for name, target in self.there.items():
            try:
                pem = read_about(target).seal_key
                found += [public_key(pem.encode(), f"The marker of {name}")] if pem else []
            except StorageError:
                continue
        return found


def asked(settings: Settings, but: str, patience: float = PATIENCE) -> OtherTargets:
    """All targets of the settings but the one of this name, each asked whether it is there.

    The archive folder of a new machine is empty, so that it is not missed.
    """
    found = OtherTargets()
    looks = {
        name: _Look(target, missed=name != LOCAL)
        for name, target in wiring.targets(settings).items()
        if name != but
    }
    until = time.monotonic() + patience
    for name, look in looks.items():
        reason = look.ended_by(until)
        if reason:
            found.silent[name] = reason
        elif look.holds:
            found.there[name] = look.target
    return found


class _Look:
    """Whether anything lies on a target, asked beside others and left behind where it hangs."""

    def __init__(self, target: Target, *, missed: bool) -> None:
        self.target = target
        self.holds = False
        self._missed = missed
        self._trouble = ""
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def ended_by(self, until: float) -> str:
        """Why it is of no use; empty where it is, or where nobody expects anything there. ``until`` is in
        seconds of the monotonic clock."""
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._thread.is_alive():
            return "it gave no answer."
        return self._trouble

    def _look(self) -> None:
        try:
            self.holds = holds_anything(self.target)
        except Exception as error:  # noqa: BLE001 - whatever it is, the target was not asked, and is named
            self._trouble = str(error)
            return
        if self._missed and not self.holds:
            self._trouble = _NOTHING
