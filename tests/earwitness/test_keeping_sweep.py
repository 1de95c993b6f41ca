"""The chore that removes what killed writes left behind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from earwitness.keeping import sweeping
from earwitness.keeping.chores import Chore
from storage.targets import LocalTarget, Target
from storage.targets.usb import UsbTarget

Chores = Callable[[Target, datetime], list[Chore]]


@pytest.fixture
def chores() -> Chores:
    def make(target: Target, now: datetime) -> list[Chore]:
        watches = {"there": SimpleNamespace(worth_trying=True)}
        means: Any = SimpleNamespace(targets={"there": target}, watches=watches, now=lambda: now)
        return list(sweeping.chores(means))

    return make


def test_only_what_is_old_goes(chores, tmp_path):
    left = tmp_path / ".part-0123456789abcdef.tmp"
    left.write_bytes(b"half")
    now = datetime.now(UTC)
    for later, stays in ((timedelta(days=1), True), (timedelta(days=3), False)):
        (chore,) = chores(LocalTarget(tmp_path), now + later)
        assert chore.wanted()
        chore.work()
        assert left.exists() is stays


def test_a_target_that_is_not_there_is_no_failure(chores):
    (chore,) = chores(UsbTarget("backup-1", (Path("/nowhere"),)), datetime.now(UTC))
    chore.work()
