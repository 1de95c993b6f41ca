"""``earwitness serve``: record, archive and serve until stopped."""

from typing import Annotated

import typer

from earwitness.cli.options import ConfigOption, DataOption, SetOption, settings_from
from earwitness.kinds import Kind
from earwitness.logs import configure


def serve(
    only: Annotated[
        Kind | None, typer.Option(help="Run the parts of one kind alone, as on a host of its own.")
    ] = None,
    part: Annotated[str | None, typer.Option(hidden=True)] = None,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Record, archive and serve until stopped: one process for each part, restarted when it crashes."""
    from earwitness import serving
    from earwitness.host.software import unbuilt

    loaded = settings_from(config, assignments, data)
    settings = loaded.settings
    configure(settings.logging.level, settings.logging.format, part or "serve")
    if part is not None:
        serving.run_part(settings, part)
        return
    arguments = [] if loaded.file is None else ["--config", str(loaded.file)]
    arguments += [word for each in assignments or [] for word in ("--set", each)]
    arguments += ["--data", str(settings.data)]
    if not settings.taps:
        typer.echo(
            "earwitness: no taps are set, so nothing is recorded. See deploy/earwitness.toml.", err=True
        )
    if only in (None, Kind.API) and (advice := unbuilt()):
        typer.echo(f"earwitness: {advice}", err=True)
    serving.serve(settings, arguments, only)
