"""Servers that speak S3 and the wires to them that cut, stall, spoil, lie, fill up, go away and refuse."""

import hashlib
import re
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import DiskFull, Mismatch, NotStored, StorageError, TargetError, TargetUnreachable
from storage.targets.contract import verify
from tests.storage.targets import s3_proxy
from tests.storage.targets.contract import DATA, RangeContract, content
from tests.storage.targets.s3_proxy import Answer, Faults, Server
from tests.storage.targets.server_faults import ServerFaults, big, patient
from tests.storage.targets.test_rereadable import Pipe

WHOLE, IN_PARTS = big(3_000_000), big((8 << 20) + 100_000)
LATER = timedelta(hours=1)


@pytest.fixture(scope="module")
def proxy(s3_server):
    with s3_proxy.running(s3_server) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def bucket(s3_server):
    return s3_server.bucket()


@pytest.fixture(params=s3_proxy.KINDS)
def server(request, proxy, s3_server, bucket):
    proxy.faults = Faults()
    return Server(request.param, proxy, s3_server, bucket)


@pytest.fixture
def target(server):
    return server.target()


@pytest.fixture(params=[WHOLE, IN_PARTS], ids=["whole", "parts"])
def data(request):
    return request.param


class S3Faults(ServerFaults):
    """As all targets on servers; what is cut is sent again whole by the wrapper that retries."""

    called = "The bucket calls-.* at .*"
    unreachable = "cannot be reached .*Check the network and `endpoint`"
    not_kept = not_read = "broke off or answers oddly"
    cut_read = 500_000
    cuts: tuple[int, ...]

    def files(self, server):
        return server.files()

    @pytest.mark.parametrize("make", [bytes, Pipe])
    def test_an_upload_that_is_cut_is_sent_again(self, server, target, make):
        target.put("2026/a", DATA)
        server.faults.cut_after = list(self.cuts)
        stored = patient(target).put("2026/a", make(self.big))
        assert not server.faults.cut_after
        assert (stored.bytes, stored.sha256) == (len(self.big), hashlib.sha256(self.big).hexdigest())
        verify(target, stored)
        assert server.files() == ["a"]


class TestWhole(S3Faults):
    """A put that is one request."""

    big = WHOLE
    cuts = (0, 1_000_000, len(WHOLE))


class TestInParts(S3Faults):
    """A put in parts, the first of them longer than what is read before the cut."""

    big = IN_PARTS
    cuts = (0, 3_000_000, len(IN_PARTS) - 1)


def test_what_killed_puts_left_is_swept_when_old(server, target):
    target.put("2026/a", DATA)
    server.begin("2026/b")
    assert server.files() == ["a", f"{server.prefix}/2026/b in parts"]
    # moto dates every upload to a day of 2010.
    assert target.sweep(datetime(2000, 1, 1, tzinfo=UTC)) == 0
    assert target.sweep(datetime.now(UTC)) == 1
    assert server.files() == ["a"]


@pytest.mark.parametrize("fault", ["die_before", "die_after"])
def test_a_connection_that_is_cut_at_any_request(server, target, data, fault):
    """A put is through or raises; the blob is the old or the new one, and nothing is left over."""
    cut, requests = 0, 1 if data is WHOLE else 4
    for number in range(requests + 1):
        target.put("a", b"old")
        setattr(server.faults, fault, number)
        try:
            stored = target.put("a", data)
        except TargetError:
            cut += 1
            allowed = {b"old", data} if fault == "die_after" else {b"old"}
        else:
            assert stored.sha256 == hashlib.sha256(data).hexdigest()
            allowed = {data}
        setattr(server.faults, fault, None)
        assert content(target, "a") in allowed, number
        target.sweep(datetime.now(UTC) + LATER)
        assert server.files() == ["a"]
    assert cut == requests


@pytest.mark.parametrize("ask", ["put", "stat", "get", "list", "delete", "sweep"])
def test_an_answer_that_is_lost_is_asked_for_again(server, target, ask):
    target.put("a", DATA)
    again = patient(target)
    server.faults.die_after = 0
    if ask == "put":
        verify(target, again.put("b", WHOLE))
    elif ask == "stat":
        assert again.stat("a").bytes == len(DATA)
    elif ask == "get":
        assert content(again, "a") == DATA
    elif ask == "list":
        assert [blob.name for blob in again.list()] == ["a"]
    elif ask == "delete":
        again.delete("a")
    else:
        with pytest.raises(TargetError, match="broke off"):
            target.sweep(datetime.now(UTC))
    assert server.faults.die_after is None
    assert server.files() == {"put": ["a", "b"], "delete": []}.get(ask, ["a"])


