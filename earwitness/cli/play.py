"""``earwitness play``: hear one call, or write its audio to a file."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earwitness.cli import people
from earwitness.cli.options import ConfigOption, DataOption, SetOption, settings_from
from earwitness.errors import HostError, NotFound

if TYPE_CHECKING:
    from earwitness.settings import Settings
    from storage.catalogue import Catalogue, Copy
    from storage.copies.reader import CopyReader
    from storage.targets import Target

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
    from earwitness import encrypting

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        reader = audio_of(settings, catalogue, call_id, encrypting.readable(settings, catalogue))
        form = {"format": Path(reader.name).suffix.removeprefix(".")}
        player = able_player(reader.name) if output is None else ""
        audio = reader.chunks()
        if output is None:
            people.note(catalogue, "call.play", kind="call", object_id=call_id)
            play_file(player, reader.name, lambda path: save(reader, audio, path))
        else:
            people.note(catalogue, "call.download", kind="call", object_id=call_id, after=form)
            if str(output) == "-":
                for chunk in audio:
                    typer.get_binary_stream("stdout").write(chunk)
            else:
                save(reader, audio, output)
                typer.echo(f"{output}: {output.stat().st_size:,} bytes", err=True)
        tell_troubles(reader)


def audio_of(
    settings: "Settings", catalogue: "Catalogue", call_id: str, targets: Mapping[str, "Target"]
) -> "CopyReader":
    """What reads the audio of the call on ``targets``; raises ``NotFound`` with what is the matter.

    A copy that proves altered is noted as damaged, as one that scrubbing found.
    """
    from earwitness import wiring
    from storage.catalogue import Held
    from storage.clock import utc_now
    from storage.copies.reader import Contents, CopyReader
    from storage.scrub.suspicion import look_into

    found = catalogue.calls.get(call_id)
    if found is None:
        raise NotFound(f"There is no call {call_id}. `earwitness search` shows calls with their ids.")
    recording = found.call.recording
    if recording is not None:
        near = wiring.nearness(settings, catalogue)
        contents = Contents(recording.bytes, recording.sha256)

        def altered(copy: "Copy") -> None:
            look_into(catalogue, wiring.targets(settings, catalogue), Held(call_id, copy), utc_now())

        return CopyReader(recording.path, found.copies, targets, near, contents, altered)
    if found.call.encrypted is not None:
        raise NotFound(
            f"The call {call_id} has no audio: it could not be opened or decoded. With its key or codec, "
            "`earwitness decrypt` makes it."
        )
    raise NotFound(f"The call {call_id} has no audio: it was {found.call.state}.")


def save(reader: "CopyReader", audio: Iterator[bytes], path: Path) -> None:
    """Write ``audio``, which comes of the reader, to a file; where it was altered, what the next copy gives.

    Raises ``TargetError`` where no copy is whole, and a file that is not does not stay.
    """
    from storage.errors import Altered, TargetError

    while True:
        try:
            with path.open("wb") as file:
                file.writelines(audio)
        except TargetError as error:
            if path.is_file():
                path.unlink()
            if not isinstance(error, Altered):
                raise
            audio = reader.chunks()
        else:
            return


def tell_troubles(reader: "CopyReader") -> None:
    """Say which copies could not be read, now that another one was."""
    for target, trouble in reader.troubles.items():
        typer.echo(f"{target} is passed over: {trouble}", err=True)


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


def play_file(player: str, name: str, write: Callable[[Path], None]) -> None:
    """Play what ``write`` writes to a file, which is one of this kind, with one of ``PLAYERS``.

    Raises ``HostError`` where that fails: not every player of WAV knows all that may stand in it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"call{Path(name).suffix}"
        write(path)
        done = subprocess.run([player, *PLAYERS[player], str(path)], check=False)  # noqa: S603 - one of PLAYERS
    if done.returncode > 0:
        raise HostError(
            f"{player} could not play it. Another player may: install ffmpeg, or write the audio to a file"
        )
