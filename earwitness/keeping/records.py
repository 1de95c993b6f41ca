"""Records of deletions on every target that calls go to by themselves, also of calls that never came there:
else the chain of seals on it would have gaps that nothing explains.

They come from where calls come in; there, from the archive folder, where calls came in before.
"""

from collections.abc import Iterator
from functools import partial

import structlog

from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from earwitness.settings import LOCAL
from storage.errors import DiskFull, TargetError
from storage.restore.records import carry_records

log = structlog.get_logger("jobs")
SECONDS = 3600.0


def chores(means: Means) -> Iterator[Chore]:
    """One for each of those targets."""
    for name in means.elsewhere():
        yield Chore(
            f"records to {name}",
            SECONDS,
            partial(_carry, means, name),
            partial(_wanted, means, name),
            target=name,
        )


def _carry(means: Means, name: str) -> None:
    carry(means, name)


def carry(means: Means, name: str) -> str:
    """Let the target have the records that it lacks; what hindered it, for people."""
    try:
        done = carry_records(means.targets[_source(means, name)], means.targets[name])
    except (TargetError, DiskFull) as error:
        # The watches of both say how they are; it is tried again.
        log.info("records of deletions not carried", target=name, reason=str(error))
        return f"The records of deletions were not brought up: {error}"
    for record, reason in done.lacking.items():
        log.warning("record of a deletion not carried", target=name, record=record, reason=reason)
    if done.count:
        log.info("records of deletions carried", target=name, records=done.count)
    return ""


def _wanted(means: Means, name: str) -> bool:
    return all(means.watches[each].worth_trying for each in (_source(means, name), name))


def _source(means: Means, name: str) -> str:
    return LOCAL if name == means.home else means.home
