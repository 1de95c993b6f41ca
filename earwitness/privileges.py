"""Giving rights up: a part keeps none that it does not use.

Started by root, a part becomes the ``user`` of the settings; the capture part does so after it opened its
ring. Started by systemd with ``AmbientCapabilities=CAP_NET_RAW``, parts other than capture clear their
capabilities. Neither can be undone.
"""

import ctypes
import os
import pwd
from dataclasses import dataclass

from earwitness.errors import HostError

_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
"""<linux/capability.h>: 64-bit sets, as two halves."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def identity(name: str) -> Identity:
    """The user of that name; raises ``HostError`` where there is none."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError as error:
        raise HostError(
            f"There is no user {name} on this machine. Make one: useradd --system {name}"
        ) from error
    return Identity(name, entry.pw_uid, entry.pw_gid)


def give_up(user: str) -> None:
    """Become ``user`` where this process is root and one is named; keep no capability either way."""
    if os.geteuid() == 0:
        if not user:
            return
        who = identity(user)
        os.setgroups([])
        os.setgid(who.gid)
        os.setuid(who.uid)
    _clear_capabilities()


def refuse_root(part: str, allowed: bool) -> None:
    """Raise ``HostError`` where ``part`` would go on as root, unless that is ``allowed``."""
    if os.geteuid() == 0 and not allowed:
        raise HostError(
            f"The {part} does not run as root. Name a user that the parts become "
            f'(in the settings user = "earwitness", or --set user=earwitness), '
            "or allow it: --set api.allow_root=true"
        )


def _clear_capabilities() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    empty = (ctypes.c_uint32 * 6)()
    steps = (
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
        libc.capset(header, empty),
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
    )
    if any(steps):
        raise HostError(f"The rights of this process cannot be dropped: {os.strerror(ctypes.get_errno())}.")
