"""The target in memory."""

import pytest

from storage.targets import MemoryTarget
from tests.storage.targets.contract import TargetContract


class TestMemoryTarget(TargetContract):
    @pytest.fixture
    def target(self) -> MemoryTarget:
        return MemoryTarget()
