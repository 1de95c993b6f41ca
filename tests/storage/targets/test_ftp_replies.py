"""What FTP servers answer, and what that is for us."""

import ftplib

import pytest

from storage.errors import DiskFull, TargetError, TargetRefused
from storage.targets.ftp_replies import Reply, readable, wire
from storage.targets.remote_session import Broken, error_for


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("552 Disk quota exceeded", DiskFull),
        ("452 Insufficient storage", DiskFull),
        ("451 No space left on device", DiskFull),
        ("426 磁盘空间不足", DiskFull),
        ("550 Permission denied.", TargetRefused),
        ("550 Not enough privileges.", TargetRefused),
        ("550 拒绝访问", TargetRefused),
        ("530 Please login with USER and PASS", TargetRefused),
        ("553 Read-only file system", TargetRefused),
        ("550 Is a directory.", TargetError),
        ("451 Local error", TargetError),
    ],
)
def test_kinds(text, kind):
    error = error_for(Reply(text), "The FTP server x", "keep a")
    assert type(error) is kind
    assert f"{'the' if kind is DiskFull else 'The'} FTP server x" in str(error)
    assert ".." not in str(error)


@pytest.mark.parametrize(
    ("raised", "becomes"),
    [
        (ftplib.error_perm("550 No such file"), Reply),
        (ftplib.error_temp("421 Timeout"), Broken),
        (ftplib.error_temp("426 Connection closed"), Broken),
        (ftplib.error_temp("425 Cannot open data connection"), Broken),
        (ftplib.error_temp("426 No space left on device"), Reply),
        (ftplib.error_proto("SSH-2.0-x"), Broken),
        (EOFError(), Broken),
        (TimeoutError(), Broken),
        (ConnectionResetError(104, "Connection reset by peer"), Broken),
    ],
)
def test_what_is_raised(raised, becomes):
    with pytest.raises(becomes), wire():
        raise raised


def test_servers_that_do_not_write_utf_8():
    assert readable("550 找不到".encode().decode("latin-1")) == "550 找不到"
    assert readable("550 找不到".encode("gb18030").decode("latin-1")) == "550 找不到"
    readable(bytes(range(256)).decode("latin-1"))
