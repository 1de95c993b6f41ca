"""``earwitness decrypt``: hear a call that was recorded encrypted, with a key that was not on the wire."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earwitness.cli import people
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from indexer.durations import clock

if TYPE_CHECKING:
    from recorder.finish.reopen import Reopened
    from recorder.finish.supplied import SuppliedKey
    from storage.model import Call


def decrypt(
    call_id: Annotated[str, typer.Argument(help="Id of the call.")],
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="SIDE:SUITE:SECRET",
            help="A key; other users of this machine may see it. Repeatable.",
        ),
    ] = None,
    keys: Annotated[
        str | None,
        typer.Option("--keys", metavar="FILE", help="Keys from a file, one a line; - is standard input."),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep/--remove",
            help="Keep the encrypted packets, or remove them once all is open; under a legal hold they stay.",
        ),
    ] = True,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Open a call that was recorded encrypted with its keys, and archive what can be heard."""
    from earwitness import decrypting
    from recorder.finish.supplied import supplied
    from storage.errors import PacketsHeld

    settings = settings_from(config, assignments, data).settings
    known = supplied([*(key or []), *given(keys)])
    if not known:
        raise typer.BadParameter("there is no key: give one with --key, or some with --keys FILE")
    with people.existing(settings) as catalogue:

        def note(made: "Reopened", stays: bool) -> None:
            people.note(
                catalogue, "call.decrypt", kind="call", object_id=call_id, after=described(known, made, stays)
            )

        try:
            call, made = decrypting.decrypt(settings, catalogue, call_id, known, keep=keep, before=note)
        except PacketsHeld:
            refused = {"because": "PacketsHeld", "packets": "kept"}
            people.note(catalogue, "call.decrypt.refused", kind="call", object_id=call_id, after=refused)
            raise
    if as_json:
        typer.echo(call.model_dump_json())
    else:
        show(call, made)


def given(keys: str | None) -> Iterator[str]:
    """The lines of the file, or of standard input."""
    if keys == "-":
        yield from sys.stdin
    elif keys is not None:
        with Path(keys).open(encoding="utf-8") as file:
            yield from file


def described(known: "tuple[SuppliedKey, ...]", made: "Reopened", stays: bool) -> dict[str, str | list[str]]:
    """What the audit log says: nothing of the keys but their suites."""
    return {
        "opened": [side.value for side, count in made.opened.items() if count],
        "closed": [side.value for side in made.closed],
        "suites": sorted({one.key.suite for one in known}),
        "packets": "kept" if stays else "removed",
    }


def show(call: "Call", made: "Reopened") -> None:
    """For people: what is open now, and what is not."""
    for side, count in made.opened.items():
        if count:
            typer.echo(f"{side}: {count:,} packets opened")
    for side in made.closed:
        typer.echo(f"{side}: still encrypted in part or whole; another key is needed")
    if call.recording is None:
        typer.echo("There is still nothing to hear: nothing that was opened is audio.")
    else:
        typer.echo(f"{clock(call.recording.seconds)} to be heard: earwitness play {call.id}")
