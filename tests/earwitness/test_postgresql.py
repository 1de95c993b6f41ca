"""An installation whose catalogue is on PostgreSQL, from the wire to the search."""

from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.cli.people import existing
from earwitness.errors import NotFound
from earwitness.replay import replay
from earwitness.settings import CatalogueSettings, Settings
from storage.errors import CatalogueUnreachable
from storage.model import Call
from tests import postgres
from tests.recorder.recording import traffic


def test_calls_are_archived_and_found_with_the_catalogue_elsewhere(
    tmp_path: Path, server: postgres.Server
) -> None:
    url = server.url(server.create())
    settings = Settings(data=tmp_path, catalogue=CatalogueSettings(url=url))
    batches, truths = traffic(legs=1)
    recorded = [one for one in replay(settings, batches) if isinstance(one, Call)]
    assert len(recorded) == len(truths.calls)
    assert not settings.folders.catalogue.exists()
    with existing(settings) as catalogue:
        assert {found.call.id for found in catalogue.calls.page()} == {call.id for call in recorded}
    again = [one for one in replay(settings, batches) if isinstance(one, Call)]
    assert {call.id for call in again} == {call.id for call in recorded}
    with existing(settings) as catalogue:
        assert catalogue.calls.count() == len(recorded)


def test_a_server_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    elsewhere = CatalogueSettings(url=f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    with pytest.raises(CatalogueUnreachable, match=r"none cannot be reached: .* Check that"):
        wiring.catalogue(Settings(data=tmp_path, catalogue=elsewhere))


def test_a_folder_without_a_catalogue_is_none_of_ours(tmp_path: Path) -> None:
    with pytest.raises(NotFound), existing(Settings(data=tmp_path)):
        pass
