"""What FTP servers say when they do not do something (RFC 959 section 4.2), and what that is for us."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from ftplib import Error as FtpError
from ftplib import error_proto

from storage.errors import DiskFull, StorageError, TargetError, TargetRefused

NOT_UNDERSTOOD = frozenset({"500", "501", "502", "504"})
"""The server does not know the command, or not with such an argument."""
_CUT = frozenset({"425", "426"})
_CLOSING = "421"
_FULL = re.compile(
    r"no space|disk (is )?full|quota|not enough (disk )?space|insufficient|空间不足|配额", re.I
)
_RIGHTS = re.compile(r"denied|permission|privilege|not allowed|forbidden|read.?only|权限|拒绝", re.I)


class Broken(Exception):
    """The connection is of no more use, or the transfer was cut."""


class Refusal(Exception):
    """The server answered that it does not do it. ``code`` is the reply code, ``text`` the whole reply."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.code, self.text = text[:3], text

    @property
    def cut(self) -> bool:
        """Whether only the transfer broke, for a reason that is not a full disk."""
        return self.code in _CUT and not self.full

    @property
    def full(self) -> bool:
        """Whether the server says that it has no room."""
        return self.code in ("452", "552") or bool(_FULL.search(self.text))

    @property
    def rights(self) -> bool:
        """Whether the server says that this user may not do it."""
        return self.code in ("530", "532") or bool(_RIGHTS.search(self.text))

    @property
    def not_understood(self) -> bool:
        """Whether the server does not have the command."""
        return self.code in NOT_UNDERSTOOD


def readable(raw: str) -> str:
    """Text of a reply or a listing that was read as Latin-1: it is UTF-8, or an older Chinese code."""
    data = raw.encode("latin-1", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


@contextmanager
def wire() -> Iterator[None]:
    """Turn what ``ftplib`` and sockets raise into ``Refusal`` or ``Broken``."""
    try:
        yield
    except error_proto as error:
        raise Broken(f"it answered {readable(str(error))[:100]!r}, which is not FTP") from error
    except FtpError as error:
        refusal = Refusal(readable(str(error)))
        if refusal.code == _CLOSING:
            raise Broken(refusal.text) from error
        raise refusal from error
    except EOFError as error:
        raise Broken("it closed the connection") from error
    except ssl.SSLError as error:
        raise Broken(f"TLS failed ({error.reason or error})") from error
    except TimeoutError as error:
        raise Broken("it does not answer") from error
    except OSError as error:
        raise Broken(error.strerror or str(error)) from error


def error_for(error: Refusal | Broken, server: str, what: str) -> StorageError:
    """What to raise to callers of a target. ``what`` is the thing that was to be done: ``keep a.opus``."""
    if isinstance(error, Broken):
        return TargetError(f"{server} could not {what}: {error}. Check the server and the network to it.")
    if error.full:
        return DiskFull(server)
    if error.rights:
        return TargetRefused(
            f"{server} does not allow to {what}: {error.text}. "
            "Give the user of this target the right to read, write, rename and delete in its folder."
        )
    return TargetError(f"{server} could not {what}: {error.text}")
