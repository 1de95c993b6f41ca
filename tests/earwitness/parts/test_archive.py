"""The archive part beside a database server that goes and comes back."""

from pathlib import Path

from earwitness.archiving import Archiving
from earwitness.parts import archive
from earwitness.settings import CatalogueSettings, Settings
from storage.rejection import REASON
from tests import postgres
from tests.storage.handoffs import hand_off


def test_calls_wait_while_the_database_is_away_and_then_come_in(
    tmp_path: Path, own_server: postgres.Server
) -> None:
    url = own_server.url(own_server.create())
    settings = Settings(data=tmp_path, catalogue=CatalogueSettings(url=url))
    with Archiving(settings) as archiving:
        hand_off(settings.folders.handoff, 1)
        assert archive.once(archiving)[0] == 1
        for number, mode in enumerate(("fast", "immediate"), 2):
            own_server.stop(mode)
            hand_off(settings.folders.handoff, number)
            taken, trouble = archive.once(archiving)
            assert (taken, trouble.blocks, trouble.lost, trouble.alarm) == (0, True, True, False)
            assert "cannot be reached: " in trouble.reason
            assert trouble.reason.endswith("It is asked again and again.")
            lost = archive.indexed(archiving)
            assert lost is not None
            assert lost.lost
            assert archiving.waiting() == 1
            own_server.start()
            assert archive.once(archiving) == (1, archive.Trouble())
            assert archive.indexed(archiving) is None
            assert archiving.catalogue.calls.count() == number
        assert not archiving.waiting()
        assert not list(tmp_path.rglob(REASON)), "none was put aside as if it were wrong"
