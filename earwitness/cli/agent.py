"""``earwitness agent``: who is behind which extension."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from earwitness.cli import people, tables
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.errors import NotFound

app = typer.Typer(help="Who is behind which extension.", no_args_is_help=True)


@app.command("add")
def add(
    extension: Annotated[str, typer.Argument(help="Extension, as it stands in the signalling.")],
    name: Annotated[str, typer.Argument(help="Name of the agent.")],
    team: Annotated[str, typer.Option(help="Name of the team; made where it is missing.")] = "",
    number: Annotated[str, typer.Option(help="The agent's outside number.")] = "",
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Add an agent, or change the one with this extension."""
    from storage.catalogue import Agent

    settings = settings_from(config, assignments, data).settings
    with people.opened(settings) as catalogue:
        ids = people.team_ids(catalogue, [team] if team else [])
        catalogue.agents.put(Agent(extension, name, number, ids[0] if ids else None))
    typer.echo(f"{extension} is {name}.", err=True)


@app.command("remove")
def remove(
    extension: Annotated[str, typer.Argument(help="Extension of the agent.")],
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Forget an agent. Calls of the extension stay, in the team that they are in."""
    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        if not catalogue.agents.delete(extension):
            raise NotFound(f"There is no agent {extension}. `earwitness agent list` shows all of them.")
    typer.echo(f"{extension} is nobody's.", err=True)


@app.command("list")
def show(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Show all agents."""
    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        agents = catalogue.agents.all()
        names = {team.id: team.name for team in catalogue.teams.all()}
    if as_json:
        rows = [asdict(agent) | {"team": names.get(agent.team or "", "")} for agent in agents]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    tables.show(
        ("extension", "name", "team", "number"),
        [(agent.extension, agent.name, names.get(agent.team or "", ""), agent.number) for agent in agents],
    )
