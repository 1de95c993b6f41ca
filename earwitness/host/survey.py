"""All checks of this host, in the order in which they are shown."""

from collections.abc import Iterator

from earwitness.host import (
    capabilities,
    clock,
    copies,
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
from earwitness.host.finding import Finding
from earwitness.settings import Settings


def survey(settings: Settings) -> Iterator[Finding]:
    """Everything that can be said of this host and these settings."""
    yield from capabilities.check(settings)
    yield from clock.check()
    yield from disk.check(settings)
    yield from moved.check(settings)
    yield from copies.check(settings)
    yield from placement.check(settings)
    yield from restored.check(settings)
    yield from rejected.check(settings)
    yield from ring.check(settings)
    yield from offloads.check(settings)
    yield from tls_keys.check(settings)
    yield from software.check()
