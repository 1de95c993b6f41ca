"""``earwitness doctor``: what is wrong with this host, and which settings are in force."""

import json
from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.host.finding import Finding, Level
from earwitness.sources import Loaded, flat

MARKS = {Level.WELL: "[green]ok[/]", Level.WARNING: "[yellow]look[/]", Level.WRONG: "[red]wrong[/]"}
SECRET = frozenset({"api.metrics_token", "catalogue.url"})


def doctor(
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with this host, and which settings are in force and where they come from."""
    from earwitness.host.survey import survey

    loaded = settings_from(config, assignments, data)
    findings = list(survey(loaded.settings))
    if as_json:
        typer.echo(json.dumps(document(loaded, findings), ensure_ascii=False))
    else:
        show(loaded, findings)
    if any(each.level is Level.WRONG for each in findings):
        raise typer.Exit(1)


def values(loaded: Loaded) -> dict[str, tuple[Any, str]]:
    """Each setting in force with its origin; secrets are only said to be set."""
    tree = loaded.settings.model_dump(mode="json")
    return {
        name: ("(set)" if name in SECRET and value else value, loaded.origins.get(name, "default"))
        for name, value in flat(tree)
    }


def document(loaded: Loaded, findings: list[Finding]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "findings": [asdict(each) for each in findings],
        "settings": {
            name: {"value": value, "from": origin} for name, (value, origin) in values(loaded).items()
        },
    }


def show(loaded: Loaded, findings: list[Finding]) -> None:
    """For people: what is not well with its remedy, then the settings."""
    console = Console(highlight=False)
    host = Table("", "check", "found", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for each in findings:
        remedy = f"\n[dim]{escape(each.remedy)}[/]" if each.remedy else ""
        host.add_row(MARKS[each.level], each.check, f"{escape(each.text)}{remedy}")
    console.print(host)
    console.print()
    table = Table("setting", "value", "from", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for name, (value, origin) in values(loaded).items():
        table.add_row(name, escape(json.dumps(value, ensure_ascii=False)), escape(origin))
    console.print(table)
