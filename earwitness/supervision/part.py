"""A part of ``serve``: its name, and the command that is it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """One process. ``once`` marks a part that may come to its end by itself, such as the reader of a file."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
