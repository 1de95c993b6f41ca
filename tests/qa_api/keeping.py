"""Rules, holds, erasures and a run in every state, begun by somebody else than the users of the tests."""

from qa_api.plan import PlacementPlan, StoragePlan, TargetPlan
from storage.catalogue import Catalogue, RunKind
from storage.criteria import Criteria
from storage.retention.erasures import Erasures
from storage.retention.holds import Holds
from storage.retention.rules import Rules
from tests.qa_api.world import CUSTOMER, MISSED, NOON

PLAN = StoragePlan(
    home="local",
    targets=(
        TargetPlan(name="local", kind="local", role="primary", place="/data/archive"),
        TargetPlan(
            name="nas",
            kind="sftp",
            role="copy",
            place="backup@nas.example:22",
            schedule="daily",
            window="20:00-06:00",
            bandwidth=10_000_000,
        ),
    ),
    placement=(
        PlacementPlan(
            to=("nas",), copies=0, older_than_days=1, calls=Criteria(numbers=("13812348910", "138*"))
        ),
    ),
    master_key="0123456789abcdef",
    scrub_days=90,
    snapshot_schedule="daily",
    snapshots_kept=14,
    warn_percent=15,
    copies_elsewhere=1,
)
"""The settings of keeping of the small call centre."""

OTHER, THIRD = "officer", "chief"
UNHELD = "00000000-0000-4000-8000-100000000029"


def keeping(catalogue: Catalogue) -> dict[str, str]:
    """Ids by what can be done next: ``{proposed}`` can be approved, ``{retiring}`` retired, and so on."""
    run = catalogue.runs.begin(RunKind.BACKUP, "nas", NOON)
    return _rules(catalogue) | _holds(catalogue) | _erasure(catalogue) | {"run": run.id}


def _rules(catalogue: Catalogue) -> dict[str, str]:
    rules = Rules(catalogue)
    names = ("proposed", "unwanted", "in_force", "retiring", "staying")
    ids = {}
    for place, name in enumerate(names):
        criteria = Criteria(agents=(f"9{place}",), numbers=(CUSTOMER,))
        ids[name] = rules.propose(name, criteria, 365, priority=place, by=OTHER, now=NOON).id
    for name in names[2:]:
        rules.approve(ids[name], THIRD, NOON)
    for name in names[3:]:
        rules.ask_retirement(ids[name], OTHER, NOON)
    return ids


def _holds(catalogue: Catalogue) -> dict[str, str]:
    holds = Holds(catalogue)
    ids = {}
    for name in ("hold", "ending", "standing"):
        ids[name] = holds.place(name, f"Case of {CUSTOMER}", by=OTHER, now=NOON, call_ids=[MISSED]).id
    for name in ("ending", "standing"):
        holds.ask_release(ids[name], "The case is closed", OTHER, NOON)
    return ids


def _erasure(catalogue: Catalogue) -> dict[str, str]:
    erasure = Erasures(catalogue).request([UNHELD], f"{CUSTOMER} asks", by=OTHER, now=NOON)
    return {"erasure": erasure.id}
