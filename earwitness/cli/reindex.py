"""``earwitness reindex``: make the search index anew from the catalogue."""

import sys

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from earwitness.cli import people
from earwitness.cli.options import ConfigOption, DataOption, SetOption, settings_from


def reindex(config: ConfigOption = None, assignments: SetOption = None, data: DataOption = None) -> None:
    """Make the search index anew from the catalogue. Nothing but time is lost by it."""
    from earwitness.archiving import Archiving

    settings = settings_from(config, assignments, data).settings
    people.need_data(settings)
    settings.folders.make()
    bar = Progress(
        TextColumn("indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with Archiving(settings) as archiving, bar as progress:
        task = progress.add_task("indexing", total=None)
        calls = archiving.reindex(lambda done, total: progress.update(task, completed=done, total=total))
    typer.echo(f"{calls:,} calls are in the index.", err=True)
