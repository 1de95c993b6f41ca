"""SSH servers that cut, lie, fill up, hang, go away, refuse, or are not the ones that they were."""

import contextlib
import socket

import asyncssh
import pytest

from storage.errors import TargetError, TargetRefused, TargetUnreachable
from tests.storage.targets.contract import DATA, content
from tests.storage.targets.remote_faults import RemoteFaults, files
from tests.storage.targets.server_faults import big
from tests.storage.targets.sftp_server import PASSWORD, running

BIG = big(5_000_000)


@pytest.fixture
def server(tmp_path):
    with running(tmp_path) as server:
        yield server


@pytest.fixture
def target(server):
    target = server.target("calls")
    yield target
    target.close()


class TestSftpFaults(RemoteFaults):
    """As all targets on servers, and the room of one of these is told."""

    big = BIG
    cuts = (1_500_000, 2_300_000, 1_100_000)
    at_most = 2
    cut_read = 2_500_000
    forgotten = len(BIG)
    called = "The SSH server"
    unreachable = "cannot be reached: Connection refused. Check that it is running"

    def uses(self, target):
        return [*super().uses(target), target.space]

    @pytest.mark.parametrize("silent", [True, False])
    def test_a_full_disk(self, server, target, silent):
        server.faults.silent_disk = silent
        super().test_a_full_disk(server, target)


@pytest.mark.parametrize("start", [0, 1_234_567])
def test_a_server_that_gives_less_than_it_is_asked_for_is_asked_again(server, target, start):
    target.put("a", BIG)
    server.faults.at_most = 9999
    assert content(target, "a", start) == BIG[start:]
    assert content(target, "a", start, 100_000) == BIG[start : start + 100_000]


def test_what_a_server_leaves_out_in_the_middle_is_an_error_and_not_filled_with_zeros(server, target):
    target.put("a", BIG)
    for at in (1 << 18, 3 << 18, 1 << 20):
        server.faults.ends_at = at
        with pytest.raises(TargetError, match="gives other bytes than it was asked for"):
            content(target, "a")


def test_more_than_was_asked_for_is_an_error(server, target):
    target.put("a", BIG)
    server.faults.doubles = True
    with pytest.raises(TargetError, match="gives other bytes than it was asked for"):
        content(target, "a")


def test_its_room_is_told(server, target):
    space = target.space()
    assert target.capabilities.space
    assert 0 < space.free <= space.total


def test_a_server_that_hangs(server, target):
    target.put("a", DATA)
    hasty = server.target("calls", timeout=1.0)
    server.faults.hang = True
    with pytest.raises(TargetError, match="it does not answer"):
        hasty.put("a", BIG)
    hasty.close()
    server.faults.hang = False
    assert content(target, "a") == DATA


def test_a_key_file_instead_of_a_password(server, tmp_path):
    path = tmp_path / "key"
    path.write_bytes(server.user_key.export_private_key("pkcs8-pem", passphrase="sesame"))
    path.chmod(0o600)
    target = server.target(password="sesame", key_file=path)
    target.put("a", DATA)
    target.close()
    with pytest.raises(TargetRefused, match=r"key cannot be used: .*passphrase"):
        server.target(password="", key_file=path).stat("a")
    with pytest.raises(TargetRefused, match=r"missing cannot be used: .*No such file"):
        server.target(key_file=tmp_path / "missing").stat("a")


def test_wrong_credentials(server, tmp_path):
    path = tmp_path / "key"
    path.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    refused = {
        r"does not let recorder in: .*Check user and password": {"password": "wrong"},
        r"does not let recorder in with the key in .*that the server knows": {
            "password": "",
            "key_file": path,
        },
    }
    for said, more in refused.items():
        target = server.target(**more)
        with pytest.raises(TargetRefused, match=said):
            target.stat("a")
        target.close()


def test_a_passphrase_is_never_sent(server, tmp_path):
    path = tmp_path / "key"
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    path.write_bytes(stranger.export_private_key("pkcs8-pem", passphrase=PASSWORD))
    target = server.target(password=PASSWORD, key_file=path)
    with pytest.raises(TargetRefused, match="only opens the key and is not sent"):
        target.put("a", DATA)
    target.close()
    assert server.passwords == files(server) == []


