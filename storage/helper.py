"""Another Python process that does work of the disk for this one, which has but one interpreter lock.

Every read, link and sync of a file waits for that lock again while other threads compute; in a process of
its own the same work goes on undisturbed. A helper knows nothing between two calls, and ends with the pipe to
the process that started it, however that went.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import BinaryIO, ParamSpec, Self, TypeVar, cast

from storage.errors import HelperGone

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Helper:
    """Runs functions in a process that is given the open descriptors ``shared``.

    That of a lock is held while any of the two lives: without it, what is left of a killed process could
    still write where its successor writes already.
    """

    def __init__(self, *shared: int) -> None:
        # -P: what lies in the working directory is not ours to run.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "storage.helper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=shared,
        )
        self._turn = Lock()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def call(self, function: Callable[_P, _R], *args: _P.args, **options: _P.kwargs) -> _R:
        """What the function returns, which must be one of a module and not raise; all of it is pickled.

        One call at a time: others wait for their turn. Raises ``HelperGone``, the process then being over.
        """
        requests, answers = self._process.stdin, self._process.stdout
        if requests is None or answers is None:
            raise ValueError("a helper has pipes")
        with self._turn:
            try:
                pickle.dump((function, args, options), requests)
                requests.flush()
                return cast("_R", pickle.load(answers))  # noqa: S301 - from our own process
            except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
                self._close()
                raise HelperGone(f"A helper process ended: {self._process.returncode}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn:
            self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Run what comes until nothing comes any more."""
    while True:
        try:
            function, args, options = pickle.load(requests)  # noqa: S301 - from our own process
        except EOFError:
            return
        pickle.dump(function(*args, **options), answers)
        answers.flush()


def main() -> None:
    """A helper, with its requests on standard input."""
    # It is stopped by the end of its requests alone: a signal to all processes would cut a batch in two.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(BrokenPipeError), os.fdopen(os.dup(1), "wb") as answers:
        # What anything prints must not get between the answers.
        os.dup2(2, 1)
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
