"""The audit event of a restore: where the history of a catalogue parts from that of the one before."""

from storage.catalogue import Catalogue

ACTION = "catalogue.restore"


def history(catalogue: Catalogue) -> str:
    """Which history the catalogue has: the hash of the event of its last restore, empty where it was none.

    Positions of the change feed mean something within one history only. Walks the audit log.
    """
    found = catalogue.audit.page(limit=1, action=ACTION)
    return found[0].hash if found else ""
