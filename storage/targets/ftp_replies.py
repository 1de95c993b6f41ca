"""What FTP servers say when they do not do something (RFC 959 section 4.2), and what that is for us."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from ftplib import Error as FtpError
from ftplib import error_proto

from storage.targets.remote_session import Broken, Refusal

_NOT_UNDERSTOOD = frozenset({"500", "501", "502", "504"})
_CUT = frozenset({"421", "425", "426"})
_NO_ROOM = frozenset({"452", "552"})
_NOT_LOGGED_IN = frozenset({"530", "532"})
_FULL = re.compile(
    r"no space|disk (is )?full|quota|not enough (disk )?space|insufficient|空间不足|配额", re.I
)
_RIGHTS = re.compile(r"denied|permission|privilege|not allowed|forbidden|read.?only|权限|拒绝", re.I)


class Reply(Refusal):
    """A refusal by its reply ``code``, of three digits."""

    def __init__(self, text: str) -> None:
        self.code = text[:3]
        super().__init__(
            text,
            full=self.code in _NO_ROOM or bool(_FULL.search(text)),
            rights=self.code in _NOT_LOGGED_IN or bool(_RIGHTS.search(text)),
            not_understood=self.code in _NOT_UNDERSTOOD,
        )

    @property
    def for_good(self) -> bool:
        """Whether the server would say the same again."""
        return self.code.startswith("5")


def readable(raw: str) -> str:
    """Text of a reply or a listing that was read as Latin-1: it is UTF-8, or an older Chinese code."""
    data = raw.encode("latin-1", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


@contextmanager
def wire() -> Iterator[None]:
    """Turn what ``ftplib`` and sockets raise into ``Reply`` or ``Broken``.

    A transfer that the server cut is ``Broken`` too, unless it was cut for want of room.
    """
    try:
        yield
    except error_proto as error:
        raise Broken(f"it answered {readable(str(error))[:100]!r}, which is not FTP") from error
    except FtpError as error:
        reply = Reply(readable(str(error)))
        if reply.code in _CUT and not reply.full:
            raise Broken(reply.text) from error
        raise reply from error
    except EOFError as error:
        raise Broken("it closed the connection") from error
    except ssl.SSLError as error:
        raise Broken(f"TLS failed ({error.reason or error})") from error
    except TimeoutError as error:
        raise Broken("it does not answer") from error
    except OSError as error:
        raise Broken(error.strerror or str(error)) from error
