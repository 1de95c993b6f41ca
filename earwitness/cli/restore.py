"""``earwitness restore``: an installation made anew from one of its archive targets."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from earwitness.cli import people
from earwitness.cli.opening import KeyFileOption, PassphraseFileOption, opener
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.errors import SettingsError
from earwitness.settings import Settings
from storage.model import rfc3339

if TYPE_CHECKING:
    from earwitness.place import Place
    from earwitness.restored import Restored


def restore(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    source: Annotated[
        str, typer.Option("--from", metavar="TARGET", help="One of the targets in the settings.")
    ] = "",
    path: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Or a folder: a disk, or a copy of a target.", exists=True),
    ] = None,
    audio: Annotated[
        bool, typer.Option("--audio/--no-audio", help="Bring the audio back, or leave it on the target.")
    ] = True,
    snapshot_from: Annotated[
        str,
        typer.Option(metavar="TARGET", help="Whose snapshot to take, where another target has a newer one."),
    ] = "",
    snapshot: Annotated[
        str,
        typer.Option(metavar="TIME", help="An older snapshot there, by its name, such as 20261122T030405Z."),
    ] = "",
    alone: Annotated[
        bool, typer.Option("--alone", help="Ask no other target what was deleted or decided since.")
    ] = False,
    deletions: Annotated[
        bool,
        typer.Option(
            "--deletions", help="In what was restored: delete what one more target knows as deleted."
        ),
    ] = False,
    key_files: KeyFileOption = None,
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Make catalogue, keys of calls, index and audio anew from one target. Interrupted, it goes on.

    The other targets of the settings are asked which calls were deleted, and whether they have a newer
    snapshot. Those that do not answer are named.
    """
    from earwitness import other_targets
    from earwitness import place as where
    from earwitness.restoring import Restoring

    settings = settings_from(config, assignments, data).settings
    place, home = places(settings, source, path)
    if deletions:
        repeat(settings, place, home, as_json=as_json)
        return
    keys = opener(key_files, passphrase_file, settings)
    others = None if alone else other_targets.asked(settings, place.name)
    snapshots = None
    wanted = snapshot.rpartition("/")[2].partition(".")[0]
    if snapshot_from:
        snapshots = place if snapshot_from == place.name else where.named(settings, snapshot_from)
    with _bar() as progress:
        tasks = {name: progress.add_task(name, total=None) for name in ("rows", "audio", "index")}
        done = Restoring(settings, place, home, keys, others, snapshots, wanted).run(
            datetime.now(UTC),
            people.actor(),
            audio=audio,
            told=lambda name, count: progress.advance(tasks[name], count),
        )
    show(done, as_json=as_json)
    if done.damaged or done.rows.refused or done.records.lacking or (done.blobs and done.blobs.lacking):
        raise typer.Exit(1)


def _bar() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )


def places(settings: Settings, source: str, path: Path | None) -> "tuple[Place, Place]":
    """Where the calls are, and the archive to which they come back."""
    from earwitness import place as where

    if bool(source) == (path is not None):
        raise SettingsError("Say where the calls are: --from TARGET, or --path FOLDER.")
    home = where.home(settings)
    if path is None:
        return where.named(settings, source), home
    return where.folder(settings, path), home


