"""Options that several commands share."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from earwitness.sources import Loaded

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings file (else ./earwitness.toml, then /etc)."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting, over file and environment; repeatable."),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The data folder; else that of the settings, or data here.",
        file_okay=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def settings_from(config: Path | None, assignments: list[str] | None, data: Path | None = None) -> "Loaded":
    """Settings from the shared options; ``--data`` is a setting like any other."""
    from earwitness.sources import load

    extra = [] if data is None else [f"data={data}"]
    return load(config, os.environ, [*(assignments or []), *extra])
