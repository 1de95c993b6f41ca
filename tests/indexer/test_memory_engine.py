from pathlib import Path

from indexer.memory_engine import MemoryEngine
from tests.indexer.contract import EngineContract


class TestMemoryEngine(EngineContract):
    def make(self, folder: Path) -> MemoryEngine:
        return MemoryEngine()
