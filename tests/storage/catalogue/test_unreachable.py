"""A database server that goes and comes back under a catalogue that is in use."""

from collections.abc import Iterator

import pytest

from storage.catalogue import Catalogue
from storage.errors import CatalogueUnreachable
from tests import postgres
from tests.storage.handoffs import a_call


@pytest.fixture
def own() -> Iterator[postgres.Server]:
    """A server that nobody else uses."""
    found = postgres.programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres.running(found) as running:
        yield running


def test_a_server_that_was_restarted_is_not_even_noticed(own: postgres.Server) -> None:
    catalogue = Catalogue(own.url(own.create()))
    for number, mode in enumerate(("fast", "immediate"), 1):
        catalogue.calls.add(a_call(number))
        own.stop(mode)
        own.start()
        assert catalogue.calls.count() == number
    catalogue.close()


def test_a_server_that_is_away_is_said_so_and_found_again(own: postgres.Server) -> None:
    catalogue = Catalogue(own.url(own.create()))
    own.stop()
    for use in (catalogue.calls.count, lambda: catalogue.calls.add(a_call(1))):
        with pytest.raises(
            CatalogueUnreachable, match=r"cannot be reached: .*\. Check that its database"
        ) as said:
            use()
        assert "\n" not in str(said.value), "it is one line among others"
    own.start()
    assert catalogue.calls.count() == 0
    catalogue.close()


def test_a_server_that_goes_in_the_middle_undoes_what_was_begun(own: postgres.Server) -> None:
    catalogue = Catalogue(own.url(own.create()))
    database = catalogue.calls._database
    for mode in ("fast", "immediate"):
        for held in (database.read, database.write):
            with pytest.raises(CatalogueUnreachable), held() as connection:  # noqa: PT012 - both are meant
                connection.exec_driver_sql("SELECT 1")
                own.stop(mode)
                try:
                    connection.exec_driver_sql("SELECT 1")
                finally:
                    own.start()
    assert catalogue.calls.count() == 0
    catalogue.close()
