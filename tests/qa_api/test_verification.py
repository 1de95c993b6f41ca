"""Whether a call is as it was archived, through the API."""

from pathlib import Path
from typing import Any

from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.copies.placement import Placement
from storage.intake import Intake
from storage.seals.segments import SEGMENT
from storage.targets import LocalTarget
from tests.qa_api.office import Office
from tests.qa_api.world import HEARD, MISSED
from tests.storage.handoffs import hand_off
from tests.storage.sealers import a_sealer

SIZE = 4 * SEGMENT


def _verified(office: Office, call_id: str) -> dict[str, Any]:
    answer = office.known("auditor").post(f"/api/v1/calls/{call_id}/verify")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_call_as_it_was_archived_and_one_that_was_altered(office: Office, tmp_path: Path) -> None:
    call = hand_off(tmp_path / "handoff", 0, SIZE)
    Intake(tmp_path / "handoff", office.target, office.catalogue, "local", a_sealer(), None).run_once()
    verdict = {"target": "local", "state": "intact", "number": 1, "findings": []}
    assert _verified(office, call.id) == {"state": "intact", "targets": [verdict]}

    (audio,) = (office.folder / "archive").glob(f"**/{call.id}.opus")
    data = bytearray(audio.read_bytes())
    data[SEGMENT + 5] ^= 1
    audio.write_bytes(data)
    found = _verified(office, call.id)
    assert found["state"] == "altered"
    (finding,) = found["targets"][0]["findings"]
    assert (finding["code"], finding["file"], finding["segments"]) == ("bytes", "opus", 1)
    assert finding["parts"] == [{"start": 15.0, "end": 30.0}]
    assert office.actions().count("call.verify") == 2


def test_every_target_is_told_of_whatever_the_last_one_shows(office: Office, tmp_path: Path) -> None:
    call = hand_off(tmp_path / "handoff", 0, SIZE)
    Intake(tmp_path / "handoff", office.target, office.catalogue, "local", a_sealer(), None).run_once()
    nas = LocalTarget(tmp_path / "nas")
    office.services.stored["nas"] = nas
    placement, both = Placement(("nas",)), {"local": office.target, "nas": nas}
    Backlog(office.catalogue, placement, "local").ask("nas", [call.id], office.clock())
    copier = Copier(office.catalogue, both, placement, "local", office.clock)
    assert copier.batch("nas", by_hand=True).copied == [call.id]
    (audio,) = (office.folder / "archive").glob(f"**/{call.id}.opus")
    audio.write_bytes(audio.read_bytes()[:-1] + b"?")
    found = _verified(office, call.id)
    assert found["state"] == "altered"
    assert {each["target"]: each["state"] for each in found["targets"]} == {
        "local": "altered",
        "nas": "intact",
    }


def test_what_was_never_sealed_or_lies_nowhere(office: Office) -> None:
    assert _verified(office, MISSED)["state"] == "unknown"
    found = _verified(office, HEARD)
    assert (found["state"], found["targets"][0]["findings"][0]["code"]) == ("altered", "sidecar")
