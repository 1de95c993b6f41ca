"""``earwitness user``: who may sign in."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from earwitness.cli import people, tables
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.errors import NotFound
from qa_api.permissions import Role

if TYPE_CHECKING:
    from storage.catalogue import User

app = typer.Typer(help="Who may sign in.", no_args_is_help=True)

FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.command("add")
def add(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[Role, typer.Option(help="What the user may do.")],
    display_name: Annotated[str, typer.Option(help="Name to show.")] = "",
    agent: Annotated[str, typer.Option(help="Extension of the user, for the role agent.")] = "",
    team: Annotated[list[str] | None, typer.Option(help="Team whose calls are seen; repeatable.")] = None,
    whole_numbers: Annotated[bool, typer.Option("--whole-numbers", help="Show numbers unmasked.")] = False,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Make a user."""
    from qa_api.users import Account, create_user

    settings = settings_from(config, assignments, data).settings
    password = people.asked_password(from_input)
    with people.opened(settings) as catalogue:
        account = Account(
            username=name,
            password=password,
            role=role,
            display_name=display_name,
            agent=agent,
            teams=people.team_ids(catalogue, team or []),
            sees_numbers=whole_numbers,
            language=language,
        )
        user = create_user(catalogue, account, now=datetime.now(UTC), actor=people.actor())
    typer.echo(f"{user.username} may sign in as {role}.", err=True)


@app.command("list")
def show(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Show all users."""
    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        users = catalogue.users.all()
        names = {team.id: team.name for team in catalogue.teams.all()}
    if as_json:
        typer.echo(json.dumps([_shown(user, names) for user in users], ensure_ascii=False))
        return
    tables.show(
        ("user", "role", "name", "extension", "teams", ""),
        [
            (
                user.username,
                user.role,
                user.display_name,
                user.agent,
                ", ".join(_teams(user, names)),
                "disabled" if user.disabled else "",
            )
            for user in users
        ],
    )


def _shown(user: "User", names: Mapping[str, str]) -> dict[str, Any]:
    keys = ("username", "role", "display_name", "agent", "language", "sees_numbers", "disabled")
    return {key: getattr(user, key) for key in keys} | {"teams": _teams(user, names)}


def _teams(user: "User", names: Mapping[str, str]) -> list[str]:
    return sorted(names.get(team, team) for team in user.teams)


@app.command("passwd")
def passwd(
    name: Annotated[str, typer.Argument(help="Name of the user.")],
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Give a user a new password and end the user's sessions."""
    from qa_api.passwords import Passwords, check_policy

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        user = catalogue.users.named(name)
        if user is None:
            raise NotFound(f"There is no user {name}. `earwitness user list` shows all.")
        password = people.asked_password(from_input)
        check_policy(password, user.username)
        catalogue.users.set_password_hash(user.id, Passwords().hash(password))
        catalogue.users.login_succeeded(user.id)
        catalogue.sessions.end_all(user.id)
        people.note(catalogue, "user.password", kind="user", object_id=user.id)
    typer.echo(f"{user.username} has a new password.", err=True)
