"""A list of commands of which each is loaded when it is asked for: none waits for what others need."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


def listing(summaries: Mapping[str, str]) -> type[TyperGroup]:
    """The class of a group that shows ``summaries`` and takes each command from the module of its name.

    Such a module has a group of commands by the name ``app``, or a function with the name of the command.
    """

    class Listing(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            for name, summary in summaries.items():
                self.add_command(TyperCommand(name, help=summary, rich_markup_mode=None))

        def resolve_command(self, *wanted: Any) -> Any:
            name, command, rest = super().resolve_command(*wanted)
            return name, loaded(name) if name else command, rest

    return Listing


def loaded(name: str) -> Any:
    """The command of this name with all its options, or the group with all its commands."""
    module = import_module(f"earwitness.cli.{name}")
    alone = typer.Typer(rich_markup_mode=None)
    if hasattr(module, "app"):
        alone.add_typer(module.app, name=name)
    else:
        alone.command(name)(getattr(module, name))
    return get_group(alone).commands[name]
