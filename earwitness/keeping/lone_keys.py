"""Keys of calls that lie in the catalogue only, as no target may have them: without it no call opens."""

from collections.abc import Iterator
from functools import partial

from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means

SECONDS = 3600.0


def chores(means: Means) -> Iterator[Chore]:
    """One look; the first is at the start."""
    yield Chore("keys", SECONDS, partial(look, means))


def look(means: Means) -> None:
    """Say where calls come in encrypted on a medium that cannot delete and nothing else has their keys."""
    lone = (
        bool(means.settings.encryption.master_key)
        and means.home in means.placement.keyless
        and all(means.lasting(name) for name in means.elsewhere())
    )
    text = (
        f"Calls come in encrypted on {means.home}, which cannot delete and gets no keys, and no other target "
        "has them: without the catalogue of this machine nobody ever opens a call. Add a target that can "
        "delete."
    )
    means.worries.say("keys", text if lone else "")
