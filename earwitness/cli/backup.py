"""``earwitness backup``: copy calls to other targets now, and show how far the copies are."""

import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from earwitness.cli import backup_status, people
from earwitness.cli.counting import counted
from earwitness.cli.faults import FAILED
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.cli.search import understood
from earwitness.errors import NotFound, UnknownTarget
from earwitness.settings import Settings
from earwitness.stop import Stop, on_signals

if TYPE_CHECKING:
    from earwitness.keeping.backup import Backup, Backups
    from earwitness.keeping.means import Means
    from storage.catalogue import Catalogue

_PAGE = 500


def backup(
    calls: Annotated[
        list[str] | None, typer.Argument(metavar="[CALL]...", help="Ids of calls; without any, all of them.")
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", metavar="QUERY", help="Calls as `earwitness search` finds them.")
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="TARGET", help="Only to this target; repeatable.")
    ] = None,
    status: Annotated[
        bool, typer.Option("--status", help="Copy nothing, show how far the copies are.")
    ] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Copy calls to other targets now, whatever their schedules say. Goes on where it was interrupted."""
    settings = settings_from(config, assignments, data).settings
    some = bool(calls or query)
    names = shown(settings, to or []) if status else chosen(settings, to or [], named=some)
    with people.existing(settings) as catalogue:
        if status:
            backup_status.show(settings, catalogue, names, as_json=as_json)
            return
        ids = None if not calls and query is None else wanted(settings, catalogue, calls or [], query)
        note(catalogue, names, ids)
        done = make(settings, catalogue, names, ids)
    if as_json:
        typer.echo(json.dumps([described(each) for each in done]))
    else:
        for each in done:
            comes_in = each.target == elsewhere(settings) and not (each.total or each.left)
            typer.echo(sentence(each, copied=not comes_in))
    if not all(each.whole for each in done):
        raise typer.Exit(FAILED)


def chosen(settings: Settings, to: Sequence[str], *, named: bool) -> list[str]:
    """The targets: those of ``to``, else all that calls go to by themselves. Exports get what is named.

    Where calls come in gets those that came in elsewhere before, and a snapshot.
    """
    roles = {target.name: target.role for target in settings.targets}
    found = shown(settings, to)
    for name in to:
        if roles[name] == "primary" and named:
            raise typer.BadParameter(
                f"{name} is where calls come in: it gets all of them by itself. Name no calls for it"
            )
        if roles[name] == "export" and not named:
            raise typer.BadParameter(f"{name} takes only calls that are named: give their ids, or --query")
    if not to:
        found = [name for name in found if roles[name] == "copy" or (roles[name] == "primary" and not named)]
    if not found:
        raise NotFound("There is no target to copy to. Name one in the settings, under [[targets]].")
    return found


def shown(settings: Settings, to: Sequence[str]) -> list[str]:
    """Those of ``to``, else all of the settings."""
    names = [target.name for target in settings.targets]
    for name in to:
        if name not in names:
            raise UnknownTarget(name, names)
    return list(dict.fromkeys(to)) or names


def elsewhere(settings: Settings) -> str:
    """Where calls come in; empty where that is the archive folder of this machine."""
    return next((target.name for target in settings.targets if target.role == "primary"), "")


def wanted(settings: Settings, catalogue: "Catalogue", calls: Sequence[str], query: str | None) -> list[str]:
    """The ids of the calls; raises ``NotFound`` where one is not there."""
    known = {found.call.id for found in catalogue.calls.get_many(calls)}
    for call_id in calls:
        if call_id not in known:
            raise NotFound(f"There is no call {call_id}. `earwitness search` shows calls with their ids.")
    found = [] if query is None else searched(settings, query)
    return list(dict.fromkeys([*calls, *found]))


def searched(settings: Settings, query: str) -> Iterator[str]:
    """The ids of all calls that the query finds."""
    from earwitness import wiring
    from indexer.scope import EVERYTHING

    reader, after = wiring.search_reader(settings), None
    asked = understood(query)
    while True:
        page = reader.search(asked, EVERYTHING, after=after, limit=_PAGE)
        yield from page.ids
        after = page.next
        if after is None:
            return


def note(catalogue: "Catalogue", names: Sequence[str], ids: Sequence[str] | None) -> None:
    """The audit event: where to, and how many calls were named, the first of them by id."""
    calls = {} if ids is None else {"calls": len(ids), "ids": list(ids[:100])}
    people.note(catalogue, "backup.run", kind="target", object_id=",".join(names), after=calls)


def make(
    settings: Settings, catalogue: "Catalogue", names: Sequence[str], ids: Sequence[str] | None
) -> "list[Backup]":
    """Copy to all targets side by side, with a bar for each."""
    from earwitness import wiring
    from earwitness.keeping import places
    from earwitness.keeping.backup import Backups
    from earwitness.keeping.means import Means

    stop = Stop()
    on_signals(stop.ask)
    targets = dict(wiring.targets(settings, catalogue, paced=True))
    home, placement = places.home(settings), places.placement(settings)
    backups = Backups(catalogue, targets, placement, home, stop.wait, settings=settings)
    with bars() as progress, ThreadPoolExecutor(max(1, len(names))) as pool:
        done = list(pool.map(lambda name: _one(backups, progress, name, ids), names))
    means = Means.of(settings, catalogue, targets, lambda: stop.asked, lambda: datetime.now(UTC))
    _level(means, done, stop, whole=ids is None)
    return done


def _level(means: "Means", done: "list[Backup]", stop: Stop, *, whole: bool) -> None:
    """What belongs to the copies: records of deletions and the list on each target, and after a whole backup
    a snapshot."""
    from earwitness.keeping import levelling

    fine = [each.target for each in done if not each.trouble]
    levelling.index(means)
    troubles = levelling.records(means, fine) | levelling.lists(means, fine, stop.wait)
    if whole and not stop.asked:
        troubles |= levelling.snapshots(means, fine)
    for each in done:
        each.trouble = each.trouble or troubles.get(each.target, "")
        each.snapshot = whole and not stop.asked and not each.trouble and not means.lasting(each.target)


def _one(backups: "Backups", progress: Progress, name: str, ids: Sequence[str] | None) -> "Backup":
    task = progress.add_task(name, total=None)
    found = backups.prepare(name, ids)
    progress.update(task, total=found.total)
    backups.make(
        found,
        ids,
        lambda now: progress.update(task, completed=now.calls, total=now.total, description=_described(now)),
        by=people.actor(),
    )
    return found


def _described(now: "Backup") -> str:
    text = f"{now.target} {_size(now)}"
    return f"{text} - waits for what another process copies" if now.waits else text


@contextmanager
def bars() -> Iterator[Progress]:
    """Progress on standard error, where somebody sees it."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with bar as progress:
        yield progress


def described(done: "Backup") -> dict[str, object]:
    """For programs."""
    return {
        "target": done.target,
        "calls": done.calls,
        "bytes": done.bytes,
        "left": done.left,
        "later": done.later,
        "failed": done.failed,
        "trouble": done.trouble,
        "snapshot": done.snapshot,
    }


def sentence(done: "Backup", *, copied: bool = True) -> str:
    """For people. Unless calls are ``copied`` there they come in there."""
    calls = counted(done.calls, "call copied", "calls copied")
    text = f"{done.target}: " + (
        f"{calls} and read back ({_size(done)})" if copied else "calls come in there"
    )
    if done.snapshot:
        text += ", with a snapshot of the catalogue" if copied else "; it has a snapshot of the catalogue now"
    if done.left:
        text += f"; {done.left:,} are left: the same command goes on with them"
    if done.failed:
        call_id, why = next(iter(done.failed.items()))
        text += f"; {len(done.failed):,} failed, as {call_id}: {why}"
    if done.later:
        text += f"; {backup_status.later(done.later)}"
    if done.trouble:
        text += f". {done.trouble}"
    return text


def _size(done: "Backup") -> str:
    return backup_status.size(done.bytes)
