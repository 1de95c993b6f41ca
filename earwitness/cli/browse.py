"""``earwitness browse``: the calls on a disk that was taken away, without any installation."""

from collections.abc import Collection, Iterable
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earwitness.cli.counting import counted
from earwitness.cli.opening import KeyFileOption, PassphraseFileOption, opener
from earwitness.cli.options import JsonOption
from earwitness.cli.play import able_player, play_file
from earwitness.cli.search import show, understood
from earwitness.errors import NotFound

if TYPE_CHECKING:
    from storage.media.reading import Reading
    from storage.targets import Target


def browse(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    path: Annotated[Path, typer.Argument(help="Where the medium is mounted.", exists=True, file_okay=False)],
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]", help="As in `earwitness search`.")
    ] = None,
    play: Annotated[str, typer.Option(metavar="ID", help="Play this call.")] = "",
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --play: write its audio here instead.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many calls at most.")] = 20,
    whole_numbers: Annotated[bool, typer.Option("--whole-numbers", help="Show numbers unmasked.")] = False,
    key_files: KeyFileOption = None,
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List, search and play the calls of a medium that stands alone. Nothing is written to it."""
    from earwitness import browsing
    from qa_api.shown import veiled
    from storage.media.reading import Reading
    from storage.targets import LocalTarget

    query = understood(" ".join(words or []))
    target = LocalTarget(path)
    reading = Reading(target, opener(key_files, passphrase_file))
    if reading.closed:
        typer.echo(browsing.CLOSED, err=True)
    if not reading.days():
        typer.echo(without_calls(reading, path), err=True)
        return
    if play:
        warn_of_deleted(target, [play])
        hear(reading, target, play, to)
        return
    rows = list(islice(browsing.find(reading, query), limit + 1))
    calls = [reading.call(row) for row in rows[:limit]]
    names = {row.agent: row.agent_name for row in rows if row.agent}
    if not whole_numbers:
        calls = [veiled(call, names) for call in calls]
    if as_json:
        for call in calls:
            typer.echo(call.model_dump_json())
    elif not rows:
        which = "that could be read" if reading.unreadable else "on this medium"
        typer.echo(f"No call {which} fits.", err=True)
    else:
        show(calls, names)
        typer.echo(f"{len(calls)}{' and more: --limit shows more' if len(rows) > limit else ''}", err=True)
    warn_of_deleted(target, [call.id for call in calls])
    if reading.unreadable:
        lacking = browsing.lacks_keys(target)
        why = browsing.NO_KEYS if lacking else "No key that was given opens them, or they are damaged."
        count = counted(reading.unreadable, "call", "calls")
        typer.echo(f"{count} could not be read. {why}", err=True)


def warn_of_deleted(target: "Target", call_ids: Collection[str]) -> None:
    """Say of which of these calls, which lie there, records say that they were deleted."""
    from earwitness import browsing

    for call_id, at in sorted(browsing.deleted_at(target, call_ids).items()):
        typer.echo(
            f"The call {call_id} was deleted on {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, as a record on this "
            "medium says: it should not be here any more. `earwitness verify --path` proves the record.",
            err=True,
        )


def without_calls(reading: "Reading", path: Path) -> str:
    """What to say of a medium that holds no calls yet. Raises ``NotFound`` where ``path`` is no medium."""
    from storage.targets.marker import MARKER

    if reading.listed or reading.about.installation or reading.about.volume:
        return f"There are no calls on the medium {path} yet."
    raise NotFound(
        f"No calls lie in {path}. A medium has the file {MARKER} and folders by date, such as 2026/11/22, "
        "with the calls in them: name the folder in which these lie; in a data folder that is its archive."
    )


def unheard(target: "Target", call_id: str) -> str:
    """Why a call that was not found cannot be played."""
    from earwitness import browsing

    if not browsing.holds_call(target, call_id):
        return f"There is no call {call_id} on this medium."
    if browsing.lacks_keys(target):
        return f"The call {call_id} is encrypted. {browsing.NO_KEYS}"
    return f"The call {call_id} cannot be read: no key that was given opens it, or it is damaged."


def hear(reading: "Reading", target: "Target", call_id: str, to: Path | None) -> None:
    """Play the call, or write its audio to a file or standard output."""
    row = reading.find(call_id)
    if row is None:
        raise NotFound(unheard(target, call_id))
    if not row.audio:
        raise NotFound(f"The call {call_id} has no audio: it was {row.state}.")
    player = able_player(row.audio) if to is None else ""
    chunks = reading.audio(row.audio)
    if to is None:
        play_file(player, row.audio, lambda path: write(chunks, path))
    elif str(to) == "-":
        for chunk in chunks:
            typer.get_binary_stream("stdout").write(chunk)
    else:
        write(chunks, to)
        typer.echo(f"{to}: {to.stat().st_size:,} bytes", err=True)


def write(chunks: Iterable[bytes], path: Path) -> None:
    """Write them to the file."""
    with path.open("wb") as file:
        file.writelines(chunks)
