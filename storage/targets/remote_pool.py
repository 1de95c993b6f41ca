"""A few connections to one server, lent to whoever needs one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from storage.errors import TargetError
from storage.targets.remote_session import Broken, RemoteSession

_T = TypeVar("_T")


class SessionPool:
    """At most ``size`` connections; who needs one more waits up to ``patience`` seconds for it."""

    def __init__(self, connect: Callable[[], RemoteSession], size: int, patience: float) -> None:
        self._connect, self._size, self._patience = connect, size, patience
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[RemoteSession] = []
        self._closed = False

    def run(self, action: Callable[[RemoteSession], _T]) -> _T:
        """Do ``action``, which may be done twice: servers close connections that were idle for a while."""
        with self.lend() as (session, used):
            try:
                return action(session)
            except Broken:
                if not used:
                    raise
        self.drop()
        with self.lend() as (session, _):
            return action(session)

    @contextmanager
    def lend(self) -> Iterator[tuple[RemoteSession, bool]]:
        """A connection that nobody else uses meanwhile, and whether it was used before."""
        if not self._free.acquire(timeout=self._patience):
            raise TargetError(
                f"All {self._size} connections to the server were in use for {self._patience:g} s. "
                "It is slower than what is asked of it."
            )
        try:
            with self._lock:
                session = self._idle.pop() if self._idle else None
            used = session is not None
            session = session or self._connect()
            try:
                yield session, used
            finally:
                self._take_back(session)
        finally:
            self._free.release()

    def drop(self) -> None:
        """Close what is idle. What is lent is not disturbed."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    def close(self) -> None:
        """Close what is idle, and what is lent when it comes back."""
        self._closed = True
        self.drop()

    def _take_back(self, session: RemoteSession) -> None:
        if session.broken or self._closed:
            session.close()
            return
        with self._lock:
            self._idle.append(session)
