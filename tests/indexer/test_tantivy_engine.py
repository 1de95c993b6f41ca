from pathlib import Path

from indexer.tantivy_engine import TantivyEngine
from tests.indexer.contract import EngineContract


class TestTantivyEngine(EngineContract):
    def make(self, folder: Path) -> TantivyEngine:
        return TantivyEngine(folder)
