"""What the archive part cannot see while it waits for its own folder: that the folder hangs."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from earwitness.parts.outage import waiting_since
from earwitness.parts.pulse import Hindrance
from storage.answering import Answering, NoAnswer
from storage.catalogue import Condition
from storage.copies.probe import probe
from storage.errors import StorageError
from storage.targets.contract import Target
from storage.targets.timely import DOES_NOT_ANSWER

EVERY = 2.0
"""Seconds between two looks at the part."""
SILENCE = 30.0
"""Seconds without a sign of life after which it may be held up: many large calls take as long."""
PATIENCE = 30.0
"""Seconds for which the folder is waited for then; a disk that sleeps needs some to wake up."""


class Lookout:
    """Tries out ``target``, a folder where calls come in, where the part has been ``silent_for`` long. While
    that has no answer, or a bad one, it does ``meanwhile`` what else the part would, which gives what the
    part would count. ``log`` is a structlog logger.

    Not on one that ``keeps`` what it has, which is only asked.
    """

    def __init__(
        self,
        target: Target,
        silent_for: Callable[[], float],
        meanwhile: Callable[[], Mapping[str, float]],
        log: Any,
        now: Callable[[], datetime],
        *,
        keeps: bool = False,
        silence: float = SILENCE,
        patience: float = PATIENCE,
    ) -> None:
        self._target = target
        self._silent_for = silent_for
        self._meanwhile = meanwhile
        self._log = log
        self._now = now
        self._keeps = keeps
        self._silence = silence
        self._patience = patience
        # One that was given up must come back before it is tried again: each would keep another thread.
        self._answering = Answering(1)
        self._hindrance: Hindrance | None = None
        self._failed = ""

    def hindrance(self) -> Hindrance | None:
        """What was seen last; None where nothing holds the part up."""
        return self._hindrance

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Look again and again, by a thread that nobody waits for."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(EVERY):
                self.look()

        threading.Thread(target=look, daemon=True, name="lookout").start()
        try:
            yield
        finally:
            over.set()

    def look(self) -> None:
        """See whether the part is held up; takes as long as the folder is waited for."""
        before = self._hindrance
        silent = self._silent_for()
        reason = self._ask() if silent >= self._silence else ""
        if not reason or self._silent_for() < silent:
            self._hindrance = None
            if before is not None:
                self._log.info("the archive folder holds nobody up any more")
            return
        if before is None:
            self._log.warning("no call is archived", reason=reason)
        text = waiting_since(self._now() - timedelta(seconds=self._silent_for()), reason)
        self._hindrance = Hindrance(text, before.numbers if before else {})
        try:
            self._hindrance = Hindrance(text, self._meanwhile())
            failed = ""
        except Exception as error:  # noqa: BLE001 - the part finds the same when it goes on, and says so
            failed = str(error)
        if failed and failed != self._failed:
            self._log.warning("not all goes on beside the folder", reason=failed)
        self._failed = failed

    def _ask(self) -> str:
        """Why the folder cannot be worked with; empty where it can, as far as is known."""
        try:
            seen = self._answering.within(
                self._patience, partial(probe, self._target, writes=True, keeps=self._keeps)
            )
        except NoAnswer:
            return DOES_NOT_ANSWER
        except StorageError:
            return ""
        return "" if seen.condition is Condition.UP else seen.detail
