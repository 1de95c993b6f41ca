"""Placement by the settings file: which calls arrive on which target."""

import json
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.archiving import Archiving
from earwitness.keeping.duties import Duties
from earwitness.settings import Settings
from earwitness.sources import load
from storage.catalogue import Agent, Catalogue
from tests.earwitness.test_commands import earwitness
from tests.storage.handoffs import a_call, hand_off_call


class Place:
    """A data folder with two agents of two teams, and a target ``nas`` that ``calls`` go to."""

    def __init__(self, folder: Path, calls: str) -> None:
        self.file = folder / "earwitness.toml"
        self.file.write_text(
            f"""
            data = "{folder}/data"
            [[targets]]
            kind = "local"
            name = "nas"
            folder = "{folder}/nas"
            [[placement]]
            to = ["nas"]
            calls = {calls}
            """
        )
        self.nas = folder / "nas"
        self.settings: Settings = load(self.file, {}).settings
        self.settings.folders.make()
        self.catalogue: Catalogue = wiring.catalogue(self.settings)
        targets = wiring.targets(self.settings, self.catalogue)
        self.duties = Duties(self.settings, self.catalogue, targets, lambda: False)

    def employ(self, team: str, *extensions: str) -> str:
        made = self.catalogue.teams.create(team)
        for extension in extensions:
            self.catalogue.agents.put(Agent(extension, "Li", team=made.id))
        return made.id

    def record(self, *numbers: int, agent: str = "8001") -> set[str]:
        for number in numbers:
            audio = bytes([number]) * 3000
            hand_off_call(self.settings.folders.handoff, a_call(number, audio=audio, agent=agent), audio)
        with Archiving(self.settings) as archiving:
            list(archiving.take())
        return {a_call(number).id for number in numbers}

    def work(self) -> None:
        """What `serve` does by itself, as long as there is something to do."""
        chores = {chore.name: chore for chore in self.duties.chores()}
        chores["backlog"].work()
        if chores["copy to nas"].wanted():
            chores["copy to nas"].work()
        chores["alarms"].work()

    def arrived(self) -> set[str]:
        return {path.stem for path in self.nas.rglob("*.opus")}


@pytest.fixture
def place(tmp_path: Path):
    made = Place(tmp_path, '{ teams = ["sales"] }')
    yield made
    made.catalogue.close()


def test_calls_of_a_team_that_is_named_arrive_and_no_others(place: Place) -> None:
    place.employ("sales", "8001")
    place.employ("service", "8002")
    sold = place.record(1, 2)
    place.record(3, agent="8002")
    place.record(4, agent="8003")
    place.work()
    assert place.arrived() == sold
    assert place.duties.remark == ""


def test_a_team_may_be_given_by_its_id(tmp_path: Path) -> None:
    empty = Place(tmp_path, "{}")
    team = empty.employ("sales", "8001")
    empty.catalogue.close()
    place = Place(tmp_path, f'{{ teams = ["{team}", "service"] }}')
    sold = place.record(1)
    place.record(2, agent="8002")
    place.work()
    assert place.arrived() == sold
    place.catalogue.close()


def test_a_team_may_come_while_copies_are_made(place: Place) -> None:
    before = place.record(1)
    place.record(2, agent="8002")
    place.work()
    assert place.arrived() == set()
    assert place.duties.remark.startswith(
        "There is no team sales, which [[placement]] names: no call goes anywhere for it. "
    )
    place.employ("sales", "8001")
    sold = place.record(3)
    place.work()
    assert place.arrived() == before | sold
    assert place.duties.remark == ""


def test_calls_that_a_wrong_name_kept_away_come_once_it_is_corrected(place: Place) -> None:
    place.employ("distribution", "8001")
    held = place.record(1, 2)
    place.work()
    assert place.arrived() == set()
    place.file.write_text(place.file.read_text().replace('"sales"', '"distribution"'))
    done = earwitness("backup", "--config", str(place.file))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("nas: 2 calls copied")
    assert place.arrived() == held


def test_the_doctor_says_which_team_is_missing(place: Place) -> None:
    def found() -> list[tuple[str, str]]:
        done = earwitness("doctor", "--json", "--config", str(place.file))
        return [
            (each["level"], each["text"])
            for each in json.loads(done.stdout)["findings"]
            if each["check"] == "placement"
        ]

    assert found() == [("warning", "there is no team sales: for it no call goes anywhere by [[placement]]")]
    shown = " ".join(earwitness("doctor", "--config", str(place.file)).stdout.split())
    assert "no call goes anywhere by [[placement]]" in shown
    place.employ("sales", "8001")
    assert found() == [("well", "there are the teams that [[placement]] names: sales")]
