"""``earwitness replay``: record the calls in a capture file."""

import json
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from earwitness.cli import tables
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.unread import unread
from indexer.durations import clock
from recorder.finish.policy import ArchiveFormat

if TYPE_CHECKING:
    from earwitness.replay import Refused
    from recorder.batch import Batch
    from recorder.taps.capture_file import CaptureFileTap
    from storage.model import Call

CLOSED = frozenset({"encrypted", "codec", "unreadable"})
"""Causes of gaps (see ``storage.model.Gap``) where packets came that nobody could open."""
COLUMNS = ("start", "from", "to", "agent", "state", "length", "codecs", "lost", "id")


def replay(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    file: Annotated[
        Path, typer.Argument(help="pcap or pcapng file, also gzip.", exists=True, dir_okay=False)
    ],
    data: DataOption = None,
    audio: Annotated[ArchiveFormat | None, typer.Option("--format", help="Format of the recordings.")] = None,
    archive: Annotated[
        bool, typer.Option("--archive/--no-archive", help="Archive, or leave calls in the hand-off folder.")
    ] = True,
    tls_key_log: Annotated[
        Path | None,
        typer.Option(
            help="Key log (SSLKEYLOGFILE) for signalling over TLS.",
            exists=True,
            dir_okay=False,
            metavar="FILE",
        ),
    ] = None,
    tls_rsa_key: Annotated[
        list[Path] | None,
        typer.Option(
            help="Private RSA key (PEM) of a server of TLS; repeatable.",
            exists=True,
            dir_okay=False,
            metavar="FILE",
        ),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
) -> None:
    """Record the calls in a capture file, as if they had passed by; one line a conversation."""
    from earwitness import replay as path
    from recorder.taps.capture_file import CaptureFileTap

    chosen = [*(assignments or []), *_assigned(audio, tls_key_log, tls_rsa_key or [])]
    settings = settings_from(config, chosen, data).settings
    told = _Told(as_json)
    left_out: Counter[str] = Counter()
    with closing(CaptureFileTap(file)) as tap:
        for result in path.replay(settings, watched(tap), archive, left_out):
            told.take(result)
    told.sum_up()
    say_untouched(settings.numbers.trunks, told.places)
    if archive:
        say_again(path.deleted_by_rules(settings, told.ids))
    say_closed(left_out)
    say_cut(left_out)
    if tap.damage:
        typer.echo(f"earwitness: {file} is damaged: {tap.damage}", err=True)
    if told.refused:
        raise typer.Exit(1)


def _assigned(audio: str | None, key_log: Path | None, keys: Sequence[Path]) -> Iterator[str]:
    """What the options say, as assignments of settings."""
    if audio:
        yield f"finish.format={audio}"
    if key_log:
        yield f"signalling.tls_key_log={json.dumps(str(key_log))}"
    if keys:
        yield f"signalling.tls_rsa_keys={json.dumps([str(key) for key in keys])}"


@dataclass(slots=True)
class _Told:
    """What is said of the calls: one JSON line each, or a table at the end."""

    as_json: bool
    refused: int = 0
    ids: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    """Signalling addresses of the calls."""
    _calls: "list[Call]" = field(default_factory=list)
    _unheard: Counter[str] = field(default_factory=Counter)

    def take(self, result: "Call | Refused") -> None:
        """One call, or why it is none."""
        from storage.model import Call

        if not isinstance(result, Call):
            self.refused += 1
            typer.echo(f"earwitness: call {result.call_id}: {result.reason}", err=True)
            return
        self.ids.append(result.id)
        self.places.update(place for leg in result.legs for place in (leg.source, leg.destination) if place)
        self._unheard[why_unheard(result)] += 1
        if self.as_json:
            typer.echo(result.model_dump_json())
        else:
            self._calls.append(result)

    def sum_up(self) -> None:
        """The table, and how many calls were not heard, and why."""
        if self._calls:
            show(self._calls)
        if not self.ids and not self.refused:
            typer.echo("earwitness: no call was found in the file", err=True)
        for reason, count in sorted(self._unheard.items()):
            if reason:
                calls_were = "1 call was" if count == 1 else f"{count} calls were"
                typer.echo(f"earwitness: {calls_were} {reason}", err=True)


def say_untouched(trunks: Sequence[str], places: Collection[str]) -> None:
    """That the trunks of the settings are not those of the calls, so that numbers alone tell directions."""
    from recorder.assembly.trunks import Trunk

    known = [Trunk.parse(text) for text in trunks]
    if known and places and not any(one.has(place) for place in places for one in known):
        text = "no call went over a trunk of [numbers], so that its direction was told by its numbers"
        typer.echo(f"earwitness: {text}; the calls' own addresses are in their legs (--json)", err=True)


def say_again(count: int) -> None:
    """That rules let go before what is in the archive now."""
    if count:
        calls_were, stay = ("1 call was", "stays") if count == 1 else (f"{count:,} calls were", "stay")
        text = f"{calls_were} deleted by rules before, and {stay} again until a rule deletes what it covers"
        typer.echo(f"earwitness: {text}", err=True)


def say_closed(left_out: Mapping[str, int]) -> None:
    """What encrypted signalling could not be read."""
    for reason, words, count in unread(left_out):
        noun = "connection" if count == 1 else "connections"
        remedy = " (--tls-key-log, --tls-rsa-key)" if reason == "tls-no-key" else ""
        typer.echo(f"earwitness: {count} {noun} of TLS could not be read: {words}{remedy}", err=True)


def say_cut(left_out: Mapping[str, int]) -> None:
    """Whether sound is incomplete because the capture kept only the first bytes of each packet."""
    if count := left_out.get("cut-media", 0):
        noun = "1 packet of sound is" if count == 1 else f"{count} packets of sound are"
        why = "the capture kept only their first bytes (its snap length), and the rest cannot be heard"
        typer.echo(f"earwitness: {noun} incomplete: {why}", err=True)


def why_unheard(call: "Call") -> str:
    """Why packets of audio came of which nothing, or not all, could be heard; empty where none did."""
    causes = {gap.cause for gap in call.gaps}
    codecs = " ".join(call.codecs) or "unknown"
    if call.encrypted is not None and "encrypted" in causes:
        return "encrypted: `earwitness decrypt` takes the keys"
    if call.encrypted is not None:
        return f"not decoded: codec {codecs}; its packets are kept for `earwitness decrypt`"
    if call.recording is None and causes & CLOSED:
        return f"not decoded: codec {codecs}"
    return ""


def watched(tap: "CaptureFileTap") -> "Iterator[Batch]":
    """The batches, with a progress bar on standard error where somebody looks at it."""
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task: TaskID = progress.add_task("reading", total=tap.progress.total)
        for batch in tap:
            yield batch
            progress.update(task, completed=tap.progress.read)


def show(calls: "list[Call]") -> None:
    """A table for people."""
    rows = [
        (
            f"{call.start.astimezone():%Y-%m-%d %H:%M:%S}",
            call.from_,
            call.to,
            call.agent,
            call.state,
            clock(call.duration),
            " ".join(call.codecs),
            str(sum(party.packets.lost for party in call.parties)),
            call.id,
        )
        for call in sorted(calls, key=lambda call: call.start)
    ]
    tables.show(COLUMNS, rows)
