"""What a failed command says: one clear line, no traceback."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import typer

from earwitness.errors import EarwitnessError, SettingsError
from indexer.errors import IndexerError
from qa_api.errors import ApiError, UserRefused
from recorder.errors import BadCodec, BadKey, RecorderError
from recorder.protocol.errors import ProtocolError
from recorder.simulate.errors import BadOptions, SimulationError
from storage.errors import StorageError

FAILED = 1
WRONG_USAGE = 2

MESSAGES: tuple[type[Exception], ...] = (
    EarwitnessError,
    RecorderError,
    ProtocolError,
    SimulationError,
    StorageError,
    IndexerError,
    ApiError,
)
"""Errors whose text says to a person what is wrong and what to do."""
MISUSES: tuple[type[Exception], ...] = (SettingsError, BadOptions, UserRefused, BadKey, BadCodec)
"""Those of them that come of how the command was called."""
_PASSWORD = re.compile(r"(://[^/@:]*:)[^/]*@")


@dataclass(slots=True)
class Flags:
    """Options that stand before the name of the command."""

    debug: bool = False


def report(error: Exception) -> int:
    """Say on standard error what went wrong; the exit status."""
    typer.echo(f"earwitness: {sentence(error)}", err=True)
    return WRONG_USAGE if isinstance(error, MISUSES) else FAILED


def sentence(error: Exception) -> str:
    """The error in words; what nobody expected asks to be looked at with ``--debug``."""
    if isinstance(error, MESSAGES):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename is not None else ""
        return f"{where}{error.strerror}."
    command = " ".join(["earwitness", "--debug", *shown(sys.argv[1:])])
    return f"This should not happen ({type(error).__name__}: {error}). `{command}` shows where."


def shown(arguments: Sequence[str]) -> Iterator[str]:
    """The arguments without secrets: keys, values of settings, passwords in URLs."""
    option = ""
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if option == "--key":
            yield "…"
        elif option == "--set":
            yield f"{name}{equals and '=…'}"
        elif name == "--key" and equals:
            yield "--key=…"
        elif name == "--set" and equals:
            yield f"--set={value.partition('=')[0]}=…"
        else:
            yield _PASSWORD.sub(r"\1…@", argument)
        option = argument
