"""Which process of which machine: a name by which others can tell later whether it lives still.

The machine is the one that is up and the process ids that count in it, so that of a container or of another
machine nothing is concluded; nor is it without Linux's ``/proc``.
"""

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")
_ENDED = frozenset({"Z", "X"})
_STATE, _START = 0, 19
"""Fields of ``/proc/<pid>/stat`` behind the name of the program, see proc(5)."""


class Process(NamedTuple):
    """``start`` is in ticks since the machine was started, as a process id comes again. All are texts without
    any sign but letters and digits, empty where not known."""

    machine: str
    pid: str
    start: str

    def is_gone(self) -> bool:
        """Whether it is no more; False where nobody here can know."""
        if not self.machine or self.machine != _machine() or not self.pid.isdecimal() or not self.start:
            return False
        return _started(int(self.pid)) != self.start


@cache
def own() -> Process:
    """This process."""
    pid = os.getpid()
    return Process(_machine(), str(pid), _started(pid))


os.register_at_fork(after_in_child=own.cache_clear)


@cache
def _machine() -> str:
    try:
        place = f"{_BOOT.read_text(encoding='ascii').strip()} {_NAMESPACE.readlink()}"
    except OSError:
        return ""
    return hashlib.sha256(place.encode()).hexdigest()[:12]


def _started(pid: int) -> str:
    """When the process was started, empty where there is none, or one that only waits to be buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].decode("ascii").split()
    except OSError:
        return ""
    return "" if fields[_STATE] in _ENDED else fields[_START]
