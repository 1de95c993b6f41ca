"""Servers whose disk is full at every write in turn: nothing is half there, and all of it comes once there is
room.
"""

from collections.abc import Callable
from itertools import count

import pytest

from storage.catalogue import Catalogue, Condition
from storage.targets import MemoryTarget, Target
from storage.targets.sweeping import sweep
from tests.storage.copies.centre import Centre
from tests.storage.targets import ftp_server, s3_proxy, sftp_server
from tests.storage.targets.contract import content

CALLS = 2
LONG, IN_PARTS = 150_000, (8 << 20) + 100_000
OLD = b"a recording that was damaged"


class Full:
    """Copies of a few calls, to one folder of a server after the other, each full at a later write."""

    def __init__(self, catalogue: Catalogue, faults, fresh: Callable[[str], Target], size: int) -> None:
        self._catalogue, self._faults, self._fresh = catalogue, faults, fresh
        self._home = MemoryTarget()
        archive = Centre(catalogue, {}, self._home)
        archive.archive(*range(1, CALLS), size=LONG)
        archive.archive(0, size=size)

    def at_every_write(self) -> int:
        """At how many writes the disk was full, until there was room for all of them."""
        for number in count():
            if not self._is_full_after(number):
                return number
        raise AssertionError

    def _is_full_after(self, writes: int) -> bool:
        name, other = f"server-{writes}", f"other-{writes}"
        target = self._fresh(name)
        centre = Centre(self._catalogue, {name: target, other: MemoryTarget()}, self._home)
        replaced = next(stored.name for stored in self._home.list() if stored.name.endswith(".opus"))
        target.put(replaced, OLD)
        self._faults.writes = writes
        batch = centre.copy(name)
        if batch.trouble is not None:
            assert batch.trouble.condition is Condition.DOWN
            assert batch.trouble.detail.startswith("No space left on the disk of the ")
            assert batch.trouble.lasting
            assert not batch.failed, "it costs no call its turn"
            assert len(batch.copied) < CALLS
        else:
            assert len(batch.copied) == CALLS
        for stored in target.list():
            whole = {content(self._home, stored.name)} | ({OLD} if stored.name == replaced else set())
            assert content(target, stored.name) in whole
        assert target.stat(replaced) is not None, "what was there stays until the new one is there"
        centre.copy_all(other)
        centre.check(other)
        self._faults.writes = None
        centre.later(hours=1)
        assert sweep(target, centre.now.replace(year=9999)) == 0, "what was sent in vain makes room again"
        centre.copy_all(name)
        centre.check(name)
        if hasattr(target, "close"):
            target.close()
        return batch.trouble is not None


@pytest.mark.parametrize("reply", [452, 552])
def test_an_ftp_server(embedded, tmp_path, reply):
    with ftp_server.running(tmp_path / "disk") as server:
        server.faults.full = reply
        assert Full(embedded, server.faults, server.target, LONG).at_every_write() > 20


@pytest.mark.parametrize("silent", [False, True], ids=["says so", "says Failure"])
def test_an_sftp_server(embedded, tmp_path, silent):
    with sftp_server.running(tmp_path) as server:
        server.faults.silent_disk = silent
        assert Full(embedded, server.faults, server.target, LONG).at_every_write() == 3 * 3 * CALLS


@pytest.mark.parametrize(("kind", "code"), [("s3", "InsufficientStorage"), ("minio", "XMinioStorageFull")])
def test_a_server_that_speaks_s3(embedded, s3_server, kind, code):
    with s3_proxy.running(s3_server) as proxy:
        proxy.faults.full = s3_proxy.Answer.error(507, code)
        bucket = s3_server.bucket()

        def fresh(name: str) -> Target:
            server = s3_proxy.Server(kind, proxy, s3_server, bucket)
            server.prefix = name
            return server.target()

        assert Full(embedded, proxy.faults, fresh, IN_PARTS).at_every_write() == 3 * CALLS + 3
