"""A site with a clock that can be set: calls are recorded, archived and let go by what it says."""

from datetime import UTC, datetime

from storage.intake import Intake
from storage.retention.apply import apply_retention
from storage.retention.clock import Clock
from storage.targets import MemoryTarget
from tests.storage.handoffs import a_call, hand_off_call
from tests.storage.retention.archived import NOW
from tests.storage.sealers import a_sealer

DEAD = datetime(2019, 1, 1, tzinfo=UTC)
"""What a clock says whose battery is flat."""


class Machine:
    """Its clock, which can be set, and the seconds that go by whatever is done to it."""

    def __init__(self, catalogue):
        self.catalogue = catalogue
        self.now = NOW
        self.seconds = 0.0
        self.start()

    def start(self):
        self.clock = Clock(self.catalogue, lambda: self.seconds)

    def pass_by(self, time):
        self.now += time
        self.seconds += time.total_seconds()


class Site(Machine):
    """A machine with a hand-off folder and an intake; several may share one catalogue."""

    def __init__(self, catalogue, folder):
        super().__init__(catalogue)
        self.folder = folder
        self.target = MemoryTarget()
        self.sealer = a_sealer()
        self.made = 0

    def look(self):
        return self.clock.look(self.now)

    def recorded(self, start=None):
        """A call that begins now, as the recorder hands it off."""
        self.made += 1
        call = a_call(self.made, audio=b"sound", start=start or self.now)
        hand_off_call(self.folder, call, b"sound")
        return call

    def archived(self):
        Intake(self.folder, self.target, self.catalogue, "main", self.sealer, now=lambda: self.now).run_once()

    def called(self, start=None):
        call = self.recorded(start)
        self.archived()
        return call.id

    def deleted(self):
        return [
            call.call_id for call in apply_retention(self.catalogue, by="retention", now=self.now).deleted
        ]
