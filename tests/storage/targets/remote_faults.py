"""What targets on servers that keep files do beyond ``server_faults``: going on, looking, sweeping.

The fixture ``target`` is one in the folder ``calls`` of the server.
"""

import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import DiskFull, Mismatch
from storage.targets.contract import verify
from tests.storage.targets.contract import DATA, content
from tests.storage.targets.server_faults import ServerFaults
from tests.storage.targets.test_rereadable import Pipe


def files(server) -> list[str]:
    """The names of all files on the server."""
    return sorted(path.name for path in server.root.rglob("*") if path.is_file())


class RemoteFaults(ServerFaults):
    """The suite. ``big`` is sent in vain after ``cuts`` bytes each."""

    cuts: tuple[int, ...]
    at_most: float
    """So many times the whole may be sent with these cuts."""
    forgotten: int
    """So many bytes at the end of an upload does the server leave out that forgets."""

    def files(self, server):
        return files(server)

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

    def test_a_server_that_keeps_less_than_it_says_is_found_at_once(self, server, target):
        target.put("a", DATA)
        server.faults.forget = self.forgotten
        kept = len(self.big) - self.forgotten
        with pytest.raises(Mismatch, match=f"took {len(self.big)} bytes .* kept {kept} bytes"):
            target.put("a", self.big)
        assert content(target, "a") == DATA
        assert files(server) == ["a"]

    def test_nothing_is_moved_away_for_a_name_that_a_full_disk_refuses(self, server, target):
        target.put("a", DATA)
        server.faults.writes, server.faults.room_comes = 2, True
        with pytest.raises(DiskFull):
            target.put("a", DATA[::-1])
        assert content(target, "a") == DATA
        assert target.capabilities.atomic_put
        assert files(server) == ["a"]
        target.put("a", DATA[::-1])
        assert content(target, "a") == DATA[::-1]

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
