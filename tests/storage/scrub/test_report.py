"""What a run that reads copies back says of the bad ones."""

from storage.catalogue.copy_checks import Condition
from storage.scrub.report import MOST_TOLD, as_json
from storage.scrub.scrub import Bad


def _bad(number: int, kind: Condition = Condition.DAMAGED) -> Bad:
    return Bad(f"c{number}", "nas", f"2026/11/22/c{number}.peaks.dat", kind)


def test_bad_copies_are_named_with_what_became_of_them():
    found = as_json([_bad(1), _bad(2, Condition.MISSING)], [_bad(2, Condition.MISSING), _bad(3)])
    assert (found["bad"], found["repaired"]) == (2, 1)
    assert found["copies"] == [
        {"call": "c1", "target": "nas", "file": "peaks.dat", "condition": "damaged", "repaired": False},
        {"call": "c2", "target": "nas", "file": "peaks.dat", "condition": "missing", "repaired": True},
    ]


def test_a_target_that_lost_everything_does_not_fill_the_report():
    found = as_json([_bad(number) for number in range(MOST_TOLD + 50)])
    assert (found["bad"], len(found["copies"])) == (MOST_TOLD + 50, MOST_TOLD)
    assert "repaired" not in found
    assert "repaired" not in found["copies"][0]
