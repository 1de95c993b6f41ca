"""A catalogue moves whole between databases of both kinds, and what is not whole is refused."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from storage.catalogue import Catalogue, has_rows, load, schema, sqlite_url
from storage.catalogue.columns import metadata
from storage.catalogue.engine import Database
from storage.errors import CatalogueTooNew, DamagedDump, NotEmpty
from tests.storage.catalogue.filled import contents, fill
from tests.storage.handoffs import a_call

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

Empty = Callable[[str], str]


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Empty:
    """Makes databases without tables, by kind."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return sqlite_url(tmp_path / "loaded.db")
        server = request.getfixturevalue("server")
        return server.url(server.create())

    return make


@pytest.fixture
def dumped(empty_catalogue: Path, tmp_path: Path) -> bytes:
    """A dump of a catalogue that has five rows in each table."""
    url = sqlite_url(tmp_path / "filled.db")
    (tmp_path / "filled.db").write_bytes(empty_catalogue.read_bytes())
    fill(url)
    return b"".join(pieces(url))


def pieces(url: str) -> Iterator[bytes]:
    catalogue = Catalogue(url)
    yield from catalogue.dump(NOW)
    catalogue.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_row_comes_over(catalogue_url, kind, empty):
    fill(catalogue_url)
    there = empty(kind)
    loaded = load(there, pieces(catalogue_url))
    assert contents(there) == contents(catalogue_url)
    assert (loaded.at, loaded.changes) == (NOW, 5)
    assert loaded.rows == {table.name: 2 if table.name == "heads" else 5 for table in metadata.sorted_tables}


def test_a_dump_of_a_loaded_dump_is_the_same_bytes(catalogue_url, empty):
    fill(catalogue_url)
    there = empty("sqlite")
    load(there, pieces(catalogue_url))
    assert set(gzip.decompress(b"".join(pieces(there))).split(b"\n")) == set(
        gzip.decompress(b"".join(pieces(catalogue_url))).split(b"\n")
    )


def test_a_catalogue_that_was_loaded_goes_on(catalogue_url, empty):
    here = Catalogue(catalogue_url)
    here.calls.add(a_call())
    there = empty("sqlite")
    assert load(there, here.dump(NOW)).rows["calls"] == 1
    here.close()
    loaded = Catalogue(there)
    assert loaded.calls.add(a_call(id="another"))
    assert loaded.changes.position() == 2
    assert loaded.calls.get(a_call().id).call == a_call()
    loaded.close()


def test_what_is_written_meanwhile_is_not_in_it(catalogue_url, empty):
    here = Catalogue(catalogue_url)
    here.calls.add(a_call())
    stream = here.dump(NOW)
    there = empty("sqlite")

    def interrupted() -> Iterator[bytes]:
        first = next(stream)
        here.calls.add(a_call(id="later"))
        yield first
        yield from stream
        here.close()

    loaded = load(there, interrupted())
    assert loaded.rows["calls"] == loaded.changes


def test_a_catalogue_with_rows_is_not_written_over(catalogue_url, dumped):
    here = Catalogue(catalogue_url)
    here.calls.add(a_call())
    with pytest.raises(NotEmpty, match=r"rows in .* already"):
        load(catalogue_url, [dumped])
    assert here.calls.count() == 1
    here.close()


