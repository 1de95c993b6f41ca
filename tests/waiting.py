"""Waiting for what other processes do."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 120.0
"""Seconds; generous, as tests share the machine."""

T = TypeVar("T")


def until(found: Callable[[], T]) -> T:
    """What ``found`` gives as soon as it is true."""
    pause = threading.Event()
    deadline = time.monotonic() + PATIENCE
    while not (value := found()):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {found}"
        pause.wait(0.1)
    return value
