"""What makes a target one that can be restored from."""

import pytest

from storage.restore.presence import holds_anything
from storage.targets.memory import MemoryTarget


@pytest.mark.parametrize(
    "name",
    [
        "2026/11/22/a.json",
        "snapshots/20261122T030405Z.catalogue.gz",
        "browse/2026-11.js",
        "deleted/2026/11/22/a.json",
    ],
)
def test_each_trace_of_an_archive_counts(name):
    target = MemoryTarget()
    target.put(name, b"x")
    assert holds_anything(target)


@pytest.mark.parametrize(
    "name", ["earwitness-medium.json", "photos/cat.json", "2026/11/22/a.opus", "index.html"]
)
def test_what_is_no_archive_does_not(name):
    target = MemoryTarget()
    assert not holds_anything(target)
    target.put(name, b"x")
    assert not holds_anything(target)
