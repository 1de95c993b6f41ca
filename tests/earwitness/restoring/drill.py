"""What a drill needs: an installation whose disk has all of it, and what a machine with nothing restores."""

from pathlib import Path

from earwitness.place import folder, home
from earwitness.restored import Restored
from earwitness.restoring import Restoring
from storage.encryption.keyring import KeyOpener
from storage.retention.restored import RESTORED
from tests.earwitness.installation import NOW, OPENER, Installation
from tests.storage.handoffs import a_call

CALLS = range(7)
LATER = range(7, 10)
OWN = {"audit_events", "heads"}
"""Tables that a restore writes to itself."""
OPERATION = {"followers", "copy_tasks", "target_states", "runs", "removals"}
"""Tables of what was going on, which a snapshot has as it was."""
GONE = 10
"""A call that was recorded and deleted after the snapshot, as the first one was deleted."""
_NOTED = f"time of {RESTORED}"


def snapshot_last(to: Path, *, encrypted: bool) -> Installation:
    """An installation whose last deed was a snapshot."""
    made = Installation(to, encrypted=encrypted)
    made.record(*CALLS)
    made.furnish()
    made.back_up()
    made.snapshot()
    made.catalogue.close()
    return made


def gone_on_after(to: Path, *, encrypted: bool) -> Installation:
    """One that recorded, and was backed up, after its snapshot."""
    made = Installation(to, encrypted=encrypted)
    made.record(*CALLS)
    made.furnish()
    made.snapshot()
    made.record(*LATER, GONE)
    made.back_up()
    made.delete(a_call(0).id, a_call(GONE).id)
    made.catalogue.close()
    return made


def compare(before: dict, after: dict) -> None:
    """What an installation that recorded after its snapshot knew, and what it knows when it is restored."""
    assert facts(after) == facts(before)
    apart = OWN | OPERATION | {"copies", "changes", *facts(before)}
    assert without(after, *apart) == without(before, *apart)


def without(rows: dict, *tables: str) -> dict:
    """The rows of the other tables; what a restore notes of itself is left out as well."""
    rows = rows | {"followers": [row for row in rows["followers"] if not row[0].startswith(_NOTED)]}
    return {name: found for name, found in rows.items() if name not in tables}


def disk(made: Installation) -> Path:
    return made.settings.targets[0].folder


def facts(rows: dict) -> dict:
    """What is known of calls, without when blobs were written and read and seals made."""
    kept = {name: rows[name] for name in ("calls", "legs", "parties", "call_keys")}
    return kept | {name: sorted(row[:5] for row in rows[name]) for name in ("copies", "seals")}


def restore(
    made: Installation, to: Path, opener: KeyOpener = OPENER, **options
) -> tuple[Installation, Restored]:
    """Restore from the disk on a machine that has nothing."""
    again = Installation.__new__(Installation)
    again.settings = made.settings.model_copy(update={"data": to})
    source = folder(again.settings, disk(made))
    assert source.name == "disk"
    return again, Restoring(again.settings, source, home(again.settings), opener).run(
        NOW, "cli:root", **options
    )
