"""On a medium that cannot delete: what is erased with its key is left in peace, what lies in clear is told
every day, whatever the catalogue was restored from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from storage.catalogue import Catalogue, load, sqlite_url
from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.copies.placement import Placement
from storage.intake import Intake
from storage.restore.deletions import repeat_deletions
from storage.retention.deletion import Deletion
from storage.retention.records import recorder
from storage.retention.removing import KEY_STAYS, NEVER_DELETES, remove_pending
from storage.scrub.reconcile import reconcile
from storage.seals.keys import PublicKey
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_keyring
from tests.storage.handoffs import hand_off
from tests.storage.sealers import a_key, a_sealer

LATER = datetime.now(UTC) + timedelta(days=2)
"""When the blobs that the tests put are old enough."""
KEYS = {a_key().public.id: a_key().public}
CLOSED, CLEAR, KEPT = 1, 2, 3


@dataclass
class Archive:
    """An encrypted call, one in clear and one that nobody erases, at home and on a tape that keeps what it
    has; ``before`` is a snapshot from before they came."""

    catalogue: Catalogue
    home: MemoryTarget
    tape: MemoryTarget
    ids: dict[int, str]
    before: bytes
    keys: Mapping[str, PublicKey] = field(default_factory=lambda: KEYS)

    def erase(self, *numbers: int) -> None:
        Deletion(self.catalogue).again(
            {self.ids[number]: "erasure: asked for" for number in numbers}, by="ben", now=LATER
        )
        self.remove(LATER)

    def remove(self, now: datetime) -> None:
        remove_pending(
            self.catalogue,
            {"local": self.home, "tape": self.tape},
            now=now,
            write_once={"tape"},
            recorder=recorder(self.catalogue, a_sealer()),
        )

    def day(self, number: int):
        """What the comparison of this day finds, and what is said of the tape when removals were tried."""
        now = LATER + timedelta(days=number)
        found = reconcile(self.catalogue, "tape", self.tape, now=now, lasting=True, keys=self.keys)
        self.remove(now + timedelta(hours=1))
        said = self.catalogue.removals.waiting().get("tape")
        return found, (said.calls, said.error) if said else None

    def of(self, number: int) -> list[str]:
        return [blob.name for blob in self.tape.list("2026") if self.ids[number] in blob.name]


@pytest.fixture
def archive(catalogue, tmp_path):
    home, tape, ids = MemoryTarget(), MemoryTarget(), {}
    before = b"".join(catalogue.dump(LATER))
    for number, keys in ((CLOSED, a_keyring(catalogue)), (CLEAR, None), (KEPT, None)):
        folder = tmp_path / f"handoff-{number}"
        ids[number] = hand_off(folder, number).id
        assert Intake(folder, home, catalogue, "local", a_sealer(), keys).run_once() == 1
    copied(catalogue, home, tape)
    return Archive(catalogue, home, tape, ids, before)


def copied(catalogue, home, tape):
    placement, targets = Placement(("tape",), keyless=frozenset({"tape"})), {"local": home, "tape": tape}
    Backlog(catalogue, placement, "local").fill("tape", LATER)
    assert len(Copier(catalogue, targets, placement, "local", lambda: LATER).batch("tape").copied) == 3


def test_what_is_erased_with_its_key_is_never_told_to_lie_there_in_clear(archive):
    archive.erase(CLOSED)
    assert len(archive.of(CLOSED)) == 3
    for day in range(1, 4):
        found, said = archive.day(day)
        assert (found.staying, found.removing, found.unknown_count, said) == ([], [], 0, None)
    assert len(archive.of(CLOSED)) == 3, "the medium cannot delete"


def test_what_is_erased_and_lies_in_clear_is_told_every_day(archive):
    archive.erase(CLOSED, CLEAR)
    for day in range(1, 4):
        found, said = archive.day(day)
        assert (found.removing, said) == ([], (1, NEVER_DELETES))


def test_a_key_that_lies_there_is_told_for_with_it_the_call_opens(archive):
    row = archive.catalogue.keys.get(archive.ids[CLOSED])
    name = archive.of(CLOSED)[0].partition(".")[0] + ".key"
    archive.tape.put(name, row.document.encode())
    archive.erase(CLOSED)
    for day in range(1, 4):
        assert archive.day(day)[1] == (1, KEY_STAYS)
    archive.tape.delete(name)
    assert archive.day(4)[1] is None, "somebody overwrote it"


def test_what_lies_in_clear_is_found_where_the_list_of_removals_is_lost(archive):
    archive.erase(CLOSED, CLEAR)
    removals = archive.catalogue.removals
    removals.done(removals.of_calls([archive.ids[CLEAR]]))
    for day in range(1, 4):
        found, said = archive.day(day)
        assert sorted(found.staying) == sorted(archive.of(CLEAR))
        assert (found.removing, found.unknown_count, said) == ([], 0, (1, NEVER_DELETES))


@pytest.fixture
def restored_url(request, catalogue_url, tmp_path):
    """The URL of a database without tables, of the kind that the catalogue is on."""
    if catalogue_url.startswith("sqlite"):
        yield sqlite_url(tmp_path / "restored.db")
    else:
        with request.getfixturevalue("server").lent() as lent:
            yield lent


def restore(archive, url, snapshot):
    load(url, [snapshot])
    archive.catalogue = Catalogue(url)
    repeat_deletions(archive.catalogue, archive.home, KEYS, LATER)
    archive.remove(LATER)


def test_the_same_after_a_restore_from_before_the_erasure(archive, restored_url):
    snapshot = b"".join(archive.catalogue.dump(LATER))
    archive.erase(CLOSED, CLEAR)
    restore(archive, restored_url, snapshot)
    for day in range(1, 4):
        found, said = archive.day(day)
        assert (found.removing, found.staying, found.unknown_count, said) == ([], [], 0, (1, NEVER_DELETES))
    archive.catalogue.close()


def test_the_same_after_a_restore_from_before_the_calls_came(archive, restored_url):
    archive.erase(CLOSED, CLEAR)
    restore(archive, restored_url, archive.before)
    for day in range(1, 4):
        found, said = archive.day(day)
        assert sorted(found.staying) == sorted(archive.of(CLEAR))
        assert sorted(found.unknown) == sorted(archive.of(KEPT)), "nobody deleted that one"
        assert (found.removing, said) == ([], (1, NEVER_DELETES))
    archive.catalogue.close()


def test_records_that_others_signed_prove_nothing(archive, restored_url):
    archive.erase(CLOSED, CLEAR)
    restore(archive, restored_url, archive.before)
    archive.keys = {a_key(7).public.id: a_key(7).public}
    found, said = archive.day(1)
    assert (found.unknown_count, found.staying, said) == (9, [], None)
    archive.catalogue.close()
