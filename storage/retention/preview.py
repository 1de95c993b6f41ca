"""What would be deleted at some moment, by rules and erasures, in calls, bytes and seconds; nothing is."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from storage.catalogue import Catalogue, CatalogueCall
from storage.catalogue.calls import calls_in
from storage.catalogue.cover import holds_of
from storage.retention.erasures import Erasures
from storage.retention.rules import Rule, Rules
from storage.retention.window import STRETCH, Stretch, going, latest_end, stretches


@dataclass(frozen=True, slots=True)
class Share:
    """What goes by one rule, or by approved erasures, where there is no ``rule``.

    ``bytes`` are those of all copies, ``seconds`` of audio. ``held`` calls would go but for a legal hold and
    are not among ``calls``; neither are ``undated`` ones, which would go by their start but are kept, as
    nobody knows whether it is right (``retention.age``). ``first`` are ids, oldest call first. Times are
    starts of calls, None where none goes.
    """

    rule: Rule | None
    calls: int = 0
    bytes: int = 0
    seconds: float = 0.0
    held: int = 0
    undated: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What goes at ``at``: by approved erasures, where there are any, then by each rule in their order, but
    for what goes by erasures. ``whole`` is False where it was stopped early."""

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
    """What would go at ``now``, by approved erasures, and by the rules in force or by ``rules`` (in their
    order), proposed ones too.

    ``at_once`` calls are looked at in one query.
    """
    rules = Rules(catalogue).in_force() if rules is None else list(rules)
    shares = [Share(rule) for rule in rules]
    erased, by_erasures = _by_erasures(catalogue, first)
    before = latest_end(rules, now)
    whole = True
    for stretch in stretches(catalogue.database, before, size=at_once) if before else ():
        if stop():
            whole = False
            break
        shares = _counted(catalogue, (stretch, _within(erased, stretch)), rules, shares, now, first)
    return Preview(now, (*by_erasures, *shares), whole)


def _by_erasures(catalogue: Catalogue, first: int) -> tuple[list[CatalogueCall], list[Share]]:
    """The calls of approved erasures, oldest first, and what they come to: a share, or none without calls."""
    wanted = dict.fromkeys(call_id for each in Erasures(catalogue).to_do() for call_id in each.call_ids)
    if not wanted:
        return [], []
    with catalogue.database.read() as connection:
        found = calls_in(connection, list(wanted))
        held = holds_of(connection, found)
    found.sort(key=lambda item: (item.call.start, item.call.id))
    free = [item for item in found if item.call.id not in held]
    share = Share(
        rule=None,
        calls=len(free),
        bytes=sum(copy.bytes for item in free for copy in item.copies),
        seconds=sum(item.call.recording.seconds for item in free if item.call.recording),
        held=len(held),
        earliest=free[0].call.start if free else None,
        latest=free[-1].call.start if free else None,
        first=tuple(item.call.id for item in free[:first]),
    )
    return found, [share] if found else []


def _within(found: Sequence[CatalogueCall], stretch: Stretch) -> list[str]:
    """The ids of those that may lie in the stretch: never more at once than a query takes."""
    since = stretch.after.start if stretch.after else None
    return [
        item.call.id
        for item in found
        if item.call.start <= stretch.last.start and (since is None or item.call.start >= since)
    ]


def _counted(
    catalogue: Catalogue,
    part: tuple[Stretch, Sequence[str]],
    rules: Sequence[Rule],
    shares: Sequence[Share],
    now: datetime,
    first: int,
) -> list[Share]:
    """``shares`` with what goes of the stretch, but for calls with the ids that ``part`` names."""
    stretch, besides = part
    firsts: dict[int, list[str]] = defaultdict(list)
    with catalogue.database.read() as connection:
        gone = going(connection, stretch, rules, now)
        if besides:
            gone = select(gone).where(gone.c.id.not_in(besides)).subquery()
        sums = select(
            gone.c.rule,
            gone.c.held,
            gone.c.undated,
            func.count().label("calls"),
            func.sum(gone.c.bytes).label("bytes"),
            func.sum(gone.c.seconds).label("seconds"),
            func.min(gone.c.start).label("earliest"),
            func.max(gone.c.start).label("latest"),
        ).group_by(gone.c.rule, gone.c.held, gone.c.undated)
        found = connection.execute(sums).all()
        for place in {row.rule for row in found if not row.held and not row.undated}:
            wanted = first - len(shares[place].first)
            if wanted > 0:
                named = select(gone.c.id).where(gone.c.rule == place, gone.c.held == 0, gone.c.undated == 0)
                named = named.order_by(gone.c.start, gone.c.id).limit(wanted)
                firsts[place] = list(connection.execute(named).scalars())
    counted = list(shares)
    for row in found:
        share = counted[row.rule]
        if row.held:
            counted[row.rule] = replace(share, held=share.held + row.calls)
        elif row.undated:
            counted[row.rule] = replace(share, undated=share.undated + row.calls)
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