def test_a_server_that_says_all_is_well_and_keeps_nothing_is_found_by_reading_back(server, target, data):
    server.faults.lies = frozenset({"PUT", "POST"})
    stored = target.put("a", data)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    with pytest.raises(NotStored):
        verify(target, stored)
    server.faults.lies = frozenset()
    target.put("a", DATA)
    server.faults.lies = frozenset({"PUT", "POST"})
    with pytest.raises(Mismatch, match="a reads back as"):
        verify(target, target.put("a", data))
    assert target.sweep(datetime.now(UTC) + LATER) == (2 if data is IN_PARTS else 0)
    server.faults.lies = frozenset()
    verify(target, target.put("a", data))
    assert server.files() == ["a"]


def test_parts_that_were_not_kept_are_found_at_once(server, target):
    target.put("a", DATA)
    server.faults.lies = frozenset({"PUT"})
    with pytest.raises(TargetError, match="failed"):
        target.put("a", IN_PARTS)
    assert content(target, "a") == DATA
    assert server.files() == ["a"]


@pytest.mark.parametrize(
    "said",
    [
        Answer.error(200, "InternalError"),
        Answer(200),
        Answer(200, "<html>Please log in</html>", "text/html"),
    ],
    ids=["error", "nothing", "page"],
)
def test_parts_that_are_not_put_together(server, target, said):
    """S3 begins to answer before it is through, so that the status says nothing."""
    target.put("a", DATA)
    server.faults.ends = said
    with pytest.raises(TargetError):
        target.put("a", IN_PARTS)
    assert content(target, "a") == DATA
    server.faults.ends = None
    target.sweep(datetime.now(UTC) + LATER)
    assert server.files() == ["a"]


def test_bytes_that_are_spoiled_while_they_are_read_are_found(server, target, data):
    stored = target.put("a", data)
    server.faults.spoil_downloads = True
    with pytest.raises(Mismatch, match="a reads back as"):
        verify(target, stored)
    server.faults.spoil_downloads = False
    verify(target, stored)


@pytest.mark.parametrize(
    "full",
    [
        Answer(507),
        Answer(507, "<html>full</html>", "text/html"),
        Answer.error(507, "InsufficientStorage"),
        Answer.error(403, "QuotaExceeded"),
        Answer.error(400, "XMinioAdminBucketQuotaExceeded"),
    ],
    ids=["empty", "page", "standard", "ceph", "minio"],
)
def test_a_full_disk_in_the_words_of_many_servers(server, target, full):
    target.put("a", DATA)
    server.faults.room, server.faults.full = 1_000_000, full
    with pytest.raises(DiskFull):
        target.put("a", WHOLE)
    assert content(target, "a") == DATA
    assert server.files() == ["a"]


def test_what_went_wrong_first_is_told_where_giving_up_fails_too(server, target):
    target.put("a", DATA)
    server.faults.room, server.faults.die_before = 8 << 20, 3
    with pytest.raises(DiskFull):
        target.put("a", IN_PARTS)
    assert server.faults.die_before is None
    assert server.files() == ["a", f"{server.prefix}/a in parts"]
    assert target.sweep(datetime.now(UTC) + LATER) == 1
    assert server.files() == ["a"]


@pytest.mark.parametrize(
    "busy",
    [
        Answer.error(503, "SlowDown"),
        Answer.error(503, "ServiceUnavailable"),
        Answer(503),
        Answer(502, "<html>Bad Gateway</html>", "text/html"),
        Answer(429, "slower", "text/plain"),
    ],
    ids=["slow-down", "unavailable", "empty", "page", "text"],
)
def test_a_server_that_is_busy_is_asked_again_later(server, target, busy):
    target.put("a", DATA)
    server.faults.answers = [busy]
    with pytest.raises(TargetUnreachable, match="takes no requests now"):
        target.put("a", WHOLE)
    assert content(target, "a") == DATA
    assert server.files() == ["a"]
    server.faults.answers = [busy, busy]
    verify(target, patient(target).put("a", WHOLE))
    assert server.files() == ["a"]


def test_an_error_of_the_server_itself(server, target, data):
    target.put("a", DATA)
    for said in (Answer.error(500, "InternalError"), Answer(500), Answer(418, "tea", "text/plain")):
        server.faults.answers = [said]
        with pytest.raises(TargetError) as caught:
            target.put("a", data)
        assert type(caught.value) is TargetError
    assert content(target, "a") == DATA
    assert server.files() == ["a"]


def test_a_server_that_hangs(server, target, data):
    target.put("a", DATA)
    hasty = server.target(0.3)
    server.faults.silent = True
    for use in (
        lambda: hasty.put("a", data),
        lambda: hasty.get("a"),
        lambda: hasty.stat("a"),
        lambda: list(hasty.list()),
        lambda: hasty.delete("a"),
    ):
        with pytest.raises(TargetUnreachable, match="does not answer"):
            use()
    server.faults.silent = False
    assert content(target, "a") == DATA


