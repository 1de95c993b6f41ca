"""A folder that hangs, with a real ``serve``: it is told to be down, and keeps nothing but itself from going
on."""

from contextlib import closing
from pathlib import Path

import pytest

from storage.catalogue import Condition, RunKind, RunState
from storage.clock import utc_now
from storage.targets.marker import MARKER
from storage.targets.timely import DOES_NOT_ANSWER
from tests.earwitness.test_store_and_forward import SOME, TAP, Site
from tests.hanging import HangingFolder
from tests.waiting import until


class HangingSite(Site):
    """An installation whose target ``nas`` is a folder that hangs, and ``disk`` one that is well."""

    def __init__(self, folder: Path, role: str) -> None:
        super().__init__(folder, role, 9)
        self.nas = HangingFolder(folder / "nas")
        targets = (
            f'{{name="nas", kind="local", folder="{folder / "nas"}", role="{role}"}}, '
            f'{{name="disk", kind="local", folder="{folder / "disk"}"}}'
        )
        self.chosen = ["--data", str(self.settings.data), "--set", f"targets=[{targets}]"]

    def copied(self, target: str) -> int:
        found = self.archived().values()
        return sum(any(copy.target == target for copy in each.copies) for each in found)

    def files(self) -> dict[str, int]:
        found = [path for path in (self.folder / "nas").rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder / "nas")): path.stat().st_size for path in found}

    def is_told(self) -> bool:
        state = self.catalogue.target_states.get("nas")
        return state is not None and (state.state, state.detail) == (Condition.DOWN, DOES_NOT_ANSWER)


@pytest.fixture
def site(request, tmp_path):
    made = HangingSite(tmp_path, request.param)
    with closing(made.catalogue):
        made.nas.hang()
        yield made
        made.nas.answer()


@pytest.mark.parametrize("site", ["copy"], indirect=True)
def test_beside_a_copy_target_that_hangs_all_else_goes_on(site: HangingSite) -> None:
    with site.serving("--set", TAP):
        until(lambda: site.copied("disk") >= SOME)
        asked = [site.catalogue.runs.ask(RunKind.SCRUB, name, "admin", utc_now()) for name in ("nas", "disk")]
        until(lambda: site.catalogue.runs.get(asked[1].id).state is RunState.DONE)
        until(site.is_told)
        until(lambda: "nas is down since" in site.said("jobs"))
        until(lambda: site.catalogue.runs.get(asked[0].id).state is not RunState.RUNNING)
        before = site.copied("disk")
        until(lambda: site.copied("disk") >= before + SOME)
        assert site.is_well("archive")
    site.nas.answer()
    with site.serving("--only", "jobs"):
        until(lambda: site.catalogue.target_states.get("nas").state is Condition.UP)
        until(lambda: site.copied("nas") == len(site.archived()))


@pytest.mark.parametrize("site", ["primary"], indirect=True)
def test_calls_wait_for_a_primary_target_that_hangs_and_all_of_them_get_there_once(site: HangingSite) -> None:
    with site.serving("--set", TAP):
        until(lambda: len(site.handed_off()) >= SOME)
        until(lambda: "Calls wait to be archived since" in site.said("archive"))
        assert DOES_NOT_ANSWER in site.said("archive")
        before = len(site.handed_off())
        until(lambda: len(site.handed_off()) >= before + SOME)
        until(lambda: "nas is down since" in site.said("jobs"))
        assert site.is_well("capture")
        assert site.is_well("finish")
        assert site.is_well("api")
    assert site.logged().count("no call is archived") == 1
    assert not any(event.startswith("what was under way is given up") for event in site.logged())
    waited = site.handed_off()
    assert site.archived() == {}
    with site.serving("--only", "archive"):
        site.nas.answer()
        until(lambda: not site.handed_off())
        until(lambda: site.is_well("archive"))
    found = site.archived()
    assert set(found) == waited
    copies = {copy.name: copy.bytes for each in found.values() for copy in each.copies}
    assert {name: size for name, size in site.files().items() if name != MARKER} == copies
