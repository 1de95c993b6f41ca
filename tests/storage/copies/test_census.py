"""How many calls targets hold, and since when the latest."""

from datetime import UTC, datetime, timedelta

from storage.catalogue import Catalogue, Copy
from storage.copies.census import calls_held, calls_only_on, last_copied
from tests.storage.handoffs import a_call

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_every_call_counts_once_a_target(catalogue: Catalogue) -> None:
    assert (calls_held(catalogue), last_copied(catalogue, ["local"])) == ({}, {})
    for number in range(3):
        made, at = a_call(number), NOON + timedelta(minutes=number)
        names = [f"2026/11/22/{made.id}.{kind}" for kind in ("opus", "peaks.dat", "json")]
        copies = [Copy("local", name, 10, "0" * 64, at) for name in names]
        if number:
            copies += [Copy("nas", name, 10, "0" * 64, at + timedelta(hours=number)) for name in names]
        catalogue.calls.add(made, copies)
    assert calls_held(catalogue) == {"local": 3, "nas": 2}
    assert calls_only_on(catalogue, "local", ["nas", "new"]) == 1
    assert calls_only_on(catalogue, "local", ["new"]) == 3
    assert calls_only_on(catalogue, "nas", ["local"]) == 0
    assert last_copied(catalogue, ["nas", "local", "new"]) == {
        "local": NOON + timedelta(minutes=2),
        "nas": NOON + timedelta(hours=2, minutes=2),
    }
