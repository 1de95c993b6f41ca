"""All checks of this host, in the order in which they are shown."""

from collections.abc import Iterator

from earwitness.host import (
    capabilities,
    clock,
    copies,
    database,
    disk,
    moved,
    offloads,
    placement,
    rejected,
    restored,
    ring,
    software,
    tls_keys,
)
from earwitness.host.finding import Finding, Level
from earwitness.settings import Settings


def survey(settings: Settings) -> Iterator[Finding]:
    """Everything that can be said of this host and these settings."""
    yield from capabilities.check(settings)
    yield from clock.check()
    yield from disk.check(settings)
    yield from moved.check(settings)
    answers = True
    for finding in database.check(settings):
        answers = finding.level is not Level.WRONG
        yield finding
    yield from _of_catalogue(database.hasty(settings), answers=answers)
    yield from rejected.check(settings)
    yield from ring.check(settings)
    yield from offloads.check(settings)
    yield from tls_keys.check(settings)
    yield from software.check()


def _of_catalogue(settings: Settings, *, answers: bool) -> Iterator[Finding]:
    """What is read from the catalogue, too; of one that does not answer nothing more is said."""
    yield from copies.check(settings)
    if answers:
        yield from placement.check(settings)
        yield from restored.check(settings)
