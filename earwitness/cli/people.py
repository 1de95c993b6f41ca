"""What ``user`` and ``agent`` share: the catalogue of an existing data folder, and teams by name."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from earwitness.settings import Settings

if TYPE_CHECKING:
    from storage.catalogue import Catalogue


@contextmanager
def opened(settings: Settings) -> "Iterator[Catalogue]":
    """The catalogue of the data folder, which is made where it is missing."""
    from earwitness import wiring

    settings.folders.make()
    catalogue = wiring.catalogue(settings)
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
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
