"""What is to be looked at in the report of a run."""

import pytest

from qa_api.run_findings import findings
from qa_api.schemas.storage import FindingCode

_CHAIN = {"chain": "c", "target": "", "last": 9, "findings": []}


@pytest.mark.parametrize(
    ("report", "found"),
    [
        ({}, []),
        ({"calls": 12, "bytes": 4000}, []),
        ({"bad": 0}, []),
        ({"by_hand": True, "failed": 3, "left": 3}, [(FindingCode.NOT_COPIED, 3, False)]),
        ({"bad": 2}, [(FindingCode.BAD_COPIES, 2, True)]),
        ({"bad": 3, "repaired": 3}, [(FindingCode.COPIES_RESTORED, 3, False)]),
        (
            {"bad": 3, "repaired": 1},
            [(FindingCode.BAD_COPIES, 2, True), (FindingCode.COPIES_RESTORED, 1, False)],
        ),
        ({"bad": 1, "repaired": "all"}, [(FindingCode.BAD_COPIES, 1, True)]),
        (
            {
                "intact": 4,
                "unknown": 3,
                "altered": 1,
                "chains": [_CHAIN | {"state": "intact", "missing": []}],
            },
            [(FindingCode.ALTERED, 1, True), (FindingCode.UNKNOWN, 3, False)],
        ),
        (
            {"chains": [_CHAIN | {"state": "unknown", "missing": [[3, 3], (5, 7)]}]},
            [(FindingCode.SEALS_MISSING, 4, True)],
        ),
        (
            {"chains": [_CHAIN | {"state": "altered", "missing": []}]},
            [(FindingCode.CHAINS_BROKEN, 1, True)],
        ),
        (
            {"remarks": [{"code": "unlisted", "state": "unknown"}, {"code": "going", "state": "intact"}]},
            [(FindingCode.NOT_LISTED, 1, False)],
        ),
        ({"remarks": [3, {"code": ["unlisted"]}]}, []),
        ({"remarks": "unlisted"}, []),
        ({"altered": "many", "chains": {"a": 1}, "bad": None}, []),
        ({"chains": ["c", {"state": "intact", "missing": ["x", [1], ["a", "b"]]}]}, []),
    ],
)
def test_findings(report: dict[str, object], found: list[tuple[FindingCode, int, bool]]) -> None:
    assert [(one.code, one.count, one.grave) for one in findings(report)] == found