def test_a_server_that_takes_nothing(server):
    """What is sent fills the buffers on the way, and stays there."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server.proxy.port, port = silent.getsockname()[1], server.proxy.port
        try:
            with pytest.raises(TargetUnreachable, match="does not answer"):
                server.target(0.3).put("a", IN_PARTS)
        finally:
            server.proxy.port = port


def test_a_download_that_stalls(server, target):
    target.put("a", WHOLE)
    server.faults.stall_downloads_after = 100_000
    with pytest.raises(TargetUnreachable, match="does not answer"):
        content(server.target(0.3), "a")
    server.faults.stall_downloads_after = None
    assert content(target, "a") == WHOLE


class TestWithoutRanges(RangeContract):
    """A proxy that drops ``Range``: the answer to every request for a part is the whole, with status 200."""

    @pytest.fixture
    def target(self, server):
        server.faults.ranges = lambda asked: None
        return server.target()


def moved(by_start: int = 0, by_end: int = 0):
    """Another range than the one that is asked for."""

    def move(asked: str) -> str:
        start, end = asked.removeprefix("bytes=").split("-")
        return f"bytes={int(start) + by_start}-{int(end) + by_end if end else end}"

    return move


@pytest.mark.parametrize("length", [None, 200])
@pytest.mark.parametrize(
    "fault",
    [
        {"ranges": moved(by_start=1)},
        {"ranges": moved(by_start=-100)},
        {"head": lambda head: re.sub("(?i)content-range:.*\r\n", "", head)},
        {"head": lambda head: re.sub("(?i)content-range:.*", "Content-Range: bytes */10240", head)},
        {"ranges": lambda asked: None, "head": lambda head: head.replace(" 200 ", " 206 ", 1)},
        {"head": lambda head: head.replace(" 206 ", " 203 ", 1)},
    ],
    ids=["later", "earlier", "without its place", "without a place", "all as a part", "another status"],
)
def test_an_answer_of_another_part_is_an_error_and_never_given_out(server, target, length, fault):
    target.put("a", DATA)
    for name, value in fault.items():
        setattr(server.faults, name, value)
    with pytest.raises(TargetError, match=r"answers with another part .*Check the proxy|answers oddly"):
        target.get("a", 100, length)


def test_an_answer_that_ends_before_the_part_does_is_an_error(server, target):
    target.put("a", DATA)
    server.faults.ranges = moved(by_end=-1)
    with pytest.raises(TargetError, match="asked for bytes=100-299 of a and answers with another part"):
        target.get("a", 100, 200)
    server.faults.ranges = lambda asked: "bytes=100-299"
    with pytest.raises(TargetError, match="asked for bytes=100- of a and answers with another part"):
        target.get("a", 100)


def test_a_part_where_all_was_asked_for_is_an_error(server, target):
    target.put("a", DATA)
    server.faults.on_the_way = lambda said: said.replace(b" 200 ", b" 206 ", 1)
    with pytest.raises(TargetError, match="asked for all of a"):
        target.get("a")


def test_a_download_that_is_cut_goes_on_at_its_place_where_ranges_are_ignored(server, target):
    target.put("a", WHOLE)
    server.faults.ranges = lambda asked: None
    server.faults.cut_downloads_after = [500_000, 2_000_000]
    assert content(patient(target), "a") == WHOLE
    assert not server.faults.cut_downloads_after


def altered(at: int, mask: int):
    """One bit of the answer is another, or with no mask the answer ends there."""

    def alter(said: bytes) -> bytes:
        place = at % len(said)
        return said[:place] + (bytes([said[place] ^ mask]) + said[place + 1 :] if mask else b"")

    return alter


@pytest.mark.parametrize("mask", [0, 1, 0x80])
def test_whatever_becomes_of_an_answer_it_is_one_or_an_error_of_targets(server, target, mask):
    """Cut or altered at any place: the head and the XML of all that is asked for."""
    server.begin("b")
    target.put("a", b"short")
    old = datetime(2000, 1, 1, tzinfo=UTC)
    asked = {
        "list": lambda: list(target.list()),
        "sweep": lambda: target.sweep(old),
        "stat": lambda: target.stat("a"),
        "missing": lambda: target.stat("c"),
        "get": lambda: content(target, "a"),
        "put": lambda: target.put("a", b"short"),
        # Whether the bucket keeps versions is asked once by each target.
        "delete": lambda: server.target().delete("c"),
    }
    for name, ask in asked.items():
        for at in range(0, 400 if name == "delete" else 900, 83):
            server.faults.on_the_way = altered(at, mask)
            with suppress(StorageError):
                ask()
    server.faults.on_the_way = None
    assert content(patient(target), "a") == b"short"
