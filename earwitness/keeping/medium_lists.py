"""Lists of calls on all targets that get copies and can delete."""

from collections.abc import Iterator
from functools import partial

from earwitness import wiring
from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from earwitness.keeping.medium_list import LIST_SECONDS, MediumList


def chores(means: Means) -> Iterator[Chore]:
    """One for each of those targets."""
    specs = [
        spec
        for spec in means.settings.targets
        if spec.role == "copy" and not spec.write_once and spec.name in means.targets
    ]
    public = wiring.sealer(means.settings).public if specs else None
    for spec in specs:
        if public is not None:
            watch, target = means.watches[spec.name], means.targets[spec.name]
            listing = MediumList(means.settings, means.catalogue, spec, target, public, watch, means.stopping)
            yield Chore(f"list on {spec.name}", LIST_SECONDS, partial(_level, means, listing), listing.wanted)


def _level(means: Means, listing: MediumList) -> None:
    listing.run(means.now())
