"""Signed records of deletions, on every target that loses a call: without one, absence would be suspect."""

from collections.abc import Sequence

from storage.catalogue import Catalogue, Removal
from storage.retention.removing import Recorder
from storage.seals.deletion import deletion_record, second_name
from storage.seals.sealing import Sealer
from storage.targets.contract import Stored, Target, verify


def recorder(catalogue: Catalogue, sealer: Sealer) -> Recorder:
    """Writes the records of ``remove_pending``, read back; written again they are the same.

    What was recorded before is evidence, and stays as it is.
    """

    def record(target: Target, removals: Sequence[Removal]) -> None:
        seals = catalogue.seals.of_calls([removal.call_id for removal in removals])
        for removal in removals:
            of = seals.get(removal.call_id, ())
            name, data = deletion_record(
                sealer, removal.call_id, of, removal.since, removal.cause, removal.by
            )
            if target.stat(name) is not None and b"".join(target.get(name)) != data:
                name = second_name(name, data)
            kept: Stored = target.put(name, data)
            verify(target, kept)

    return record