def show(done: "Restored", *, as_json: bool) -> None:
    """What came back, and what did not."""
    lacking = (done.blobs.lacking if done.blobs else {}) | done.records.lacking
    if as_json:
        document = {
            "calls": done.calls,
            "newest_call": rfc3339(done.newest) if done.newest else None,
            "snapshot": rfc3339(done.snapshot) if done.snapshot else None,
            "index": "snapshot" if done.index else "rebuilt",
            "people": asdict(done.people) if done.people else None,
            "from_sidecars": done.rows.added + done.rows.revised,
            "bytes": done.blobs.bytes if done.blobs else 0,
            "deletion_records": done.records.count,
            "deleted": done.deletions.calls,
            "unproven": done.deletions.unproven,
            "held": done.deletions.held,
            "not_asked": done.silent,
            "damaged_snapshots": done.damaged,
            "refused": done.rows.refused,
            "lacking": lacking,
        }
        typer.echo(json.dumps(document))
        return
    typer.echo(from_snapshot(done))
    if done.damaged:
        typer.echo(passed_over(done), err=True)
    typer.echo(
        f"{done.calls:,} calls{f', up to {_clock(done.newest)}' if done.newest else ''}, "
        f"{done.rows.added + done.rows.revised:,} of them from their sidecars."
    )
    if done.blobs:
        typer.echo(
            f"{done.blobs.calls:,} of them lie in the archive again, {done.blobs.bytes:,} bytes, read back."
        )
    if done.records.count:
        typer.echo(f"{done.records.count:,} records of deletions lie in the archive again, read back.")
    gone = len(done.deletions.calls) + len(done.rows.removed)
    if gone:
        typer.echo(f"{gone:,} calls were deleted after the snapshot, and are again.")
    if done.deletions.unproven:
        typer.echo(
            f"{len(done.deletions.unproven):,} calls came back that records without a known signature call "
            "deleted. Put their public key into the folder keys of another data folder, as NAME.pub, and "
            "restore into that one.",
            err=True,
        )
    if done.deletions.held:
        typer.echo(held(len(done.deletions.held)), err=True)
    for name, reason in done.silent.items():
        typer.echo(not_asked(name, reason), err=True)
    for name, reason in (*done.rows.refused.items(), *lacking.items()):
        typer.echo(f"{name}: {reason}", err=True)


def repeat(settings: Settings, place: "Place", home: "Place", *, as_json: bool) -> None:
    """Ask one more target what was deleted, and say what went."""
    from earwitness.restoring import Restoring

    people.need_data(settings)
    done = Restoring(settings, place, home, opener(None, None, settings)).deletions(
        datetime.now(UTC), people.actor()
    )
    if as_json:
        typer.echo(json.dumps({"deleted": done.calls, "unproven": done.unproven, "held": done.held}))
        return
    typer.echo(f"{len(done.calls):,} calls were deleted that {place} knows as deleted.")
    if done.held:
        typer.echo(held(len(done.held)), err=True)
    if done.unproven:
        typer.echo(
            f"{len(done.unproven):,} calls stay that records without a known signature call deleted. Put "
            f"their public key into {settings.folders.keys}, as NAME.pub, and do this again.",
            err=True,
        )


def not_asked(name: str, reason: str) -> str:
    """What is to be said of a target that gave no answer, and what follows from that."""
    return (
        f"{name} was not asked: {reason} A call that was erased and of which it alone has the record came "
        "back, and what people decided since the snapshot may lie there. When it is back: "
        f"earwitness restore --deletions --from {name}"
    )


def held(calls: int) -> str:
    """What is to be said of calls that were deleted once and are under a legal hold now."""
    return (
        f"{calls:,} calls stay that were deleted once: they are under legal hold, as `earwitness hold list` "
        "shows. Once two people have released the hold, earwitness restore --deletions deletes them."
    )


def from_snapshot(done: "Restored") -> str:
    """What people made, and what of it is missing."""
    if done.snapshot is None or done.people is None:
        none = "No snapshot could be used" if done.damaged else "There was no snapshot"
        return (
            f"{none}: users, teams, tags, rules, holds and the audit log are not restored. "
            "Make users by earwitness user add, and place holds again before anything is deleted."
        )
    counts = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in asdict(done.people).items())
    return (
        f"As of {_clock(done.snapshot)}, when the snapshot was taken: {counts}. "
        "What people changed after that time is missing."
    )


def passed_over(done: "Restored") -> str:
    """What is to be said of snapshots that are newer than the one that was used."""
    names = "\n".join(f"{name} was not used: {reason}" for name, reason in done.damaged.items())
    older = (
        f"An older one, of {_clock(done.snapshot)}, was taken instead"
        if done.snapshot
        else "There is no other"
    )
    return (
        f"{names}\n{older}: what people decided after that, such as holds, rules and users, is missing. If "
        "another target or a copy of this one has a newer snapshot that is whole, restore into another data "
        "folder with --snapshot-from."
    )


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
