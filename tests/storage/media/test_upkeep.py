"""The list on a medium is level with the catalogue, whatever happened in between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from storage.catalogue import Catalogue
from storage.errors import TargetError
from storage.media import About, Upkeep, read_about
from storage.media.listing import Listing
from storage.media.names import MANIFEST, PAGE, shard_name
from storage.media.row import Row
from storage.targets import MemoryTarget
from tests.storage.handoffs import a_call
from tests.storage.media.centre import NOW, arrive

ABOUT = About(volume="box-7", installation="5ea1", seal_key="PEM")


@pytest.fixture
def target() -> MemoryTarget:
    return MemoryTarget()


@pytest.fixture
def upkeep(catalogue: Catalogue, target: MemoryTarget) -> Upkeep:
    return Upkeep(catalogue, "usb", target, ABOUT)


def listed(target: MemoryTarget) -> list[Row]:
    listing = Listing(target)
    manifest = listing.manifest()
    rows = [row for day in manifest.days for row in listing.rows(day)]
    assert manifest.calls == len(rows)
    assert {blob.name for blob in target.list("browse/2")} == {shard_name(day) for day in manifest.days}
    return rows


def level(upkeep: Upkeep, limit: int = 2000) -> int:
    rounds = 0
    while upkeep.run_once(NOW, limit):
        rounds += 1
        assert rounds < 50
    return rounds


def test_calls_are_listed_once_they_are_on_the_medium(catalogue, upkeep, target):
    arrive(catalogue, a_call(1))
    arrive(catalogue, a_call(2), minutes=1)
    arrive(catalogue, a_call(3), target="elsewhere", minutes=2)
    assert level(upkeep) == 1
    assert [row.id for row in listed(target)] == [a_call(2).id, a_call(1).id]
    assert target.stat(PAGE)
    assert read_about(target) == replace(ABOUT, target="usb")


def test_a_medium_without_calls_has_its_page(upkeep, target):
    assert upkeep.run_once(NOW) == 0
    assert target.stat(PAGE)
    assert listed(target) == []


def test_what_is_level_is_not_written_again(catalogue, upkeep, target):
    arrive(catalogue, a_call(1))
    level(upkeep)
    before = {blob.name: blob.modified for blob in target.list()}
    assert upkeep.run_once(NOW + timedelta(hours=1)) == 0
    assert {blob.name: blob.modified for blob in target.list()} == before


def test_days_apart_lie_in_shards_of_their_own(catalogue, upkeep, target):
    calls = [a_call(1), a_call(90_000)]
    for number, call in enumerate(calls):
        arrive(catalogue, call, minutes=number)
    assert level(upkeep, limit=1) == 2
    assert [row.id for row in listed(target)] == [calls[1].id, calls[0].id]
    assert set(Listing(target).manifest().days) == {"2026-11-21", "2026-11-22"}


def test_tags_releases_and_deletions_are_followed(catalogue, upkeep, target):
    for number in range(3):
        arrive(catalogue, a_call(number), minutes=number)
    level(upkeep)
    catalogue.tags.put(a_call(1).id, "投诉", "qa", NOW)
    catalogue.calls.delete(a_call(0).id)
    level(upkeep)
    assert {row.id: row.tags for row in listed(target)} == {a_call(2).id: (), a_call(1).id: ("投诉",)}
    for number in (1, 2):
        catalogue.calls.delete(a_call(number).id)
    level(upkeep)
    assert listed(target) == []


def test_a_call_that_is_deleted_before_it_was_listed_is_passed_over(catalogue, upkeep, target):
    level(upkeep)
    arrive(catalogue, a_call(1))
    catalogue.calls.delete(a_call(1).id)
    level(upkeep)
    assert listed(target) == []


def test_what_came_behind_the_clock_is_found_by_comparing(catalogue, upkeep, target):
    arrive(catalogue, a_call(1))
    level(upkeep)
    arrive(catalogue, a_call(2), target="elsewhere")
    level(upkeep)
    catalogue.calls.revise(a_call(2), "usb", [_early(catalogue)])
    # The change is read with the feed; a copy that the feed does not tell of is what comparing is for.
    level(upkeep)
    Listing(target).edit(Listing(target).manifest(), [], {"2026-11-21": {a_call(2).id}}, NOW)
    Listing(target).edit(Listing(target).manifest(), [Row.of(a_call(9))], {}, NOW)
    assert upkeep.compare(NOW) == 2
    assert {row.id for row in listed(target)} == {a_call(1).id, a_call(2).id}
    Listing(target).edit(Listing(target).manifest(), [Row.of(a_call(9))], {}, NOW)
    assert upkeep.compare(NOW + timedelta(hours=1)) == 1, "one more is listed than there are"
    one, other = Row.of(a_call(1)), Row.of(a_call(9))
    Listing(target).edit(Listing(target).manifest(), [other], {one.day: {one.id}}, NOW)
    assert upkeep.compare(NOW + timedelta(hours=24)) == 0, "as many as there are"
    assert upkeep.compare(NOW + timedelta(hours=25)) == 2
    assert {row.id for row in listed(target)} == {a_call(1).id, a_call(2).id}


def test_what_comes_while_the_list_is_compared_is_not_taken_for_lost(catalogue, upkeep, target):
    arrive(catalogue, a_call(1))
    level(upkeep)
    arrive(catalogue, a_call(2), minutes=1)
    assert upkeep.compare(NOW) == 0
    assert level(upkeep) == 1
    assert {row.id for row in listed(target)} == {a_call(1).id, a_call(2).id}


def _early(catalogue: Catalogue):
    (copy,) = catalogue.calls.get(a_call(2).id).copies
    return replace(copy, target="usb", at=NOW - timedelta(days=2))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda target: target.put(MANIFEST, b"earwitness.medium({"),
        lambda target: target.put(shard_name("2026-11-21"), b""),
        lambda target: target.delete(shard_name("2026-11-21")),
        lambda target: target.put(shard_name("2026-11-21"), b'earwitness.day("2026-11-20",{});\n'),
    ],
    ids=["manifest", "cut off", "missing", "another day"],
)
def test_a_damaged_list_is_made_anew(catalogue, upkeep, target, spoil: Callable[[MemoryTarget], None]):
    arrive(catalogue, a_call(1))
    level(upkeep)
    spoil(target)
    arrive(catalogue, a_call(2), minutes=1)
    level(upkeep)
    assert {row.id for row in listed(target)} == {a_call(1).id, a_call(2).id}


def test_a_list_of_another_installation_is_made_anew(catalogue, target):
    arrive(catalogue, a_call(1))
    theirs = Upkeep(catalogue, "usb", target, About(volume="box-7", installation="0ther"))
    level(theirs)
    Listing(target).edit(Listing(target).manifest(), [Row.of(a_call(90_000))], {}, NOW)
    level(Upkeep(catalogue, "usb", target, ABOUT))
    assert [row.id for row in listed(target)] == [a_call(1).id]


def test_the_name_of_a_prepared_disk_stays(catalogue, target):
    target.put("earwitness-medium.json", b'{"format": "earwitness medium 1", "volume": "prepared"}')
    level(Upkeep(catalogue, "usb", target, ABOUT))
    assert read_about(target).volume == "prepared"
    assert read_about(target).seal_key == "PEM"


class Failing(MemoryTarget):
    """Refuses to write after so many writes."""

    left = 0

    def put(self, name, source):
        if self.left == 0:
            raise TargetError("The disk was pulled.")
        self.left -= 1
        return super().put(name, source)


def test_killed_at_any_write_the_next_run_completes_it(catalogue):
    target = Failing()
    target.left = 1000
    arrive(catalogue, a_call(1))
    level(Upkeep(catalogue, "usb", target, ABOUT))
    arrive(catalogue, a_call(90_000), minutes=1)
    catalogue.tags.put(a_call(1).id, "late", "qa", NOW)
    for writes in range(2):
        target.left = writes
        with pytest.raises(TargetError):
            Upkeep(catalogue, "usb", target, ABOUT).run_once(NOW)
    target.left = 1000
    level(Upkeep(catalogue, "usb", target, ABOUT))
    assert {row.id: row.tags for row in listed(target)} == {a_call(90_000).id: (), a_call(1).id: ("late",)}
