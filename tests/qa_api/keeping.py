"""Rules, holds and erasures in every state, begun by somebody else than the users of the tests."""

from storage.catalogue import Catalogue
from storage.criteria import Criteria
from storage.retention.erasures import Erasures
from storage.retention.holds import Holds
from storage.retention.rules import Rules
from tests.qa_api.world import MISSED, NOON

OTHER, THIRD = "officer", "chief"
UNHELD = "00000000-0000-4000-8000-100000000029"


def keeping(catalogue: Catalogue) -> dict[str, str]:
    """Ids by what can be done next: ``{proposed}`` can be approved, ``{retiring}`` retired, and so on."""
    return _rules(catalogue) | _holds(catalogue) | _erasure(catalogue)


def _rules(catalogue: Catalogue) -> dict[str, str]:
    rules = Rules(catalogue)
    names = ("proposed", "unwanted", "in_force", "retiring", "staying")
    ids = {}
    for place, name in enumerate(names):
        criteria = Criteria(agents=(f"9{place}",), numbers=("13812348910",))
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
        ids[name] = holds.place(name, "Case 4711", by=OTHER, now=NOON, call_ids=[MISSED]).id
    for name in ("ending", "standing"):
        holds.ask_release(ids[name], "The case is closed", OTHER, NOON)
    return ids


def _erasure(catalogue: Catalogue) -> dict[str, str]:
    erasure = Erasures(catalogue).request([UNHELD], "The customer asks", by=OTHER, now=NOON)
    return {"erasure": erasure.id}
