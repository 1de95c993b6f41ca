"""A target that is used only while it is the place that it was."""

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from storage.errors import TargetAbsent, TargetRefused, TargetUnreachable
from storage.targets import LocalTarget
from storage.targets.marker import MARKER, marker
from storage.targets.owned import OwnedTarget
from tests.storage.targets.contract import TargetContract, content
from tests.waiting import PATIENCE, until


@dataclass
class Ours:
    """An owner who is told what to answer."""

    id: str = "a" * 32
    known: set[str] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    name: str = "nas"
    volume: str = "nas"

    def installation(self) -> str:
        return self.id

    def owns(self, installation: str) -> bool:
        return installation in {self.id, *self.known}

    def held(self) -> list[str]:
        return self.names


class TestOwnedTarget(TargetContract):
    @pytest.fixture
    def target(self, tmp_path):
        # No call was ever sealed, so there is nothing to mark the place with.
        return OwnedTarget(LocalTarget(tmp_path / "place"), Ours(id=""))


@pytest.fixture
def place(tmp_path):
    return LocalTarget(tmp_path / "place")


def said(place) -> dict:
    return json.loads(content(place, MARKER))


USES = {
    "put": lambda target: target.put("b", b"more"),
    "get": lambda target: target.get("a"),
    "stat": lambda target: target.stat("a"),
    "list": lambda target: list(target.list()),
    "delete": lambda target: target.delete("a"),
    "space": lambda target: target.space(),
}
each_use = pytest.mark.parametrize("use", USES.values(), ids=USES)


def test_the_first_put_marks_the_place_and_looking_does_not(place):
    target = OwnedTarget(place, Ours())
    assert target.stat("a") is None
    assert list(target.list()) == []
    assert not place.root.exists()
    target.put("a", b"call")
    assert said(place) | {"format": ""} == {
        "format": "",
        "volume": "nas",
        "target": "nas",
        "installation": "a" * 32,
    }


def test_a_marker_keeps_what_it_says_besides(place):
    place.put(MARKER, marker("box-7", known={"seal_key": "PEM"}))
    OwnedTarget(place, Ours()).put("a", b"call")
    assert {name: said(place)[name] for name in ("volume", "seal_key", "installation")} == {
        "volume": "box-7",
        "seal_key": "PEM",
        "installation": "a" * 32,
    }


@each_use
def test_a_place_that_should_hold_calls_and_does_not_is_absent(place, use):
    target = OwnedTarget(place, Ours(names=["2026/11/22/one.opus", "2026/11/22/two.opus"]))
    with pytest.raises(TargetAbsent, match=r"nas should hold calls.*target prepare nas"):
        use(target)
    assert not place.root.exists(), "nothing may be written where the disk is missing"


@each_use
def test_the_place_of_another_installation_is_refused(place, use):
    place.put(MARKER, marker("nas", "b" * 32))
    place.put("a", b"theirs")
    target = OwnedTarget(place, Ours(names=["a"]))
    with pytest.raises(TargetRefused, match=r"another installation.*bbbbbbbb"):
        use(target)
    assert [blob.name for blob in place.list()] == ["a", MARKER]
    assert content(place, "a") == b"theirs"


def test_what_was_sealed_here_before_is_ours(place):
    place.put(MARKER, marker("nas", "b" * 32))
    target = OwnedTarget(place, Ours(known={"b" * 32}, names=["gone"]))
    target.put("a", b"call")
    assert said(place)["installation"] == "b" * 32


def test_a_place_that_nobody_marked_is_known_by_what_lies_there(place):
    place.put("old", b"call")
    target = OwnedTarget(place, Ours(names=["older", "old"]))
    assert content(target, "old") == b"call"
    target.put("a", b"call")
    assert said(place)["installation"] == "a" * 32


def test_a_folder_that_goes_while_it_is_used_is_absent_at_once(place):
    ours = Ours()
    target = OwnedTarget(place, ours)
    target.put("a", b"call")
    ours.names = ["a"]
    place.root.rename(place.root.with_name("taken away"))
    with pytest.raises(TargetAbsent):
        target.put("b", b"call")
    assert not place.root.exists()
    place.root.with_name("taken away").rename(place.root)
    target.put("b", b"call")


def test_a_server_is_believed_for_a_while(place):
    seconds = 0.0
    target = OwnedTarget(place, Ours(), 30, lambda: seconds)
    assert target.stat("a") is None
    target.put("a", b"call")
    assert said(place)["installation"] == "a" * 32, "it was not marked when it was looked at"
    place.put(MARKER, marker("nas", "b" * 32))
    seconds = 29.0
    target.put("b", b"call")
    seconds = 31.0
    with pytest.raises(TargetRefused):
        target.put("c", b"call")


def test_who_waited_while_nobody_answered_is_told_the_same(place):
    """A server that is off is asked once, not once for every thread that wants something of it."""
    asked, answer = threading.Event(), threading.Event()
    tries = []

    class Off(LocalTarget):
        def get(self, name, start=0, length=None):
            tries.append(name)
            asked.set()
            assert answer.wait(PATIENCE)
            raise TargetUnreachable("Nobody answers.")

    clock = itertools.count()
    looks = []

    def seconds():
        looks.append(1)
        return next(clock)

    target = OwnedTarget(Off(place.root), Ours(), 30, seconds)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(target.stat, "a")
        assert asked.wait(PATIENCE)
        others = [pool.submit(target.stat, "a") for _ in range(4)]
        until(lambda: len(looks) == 2 + 4)
        answer.set()
        for one in (first, *others):
            with pytest.raises(TargetUnreachable, match="Nobody answers"):
                one.result(PATIENCE)
    assert len(tries) == 1
    with pytest.raises(TargetUnreachable):
        target.stat("a")
    assert len(tries) == 2, "who comes later asks again"
