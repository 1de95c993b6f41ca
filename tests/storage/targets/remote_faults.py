"""What targets on servers do where a server cuts, lies, fills up, goes away and comes back.

A subclass for each kind of server says with what numbers; its module has the fixtures ``server`` and
``target``, which is one in the folder ``calls`` of that server.
"""

import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import DiskFull, Mismatch, TargetError, TargetUnreachable
from storage.targets.contract import verify
from storage.targets.retrying import Patience, RetryingTarget
from tests.storage.targets.contract import DATA, content
from tests.storage.targets.test_rereadable import Pipe


def files(server) -> list[str]:
    """The names of all files on the server."""
    return sorted(path.name for path in server.root.rglob("*") if path.is_file())


def big(size: int) -> bytes:
    """More than goes at once."""
    return hashlib.shake_256(b"a call").digest(size)


class RemoteFaults:
    """The suite. ``big`` is sent in vain after ``cuts`` bytes each and read in vain after ``cut_read``."""

    big: bytes
    cuts: tuple[int, ...]
    at_most: float
    """So many times the whole may be sent with these cuts."""
    cut_read: int
    forgotten: int
    """So many bytes at the end of an upload does the server leave out that forgets."""
    called: str
    """The server, in messages."""
    unreachable: str

    def uses(self, target):
        """What can be asked of a target, for which its server is needed."""
        return [
            lambda: target.put("b", DATA),
            lambda: target.stat("a"),
            lambda: target.get("a"),
            lambda: list(target.list()),
            lambda: target.delete("a"),
        ]

    @pytest.mark.parametrize("make", [bytes, io.BytesIO, Pipe])
    def test_an_upload_that_is_cut_goes_on_where_it_broke(self, server, target, make):
        target.put("2026/a", DATA)
        server.faults.cut_after = list(self.cuts)
        stored = target.put("2026/a", make(self.big))
        assert not server.faults.cut_after
        assert (stored.bytes, stored.sha256) == (len(self.big), hashlib.sha256(self.big).hexdigest())
        verify(target, stored)
        assert server.faults.received < len(self.big) * self.at_most, "what was there is not sent again"
        assert files(server) == ["a"]

    def test_an_upload_that_is_always_cut_is_given_up(self, server, target):
        target.put("a", DATA)
        server.faults.cut_after = [0] * 50
        with pytest.raises(TargetError, match="could not keep a"):
            target.put("a", self.big)
        assert 0 < len(server.faults.cut_after) < 50
        server.faults.cut_after = []
        assert content(target, "a") == DATA
        assert target.sweep(datetime.now(UTC) + timedelta(hours=1)) <= 1
        assert files(server) == ["a"]

    def test_a_download_that_is_cut_is_an_error_and_goes_on_where_it_is_retried(self, server, target):
        target.put("a", self.big)
        server.faults.cut_downloads_after = [self.cut_read]
        with pytest.raises(TargetError, match="could not read a"):
            content(target, "a")
        server.faults.cut_downloads_after = [self.cut_read] * 2
        patient = RetryingTarget(target, Patience(sleep=lambda seconds: None))
        assert content(patient, "a") == self.big
        assert not server.faults.cut_downloads_after

    def test_a_server_that_keeps_less_than_it_says_is_found_at_once(self, server, target):
        target.put("a", DATA)
        server.faults.forget = self.forgotten
        kept = len(self.big) - self.forgotten
        with pytest.raises(Mismatch, match=f"took {len(self.big)} bytes .* kept {kept} bytes"):
            target.put("a", self.big)
        assert content(target, "a") == DATA
        assert files(server) == ["a"]

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
        assert files(server) == ["a"], "what was sent in vain makes room again"
        server.faults.room = None
        target.put("a", self.big)
        assert content(target, "a") == self.big

    def test_a_server_that_goes_away_and_comes_back(self, server, target):
        target.put("a", DATA)
        server.stop()
        for use in self.uses(target):
            with pytest.raises(TargetUnreachable, match=f"cannot be reached: {self.unreachable}"):
                use()
        server.start()
        assert content(target, "a") == DATA
        server.stop()
        server.start()
        target.put("b", DATA)
        assert files(server) == ["a", "b"]

    def test_a_retried_put_outlives_a_restart(self, server, target):
        server.stop()
        patient = RetryingTarget(target, Patience(sleep=lambda seconds: server.start()))
        assert patient.put("a", Pipe(DATA)).bytes == len(DATA)
        assert content(target, "a") == DATA

    def test_what_killed_puts_left_is_swept_when_old(self, server, target):
        target.put("2026/a", DATA)
        (server.root / "calls/2026/.part-0123456789abcdef.tmp").write_bytes(DATA)
        (server.root / "calls/.hidden").write_bytes(DATA)
        now = datetime.now(UTC)
        assert target.sweep(now - timedelta(hours=1)) == 0
        assert target.sweep(now + timedelta(hours=1)) == 1
        assert files(server) == [".hidden", "a"]
        assert [blob.name for blob in target.list()] == ["2026/a"]

    def test_a_target_that_is_forgotten_closes_its_connections(self, server):
        target = server.target()
        target.put("a", DATA)
        del target
