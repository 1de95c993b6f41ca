"""``earwitness scrub``: read copies back, put bad ones anew, and compare what targets hold both ways."""

import json
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from earwitness.cli import people
from earwitness.cli.backup import bars
from earwitness.cli.backup_status import size
from earwitness.cli.counting import counted
from earwitness.cli.faults import FAILED
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.errors import UnknownTarget
from earwitness.stop import Stop, on_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earwitness.scrubbing import Outcome, Told
    from storage.scrub.scrub import Bad

_SHOWN = 20


def scrub(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    target: Annotated[
        list[str] | None,
        typer.Option("--target", help="Only this target; repeatable. `local` is the archive folder."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every copy, not only those whose turn it is.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Look for blobs and rows that know nothing of each other, too.")
    ] = False,
    repair: Annotated[bool, typer.Option(help="Put bad copies anew from good ones.")] = True,
    believe_empty: Annotated[
        bool, typer.Option("--believe-empty", help="A target on which nothing is left has lost everything.")
    ] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Read stored copies back and repair what is damaged or missing. Interrupted, it goes on from there."""
    from earwitness import wiring
    from earwitness.scrubbing import Scrubbing

    settings = settings_from(config, assignments, data).settings
    names = _chosen(wiring.targets(settings), target or [])
    stop = Stop()
    with people.existing(settings) as catalogue, _telling() as told:
        targets = wiring.targets(settings, catalogue)
        on_signals(stop.ask)
        after = {"all": everything, "compare": compare, "repair": repair}
        people.note(catalogue, "scrub.run", kind="target", object_id=",".join(names), after=after)
        work = Scrubbing(settings, catalogue, targets, lambda: stop.asked, told, people.actor())
        for name in names:
            if compare and not stop.asked:
                work.compare(name)
            work.read(name, everything=everything, believe_empty=believe_empty)
            if not stop.asked:
                work.snapshots(name, everything=everything, mend=repair)
        if repair:
            work.repair()
        counts = catalogue.copy_checks.bad_counts()
        left = {name: sum(by.values()) for name, by in counts.items() if name in targets}
    if as_json:
        typer.echo(json.dumps(_report(work.outcome, left), ensure_ascii=False))
    else:
        _say(work.outcome, left)
    if left or work.outcome.unreachable or stop.asked:
        raise typer.Exit(FAILED)


def _chosen(targets: Mapping[str, object], names: Sequence[str]) -> list[str]:
    for name in names:
        if name not in targets:
            raise UnknownTarget(name, targets)
    return list(dict.fromkeys(names)) or list(targets)


@contextmanager
def _telling() -> "Iterator[Told]":
    """A bar for each target."""
    with bars() as progress:
        tasks: dict[str, Any] = {}

        def told(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done)

        yield told


def _report(outcome: "Outcome", left: Mapping[str, int]) -> dict[str, Any]:
    return {
        "copies": outcome.copies,
        "bytes": outcome.bytes,
        "bad": [_bad(each) for each in outcome.bad],
        "repaired": [_bad(each) for each in outcome.repaired],
        "hopeless": [_bad(each) for each in outcome.hopeless],
        "left": left,
        "unreachable": outcome.unreachable,
        "compared": {
            name: {
                "blobs": found.blobs,
                "bad": [_bad(each) for each in found.bad],
                "adopted": found.adopted,
                "removing": found.removing,
                "staying": found.staying,
                "unknown": found.unknown,
                "unknown_count": found.unknown_count,
                "stray": found.stray,
                "stray_count": found.stray_count,
            }
            for name, found in outcome.compared.items()
        },
    }


def _bad(bad: "Bad") -> dict[str, str]:
    return {"call": bad.call_id, "target": bad.target, "name": bad.name, "condition": bad.condition}


def _list(lines: Sequence[str]) -> None:
    """The first of the lines, and how many there are behind them."""
    for line in lines[:_SHOWN]:
        typer.echo(line)
    if len(lines) > _SHOWN:
        typer.echo(f"… and {len(lines) - _SHOWN:,} more; --json names them.")


def _say(outcome: "Outcome", left: Mapping[str, int]) -> None:
    typer.echo(
        f"{counted(outcome.copies, 'copy', 'copies')} read back ({size(outcome.bytes)}), "
        f"{len(outcome.bad):,} of them bad."
    )
    _list([f"{each.target}: {each.name} is {each.condition}" for each in outcome.bad])
    for name, found in outcome.compared.items():
        typer.echo(
            f"{name}: {found.blobs:,} blobs compared; {len(found.bad):,} rows without their blob, "
            f"{len(found.adopted):,} blobs got their row back, {len(found.removing):,} of deleted calls go; "
            f"{found.unknown_count:,} of unknown calls and {found.stray_count:,} strays are left"
        )
        _list([f"{name}: {blob} is of a deleted call, can be read and never goes" for blob in found.staying])
        _list([f"{name}: {blob} is of a call that is not known" for blob in found.unknown])
        _list([f"{name}: {blob} is of a call that does not know it" for blob in found.stray])
    if outcome.repaired:
        typer.echo(f"{counted(len(outcome.repaired), 'copy', 'copies')} put anew and read back.")
    _list([f"No good copy within reach: {each.target}: {each.name}" for each in outcome.hopeless])
    for name, number in left.items():
        typer.echo(f"{name} has {counted(number, 'bad copy', 'bad copies')} left.")
    for name, why in outcome.unreachable.items():
        typer.echo(f"{name}: {why}")
