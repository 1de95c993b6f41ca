"""Whether the database of the catalogue answers, asked by somebody who does not wait for long."""

from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError

from storage.catalogue.engine import Database


def is_server(url: str) -> bool:
    """Whether the URL names a database server, and no file; one that is none does not."""
    try:
        return make_url(url).get_backend_name() == "postgresql"
    except ArgumentError:
        return False


def hasty(url: str, seconds: int) -> str:
    """The same database, to be given up where connecting to a server takes longer; a URL that says itself how
    long stays as it is."""
    if not is_server(url) or "connect_timeout" in make_url(url).query:
        return url
    wanted = make_url(url).update_query_dict({"connect_timeout": str(seconds)})
    return wanted.render_as_string(hide_password=False)


def ask(url: str, seconds: int) -> None:
    """Ask the database for an answer, changing nothing. Raises ``CatalogueError`` where none comes."""
    database = Database(hasty(url, seconds))
    try:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
    finally:
        database.close()
