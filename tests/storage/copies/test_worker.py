"""The tasks of a process that was killed are free at once; those of one that lives are not."""

import os
import subprocess
import sys

from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.copies.worker import is_gone, new_worker
from storage.targets import MemoryTarget
from tests.storage.copies.centre import HOME, Centre


def one_that_ended() -> str:
    """The name of a worker whose process is no more."""
    code = "from storage.copies.worker import new_worker; print(new_worker())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_this_process_lives():
    worker = new_worker()
    assert new_worker() != worker
    assert len(worker) <= 64
    assert not is_gone(worker)


def test_one_that_ended_is_gone():
    assert is_gone(one_that_ended())


def test_one_that_was_killed_and_is_not_buried_yet_is_gone():
    code = "from storage.copies.worker import new_worker; print(new_worker(), flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        worker = child.stdout.readline().strip()
        assert not is_gone(worker)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(worker)


def test_an_id_that_came_again_is_another_process():
    machine, pid, _, rest = new_worker().split(":")
    assert is_gone(f"{machine}:{pid}:1:{rest}")


def test_of_others_nothing_is_concluded():
    _, pid, _, rest = new_worker().split(":")
    assert not is_gone(f"0123456789ab:{pid}:1:{rest}")
    assert not is_gone("6f9619ff-8b86-d011-b42d-00c04fc964ff")
    assert not is_gone("")
    assert not is_gone(f":{pid}::{rest}")


def test_what_a_dead_worker_had_taken_is_copied_at_once(catalogue):
    made = Centre(catalogue, {"nas": MemoryTarget()})
    made.archive(*range(4))
    Backlog(catalogue, made.placement, HOME).fill("nas", made.now)
    claims = catalogue.copy_claims
    dead, alive = one_that_ended(), new_worker()
    assert len(claims.claim("nas", dead, made.now, 3)) == 3
    assert len(claims.claim("nas", alive, made.now, 9)) == 1
    copier = Copier(catalogue, made.targets, made.placement, HOME, lambda: made.now)
    assert copier.batch("nas").taken == 0
    assert copier.free("nas") == 3
    assert len(copier.batch("nas").copied) == 3
    assert copier.free("nas") == 0