def test_an_empty_catalogue_is_filled(catalogue_url, dumped):
    assert not has_rows(catalogue_url)
    load(catalogue_url, [dumped])
    assert has_rows(catalogue_url)
    with pytest.raises(NotEmpty):
        load(catalogue_url, [dumped])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_with_tables_of_others_is_refused_and_left_alone(kind, dumped, empty):
    there = empty(kind)
    database = Database(there)
    with database.write() as connection:
        for name in ("users", "orders", *(f"t{number}" for number in range(5))):
            connection.execute(text(f"create table {name} (id integer)"))
    with pytest.raises(
        NotEmpty, match=r"not of Earwitness: orders, t0, t1, t2, t3 and 2 more\. Name a database"
    ):
        load(there, [dumped])
    with database.read() as connection:
        assert sorted(inspect(connection).get_table_names()) == [
            "orders",
            *(f"t{n}" for n in range(5)),
            "users",
        ]
    database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_table_of_others_beside_an_empty_catalogue_is_refused(kind, dumped, empty):
    there = empty(kind)
    with pytest.raises(DamagedDump):
        load(there, [dumped[:-100]])
    database = Database(there)
    with database.write() as connection:
        connection.execute(text("create table orders (id integer)"))
    with pytest.raises(NotEmpty, match=r"not of Earwitness: orders\. "):
        load(there, [dumped])
    with database.write() as connection:
        connection.execute(text("drop table orders"))
    database.close()
    assert load(there, [dumped]).rows["calls"] == 5


@pytest.mark.parametrize("share", [0.2, 0.5, 0.999])
def test_a_dump_that_was_cut_off_leaves_nothing(dumped, share, empty):
    there = empty("sqlite")
    with pytest.raises(DamagedDump, match="Take another one"):
        load(there, [dumped[: int(len(dumped) * share)]])
    assert not any(rows for name, rows in contents(there).items() if name != "heads")


def lines_of(dumped: bytes) -> list[bytes]:
    return gzip.decompress(dumped).split(b"\n")


@pytest.mark.parametrize(
    "alter",
    [
        lambda lines: [line.replace(b"Zo", b"Zu") for line in lines],
        lambda lines: [line for line in lines if line[:4] != b'["4"'],
        lambda lines: lines[:-2],
        lambda lines: [line.replace(b"earwitness catalogue 1", b"earwitness catalogue 2") for line in lines],
        lambda lines: [line.replace(b'"table"', b'"tables"') for line in lines],
        lambda lines: [line[:-2] + b"]" if line.startswith(b'["') else line for line in lines],
        lambda lines: [b"{}", *lines],
        lambda lines: [line.replace(b"2026-11-21T", b"some day") for line in lines],
    ],
)
def test_a_dump_that_was_altered_leaves_nothing(dumped, alter, empty):
    there = empty("sqlite")
    altered = alter(lines_of(dumped))
    with pytest.raises(DamagedDump):
        load(there, [gzip.compress(b"\n".join(altered))])
    assert not (Path(there.removeprefix("sqlite:///")).exists() and contents(there)["calls"])


def test_a_dump_of_a_newer_version_is_refused(dumped, empty):
    first, *rest = lines_of(dumped)
    head = json.dumps(json.loads(first) | {"schema": "9999"}).encode()
    with pytest.raises(CatalogueTooNew, match="9999"):
        load(empty("sqlite"), [gzip.compress(b"\n".join([head, *rest]))])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_dump_of_an_earlier_version_is_loaded_and_brought_up(kind, empty):
    lines = [
        {"format": "earwitness catalogue 1", "schema": "0001", "at": "2026-01-01T00:00:00Z", "changes": 0},
        {"table": "heads", "columns": [["name", "text"], ["position", "integer"], ["hash", "text"]]},
        ["audit", 0, ""],
        ["changes", 0, ""],
    ]
    there = empty(kind)
    database = Database(there)
    schema.make_schema(database, "0001")
    digest = _digest_of(lines[1], lines[2:])
    packed = gzip.compress(
        b"\n".join(json.dumps(one).encode() for one in [*lines, digest, {"end": True}]) + b"\n"
    )
    load(there, [packed])
    with database.read() as connection:
        assert connection.execute(text("select count(*) from holds")).scalar_one() == 0
    database.close()
    with pytest.raises(NotEmpty, match="schema"):
        load(there, [packed])


def _digest_of(opening, rows):
    from storage.catalogue.dump_format import Digest, encode

    digest = Digest()
    for row in rows:
        digest.add(encode(row))
    return digest.document()
