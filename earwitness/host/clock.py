"""Whether the system's clock is kept right by somebody: recordings are placed by it."""

import ctypes
import os
from collections.abc import Callable, Iterator
from datetime import datetime

from earwitness.host.finding import Finding, warning, well, wrong
from storage.clock import EARLIEST, utc_now

TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""


class _Timex(ctypes.Structure):
    """struct timex of <sys/timex.h> on 64-bit Linux."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("rest", ctypes.c_byte * 144),
    )


def check(now: Callable[[], datetime] = utc_now) -> Iterator[Finding]:
    """Whether the time may be right, and what the kernel says of its clock (adjtimex with no modes only
    reads)."""
    if (said := now()) < EARLIEST:
        yield wrong(
            "clock",
            f"it says {said:%Y-%m-%d}, and Earwitness is not as old as that; calls are dated by it",
            "set it, and see that its battery holds; then look at `earwitness retention clock`",
        )
    libc = ctypes.CDLL(None, use_errno=True)
    timex = _Timex()
    state = libc.adjtimex(ctypes.byref(timex))
    if state < 0:
        yield warning(
            "clock", f"the kernel does not say: {os.strerror(ctypes.get_errno())}", "look at chrony"
        )
    elif state == TIME_ERROR:
        yield warning(
            "clock",
            "nothing keeps the clock right; times of calls drift",
            "install chrony, or enable systemd-timesyncd",
        )
    else:
        yield well("clock", f"synchronised, within {timex.maxerror / 1000:.0f} ms at most")
