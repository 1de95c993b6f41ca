"""Calls that a clock dated wrongly, told by their seals where no snapshot told it.

Each chain of seals is in the order in which calls came, and each seal says what the clock said then. Where
one says an earlier time than one before it, the clock was behind: what came is dated by it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from storage.catalogue import Catalogue, SealRow, Setback
from storage.clock import EARLIEST, NEAR
from storage.retention.age import count_undated


def find_setbacks(catalogue: Catalogue, after: int, now: datetime) -> list[Setback]:
    """Keep the setbacks of calls that came behind the position ``after`` of the feed, which are those that no
    snapshot knew; where there are such calls. Again, it does no harm."""
    times = [time for chain in catalogue.seals.chains() for time in _behind(_seals(catalogue, chain), now)]
    kept: list[Setback] = []
    for lowest, highest, believed in _together(times):
        # Setbacks are told apart by their places: this many more calls are looked at, which start elsewhere.
        place = after - len(kept)
        found = Setback(place, place, lowest, highest, believed)
        if count_undated(catalogue, found):
            catalogue.setbacks.found(found)
            kept.append(found)
    return kept


_Time = tuple[datetime, datetime, datetime]
"""From when to when a clock went that was behind, and what it should have said at least."""


def _behind(seals: Iterable[SealRow], now: datetime) -> Iterator[_Time]:
    latest = EARLIEST
    for seal in seals:
        if seal.at < latest - NEAR:
            yield seal.at, seal.at, latest
        elif seal.at <= now + NEAR:
            latest = max(latest, seal.at)


def _together(times: Iterable[_Time]) -> list[_Time]:
    """Those that overlap, or nearly so, as one."""
    joined: list[_Time] = []
    for lowest, highest, believed in sorted(times):
        if joined and lowest - NEAR <= joined[-1][1]:
            was = joined[-1]
            joined[-1] = (was[0], max(was[1], highest), max(was[2], believed))
        else:
            joined.append((lowest, highest, believed))
    return joined


def _seals(catalogue: Catalogue, chain: str) -> Iterator[SealRow]:
    number = 0
    while page := catalogue.seals.page(chain, number):
        yield from page
        number = page[-1].number
