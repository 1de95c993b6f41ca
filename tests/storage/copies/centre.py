"""A small archive with some calls in it, and targets that get copies."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.archive_names import audio_name, peaks_name, sidecar_name
from storage.catalogue import Catalogue, CatalogueCall, Copy
from storage.copies.backlog import Backlog
from storage.copies.copier import Batch, Copier
from storage.copies.placement import Placement
from storage.targets import MemoryTarget, Target
from storage.targets.contract import read_back
from tests.storage.handoffs import START, a_call

HOME = "local"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Centre:
    """Calls are archived on ``HOME``; all others shall hold them too, unless ``placement`` differs."""

    def __init__(
        self,
        catalogue: Catalogue,
        targets: Mapping[str, Target],
        home: Target | None = None,
        placement: Placement | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.targets = {HOME: home or MemoryTarget(), **targets}
        self.placement = placement or Placement(tuple(targets))
        self.now = NOW

    @property
    def home(self) -> Target:
        return self.targets[HOME]

    def archive(self, *numbers: int, size: int = 3000) -> list[str]:
        """Archive calls with these numbers; their ids."""
        items = [self._archived(number, size) for number in numbers]
        self.catalogue.calls.add_many([(item.call, item.copies) for item in items])
        return [item.call.id for item in items]

    def fill(self, *names: str) -> None:
        """Bring the backlog up to the catalogue."""
        backlog = Backlog(self.catalogue, self.placement, HOME)
        for name in names or self.placement.targets:
            while backlog.fill(name, self.now, page=7):
                pass

    def copier(self) -> Copier:
        return Copier(self.catalogue, self.targets, self.placement, HOME, lambda: self.now)

    def copy(self, name: str, stop: Callable[[], bool] = lambda: False, limit: int = 64) -> Batch:
        """Fill the backlog and copy one batch."""
        self.fill()
        return self.copier().batch(name, stop, limit)

    def copy_all(self, name: str, most: int = 20) -> None:
        """Copy until nothing is due."""
        for _ in range(most):
            if not self.copy(name).taken:
                return
        raise AssertionError(f"after {most} batches there is still something to copy to {name}")

    def later(self, **units: float) -> None:
        self.now += timedelta(**units)

    def check(self, name: str) -> None:
        """Every call lies on the target once, verified, is known to, and nothing else is there."""
        names = self.check_copies(name)
        assert [stored.name for stored in self.targets[name].list()] == sorted(names)
        assert name not in self.catalogue.copy_tasks.waiting(self.now)

    def check_copies(self, name: str) -> list[str]:
        """Every call lies on the target, verified, and is known to; the names of their blobs."""
        names = []
        for found in self.catalogue.calls.iterate():
            here = {copy.name: copy for copy in found.copies if copy.target == name}
            there = {copy.name: copy for copy in found.copies if copy.target == HOME}
            assert set(here) == set(there)
            for copy in here.values():
                kept = read_back(self.targets[name], copy.name)
                assert (kept.bytes, kept.sha256) == (copy.bytes, copy.sha256)
                assert copy.sha256 == there[copy.name].sha256
                assert copy.checked is not None
                names.append(copy.name)
        return names

    def _archived(self, number: int, size: int) -> CatalogueCall:
        audio = number.to_bytes(4) * (size // 4)
        call = a_call(number, audio=audio)
        assert call.recording is not None
        recording = call.recording.model_copy(update={"path": audio_name(call, "opus")})
        call = call.model_copy(update={"recording": recording})
        blobs = {
            recording.path: audio,
            peaks_name(call): b"peaks of " + call.id.encode(),
            sidecar_name(call): call.model_dump_json().encode(),
        }
        copies = []
        for name, data in blobs.items():
            self.home.put(name, data)
            copies.append(Copy(HOME, name, len(data), hashlib.sha256(data).hexdigest(), START))
        return CatalogueCall(call, None, None, tuple(copies))


def replaced(centre: Centre, call_id: str, audio: bytes) -> None:
    """Give the call another recording, as ``storage.revision`` does."""
    found = centre.catalogue.calls.get(call_id)
    assert found is not None
    assert found.call.recording is not None
    sha = hashlib.sha256(audio).hexdigest()
    path = found.call.recording.path.replace(".opus", f"-{sha[:8]}.opus")
    recording = found.call.recording.model_copy(update={"path": path, "bytes": len(audio), "sha256": sha})
    call = found.call.model_copy(update={"recording": recording})
    sidecar = call.model_dump_json().encode()
    places = []
    for name, data in ((path, audio), (peaks_name(call), b"peaks anew"), (sidecar_name(call), sidecar)):
        centre.home.put(name, data)
        places.append(Copy(HOME, name, len(data), hashlib.sha256(data).hexdigest(), centre.now))
    centre.catalogue.calls.revise(call, HOME, places)
    for copy in found.copies:
        if copy.target == HOME and copy.name not in {place.name for place in places}:
            centre.home.delete(copy.name)


def damaged(centre: Centre, target: str, call_id: str) -> Copy:
    """Change a byte of the call's audio on the target, unknown to the catalogue."""
    found = centre.catalogue.calls.get(call_id)
    assert found is not None
    copy = next(c for c in found.copies if c.target == target and c.name.endswith(".opus"))
    data = b"".join(centre.targets[target].get(copy.name))
    centre.targets[target].put(copy.name, data[:-1] + bytes([data[-1] ^ 1]))
    return replace(copy, condition="damaged")
