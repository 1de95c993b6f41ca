"""How recordings are kept by the settings: plain data that the composition root gives, without secrets."""

from dataclasses import dataclass

from storage.criteria import Criteria


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPlan:
    """One archive target. ``place`` tells people where it is.

    ``role`` is ``primary``, ``copy``, ``export``, or ``earlier``: the archive folder where calls come in
    elsewhere, which keeps what it has and gets nothing, and whose calls the ``primary`` gets as well.
    ``bandwidth`` is bytes a second, None without limit.
    """

    name: str
    kind: str
    role: str
    place: str
    schedule: str = ""
    window: str = ""
    bandwidth: int | None = None
    write_once: bool = False

    @property
    def takes_copies(self) -> bool:
        """Whether calls are copied there, by themselves or by hand."""
        return self.role in {"copy", "export"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementPlan:
    """Which calls go to ``to``; ``copies`` of them get one, 0 being all."""

    to: tuple[str, ...]
    copies: int
    older_than_days: float
    calls: Criteria


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePlan:
    """All of it. ``home`` is the target where calls come in; ``master_key`` the id of the key that wraps the
    keys of new calls, empty where they are not encrypted; percentages are of the archive folder's disk."""

    home: str = ""
    targets: tuple[TargetPlan, ...] = ()
    placement: tuple[PlacementPlan, ...] = ()
    master_key: str = ""
    recipients: int = 0
    scrub_days: float = 0
    scrub_window: str = ""
    snapshot_schedule: str = ""
    snapshots_kept: int = 0
    warn_percent: float = 0
    free_percent: float = 0
    copies_elsewhere: int = 0

    def target(self, name: str) -> TargetPlan | None:
        """The target of this name."""
        return next((target for target in self.targets if target.name == name), None)
