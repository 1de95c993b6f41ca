"""``earwitness decrypt``: hear a call whose packets were kept, with what was not on the wire."""

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
    from recorder.finish.supplies import Supplies
    from storage.model import Call, Side


def decrypt(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
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
    codec: Annotated[
        list[str] | None,
        typer.Option(
            "--codec",
            metavar="SIDE:TYPE=NAME/RATE",
            help="What a payload type means, as B:97=G726-32/8000. Repeatable.",
        ),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep/--remove",
            help="Keep the packets, or remove them once all can be heard; under a legal hold they stay.",
        ),
    ] = True,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Hear a call that could not be opened or decoded, with its keys or codecs, and archive it."""
    from earwitness import decrypting
    from recorder.finish.supplied import supplied
    from recorder.finish.supplies import Supplies, codecs
    from storage.errors import PacketsHeld

    settings = settings_from(config, assignments, data).settings
    known = Supplies(supplied([*(key or []), *given(keys)]), codecs(codec or []))
    if not known.keys and not known.codecs:
        raise typer.BadParameter("there is no key: give one with --key, some with --keys FILE, or a --codec")
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


def described(known: "Supplies", made: "Reopened", stays: bool) -> dict[str, str | list[str]]:
    """What the audit log says: nothing of the keys but their suites."""
    return {
        "opened": [side.value for side, count in made.opened.items() if count],
        "closed": [side.value for side in made.closed],
        "suites": sorted({one.key.suite for one in known.keys}),
        "codecs": sorted({one.format.encoding for one in known.codecs}),
        "packets": "kept" if stays else "removed",
    }


def show(call: "Call", made: "Reopened") -> None:
    """For people: what is open now, and what is not."""
    for side, count in made.opened.items():
        if count:
            typer.echo(f"{side}: {count:,} packets opened")
    for side, seconds in made.gained.items():
        if round(seconds, 1) > 0:
            typer.echo(f"{side}: {seconds:.1f} s more can be heard")
    for side in made.closed:
        typer.echo(f"{side}: {still_closed(call, side)}")
    if call.recording is None:
        typer.echo("There is still nothing to hear: nothing that was opened is audio.")
    else:
        typer.echo(f"{clock(call.recording.seconds)} to be heard: earwitness play {call.id}")


def still_closed(call: "Call", side: "Side") -> str:
    """What is missing to hear the rest of the side."""
    if any(gap.side is side and gap.cause == "encrypted" for gap in call.gaps):
        return "still encrypted in part or whole; another key is needed"
    return "not decoded in part or whole; tell its codec with --codec"
