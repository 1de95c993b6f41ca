"""What commands for people share: the catalogue of a data folder, the audit log, teams by name, passwords."""

import os
import pwd
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from earwitness.errors import NotFound

if TYPE_CHECKING:
    from earwitness.settings import Settings
    from storage.catalogue import Catalogue


@contextmanager
def opened(settings: "Settings") -> "Iterator[Catalogue]":
    """The catalogue of the data folder, which is made where it is missing."""
    settings.folders.make()
    with _catalogue(settings) as catalogue:
        yield catalogue


@contextmanager
def existing(settings: "Settings") -> "Iterator[Catalogue]":
    """The catalogue of a data folder that has one; raises ``NotFound`` elsewhere and makes nothing."""
    need_data(settings)
    with _catalogue(settings) as catalogue:
        yield catalogue


def need_data(settings: "Settings") -> None:
    """Raise ``NotFound`` where the data folder is none of Earwitness."""
    if not has_data(settings):
        raise NotFound(
            f"There is no Earwitness data in {settings.data}. "
            "Name the data folder with --data DIR, or in the settings."
        )


def has_data(settings: "Settings") -> bool:
    """Whether the data folder is one of Earwitness."""
    return bool(settings.catalogue.url) or settings.folders.catalogue.is_file()


def actor() -> str:
    """Who is at the command line, for the audit log: ``cli:`` and the user of this machine."""
    user = os.getuid()
    try:
        return f"cli:{pwd.getpwuid(user).pw_name}"
    except KeyError:
        return f"cli:{user}"


def note(
    catalogue: "Catalogue",
    action: str,
    *,
    kind: str = "",
    object_id: str = "",
    after: dict[str, Any] | None = None,
) -> None:
    """Write an audit event of what is about to be done here: no trail, no deed."""
    from storage.catalogue import AuditEntry

    catalogue.audit.record(
        AuditEntry(
            at=datetime.now(UTC),
            actor=actor(),
            action=action,
            object_kind=kind,
            object_id=object_id,
            after=after,
        )
    )


@contextmanager
def _catalogue(settings: "Settings") -> "Iterator[Catalogue]":
    from earwitness import cataloguing

    catalogue = cataloguing.catalogue(settings)
    try:
        yield catalogue
    finally:
        catalogue.close()


def team_ids(catalogue: "Catalogue", names: Iterable[str]) -> tuple[str, ...]:
    """Ids of the teams of these names; those that are missing are made."""
    return tuple((catalogue.teams.named(name) or catalogue.teams.create(name)).id for name in names)


def asked_password(from_input: bool) -> str:
    """The password: a line of standard input, or typed twice without being shown."""
    if from_input:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            "there is no terminal to ask at: give it on standard input with --password-stdin"
        )
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
