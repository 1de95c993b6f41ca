from pathlib import Path

import pytest

from indexer.memory_engine import MemoryEngine
from tests.indexer.contract import EngineContract


class TestMemoryEngine(EngineContract):
    def make(self, folder: Path) -> MemoryEngine:
        return MemoryEngine()


def test_only_a_successor_can_be_adopted():
    with pytest.raises(TypeError):
        MemoryEngine().adopt(object())
