"""Copying by several processes: what an SDK computes for each request fills a processor long before the line
is full.

Each process takes tasks of the same backlog, which are claimed, as those of other machines do.
"""

import os
import pickle
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import structlog

from earwitness.keeping.copy_hand import copy_one_batch
from earwitness.settings import Settings
from storage.copies.copier import BATCH, Batch, Copier
from storage.errors import HelperGone
from storage.helper import Helper

log = structlog.get_logger("jobs")
_COMPUTED_FOR = frozenset({"s3", "minio"})
"""Kinds of targets whose requests cost more than their bytes, and that take any number of connections."""
_MOST = 4
_WORTH = 2
"""So many full batches one after the other are worth more processes, which take a second to start."""
_SHARE = 4 * BATCH
"""Calls that each takes at once where several work. They begin together and wait for the last, and the line
is half empty meanwhile: the more of them, the less often."""
_ASK_SECONDS = 0.2


class CopyTeam:
    """Copies to one target: alone, and with helpers from many calls on, until ``close`` or too few are left.

    ``helpers`` is how many, ``given`` what ``copy_hand`` makes of settings.
    """

    def __init__(self, copier: Copier, target: str, given: bytes = b"", helpers: int = 0) -> None:
        self._copier = copier
        self._target = target
        self._given = given
        self._most = helpers
        self._full = 0
        self._helpers: list[Helper] = []
        self._stack = ExitStack()
        self._telling = -1

    @classmethod
    def of(cls, settings: Settings, copier: Copier, target: str) -> Self:
        """The team for a target of the settings; what has a limit of bytes a second gets no helpers."""
        helped = any(
            spec.name == target and spec.kind in _COMPUTED_FOR and not spec.bandwidth
            for spec in settings.targets
        )
        return cls(copier, target, pickle.dumps(settings), min(_MOST, os.cpu_count() or 1) if helped else 0)

    def batch(
        self,
        stop: Callable[[], bool],
        *,
        by_hand: bool = False,
        noted: Callable[[Batch], None] = lambda _: None,
    ) -> Batch:
        """As ``Copier.batch``, of all that work now. ``noted`` hears of the helpers' calls in the end."""
        limit = _SHARE if self._helpers else BATCH
        with ThreadPoolExecutor(max(1, len(self._helpers))) as asking:
            asked = [asking.submit(self._ask, helper, limit, by_hand) for helper in self._helpers]
            try:
                batch = self._copier.batch(self._target, stop, limit, by_hand=by_hand, noted=noted)
                self._await(asked, stop)
            except BaseException:
                self.close()
                raise
        full = batch.taken == limit
        for found in asked:
            batch = _together(batch, found.result())
        if asked:
            noted(batch)
        self._staff(full=full)
        return batch

    def free(self) -> int:
        """As ``Copier.free``."""
        return self._copier.free(self._target)

    def close(self) -> None:
        """Let the helpers go, which begin no call any more."""
        self._full = 0
        self._helpers = []
        self._tell_to_stop()
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, helper: Helper, limit: int, by_hand: bool) -> Batch:
        try:
            given = (self._given, self._target, self._hearing, limit)
            answer = helper.call(copy_one_batch, *given, by_hand=by_hand)
        except HelperGone as error:
            answer = str(error)
        if isinstance(answer, Batch):
            return answer
        log.warning("helper left", target=self._target, reason=answer)
        # What it had taken is anybody's again, now that it is no more.
        self._copier.free(self._target)
        self._helpers = [each for each in self._helpers if each is not helper]
        return Batch()

    def _await(self, asked: list[Future[Batch]], stop: Callable[[], bool]) -> None:
        while asked and wait(asked, _ASK_SECONDS).not_done:
            if stop():
                self._tell_to_stop()

    def _staff(self, *, full: bool) -> None:
        self._full = self._full + 1 if full else 0
        if not full:
            self.close()
        elif self._full == _WORTH:
            self._start()

    def _start(self) -> None:
        self._hearing, self._telling = os.pipe()
        self._stack.callback(os.close, self._hearing)
        try:
            for _ in range(self._most):
                self._helpers.append(self._stack.enter_context(Helper(self._hearing)))
        except OSError as error:
            log.warning("no helper for copies", target=self._target, reason=str(error))

    def _tell_to_stop(self) -> None:
        """Helpers see the end of this pipe, also where this process was killed."""
        if self._telling >= 0:
            os.close(self._telling)
            self._telling = -1


def _together(one: Batch, other: Batch) -> Batch:
    return Batch(
        one.taken + other.taken,
        one.copied + other.copied,
        one.bytes + other.bytes,
        one.failed | other.failed,
        one.damaged | other.damaged,
        one.trouble or other.trouble,
    )
