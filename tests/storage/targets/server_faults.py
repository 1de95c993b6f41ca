"""What all targets on servers do where a server cuts, lies, fills up, goes away and comes back.

A subclass for each kind of server says with what numbers; its module has the fixtures ``server`` and
``target``, which is one of that server.
"""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import DiskFull, Mismatch, TargetError, TargetUnreachable
from storage.targets.contract import verify
from storage.targets.retrying import Patience, RetryingTarget
from tests.storage.targets.contract import DATA, content
from tests.storage.targets.test_rereadable import Pipe


def big(size: int) -> bytes:
    """More than goes at once."""
    return hashlib.shake_256(b"a call").digest(size)


def patient(target, between=lambda seconds: None) -> RetryingTarget:
    """``target``, asked again where it failed, with ``between`` in place of the pauses."""
    return RetryingTarget(target, Patience(sleep=between))


class ServerFaults:
    """The suite. ``big`` is read in vain after ``cut_read`` bytes."""

    big: bytes
    cut_read: int
    called: str
    """The server, in messages."""
    unreachable: str
    """What they say where nobody answers."""
    not_kept = "could not keep a"
    not_read = "could not read a"

    def files(self, server) -> list[str]:
        """The names of all files on the server, and of whatever else lies there."""
        raise NotImplementedError

    def uses(self, target):
        """What can be asked of a target, for which its server is needed."""
        return [
            lambda: target.put("b", DATA),
            lambda: target.stat("a"),
            lambda: target.get("a"),
            lambda: list(target.list()),
            lambda: target.delete("a"),
        ]

    def test_an_upload_that_is_always_cut_is_given_up(self, server, target):
        target.put("a", DATA)
        server.faults.cut_after = [0] * 50
        with pytest.raises(TargetError, match=self.not_kept):
            target.put("a", self.big)
        assert 0 < len(server.faults.cut_after) < 50
        server.faults.cut_after = []
        assert content(target, "a") == DATA
        assert target.sweep(datetime.now(UTC) + timedelta(hours=1)) <= 1
        assert self.files(server) == ["a"]

    def test_a_download_that_is_cut_is_an_error_and_goes_on_where_it_is_retried(self, server, target):
        target.put("a", self.big)
        server.faults.cut_downloads_after = [self.cut_read]
        with pytest.raises(TargetError, match=self.not_read):
            content(target, "a")
        server.faults.cut_downloads_after = [self.cut_read] * 2
        assert content(patient(target), "a") == self.big
        assert not server.faults.cut_downloads_after

    def test_a_server_that_keeps_other_bytes_is_found_by_reading_back(self, server, target):
        server.faults.spoil = True
        stored = target.put("a", DATA)
        with pytest.raises(Mismatch, match="a reads back as"):
            verify(target, stored)

    def test_a_full_disk(self, server, target):
        target.put("a", DATA)
        server.faults.room = 1_000_000
        with pytest.raises(DiskFull, match=f"the disk of {self.called.replace('The', 'the')}"):
            target.put("a", self.big)
        assert content(target, "a") == DATA
        assert self.files(server) == ["a"], "what was sent in vain makes room again"
        server.faults.room = None
        target.put("a", self.big)
        assert content(target, "a") == self.big

    def test_a_server_that_goes_away_and_comes_back(self, server, target):
        target.put("a", DATA)
        server.stop()
        for use in self.uses(target):
            with pytest.raises(TargetUnreachable, match=self.unreachable):
                use()
        server.start()
        assert content(target, "a") == DATA
        server.stop()
        server.start()
        target.put("b", DATA)
        assert self.files(server) == ["a", "b"]

    def test_a_retried_put_outlives_a_restart(self, server, target):
        server.stop()
        back = patient(target, lambda seconds: server.start())
        assert back.put("a", Pipe(DATA)).bytes == len(DATA)
        assert content(target, "a") == DATA
