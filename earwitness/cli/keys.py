"""``earwitness keys``: the master keys of recordings, and opening a call with the key of a recipient."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from earwitness.cli import people, tables
from earwitness.cli.alike import told_once
from earwitness.cli.counting import counted
from earwitness.cli.opening import KeyFileOption, PassphraseFileOption, opener
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.cli.play import audio_of, save, tell_troubles
from earwitness.errors import SettingsError

if TYPE_CHECKING:
    from earwitness.rotating import Rotated

app = typer.Typer(help="The keys that recordings are encrypted with.", no_args_is_help=True)


@app.command("new")
def new(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where the key is to be; must not be there yet.")
    ],
    kms: Annotated[
        str, typer.Option(metavar="KEY_ID", help="Let this key of the AWS key management service encrypt it.")
    ] = "",
) -> None:
    """Make a master key."""
    from storage.encryption.kms import new_encrypted
    from storage.encryption.masterkey import load_master, new_master_text
    from storage.seals.keys import write_secret

    text = new_encrypted(kms) if kms else new_master_text()
    if not write_secret(path, text.encode()):
        raise SettingsError(f"{path} is there already; a key is never written over.")
    place = f"{'kms' if kms else 'file'}:{path.resolve()}"
    typer.echo(f"Master key {load_master(place).id}. Put it in the settings, and a copy in a safe place:")
    typer.echo(f'[encryption]\nmaster_key = "{place}"')


@app.command("show")
def show(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Show which keys there are, by their ids, and how many calls each opens. Never the keys themselves."""
    from earwitness import rotating
    from earwitness.public_keys import own_keys

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        rows = rotating.shown(settings, catalogue)
    rows += [("seals", key, "keys/seal.pub", 0) for key in own_keys(settings)]
    if as_json:
        names = ("role", "id", "place", "calls")
        typer.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows]))
    else:
        tables.show(
            ("KEY", "ID", "WHERE", "CALLS"),
            [(role, key, place, f"{calls:,}" if calls else "") for role, key, place, calls in rows],
        )


@app.command("rotate")
def rotate(
    everything: Annotated[
        bool,
        typer.Option("--all", help="Also what the present key wraps: for new recipients or passphrases."),
    ] = False,
    key_files: KeyFileOption = None,
    passphrase_file: PassphraseFileOption = None,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Wrap the keys of calls and snapshots with the master key of the settings. Interrupted, it goes on."""
    from earwitness import rotating

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue, _bar() as progress:
        work = rotating.rotation(settings, catalogue, opener(key_files, passphrase_file, settings))
        pending = work.pending(everything=everything)
        task = progress.add_task("", total=pending)
        people.note(catalogue, "keys.rotate", kind="keys", after={"pending": pending, "all": everything})

        def told(wrapped: int, failed: int, total: int) -> None:
            failures = f"{failed:,} failed" if failed else ""
            progress.update(task, completed=wrapped, total=total, description=failures)

        done = rotating.rotate(settings, catalogue, work, told, everything=everything, by=people.actor())
        unlisted = rotating.lists(settings, catalogue)
        stale = {} if done.failed or done.left else rotating.snapshots(settings, catalogue)
    typer.echo(counted(done.wrapped, "key is wrapped anew.", "keys are wrapped anew."))
    for line in told_once([(item.what, item.reason) for item in done.failed], "keys"):
        typer.echo(line, err=True)
    for line in _advice(done, unlisted, stale, served=rotating.served(settings)):
        typer.echo(line, err=True)
    if done.failed or done.left or unlisted or stale:
        raise typer.Exit(1)


@app.command("open")
def open_call(
    call_id: Annotated[str, typer.Argument(help="Id of the call.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where its audio goes.")],
    key_files: KeyFileOption = None,
    passphrase_file: PassphraseFileOption = None,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Open one call with a key that the settings do not have: that of a recipient, or a passphrase."""
    from earwitness import encrypting
    from storage.encryption.keyring import CatalogueKeyring

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        keys = CatalogueKeyring(catalogue, opener(key_files, passphrase_file))
        targets = encrypting.readable(settings, catalogue, keys)
        reader = audio_of(settings, catalogue, call_id, targets)
        audio = reader.chunks()
        people.note(catalogue, "call.download", kind="call", object_id=call_id, after={"key": "given"})
        save(reader, audio, output)
    typer.echo(f"{output}: {output.stat().st_size:,} bytes", err=True)
    tell_troubles(reader)


def _advice(
    done: "Rotated", unlisted: Mapping[str, str], stale: Mapping[str, str], *, served: bool
) -> Iterator[str]:
    """What people have to do before they take the earlier key out; ``unlisted`` says by target why its list
    is closed with that key perhaps, ``stale`` why its newest snapshot is from before the change of keys."""
    keep = "keep the earlier key in encryption.previous"
    yield from unlisted.values()
    if unlisted:
        yield f"The list there may be closed with the earlier key still: {keep}, and rotate again."
    yield from stale.values()
    if stale:
        yield f"The newest snapshot there needs it still: {keep}, and rotate again."
    if done.failed:
        few = counted(len(done.failed), "key is not", "keys are not")
        yield f"{few}: {keep}, and try again."
    if done.left > len(done.failed):
        some = counted(done.left, "key is still wrapped", "keys are still wrapped")
        first = "restart `serve` with these settings, then" if served else "then"
        yield f"{some} with other master keys, as of calls that came meanwhile: {keep}, {first} rotate again."
    elif served:
        yield (
            "`serve` runs here. If it was started before the master key was changed in the settings, it "
            f"archives no calls now: {keep}, restart it, and rotate again."
        )


def _bar() -> Progress:
    return Progress(
        TextColumn("wrapping keys"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
