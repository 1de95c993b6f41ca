"""What people read when a folder cannot be used."""

import errno
import os

import pytest

from storage.errors import DiskFull, TargetError, TargetRefused
from storage.targets.local_errors import target_errors


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (errno.EROFS, TargetRefused, "/srv/a lies on a file system that is mounted read-only"),
        (errno.EACCES, TargetRefused, "has no right to use /srv/a (Permission denied)"),
        (errno.EPERM, TargetRefused, "has no right to use /srv/a"),
        (errno.ENOENT, TargetError, "/srv/a is not there"),
        (errno.ENOTDIR, TargetRefused, "/srv/a is no folder"),
        (errno.EIO, TargetError, "/srv/a cannot be used: Input/output error. `dmesg`"),
        (errno.ENOTCONN, TargetError, "/srv/a lies on a mount that is broken (Transport endpoint is not"),
        (errno.ESTALE, TargetError, "/srv/a lies on a mount that is broken (Stale file handle). Run `umount"),
        (errno.ENOSPC, DiskFull, "No space left on the disk of /srv/a"),
    ],
)
def test_it_is_said_what_is_wrong_and_what_to_do(number, kind, text):
    with pytest.raises((TargetError, DiskFull)) as raised, target_errors("one.opus"):
        raise OSError(number, os.strerror(number), "/srv/a")
    assert type(raised.value) is kind
    assert text in str(raised.value)
    assert "Errno" not in str(raised.value)


def test_a_file_that_has_no_name_yet_is_called_by_its_folder():
    with pytest.raises(TargetRefused, match="/srv/a lies on"), target_errors("one.opus"):
        raise OSError(errno.EROFS, "no", "/srv/a/.part-0123.tmp")
