"""Several processes and threads at one catalogue on one disk."""

import multiprocessing
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import text

from storage.catalogue import AuditEntry, Catalogue, Copy
from storage.catalogue.copy_checks import Condition
from storage.retention.deletion import Deletion
from tests.storage.handoffs import START, a_call

CALLS = 20


def write_and_follow(url: str, worker: int) -> list[int]:
    """Add calls (every other one that of the neighbours too), and audit; return how the feed grew."""
    catalogue = Catalogue(url)
    seen: list[int] = []
    for number in range(CALLS):
        catalogue.calls.add(a_call(number if number % 2 else 1000 * worker + number))
        catalogue.audit.record(AuditEntry(at=START, actor=str(worker), action="add"))
        position = seen[-1] if seen else 0
        seen += [change.position for change in catalogue.changes.after(position)]
        assert catalogue.calls.get(a_call(number).id if number % 2 else a_call(1000 * worker + number).id)
    catalogue.close()
    return seen


def check(url: str, workers: int, feeds: list[list[int]]) -> None:
    catalogue = Catalogue(url)
    expected = CALLS // 2 * workers + CALLS // 2
    assert catalogue.calls.count() == expected
    changes = catalogue.changes.after(limit=10_000)
    assert [change.position for change in changes] == list(range(1, expected + 1))
    assert max(Counter(change.call_id for change in changes).values()) == 1
    assert catalogue.audit.verify().intact
    assert catalogue.audit.head().position == CALLS * workers
    for feed in feeds:
        assert feed == list(range(1, len(feed) + 1)), "whoever follows the feed misses nothing"
    catalogue.close()


def test_processes(url):
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
        feeds = list(pool.map(partial(write_and_follow, url), range(1, 4)))
    check(url, 3, feeds)


def test_threads_of_one_catalogue(catalogue):
    numbers = range(60)

    def use(number: int) -> bool:
        catalogue.calls.get_many([a_call(number).id])
        added = catalogue.calls.add(a_call(number % 30))
        assert list(catalogue.calls.iterate(chunk=7))
        return added

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(use, numbers)) == 30
    assert catalogue.calls.count() == 30


def test_a_reader_holds_up_no_writer(catalogue):
    with catalogue.calls._database.read() as reading:
        assert reading.execute(text("select count(*) from calls")).scalar_one() == 0
        assert catalogue.calls.add(a_call(1))
        assert reading.execute(text("select count(*) from calls")).scalar_one() == 0
    assert catalogue.calls.count() == 1


def test_checks_and_deletions_in_whatever_order_do_not_wait_for_each_other_for_ever(catalogue):
    calls = [a_call(number) for number in range(60)]
    catalogue.calls.add_many(
        [(call, [Copy("disk", f"{call.id}.{kind}", 1, "0" * 64, START) for kind in "abc"]) for call in calls]
    )
    held = catalogue.copy_checks.due("disk", START, 1000, now=START)

    def check(seed: int) -> None:
        order = random.Random(seed).sample(held, len(held))
        catalogue.copy_checks.note([(each, Condition.GOOD) for each in order], START)

    def delete(number: int) -> int:
        causes = {call.id: "retention: old" for call in reversed(calls[number::12])}
        return len(Deletion(catalogue).again(causes, by="system", now=START).deleted)

    with ThreadPoolExecutor(8) as pool:
        checks = [pool.submit(check, seed) for seed in range(48)]
        assert sum(pool.map(delete, range(12))) == len(calls)
        for checked in checks:
            checked.result()


@pytest.mark.parametrize("catalogue_url", ["sqlite"], indirect=True)
def test_every_connection_is_set_for_durability(catalogue):
    with catalogue.calls._database.read() as connection:
        found = {
            name: connection.execute(text(f"pragma {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}
