"""A database server that goes and comes back under a catalogue that is in use."""

import pytest

from storage.catalogue import Catalogue
from storage.errors import CatalogueUnreachable
from tests import postgres
from tests.storage.handoffs import a_call


def test_a_server_that_was_restarted_is_not_even_noticed(own_server: postgres.Server) -> None:
    catalogue = Catalogue(own_server.url(own_server.create()))
    for number, mode in enumerate(("fast", "immediate"), 1):
        catalogue.calls.add(a_call(number))
        own_server.stop(mode)
        own_server.start()
        assert catalogue.calls.count() == number
    catalogue.close()


def test_a_server_that_is_away_is_said_so_and_found_again(own_server: postgres.Server) -> None:
    catalogue = Catalogue(own_server.url(own_server.create()))
    own_server.stop()
    for use in (catalogue.calls.count, lambda: catalogue.calls.add(a_call(1))):
        with pytest.raises(
            CatalogueUnreachable, match=r"cannot be reached: .*\. Check that its database"
        ) as said:
            use()
        assert "\n" not in str(said.value), "it is one line among others"
    own_server.start()
    assert catalogue.calls.count() == 0
    catalogue.close()


def test_a_server_that_goes_in_the_middle_undoes_what_was_begun(own_server: postgres.Server) -> None:
    catalogue = Catalogue(own_server.url(own_server.create()))
    database = catalogue.calls._database
    for mode in ("fast", "immediate"):
        for held in (database.read, database.write):
            with pytest.raises(CatalogueUnreachable), held() as connection:  # noqa: PT012 - both are meant
                connection.exec_driver_sql("SELECT 1")
                own_server.stop(mode)
                try:
                    connection.exec_driver_sql("SELECT 1")
                finally:
                    own_server.start()
    assert catalogue.calls.count() == 0
    catalogue.close()
