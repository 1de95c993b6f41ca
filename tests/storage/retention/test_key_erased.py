"""An erased key is gone from the file of the catalogue, not only from its tables."""

from pathlib import Path

from sqlalchemy import insert

from storage.catalogue import Catalogue, sqlite_url
from storage.catalogue.keeping_tables import call_keys
from storage.retention.apply import apply_retention
from storage.targets import MemoryTarget
from tests.storage.retention.archived import NOW, archive, rule

SECRET = "wrapped-key-of-the-call" * 4


def held(folder: Path) -> bool:
    return any(SECRET.encode() in path.read_bytes() for path in folder.iterdir())


def test_nothing_of_the_key_is_left(tmp_path):
    catalogue = Catalogue(sqlite_url(tmp_path / "catalogue.db"))
    calls = archive(catalogue, {"local": MemoryTarget()}, range(20))
    with catalogue.database.write() as connection:
        rows = [{"call_id": call.id, "master": "m", "document": SECRET} for call in calls]
        connection.execute(insert(call_keys), rows)
    catalogue.close()
    assert held(tmp_path)
    catalogue = Catalogue(sqlite_url(tmp_path / "catalogue.db"))
    rule(catalogue, 1)
    assert len(apply_retention(catalogue, by="system", now=NOW).deleted) == 20
    catalogue.close()
    assert not held(tmp_path)
