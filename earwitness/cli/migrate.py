"""``earwitness migrate``: move the catalogue to a PostgreSQL server."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from earwitness.cli import people, tables
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from


def migrate(
    to: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="An empty database, as postgresql+psycopg://user@host/name; passwords from ~/.pgpass.",
        ),
    ],
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Move the catalogue of this data folder to PostgreSQL: every row, compared at the end."""
    from earwitness import migrating

    settings = settings_from(config, assignments, data).settings
    shown = migrating.checked(settings, to)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("moving"),
        DownloadColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with people.existing(settings) as catalogue, bar as progress:
        people.note(catalogue, migrating.ACTION, after={"to": shown})
        task = progress.add_task("moving", total=None)
        moved = migrating.migrate(
            settings, catalogue, to, datetime.now(UTC), lambda size: progress.advance(task, size)
        )
    if as_json:
        typer.echo(json.dumps({"rows": moved.rows}))
        return
    if moved.before:
        typer.echo("Everything was there already, from an attempt that was interrupted at its end.", err=True)
    else:
        tables.show(("table", "rows"), [(name, f"{rows:,}") for name, rows in moved.rows.items() if rows])
        typer.echo("Everything is there, and was read back.", err=True)
    typer.echo(
        f'From now on: catalogue.url = "{shown}" in the settings. {settings.folders.catalogue} stays as it '
        "was; it is marked as moved, so that nothing goes on with it by mistake.",
        err=True,
    )
