"""``earwitness play``: hear one call, or write its audio to a file."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earwitness.cli import people
from earwitness.cli.options import ConfigOption, DataOption, SetOption, settings_from
from earwitness.errors import HostError, NotFound
from earwitness.settings import Settings

if TYPE_CHECKING:
    from storage.catalogue import Catalogue, Copy

PLAYERS = {
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error"),
    "mpv": ("--no-video", "--really-quiet"),
    "opusdec": ("--quiet",),
    "aplay": ("-q",),
    "afplay": (),
}
"""Programs that play a file, with what makes them quiet."""
ONLY = {"opusdec": (".opus",), "aplay": (".wav",), "afplay": (".wav", ".flac")}
"""Players that know only some formats."""


def play(
    call_id: Annotated[str, typer.Argument(help="Id of the call.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the audio here; - is standard output.")
    ] = None,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Play one call, or write its audio."""
    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        copy = audio_of(catalogue, call_id)
        form = {"format": Path(copy.name).suffix.removeprefix(".")}
        if output is None:
            player = able_player(copy.name)
            people.note(catalogue, "call.play", kind="call", object_id=call_id)
        else:
            people.note(catalogue, "call.download", kind="call", object_id=call_id, after=form)
    if output is None:
        listen(settings, copy, player)
    elif str(output) == "-":
        for chunk in chunks(settings, copy):
            typer.get_binary_stream("stdout").write(chunk)
    else:
        write(settings, copy, output)
        typer.echo(f"{output}: {copy.bytes:,} bytes", err=True)


def audio_of(catalogue: "Catalogue", call_id: str) -> "Copy":
    """The copy of the call's audio; raises ``NotFound`` with what is the matter."""
    found = catalogue.calls.get(call_id)
    if found is None:
        raise NotFound(f"There is no call {call_id}. `earwitness search` shows calls with their ids.")
    recording = found.call.recording
    for copy in found.copies:
        if recording is not None and copy.name == recording.path:
            return copy
    if found.call.encrypted is not None:
        raise NotFound(
            f"The call {call_id} has no audio: it was encrypted. With its key, `earwitness decrypt` makes it."
        )
    raise NotFound(f"The call {call_id} has no audio: it was {found.call.state}.")


def chunks(settings: Settings, copy: "Copy") -> Iterator[bytes]:
    """The audio as it is archived."""
    from earwitness import wiring

    return wiring.targets(settings)[copy.target].get(copy.name)


def write(settings: Settings, copy: "Copy", path: Path) -> None:
    """Write the audio as it is archived."""
    with path.open("wb") as file:
        file.writelines(chunks(settings, copy))


def able_player(name: str) -> str:
    """The player of this machine that knows the format of this file; ``HostError`` where there is none."""
    suffix = Path(name).suffix
    able = (name for name in PLAYERS if suffix in ONLY.get(name, (suffix,)))
    player = next((name for name in able if shutil.which(name)), None)
    if player is None:
        raise HostError(
            f"There is no player for {suffix} here. Install ffmpeg, or write the audio: -o call{suffix}"
        )
    return player


def listen(settings: Settings, copy: "Copy", player: str) -> None:
    """Play it."""
    play_file(player, copy.name, chunks(settings, copy))


def play_file(player: str, name: str, audio: Iterable[bytes]) -> None:
    """Play audio that comes in chunks, as a file of this kind, with one of ``PLAYERS``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"call{Path(name).suffix}"
        with path.open("wb") as file:
            file.writelines(audio)
        subprocess.run([player, *PLAYERS[player], str(path)], check=True)  # noqa: S603 - one of PLAYERS
