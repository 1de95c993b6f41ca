"""The supervisor: one process for each part, restarted when it crashes, all stopped together.

One thread for each child waits for its end and puts that into the queue of events; signals put into the same
queue; everything else happens in one loop. A child notices the death of the supervisor by the end of its
standard input (``earwitness.stop``), so that none outlives it.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from earwitness.supervision.part import Part
from earwitness.supervision.watch import Phase, Watch

GRACE = 12.0
"""Seconds that parts have to end by themselves before they are killed."""


@dataclass(frozen=True, slots=True)
class Exited:
    """A child's process is gone."""

    index: int
    status: int


class Stop:
    """Somebody asked for the end of everything."""


class Supervisor:
    """Runs ``parts`` until ``stop`` is called. ``changed`` gets all watches after each change.

    ``log`` is a structlog logger.
    """

    def __init__(self, parts: Sequence[Part], changed: Callable[[Sequence[Watch]], None], log: Any) -> None:
        self._watches = [Watch(part) for part in parts]
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._events: SimpleQueue[Exited | Stop] = SimpleQueue()
        self._changed = changed
        self._log = log

    def stop(self) -> None:
        """Ask for the end; safe in signal handlers and from other threads."""
        self._events.put(Stop())

    def run(self) -> None:
        """Start all parts and watch them; returns when all are gone."""
        try:
            while any(watch.phase is not Phase.ENDED for watch in self._watches):
                self._start_due()
                event = self._next()
                if isinstance(event, Stop):
                    return
                if event is not None:
                    self._exited(event, stopping=False)
        finally:
            self._stop_all()

    def _next(self) -> Exited | Stop | None:
        """The next event, or ``None`` when a part is due."""
        due = [watch.start_at for watch in self._watches if watch.phase is Phase.WAITING]
        try:
            return self._events.get(timeout=max(0.0, min(due) - time.monotonic()) if due else None)
        except Empty:
            return None

    def _start_due(self) -> None:
        now = time.monotonic()
        due = [index for index, watch in enumerate(self._watches) if watch.due(now)]
        for index in due:
            self._start(index, now)
        if due:
            self._changed(self._watches)

    def _start(self, index: int, now: float) -> None:
        watch = self._watches[index]
        # A session of its own: a Ctrl-C at the terminal reaches the supervisor alone, which then stops the
        # parts in order. The pipe tells the child when the supervisor is gone, however it went.
        child = subprocess.Popen(  # noqa: S603 - the command is ours
            watch.part.command,
            stdin=subprocess.PIPE,
            env={**os.environ, **watch.part.environment},
            start_new_session=True,
        )
        self._children[index] = child
        watch.running(child.pid, now)
        threading.Thread(target=self._wait, args=(index, child), daemon=True).start()
        self._log.info("part started", part=watch.part.name, pid=child.pid, restarts=watch.restarts)

    def _wait(self, index: int, child: subprocess.Popen[bytes]) -> None:
        self._events.put(Exited(index, child.wait()))

    def _exited(self, event: Exited, stopping: bool) -> None:
        watch = self._watches[event.index]
        child = self._children.pop(event.index)
        if child.stdin is not None:
            child.stdin.close()
        delay = watch.exited(event.status, time.monotonic(), stopping)
        if delay is None:
            self._log.info("part ended", part=watch.part.name, manner=watch.last_exit)
        else:
            self._log.error(
                "part crashed",
                part=watch.part.name,
                manner=watch.last_exit,
                restart_in_seconds=delay,
                alarm=True,
            )
        self._changed(self._watches)

    def _stop_all(self) -> None:
        for child in self._children.values():
            child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while self._children:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                self._kill()
                deadline = time.monotonic() + GRACE
                continue
            if isinstance(event, Exited):
                self._exited(event, stopping=True)

    def _kill(self) -> None:
        for index, child in self._children.items():
            self._log.error("part does not stop: killed", part=self._watches[index].part.name, alarm=True)
            child.kill()
