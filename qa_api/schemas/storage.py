"""Archive targets, the work on them, and the settings that they follow."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from qa_api.schemas.agents import TeamRow
from qa_api.schemas.criteria import CriteriaInfo
from qa_api.schemas.wire import Command, Reply
from storage.catalogue import Condition, RunKind, RunState
from storage.model import Instant

TargetName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class FindingCode(StrEnum):
    """What a run can find that somebody has to look at."""

    ALTERED = "altered"
    UNKNOWN = "unknown"
    SEALS_MISSING = "seals-missing"
    CHAINS_BROKEN = "chains-broken"
    BAD_COPIES = "bad-copies"
    COPIES_RESTORED = "copies-restored"
    NOT_COPIED = "not-copied"
    NOT_LISTED = "not-listed"


class RunFinding(Reply):
    """So many calls (``altered``, ``unknown``, ``not-copied``), copies (``bad-copies`` that are bad still,
    ``copies-restored`` that were and were put anew), seals, chains, or targets (``not-listed``).

    ``grave``: something that was recorded may be lost or was changed.
    """

    code: FindingCode
    count: int
    grave: bool


class RunInfo(Reply):
    """Long work on the archive. ``done`` of ``total`` calls or blobs, the latter null where nobody knows.

    ``target`` is empty where it is not about one; ``seen`` is its last sign of life. A run that is done may
    have ``findings`` all the same; the grave come first.
    """

    id: str
    kind: RunKind
    target: str
    state: RunState
    started: Instant
    seen: Instant
    ended: Instant | None
    done: int
    total: int | None
    bytes: int
    message: str
    findings: tuple[RunFinding, ...]
    asked_by: str
    stop_asked_by: str


class RunReport(RunInfo):
    """The same with what it found."""

    report: dict[str, Any]


class RunPage(Reply):
    """Runs, latest first. ``next_cursor`` is null on the last page."""

    items: tuple[RunInfo, ...]
    next_cursor: str | None


class RunAsked(Command):
    """What to begin, and at which target."""

    kind: Literal["backup", "scrub", "verify", "snapshot"]
    target: TargetName


class BacklogInfo(Reply):
    """Calls that the target should hold by now and does not; ``later`` ones are not due yet."""

    calls: int
    bytes: int
    oldest: Instant | None
    failing: int
    later: int


class TargetInfo(Reply):
    """One archive target: what the settings say, and how it was when somebody looked last.

    ``role``: calls come in at ``primary``, are copied to ``copy``, and to ``export`` only by hand;
    ``earlier`` is where they came in before, and gets nothing.
    Bytes throughout; ``next_run`` null: whenever there is something to copy; in the past: due. ``calls`` is
    how many it holds, counted some time ago; null as long as nobody counted. ``last_copy`` is when it got the
    latest blob.
    """

    name: str
    kind: str
    role: str
    place: str
    schedule: str
    window: str
    bandwidth: int | None
    write_once: bool
    state: Condition
    detail: str
    since: Instant | None
    seen: Instant | None
    free: int | None
    total: int | None
    bytes_per_second: float | None
    next_run: Instant | None
    calls: int | None
    backlog: BacklogInfo
    last_copy: Instant | None
    last_snapshot: Instant | None
    last_run: RunInfo | None


class TargetList(Reply):
    """The targets of the settings, in their order."""

    items: tuple[TargetInfo, ...]


class PlacementInfo(Reply):
    """Which calls go to which targets; ``copies`` 0: to each of them."""

    to: tuple[str, ...]
    copies: int
    older_than_days: float
    calls: CriteriaInfo


class PlanInfo(Reply):
    """The settings of keeping; they are changed in the settings file. ``master_key`` empty: not encrypted.

    ``teams`` are those that placement names by id, as far as the catalogue knows them; ``missing_teams`` the
    names and ids that no team bears, for which no call goes anywhere. ``zone`` is how far the clock is from
    UTC (``+08:00``) that windows and schedules go by, which need not be the reader's.
    """

    home: str
    placement: tuple[PlacementInfo, ...]
    teams: tuple[TeamRow, ...]
    missing_teams: tuple[str, ...]
    master_key: str
    recipients: int
    scrub_days: float
    scrub_window: str
    snapshot_schedule: str
    snapshots_kept: int
    warn_percent: float
    free_percent: float
    copies_elsewhere: int
    zone: str


class CopyWanted(Command):
    """The target that shall hold the call."""

    target: TargetName


class CopyAsked(Reply):
    """Whether the copy waits to be made; not where the target holds the call already."""

    target: str
    waiting: bool
