"""An installation whose chores are done one by one, at the time that the test says."""

from contextlib import contextmanager

from earwitness import wiring
from earwitness.keeping.duties import Duties
from earwitness.settings import Settings
from tests.storage.retention.archived import NOW, names


class Installation:
    """A data folder with a target ``nas``; what its chores say the time is stands in ``now``."""

    def __init__(self, folder, url="", **settings):
        tree = {
            "data": folder / "data",
            "catalogue": {"url": url},
            "targets": [{"name": "nas", "kind": "local", "folder": folder / "nas"}],
        }
        self.settings = Settings.model_validate(tree | settings)
        self.settings.folders.make()
        self.catalogue = wiring.catalogue(self.settings)
        self.targets = wiring.targets(self.settings)
        self.now = NOW
        self.start()

    def start(self):
        self.duties = Duties(self.settings, self.catalogue, self.targets, lambda: False, lambda: self.now)
        self.chores = self.duties.chores()

    def work(self, *chosen):
        """Do the chores that are wanted, of those named, on all targets; the alarms that stand then."""
        for chore in self.chores:
            if chore.name.partition(" on ")[0] in chosen and chore.wanted():
                chore.work()
        for chore in self.chores:
            if chore.name == "alarms":
                chore.work()
        return self.duties.trouble

    def sounds(self):
        return [
            len([blob for blob in names(target) if blob.endswith(".opus")])
            for target in self.targets.values()
        ]


@contextmanager
def installed(folder, url="", **settings):
    made = Installation(folder, url, **settings)
    yield made
    made.catalogue.close()
