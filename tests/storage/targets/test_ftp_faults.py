"""FTP servers that cut, lie, fill up, hang, go away and refuse."""

import os
import re
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import NotStored, TargetAbsent, TargetError, TargetRefused
from storage.targets.contract import verify
from tests.storage.targets.contract import DATA, content
from tests.storage.targets.ftp_server import certificate, running
from tests.storage.targets.remote_faults import RemoteFaults, files
from tests.storage.targets.server_faults import big, patient

BIG = big(3_000_000)


@pytest.fixture(params=["plain", "tls"])
def server(request, tmp_path):
    with running(tmp_path / "disk", tls=certificate(tmp_path) if request.param == "tls" else None) as server:
        yield server


@pytest.fixture
def target(server):
    target = server.target("calls")
    yield target
    target.close()


class TestFtpFaults(RemoteFaults):
    """In clear and with TLS."""

    big = BIG
    cuts = (400_000, 1_000_000, 100_000)
    at_most = 1.5
    cut_read = 500_000
    forgotten = 5
    called = "The FTP server"
    unreachable = "cannot be reached: Connection refused. Check that it is running"


def test_a_wrong_password(server):
    target = server.target(password="wrong")
    with pytest.raises(TargetRefused, match=r"does not let recorder in: 530 .* Check user and password"):
        target.stat("a")
    target.close()


@pytest.mark.parametrize("password", ["gehéim", "密码123", "pass€"])
def test_passwords_beyond_ascii(tmp_path, password):
    with running(tmp_path / "disk", password=password) as server:
        target = server.target()
        target.put("a", DATA)
        target.close()
        assert server.faults.refused == 0
        wrong = server.target(password="wröng")
        with pytest.raises(TargetRefused, match="does not let recorder in: 530"):
            wrong.stat("a")
        assert server.faults.refused == 1, "a server that speaks UTF-8 is not asked in another encoding"
        wrong.close()


def test_passwords_of_a_server_that_knows_only_an_older_encoding(tmp_path):
    with running(tmp_path / "disk", password="gehéim", encoding="latin-1") as server:
        target = server.target()
        for number in range(3):
            target.put("a", DATA)
            server.faults.die_before = 0
            assert content(target, "a") == DATA, number
        assert server.faults.refused == 1, "which of them it means is found out once"
        target.close()
        wrong = server.target(password="wröng")
        with pytest.raises(TargetRefused, match=r"does not let recorder in: 530 .* Check user and password"):
            wrong.stat("a")
        wrong.close()


def test_rights_that_are_missing(tmp_path):
    with running(tmp_path / "disk", rights="elr") as server:
        (server.root / "a").write_bytes(DATA)
        target = server.target()
        assert content(target, "a") == DATA
        for use in (lambda: target.put("b", DATA), lambda: target.delete("a")):
            with pytest.raises(
                TargetRefused, match=r"does not allow to .* Give the user of this target the right"
            ):
                use()
        target.close()


def test_a_certificate_that_nobody_vouches_for(tmp_path):
    (tmp_path / "other").mkdir()
    with running(tmp_path / "disk", tls=certificate(tmp_path)) as server:
        for tls in (True, certificate(tmp_path / "other")):
            target = server.target(tls=tls)
            with pytest.raises(TargetRefused, match=r"cannot be trusted: .*ca_file"):
                target.stat("a")
            target.close()
        with pytest.raises(TargetRefused, match="must be a readable PEM file"):
            server.target(tls=tmp_path / "missing.pem")


def test_tls_on_one_side_only(tmp_path):
    with (
        running(tmp_path / "plain") as plain,
        running(tmp_path / "tls", tls=certificate(tmp_path)) as secured,
    ):
        for target, words in (
            (plain.target(tls=True), "does not offer TLS: 5.*tls = false"),
            (secured.target(tls=False), "does not let recorder in: 5.*"),
        ):
            with pytest.raises(TargetRefused, match=words):
                target.stat("a")
            target.close()


