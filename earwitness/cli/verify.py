"""``earwitness verify``: are recordings as they were archived? Intact, altered or unknown."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from earwitness.cli import people, tables
from earwitness.cli.counting import counted
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.errors import SettingsError

if TYPE_CHECKING:
    from storage.seals.verdict import CallVerdict, ChainVerdict, Report

LATELY = 100
"""Calls with something wrong that are shown to people."""


def verify(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    call_ids: Annotated[list[str] | None, typer.Argument(metavar="[CALL]...", help="Ids of calls.")] = None,
    target: Annotated[str, typer.Option(metavar="NAME", help="All calls on this target.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All calls on all targets.")] = False,
    path: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A disk or folder, without an installation.", exists=True),
    ] = None,
    public_keys: Annotated[
        list[Path] | None,
        typer.Option(
            "--public-key", metavar="FILE", help="Public key of the seals (PEM), besides our own. Repeatable."
        ),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Check calls against their seals. Exit status 1 where anything is altered or unknown."""
    from earwitness import verifying
    from earwitness.public_keys import given_keys, own_keys

    chosen = [bool(call_ids), bool(target), everything, path is not None]
    if sum(chosen) != 1:
        raise SettingsError("Say what to verify: ids of calls, --target NAME, --all, or --path FOLDER.")
    settings = settings_from(config, assignments, data).settings
    keys = given_keys(public_keys or [])
    with _bar() as progress:
        task = progress.add_task("verifying", total=None)

        watch = verifying.Watch(
            lambda total: progress.update(task, total=total), lambda _: progress.advance(task)
        )
        if path is not None:
            keys = keys or own_keys(settings)
            if not keys:
                raise SettingsError("Without the public key nothing can be told: give --public-key FILE.")
            report = verifying.folder(path, keys, watch)
        else:
            keys |= own_keys(settings)
            with people.existing(settings) as catalogue:
                if call_ids:
                    report = verifying.calls(settings, catalogue, call_ids, keys, watch)
                else:
                    report = verifying.everything(settings, catalogue, target, keys, watch, by=people.actor())
    if as_json:
        typer.echo(json.dumps(verifying.as_json(report), ensure_ascii=False))
    else:
        show(report)
        calls = counted(report.looked_at, "call", "calls")
        copies = counted(report.checked, "copy", "copies")
        typer.echo(f"{calls}, {copies}: {verifying.summary(report)}")
    if report.state != "intact":
        raise typer.Exit(1)


def show(report: "Report") -> None:
    """For people: what is not as it should be."""
    rows = [_row(verdict) for verdict in report.calls[:LATELY]]
    faulty = (chain for chain in report.chains if chain.findings)
    rows += [(f"chain {chain.chain[:8]}", chain.target, chain.state, _said(chain)) for chain in faulty]
    if rows:
        tables.show(("CALL", "TARGET", "STATE", "WHAT"), rows)
    if len(report.calls) > LATELY:
        typer.echo(f"… and {len(report.calls) - LATELY:,} more; --json names them.")
    for remark in report.remarks:
        state = remark.finding.state
        typer.echo(remark.finding.text if state == "intact" else f"{state}: {remark.finding.text}")
    for chain in report.chains:
        if chain.newest is not None:
            typer.echo(_reach(chain))


def _reach(chain: "ChainVerdict") -> str:
    """How far a medium goes, which is all that it can show by itself."""
    return (
        f"Chain {chain.chain[:8]}: up to seal {chain.last:,}; the newest that a call here bears is of "
        f"{chain.newest:%Y-%m-%d %H:%M:%S} UTC. Whether there were later ones, only the installation can "
        "tell: `earwitness verify --target`."
    )


def _row(verdict: "CallVerdict") -> tuple[str, str, str, str]:
    return verdict.call, verdict.target, verdict.state, _said(verdict)


def _said(verdict: "CallVerdict | ChainVerdict") -> str:
    said = []
    for finding in verdict.findings:
        times = ", ".join(f"{start:g}-{end:g} s" for start, end in finding.seconds[:5])
        said.append(f"{finding.text} About {times}." if times else finding.text)
    return " ".join(said)


def _bar() -> Progress:
    return Progress(
        TextColumn("verifying"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
