"""What needs a person of the product and not of this machine: who acts, by name and password, on what."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from earwitness.cli import people
from earwitness.errors import NotFound
from qa_api.permissions import Action

if TYPE_CHECKING:
    from storage.catalogue import Catalogue
    from storage.criteria import Criteria

AsOption = Annotated[
    str, typer.Option("--as", metavar="USER", help="Who does this: a user with the role for it.")
]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read that user's password from standard input.")
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="FIELD=VALUE",
        help="Which calls: team, agent (whose call it is), number (of anybody in it, +8621*), tag, state, "
        "direction, shortest, longest (seconds). "
        "Repeatable: any value of a field, and every field.",
    ),
]
_FIELDS = {
    "team": "teams",
    "agent": "agents",
    "number": "numbers",
    "tag": "tags",
    "state": "states",
    "direction": "directions",
}
_LENGTHS = ("shortest", "longest")


def acting(catalogue: "Catalogue", name: str, action: Action, *, from_input: bool) -> str:
    """The user name of who acts, once the password proved it. Raises ``WrongCredentials``,
    ``NotPermitted``."""
    from qa_api.errors import WrongCredentials
    from qa_api.passwords import Passwords
    from qa_api.permissions import Role, permitted, refused

    user = catalogue.users.named(name)
    known = user is not None and not user.disabled
    right = Passwords().check(user.password_hash if user and known else None, _password(name, from_input))
    if user is None or not right:
        people.note(catalogue, "session.refused", kind="user", object_id=name)
        raise WrongCredentials("User name or password is wrong.")
    if not permitted(Role(user.role), action):
        raise refused(user.role, action)
    return user.username


@contextmanager
def deed(
    catalogue: "Catalogue",
    by: str,
    action: str,
    on: tuple[str, str],
    *,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> Iterator[None]:
    """Around what ``by`` does to the thing of this kind and id: noted before, and when it is refused."""
    from storage.catalogue import AuditEntry
    from storage.errors import CatalogueError

    def note(what: str, then: dict[str, Any] | None) -> None:
        entry = AuditEntry(
            at=datetime.now(UTC),
            actor=by,
            action=what,
            address=people.actor()[:64],
            object_kind=on[0],
            object_id=on[1],
            reason=reason,
            before=before,
            after=then,
        )
        catalogue.audit.record(entry)

    note(action, after)
    try:
        yield
    except CatalogueError as error:
        note(f"{action}.refused", {"because": type(error).__name__})
        raise


def criteria(catalogue: "Catalogue", where: Sequence[str]) -> "Criteria":
    """The criteria in ``FIELD=VALUE`` texts; teams are named and must be there."""
    from storage.criteria import Criteria

    fields: dict[str, Any] = {}
    for text in where:
        field, _, value = text.partition("=")
        if field in _LENGTHS:
            fields[field] = value
        elif field in _FIELDS and value:
            found = _team(catalogue, value) if field == "team" else value
            fields[_FIELDS[field]] = (*fields.get(_FIELDS[field], ()), found)
        else:
            able = ", ".join((*_FIELDS, *_LENGTHS))
            raise typer.BadParameter(f"--where {text}: write FIELD=VALUE with one of {able}")
    try:
        return Criteria.model_validate(fields)
    except ValidationError as error:
        raise typer.BadParameter(f"--where: {error.errors()[0]['msg']}") from None


def described(catalogue: "Catalogue", stated: "Criteria | None") -> str:
    """The criteria in words for a table, numbers masked."""
    from qa_api.masking import hide_digits

    if stated is None:
        return ""
    names = {team.id: team.name for team in catalogue.teams.all()}
    shown = stated.given()
    words = []
    for field, values in shown.items():
        if field in _LENGTHS:
            words.append(f"{field}={values:g}")
            continue
        if field == "teams":
            values = [names.get(value, value) for value in values]  # noqa: PLW2901
        if field in {"numbers", "tags"}:
            values = map(hide_digits, values)  # noqa: PLW2901
        words.append(f"{field.removesuffix('s')}={','.join(values)}")
    return " ".join(words) or "every call"


def _team(catalogue: "Catalogue", name: str) -> str:
    team = catalogue.teams.named(name)
    if team is None:
        raise NotFound(f"There is no team {name}. `earwitness user list` shows the teams of users.")
    return team.id


def _password(name: str, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            "there is no terminal to ask at: give the password on standard input with --password-stdin"
        )
    password: str = typer.prompt(f"Password of {name}", hide_input=True)
    return password