def test_what_is_not_an_ftp_server(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n")
                ended.wait(30)

        thread = threading.Thread(target=answer)
        thread.start()
        with running(tmp_path / "disk") as server:
            server.port = listener.getsockname()[1]
            target = server.target()
            with pytest.raises(TargetAbsent, match="which is not FTP"):
                target.stat("a")
        ended.set()
        thread.join()


def test_a_server_that_does_not_answer(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent, running(tmp_path / "disk") as server:
        server.port = silent.getsockname()[1]
        with pytest.raises(TargetAbsent, match="it does not answer"):
            server.target(timeout=0.1).stat("a")


def test_a_slow_server_is_waited_for(server, target):
    server.faults.slow = 0.003
    stored = target.put("a", BIG)
    verify(target, stored)


def test_more_readers_than_connections(server):
    target = server.target(connections=2)
    target._pool._patience = 0.05
    target.put("a", BIG)
    first, second = target.get("a"), target.get("a")
    next(first), next(second)
    with pytest.raises(TargetError, match="All 2 connections to the server were in use"):
        target.stat("a")
    first.close()
    assert target.stat("a").bytes == len(BIG)
    assert b"".join(second)[-100:] == BIG[-100:]
    target.close()


def test_folders_that_somebody_removed_are_made_again(server, target):
    target.put("2026/11/22/a", DATA)
    target.delete("2026/11/22/a")
    for folder in ("2026/11/22", "2026/11", "2026"):
        (server.root / "calls" / folder).rmdir()
    target.put("2026/11/22/a", DATA)
    assert content(target, "2026/11/22/a") == DATA


def test_a_blob_that_shrinks_while_it_is_read(server, target):
    target.put("a", BIG)
    chunks = target.get("a")
    (server.root / "calls/a").write_bytes(BIG[:10])
    assert b"".join(chunks) == BIG[:10], "it was replaced before the first byte"
    target.put("a", BIG)
    chunks = target.get("a", 100)
    (server.root / "calls/a").unlink()
    with pytest.raises(TargetError, match="could not read a"):
        list(chunks)
    with pytest.raises(NotStored):
        target.get("a")


@pytest.mark.parametrize(
    "make",
    [{"without": frozenset({"REST"})}, {"restarts": False}],
    ids=["REST is not known", "REST is not meant"],
)
def test_a_server_that_cannot_go_on_gets_it_anew(tmp_path, make):
    with running(tmp_path / "disk", **make) as server:
        target = server.target()
        server.faults.cut_after = [400_000]
        target.put("a", BIG)
        assert content(target, "a") == BIG
        assert files(server) == ["a"]
        server.faults.cut_downloads_after = [400_000, 500_000]
        assert content(patient(target), "a") == BIG, "and is read on at its place"
        assert not server.faults.cut_downloads_after
        server.faults.cut_after = [400_000] * 50
        with pytest.raises(TargetError):
            target.put("b", BIG)
        assert server.faults.cut_after, "it gave up"
        server.faults.cut_after = []
        assert files(server) == ["a"]
        target.close()


@pytest.mark.parametrize("replaces", [True, False])
def test_a_connection_that_is_cut_at_any_command(tmp_path, replaces):
    """A put is through or raises; the blob is the old or the new one, and what is left over is hidden."""
    with running(tmp_path / "disk", replaces=replaces) as server:
        through = 0
        for number in range(30):
            target = server.target(f"{number}")
            if not replaces:
                target.put("a", b"other")
            target.put("a", b"old")
            server.faults.die_before = number
            try:
                target.put("a", DATA)
            except TargetError:
                # Where nothing can be replaced at once, a cut in that moment leaves neither of them.
                allowed = {b"old", DATA} if replaces else {b"old", DATA, None}
            else:
                allowed = {DATA}
                through += 1
            server.faults.die_before = None
            found = target.stat("a") and content(target, "a")
            assert found in allowed, number
            assert [blob.name for blob in target.list()] == (["a"] if found else [])
            target.sweep(datetime.now(UTC) + timedelta(hours=1))
            assert target.put("a", DATA).bytes == len(DATA)
            assert content(target, "a") == DATA
            target.close()
        assert through >= 25, "what can be done again is done again"


def test_a_rename_whose_answer_is_lost(server, target):
    target.put("a", DATA)
    for name in ("a", "b"):
        server.faults.die_after = "RNTO"
        target.put(name, BIG)
        assert not server.faults.die_after
        assert content(target, name) == BIG
    assert files(server) == ["a", "b"]


@pytest.mark.parametrize("command", ["STOR", "MKD", "DELE", "RETR", "MLST", "MLSD"])
def test_other_answers_that_are_lost(tmp_path, command):
    with running(tmp_path / "disk") as server:
        target = server.target("calls")
        target.put("a", DATA)
        server.faults.die_after = command
        target.put("2026/b", DATA)
        assert content(target, "a") == DATA
        target.delete("a")
        assert [blob.name for blob in target.list()] == ["2026/b"]
        assert not server.faults.die_after
        assert files(server) == ["b"]
        target.close()


def test_transfers_that_a_firewall_stops(server, target):
    target.put("a", DATA)
    server.faults.no_data = True
    for use in (lambda: target.put("b", DATA), lambda: content(target, "a")):
        with pytest.raises(TargetError, match="firewalls must let passive FTP through"):
            use()


@pytest.mark.parametrize("without", [frozenset(), frozenset({"MLSD", "MLST", "FEAT"})])
def test_a_folder_that_does_not_open_is_not_empty(tmp_path, without):
    with running(tmp_path / "disk", without=without) as server:
        target = server.target("calls")
        target.put("2026/11/a", DATA)
        server.faults.unreadable = "11"
        for prefix in ("", "2026/11/"):
            with pytest.raises(TargetError, match="could not list 2026/11: 550 Input/output error"):
                list(target.list(prefix))
        assert list(target.list("2026/12/")) == list(target.list("2027/01/")) == []
        target.close()


@pytest.mark.parametrize("without", [frozenset(), frozenset({"MLSD", "MLST", "FEAT"})])
def test_a_listing_that_is_cut_is_whole_or_an_error(tmp_path, without):
    with running(tmp_path / "disk", without=without) as server:
        names = ["2026/11/a", "2026/11/b"]
        target = server.target("calls")
        for name in names:
            target.put(name, DATA)
        raised = 0
        for number in range(16):
            server.faults.die_before = number
            fresh = server.target("calls")
            try:
                assert [blob.name for blob in fresh.list()] == names
            except TargetError:
                raised += 1
            fresh.close()
        assert 0 < raised < 16
        server.faults.die_before = None
        target.close()


def _german(line: bytes) -> bytes:
    return re.sub(rb" Nov ( ?\d)", " März \\1".encode("latin-1"), line)


def _somehow(line: bytes) -> bytes:
    return re.sub(rb" Nov +\d+ +(20\d\d|\d\d:\d\d) ", rb" the other day ", line)


RFC_959 = frozenset({"MLSD", "MLST", "FEAT", "SIZE"})
NOVEMBER = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


def test_months_in_a_language_that_is_not_known(tmp_path):
    with running(tmp_path / "disk", without=RFC_959, date=_german) as server:
        target = server.target("calls")
        for name in ("2026/11/a", "2026/11/b"):
            target.put(name, DATA)
            os.utime(server.root / "calls" / name, (NOVEMBER.timestamp(),) * 2)
        assert [blob.name for blob in target.list()] == ["2026/11/a", "2026/11/b"]
        found = target.stat("2026/11/a")
        assert (found.bytes, found.modified) == (len(DATA), None)
        assert content(target, "2026/11/b") == DATA
        target.close()


def test_files_that_are_listed_in_no_known_way_are_not_left_out(tmp_path):
    with running(tmp_path / "disk", without=RFC_959, date=_somehow) as server:
        target = server.target()
        for day, name in ((20, "a"), (22, "b")):
            (server.root / name).write_bytes(DATA)
            os.utime(server.root / name, (NOVEMBER.replace(month=10, day=day).timestamp(),) * 2)
        assert [blob.name for blob in target.list()] == ["a", "b"]
        os.utime(server.root / "b", (NOVEMBER.timestamp(),) * 2)
        with pytest.raises(TargetError, match=r"could not list its folder: .*the other day b'\. Use an FTP"):
            list(target.list())
        with pytest.raises(TargetError, match="could not look for a"):
            target.stat("a")
        target.close()


def test_old_files_alone_do_not_tell_the_time_zone_of_a_server(tmp_path):
    """Of those LIST tells the day only, which would be taken for a clock that is hours behind."""
    with running(tmp_path / "disk", without=frozenset({"MLSD", "MLST", "FEAT"})) as server:
        target = server.target()
        (server.root / "old").write_bytes(DATA)
        os.utime(server.root / "old", (NOVEMBER.replace(year=2024, hour=15).timestamp(),) * 2)
        assert [blob.modified for blob in target.list()] == [None]
        (server.root / "new").write_bytes(DATA)
        minute = datetime.fromtimestamp((server.root / "new").stat().st_mtime, UTC).replace(
            second=0, microsecond=0
        )
        assert {blob.name: blob.modified for blob in target.list()}["new"] == minute
        target.close()
