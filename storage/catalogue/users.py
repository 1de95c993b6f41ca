"""Users of the product. The catalogue keeps the hash of a password and never sees the password."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from storage.catalogue.engine import Database
from storage.catalogue.tables import teams, user_teams, users
from storage.errors import NameTaken, NotInCatalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """Somebody who is to sign in. ``username`` counts in any case; ``agent`` is an extension.

    ``teams`` are the ids of the teams whose calls the user may see. ``sees_numbers`` grants whole numbers.
    """

    username: str
    password_hash: str = field(repr=False)
    role: str
    display_name: str = ""
    agent: str = ""
    language: str = "en"
    teams: tuple[str, ...] = ()
    sees_numbers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class User(NewUser):
    """Somebody who can sign in. ``username`` is casefolded, ``teams`` are sorted."""

    id: str
    created: datetime
    disabled: bool = False
    failed_attempts: int = 0
    locked_until: datetime | None = None


class Users:
    """Makes, finds and changes users."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, new: NewUser, now: datetime) -> User:
        """Make a user. Raises ``NameTaken``, ``NotInCatalogue`` for a team that does not exist."""
        values = {field.name: getattr(new, field.name) for field in fields(new)}
        user = _normal(User(**values, id=str(uuid.uuid4()), created=now))
        with self._database.write() as connection:
            _refuse_clashes(connection, user)
            connection.execute(insert(users).values(_row(user)))
            _set_teams(connection, user)
        return user

    def get(self, user_id: str) -> User | None:
        """The user with this id."""
        return next(iter(self._select(select(users).where(users.c.id == user_id))), None)

    def named(self, username: str) -> User | None:
        """The user with this name, in whatever case."""
        query = select(users).where(users.c.username == username.casefold())
        return next(iter(self._select(query)), None)

    def all(self) -> list[User]:
        """All users by name."""
        return self._select(select(users).order_by(users.c.username))

    def count(self) -> int:
        """How many users there are."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(users)).scalar_one()

    def save(self, user: User) -> None:
        """Write every field of ``user`` over the user with the same id.

        Sessions stay: end them where password or rights changed. Raises as ``create``, and ``NotInCatalogue``
        where there is no such user.
        """
        user = _normal(user)
        with self._database.write() as connection:
            _refuse_clashes(connection, user)
            if (
                connection.execute(update(users).where(users.c.id == user.id).values(_row(user))).rowcount
                == 0
            ):
                raise NotInCatalogue(f"The catalogue has no user {user.id}.")
            _set_teams(connection, user)

    def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Change the hash alone."""
        with self._database.write() as connection:
            connection.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))

    def login_failed(self, user_id: str, now: datetime, allowed: int, lock_for: timedelta) -> datetime | None:
        """Count a wrong password. From the ``allowed``-th in a row on, each locks the user for ``lock_for``.

        Returns until when the user is locked, None where that is not so.
        """
        row = users.c.id == user_id
        with self._database.write() as connection:
            connection.execute(update(users).where(row).values(failed_attempts=users.c.failed_attempts + 1))
            failed = connection.execute(select(users.c.failed_attempts).where(row)).scalar_one_or_none()
            if failed is None or failed < allowed:
                return None
            connection.execute(update(users).where(row).values(locked_until=now + lock_for))
        return now + lock_for

    def login_succeeded(self, user_id: str) -> None:
        """Forget the wrong passwords."""
        with self._database.write() as connection:
            query = update(users).where(users.c.id == user_id)
            connection.execute(query.values(failed_attempts=0, locked_until=None))

    def _select(self, query: Select[Any]) -> list[User]:
        with self._database.read() as connection:
            return _users(connection, query)


def _users(connection: Connection, query: Select[Any]) -> list[User]:
    rows = connection.execute(query).mappings().all()
    scopes = defaultdict(list)
    ids = [row["id"] for row in rows]
    for row in connection.execute(select(user_teams).where(user_teams.c.user_id.in_(ids))):
        scopes[row.user_id].append(row.team_id)
    return [User(**row, teams=tuple(sorted(scopes[row["id"]]))) for row in rows]


def _row(user: User) -> dict[str, Any]:
    return {column.name: getattr(user, column.name) for column in users.columns}


def _normal(user: User) -> User:
    return replace(
        user,
        username=user.username.casefold(),
        display_name=user.display_name or user.username,
        teams=tuple(sorted(set(user.teams))),
    )


def _refuse_clashes(connection: Connection, user: User) -> None:
    same = select(users.c.id).where(users.c.username == user.username, users.c.id != user.id)
    if connection.execute(same).first():
        raise NameTaken(f"There is a user named {user.username} already.")
    found = set(connection.execute(select(teams.c.id).where(teams.c.id.in_(user.teams))).scalars())
    if missing := set(user.teams) - found:
        raise NotInCatalogue(f"The catalogue has no team {', '.join(sorted(missing))}.")


def _set_teams(connection: Connection, user: User) -> None:
    connection.execute(delete(user_teams).where(user_teams.c.user_id == user.id))
    rows = [{"user_id": user.id, "team_id": team} for team in user.teams]
    if rows:
        connection.execute(insert(user_teams), rows)
