"""Waiting for what may never answer, such as a folder on a mount whose server is gone: the operating system
then keeps whoever asks, and nothing wakes him. So it is asked by threads that nobody misses."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")
_IDLE_SECONDS = 10.0


class NoAnswer(Exception):
    """It did not come in time, or nobody is left to ask for it."""


class Answering:
    """Has things done that may never end, and waits for each as long as it is told. Safe from many threads.

    Where ``most`` that were given up have not come back, nothing more is asked: so many threads are lost at
    most, beside those that asked at the same moment.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: list[_Hand] = []
        self._given_up: set[_Errand[Any]] = set()

    @property
    def owing(self) -> int:
        """How many answers nobody waits for any more and have not come."""
        return len(self._given_up)

    def within(self, seconds: float, act: Callable[[], _T]) -> _T:
        """What ``act`` gives or raises. Raises ``NoAnswer`` where that takes longer; it goes on all the same,
        so it must be something that does no harm when it ends late."""
        errand = _Errand(act)
        with self._lock:
            if len(self._given_up) >= self._most:
                raise NoAnswer
            hand = self._idle.pop() if self._idle else None
        (hand or _Hand(self)).errands.put(errand)
        if not errand.over.wait(seconds):
            with self._lock:
                if not errand.over.is_set():
                    self._given_up.add(errand)
                    raise NoAnswer
        return errand.result()

    def came_back(self, hand: "_Hand", errand: "_Errand[Any]") -> None:
        """The errand is over, and the hand free for another one."""
        with self._lock:
            self._idle.append(hand)
            self._given_up.discard(errand)
            errand.over.set()

    def may_leave(self, hand: "_Hand") -> bool:
        """Whether nobody is about to give this hand something to do."""
        with self._lock:
            if hand not in self._idle:
                return False
            self._idle.remove(hand)
            return True


class _Errand(Generic[_T]):
    def __init__(self, act: Callable[[], _T]) -> None:
        self._act = act
        self._answer: list[_T] = []
        self._error: BaseException | None = None
        self.over = threading.Event()

    def run(self) -> None:
        try:
            self._answer.append(self._act())
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._error = error

    def result(self) -> _T:
        if self._error is not None:
            raise self._error
        return self._answer[0]


class _Hand(threading.Thread):
    """Runs one errand after the other; ends with the process, and when nothing came for a while."""

    def __init__(self, answering: Answering) -> None:
        super().__init__(daemon=True, name="answering")
        self._answering = answering
        self.errands: SimpleQueue[_Errand[Any]] = SimpleQueue()
        self.start()

    def run(self) -> None:
        while True:
            try:
                errand = self.errands.get(timeout=_IDLE_SECONDS)
            except Empty:
                if self._answering.may_leave(self):
                    return
                continue
            errand.run()
            self._answering.came_back(self, errand)
            del errand
