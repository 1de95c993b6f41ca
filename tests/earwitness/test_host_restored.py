"""The doctor says where rules wait behind a restore, and nothing where they do not."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from earwitness import wiring
from earwitness.host import restored
from earwitness.host.finding import Level
from earwitness.settings import Settings
from storage.retention.restored import let_go_on, note_restore, unseen

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_it_says_so_until_a_person_lets_rules_go_on(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert list(restored.check(settings)) == []
    with closing(wiring.catalogue(settings)) as catalogue:
        assert list(restored.check(settings)) == []
        note_restore(catalogue, NOW, NOW - timedelta(days=1))
        (finding,) = restored.check(settings)
        assert finding.level is Level.WARNING
        assert "a snapshot of 2026-11-21 08:00 UTC" in finding.text
        assert "earwitness retention apply" in finding.remedy
        found = unseen(catalogue)
        assert found is not None
        let_go_on(catalogue, found)
        assert list(restored.check(settings)) == []
