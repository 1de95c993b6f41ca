"""What retention would delete at some moment: by rule, in calls, bytes and seconds, without deleting it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from storage.catalogue import Catalogue
from storage.retention.rules import Rule, Rules
from storage.retention.window import STRETCH, Stretch, going, latest_end, stretches


@dataclass(frozen=True, slots=True)
class Share:
    """What goes by one rule. ``bytes`` are those of all copies, ``seconds`` of audio.

    ``held`` calls would go but for a legal hold and are not among ``calls``. ``first`` are ids, oldest call
    first. Times are starts of calls, None where none goes.
    """

    rule: Rule
    calls: int = 0
    bytes: int = 0
    seconds: float = 0.0
    held: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What goes at ``at``, by each rule in their order. ``whole`` is False where it was stopped early."""

    at: datetime
    shares: tuple[Share, ...]
    whole: bool

    @property
    def calls(self) -> int:
        """How many calls go."""
        return sum(share.calls for share in self.shares)


def preview(
    catalogue: Catalogue,
    now: datetime,
    *,
    rules: Sequence[Rule] | None = None,
    first: int = 20,
    at_once: int = STRETCH,
    stop: Callable[[], bool] = lambda: False,
) -> Preview:
    """What would go at ``now``, by the rules in force or by ``rules`` (in their order), proposed ones too.

    ``at_once`` calls are looked at in one query.
    """
    rules = Rules(catalogue).in_force() if rules is None else list(rules)
    shares = [Share(rule) for rule in rules]
    before = latest_end(rules, now)
    if before is None:
        return Preview(now, tuple(shares), whole=True)
    for stretch in stretches(catalogue.database, before, size=at_once):
        if stop():
            return Preview(now, tuple(shares), whole=False)
        shares = _counted(catalogue, stretch, shares, now, first)
    return Preview(now, tuple(shares), whole=True)


def _counted(
    catalogue: Catalogue, stretch: Stretch, shares: Sequence[Share], now: datetime, first: int
) -> list[Share]:
    rules = [share.rule for share in shares]
    firsts: dict[int, list[str]] = defaultdict(list)
    with catalogue.database.read() as connection:
        gone = going(connection, stretch, rules, now)
        sums = select(
            gone.c.rule,
            gone.c.held,
            func.count().label("calls"),
            func.sum(gone.c.bytes).label("bytes"),
            func.sum(gone.c.seconds).label("seconds"),
            func.min(gone.c.start).label("earliest"),
            func.max(gone.c.start).label("latest"),
        ).group_by(gone.c.rule, gone.c.held)
        found = connection.execute(sums).all()
        for place in {row.rule for row in found if not row.held}:
            wanted = first - len(shares[place].first)
            if wanted > 0:
                named = select(gone.c.id).where(gone.c.rule == place, gone.c.held == 0)
                named = named.order_by(gone.c.start, gone.c.id).limit(wanted)
                firsts[place] = list(connection.execute(named).scalars())
    counted = list(shares)
    for row in found:
        share = counted[row.rule]
        if row.held:
            counted[row.rule] = replace(share, held=share.held + row.calls)
        else:
            counted[row.rule] = replace(
                share,
                calls=share.calls + row.calls,
                bytes=share.bytes + int(row.bytes),
                seconds=share.seconds + row.seconds,
                earliest=share.earliest or row.earliest,
                latest=row.latest,
                first=(*share.first, *firsts[row.rule]),
            )
    return counted
