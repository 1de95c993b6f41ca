"""An event loop in a thread of its own, so that code without one can use what needs one."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import asyncssh

_T = TypeVar("_T")
_FAREWELL = 5.0


class LoopThread:
    """Starts with the first ``run``, ends with ``stop``. Safe to use from several threads."""

    def __init__(self, name: str) -> None:
        self._name, self._lock = name, threading.Lock()
        self._running: tuple[asyncio.AbstractEventLoop, threading.Thread] | None = None
        self._stopped = False

    def run(self, coroutine: Coroutine[Any, Any, _T], timeout: float | None = None) -> _T:
        """What ``coroutine`` returns or raises. It is cancelled where the waiting thread is interrupted.

        ``TimeoutError`` where it takes more than ``timeout`` seconds; ``ConnectionError`` once the thread was
        stopped, also for what is running then.
        """
        with self._lock:
            if self._stopped:
                coroutine.close()
                raise ConnectionError("the target was closed")
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop())
        try:
            return future.result(timeout)
        except concurrent.futures.CancelledError:
            raise ConnectionError("the target was closed") from None
        except BaseException:
            future.cancel()
            raise

    def inside(self) -> bool:
        """Whether the caller is the loop's own thread, in which ``run`` would wait for itself."""
        return self._running is not None and threading.current_thread() is self._running[1]

    def stop(self) -> None:
        """Cancel what runs and end the thread, for good."""
        with self._lock:
            self._stopped = True
            running, self._running = self._running, None
            if running is not None:
                running[0].call_soon_threadsafe(running[0].stop)
        if running is not None and threading.current_thread() is not running[1]:
            running[1].join(_FAREWELL)

    def _loop(self) -> asyncio.AbstractEventLoop:
        if self._running is None:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=_serve, args=(loop,), name=self._name, daemon=True)
            self._running = loop, thread
            thread.start()
        return self._running[0]


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(_stray)
    try:
        loop.run_forever()
        while tasks := asyncio.all_tasks(loop):
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.wait(tasks))
    finally:
        loop.close()


def _stray(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What nobody waits for: requests that were left behind where a step took too long fail unheard."""
    if not isinstance(context.get("exception"), asyncssh.Error | OSError):
        loop.default_exception_handler(context)
