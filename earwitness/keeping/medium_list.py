"""The list of calls and the page on one target, so that it stands alone wherever it is taken."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from earwitness import encrypting
from earwitness.keeping.target_watch import TargetWatch
from earwitness.keeping_settings import TargetSettings, UsbTargetSettings
from earwitness.settings import Settings
from storage.catalogue import Catalogue
from storage.encryption.keyring import KeyOpener
from storage.errors import DamagedShard, DiskFull, FolderBusy, KeyUnusable, TargetError
from storage.lock import DataFolderLock
from storage.media import About, Upkeep
from storage.media.medium_key import key_for
from storage.media.names import MANIFEST
from storage.restore.event import history
from storage.seals.keys import PublicKey
from storage.targets import Target

log = structlog.get_logger("jobs")
LIST_SECONDS = 60.0
"""Between two looks at what is new: each writes the shards of its days."""
_COMPARED = timedelta(hours=1)
"""Between two looks whether the list names as many calls as there are."""


class MediumList:
    """Keeps the list on the target that ``spec`` describes level with the catalogue.

    ``public`` is the key by which its seals are checked. Not for media that cannot delete (``write_once``).
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        spec: TargetSettings,
        target: Target,
        public: PublicKey,
        watch: TargetWatch,
        stopping: Callable[[], bool],
    ) -> None:
        self._catalogue = catalogue
        self._name = spec.name
        self._by_hand = spec.role == "export"
        self._target = target
        self._watch = watch
        self._stopping = stopping
        self._compared: datetime | None = None
        self._maker = encrypting.maker(settings)
        self._opener = KeyOpener(encrypting.masters(settings))
        self._about = About(
            volume=spec.volume if isinstance(spec, UsbTargetSettings) else spec.name,
            installation=public.id,
            seal_key=public.pem,
            encrypted=self._maker is not None,
        )

        self._lock = DataFolderLock(settings.data, f"list-{spec.name}")
        self._history: str | None = None

    def wanted(self) -> bool:
        """Whether the target can be written to, as far as is known."""
        return self._watch.worth_trying

    def run(self, now: datetime) -> None:
        """Bring the list up, unless another process is at it. A target in trouble is tried again later."""
        with suppress(FolderBusy):
            self.level(now)

    def level(self, now: datetime) -> str:
        """Bring the list up; now and then, compare all of it. What hindered it, for people.

        Raises ``FolderBusy`` where another process writes it.
        """
        with self._lock:
            try:
                self._advance(now)
            except (TargetError, DiskFull, DamagedShard, KeyUnusable) as error:
                log.warning("list of a medium not written", target=self._name, reason=str(error))
                return f"The list of calls on {self._name} was not brought up: {error}"
        return ""

    def _advance(self, now: datetime) -> None:
        if self._by_hand and self._is_unused():
            return
        if self._history is None:
            self._history = history(self._catalogue)
        encrypting.refuse_outdated(self._opener, self._catalogue)
        lock = key_for(self._target, self._maker, self._opener) if self._maker else None
        upkeep = Upkeep(self._catalogue, self._name, self._target, self._about, lock, self._history)
        while not self._stopping() and upkeep.run_once(now):
            pass
        if not self._stopping() and (self._compared is None or now - self._compared >= _COMPARED):
            found = upkeep.compare(now)
            self._compared = now
            if found:
                log.warning("list of a medium put right", target=self._name, calls=found)

    def _is_unused(self) -> bool:
        """Whether nobody ever sent calls there."""
        return not self._catalogue.copy_checks.calls(self._name) and self._target.stat(MANIFEST) is None
