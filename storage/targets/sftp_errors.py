"""What SFTP servers and the SSH library say when something does not go, and what that is for us."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh

from storage.targets.remote_session import Broken, Refusal

_GONE = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.SFTPBadMessage)
_FULL = (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)
_RIGHTS = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect, asyncssh.SFTPCannotDelete)
_NOWHERE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory)


class Nowhere(Refusal):
    """There is no such file or folder."""


class Failed(Refusal):
    """The server says no more than that it failed."""


@contextmanager
def wire() -> Iterator[None]:
    """Turn what ``asyncssh`` and sockets raise into ``Refusal`` or ``Broken``."""
    try:
        yield
    except _GONE as error:
        raise Broken(error.reason or "the connection was lost") from error
    except _NOWHERE as error:
        raise Nowhere(error.reason) from error
    except asyncssh.SFTPFailure as error:
        raise Failed(error.reason, full="space" in error.reason.lower()) from error
    except asyncssh.SFTPOpUnsupported as error:
        raise Refusal(error.reason, not_understood=True) from error
    except asyncssh.SFTPError as error:
        raise Refusal(
            error.reason, full=isinstance(error, _FULL), rights=isinstance(error, _RIGHTS)
        ) from error
    except asyncssh.Error as error:
        raise Broken(error.reason or "the connection was lost") from error
    except TimeoutError as error:
        raise Broken("it does not answer") from error
    except OSError as error:
        raise Broken(error.strerror or str(error)) from error
