"""Lists of calls on all targets that can delete, but for the archive folder of this machine."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from earwitness import wiring
from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from earwitness.keeping.medium_list import LIST_SECONDS, MediumList


def listings(means: Means, names: Iterable[str]) -> Mapping[str, MediumList]:
    """The lists of those of the targets that have one."""
    wanted = set(names) & set(means.targets)
    specs = [spec for spec in means.settings.targets if spec.name in wanted and not spec.write_once]
    if not specs:
        return {}
    public = wiring.sealer(means.settings).public
    return {
        spec.name: MediumList(
            means.settings,
            means.catalogue,
            spec,
            means.targets[spec.name],
            public,
            means.watches[spec.name],
            means.stopping,
        )
        for spec in specs
    }


def chores(means: Means) -> Iterator[Chore]:
    """One for each of those targets."""
    for name, listing in listings(means, means.targets).items():
        level = partial(_level, means, listing)
        yield Chore(f"list on {name}", LIST_SECONDS, level, listing.wanted, target=name)


def _level(means: Means, listing: MediumList) -> None:
    listing.run(means.now())
