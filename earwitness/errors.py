"""What can go wrong in the composition root.

EarwitnessError
├── SettingsError       a setting is unknown, malformed or contradicts another
│   └── UnknownTarget   the settings have no archive target of this name
├── PartError           a part of ``serve`` cannot be started
├── HostError           this host lacks something that was asked for
│   └── PortTaken       another program listens on the port
└── NotFound            no such call, file or user

The rooms have trees of their own; ``earwitness.cli.faults`` knows which of them are messages for people.
"""

from collections.abc import Iterable


class EarwitnessError(Exception):
    """Base of the tree; the text says what is wrong and what to do."""


class SettingsError(EarwitnessError):
    """A setting is unknown, malformed or contradicts another."""


class UnknownTarget(SettingsError):
    """The settings have no archive target of this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        there = ", ".join(known) or "none"
        super().__init__(f"There is no target {name} in the settings; there are: {there}.")


class PartError(EarwitnessError):
    """A part of ``serve`` cannot be started."""


class HostError(EarwitnessError):
    """This host lacks something that was asked for."""


class PortTaken(HostError):
    """Another program listens on the port."""


class NotFound(EarwitnessError):
    """There is no such call, file or user."""
