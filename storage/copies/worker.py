"""Who takes copy tasks: a name that tells its process, so that the tasks of one that was killed can be told
from those of one that lives: ``<machine>:<pid>:<start>:<random>``.
"""

import uuid

from storage import process


def new_worker() -> str:
    """A name for one batch of this process; at most 64 characters."""
    return ":".join((*process.own(), uuid.uuid4().hex[:12]))


def is_gone(worker: str) -> bool:
    """Whether the process of this name is no more; False where nobody here can know."""
    machine, pid, start, *_ = (*worker.split(":"), "", "")
    return process.Process(machine, pid, start).is_gone()
