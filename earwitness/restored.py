"""What a restore brought back."""

from dataclasses import dataclass, field
from datetime import datetime

from storage.restore.blobs import BlobsRestored
from storage.restore.deletions import DeletionsRepeated
from storage.restore.people import People
from storage.restore.records import RecordsRestored
from storage.restore.rows import RowsRestored


@dataclass(slots=True)
class Restored:
    """What came back. ``snapshot`` is when the snapshot was made that was used, None where there was none:
    ``people`` are as they were then. ``newest`` is when the last of the calls began. ``index`` says
    whether the index came along and was caught up; else it was made anew. ``silent`` are the other targets
    that could not be asked, with the reason, by name. ``damaged`` are the snapshots newer than the one that
    was used, by name why they could not be."""

    snapshot: datetime | None = None
    people: People | None = None
    newest: datetime | None = None
    index: bool = False
    rows: RowsRestored = field(default_factory=RowsRestored)
    blobs: BlobsRestored | None = None
    deletions: DeletionsRepeated = field(default_factory=DeletionsRepeated)
    records: RecordsRestored = field(default_factory=RecordsRestored)
    silent: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    calls: int = 0
