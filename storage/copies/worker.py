"""Who takes copy tasks: a name that tells its process, so that the tasks of one that was killed can be told
from those of one that lives.

``<machine>:<pid>:<start>:<random>``, the start in ticks since the machine was started, as a process id comes
again. The machine is the one that is up and the process ids that count in it, so that of a container or of
another machine nothing is concluded; nor is it without Linux's ``/proc``.
"""

import hashlib
import os
import uuid
from functools import cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")
_ENDED = frozenset({"Z", "X"})
_STATE, _START = 0, 19
"""Fields of ``/proc/<pid>/stat`` behind the name of the program, see proc(5)."""


def new_worker() -> str:
    """A name for one batch of this process; at most 64 characters."""
    pid = os.getpid()
    return f"{_machine()}:{pid}:{_started(pid)}:{uuid.uuid4().hex[:12]}"


def is_gone(worker: str) -> bool:
    """Whether the process of this name is no more; False where nobody here can know."""
    machine, _, rest = worker.partition(":")
    pid, _, rest = rest.partition(":")
    start, _, _ = rest.partition(":")
    if not machine or machine != _machine() or not pid.isdecimal() or not start:
        return False
    return _started(int(pid)) != start


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