def test_a_server_whose_host_key_changed(server, tmp_path):
    path = tmp_path / "others"
    for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256"):
        server.trust(path, asyncssh.generate_private_key(kind))
        target = server.target(known_hosts=path)
        with pytest.raises(
            TargetRefused, match=r"HOST KEY HAS CHANGED: .*others has for it\. Somebody else may be"
        ) as caught:
            target.put("a", DATA)
        target.close()
    assert f"ssh-keygen -R '[127.0.0.1]:{server.port}' -f {path}" in str(caught.value)
    assert server.passwords == files(server) == []


def test_a_server_whose_host_key_is_unknown(server, tmp_path):
    path = tmp_path / "others"
    server.trust(path, asyncssh.generate_private_key("ssh-ed25519"))
    others = path.read_text().replace("127.0.0.1", "127.0.0.2")
    for known in ("", others):
        path.write_text(known)
        target = server.target(known_hosts=path)
        with pytest.raises(
            TargetRefused,
            match=r"shows a host key that .*others does not have .*ssh-keyscan -p .*nothing was sent",
        ):
            target.put("a", DATA)
        target.close()
    with pytest.raises(TargetRefused, match=r"missing cannot be read: .*Make the file with ssh-keyscan"):
        server.target(known_hosts=tmp_path / "missing").stat("a")
    assert server.passwords == files(server) == []


def test_rights_that_are_missing(server, target):
    target.put("a", DATA)
    server.faults.no_rights = True
    for use in (lambda: target.put("b", DATA), lambda: target.delete("a")):
        with pytest.raises(
            TargetRefused, match=r"does not allow to .* Give the user of this target the right"
        ):
            use()


def test_a_server_without_posix_rename(server, target):
    server.faults.no_posix_rename = True
    target.put("a", DATA)
    assert target.capabilities.atomic_put
    target.put("a", BIG)
    assert not target.capabilities.atomic_put
    assert content(target, "a") == BIG
    assert files(server) == ["a"]


def test_what_is_not_an_ssh_server(server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server.port = silent.getsockname()[1]
        target = server.target(timeout=0.2)
        with pytest.raises(TargetUnreachable, match="cannot be reached"):
            target.stat("a")
        target.close()


def test_a_blob_that_shrinks_while_it_is_read(server, target):
    target.put("a", BIG)
    chunks = target.get("a")
    next(chunks)
    with (server.root / "calls/a").open("r+b") as file:
        file.truncate(10)
    with pytest.raises(TargetError, match=r"sent .* bytes of a"):
        list(chunks)


def test_a_get_that_is_not_read_to_its_end(server, target):
    target.put("a", BIG)
    for _ in range(10):
        next(target.get("a"))
        assert content(target, "a", 10, 10) == BIG[10:20]


def test_a_listing_that_is_cut_is_whole_or_an_error(server, target):
    names = [f"2026/11/22/{number:03}" for number in range(5)]
    for name in names:
        target.put(name, DATA)
    for after in range(6):
        assert target.stat(names[0])
        server.faults.cut_listings_after = [after]
        assert [blob.name for blob in target.list("2026/11/22/")] == names, "an idle connection may be gone"
        server.faults.cut_listings_after = [after] * 2
        cut = target.list("2026/11/22/")
        with contextlib.suppress(TargetError):
            assert [blob.name for blob in cut] == names
            assert after == 5, "the names were not listed when it was cut"
    server.faults.cut_listings_after = [0, 0]
    with pytest.raises(TargetError, match="could not list its folder"):
        list(target.list())


def test_a_folder_that_does_not_open_is_not_empty(server, target):
    target.put("2026/11/a", DATA)
    server.faults.no_such_folder = "11"
    for prefix in ("", "2026/11/"):
        with pytest.raises(TargetError, match="could not list 2026/11: No such file"):
            list(target.list(prefix))
    assert list(target.list("2026/12/")) == list(target.list("2027/01/")) == []


def test_a_server_that_lists_names_alone(server, target):
    target.put("2026/11/a", DATA)
    server.faults.bare_names = True
    assert [(blob.name, blob.bytes) for blob in target.list()] == [("2026/11/a", len(DATA))]
