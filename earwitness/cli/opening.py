"""Keys given on the command line, for media and restores: files, passphrases, and those of the settings."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from earwitness.settings import Settings
    from storage.encryption.keyring import KeyOpener
    from storage.encryption.masterkey import MasterKey

KeyFileOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="A master key, or the private key of a recipient (PEM). Repeatable.",
        exists=True,
        dir_okay=False,
    ),
]
PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file", metavar="FILE", help="Its first line is the passphrase; - is standard input."
    ),
]

_SETTINGS = "Or put the master key in encryption.master_key of the settings."


def opener(
    key_files: list[Path] | None, passphrase_file: Path | None, settings: "Settings | None" = None
) -> "KeyOpener":
    """What opens encrypted calls with these keys, and with those that ``settings`` name."""
    from storage.encryption.keyring import KeyOpener
    from storage.encryption.masterkey import load_master
    from storage.encryption.recipients import Passphrase, load_recipient_key
    from storage.encryption.refusal import GIVEN

    masters, private_keys = [], []
    for path in key_files or []:
        if path.read_bytes().lstrip().startswith(b"-----BEGIN"):
            private_keys.append(load_recipient_key(path))
        else:
            masters.append(load_master(f"file:{path}"))
    passphrases = [Passphrase(first_line(passphrase_file))] if passphrase_file else []
    if settings is not None:
        given = bool(masters or private_keys or passphrases)
        masters += _of_settings(settings, needed=not given)
    remedy = GIVEN if settings is None else f"{GIVEN} {_SETTINGS}"
    return KeyOpener(masters, passphrases, private_keys, remedy)


def _of_settings(settings: "Settings", *, needed: bool) -> "Iterator[MasterKey]":
    """The master keys that the settings name; those that cannot be read raise where they are ``needed``."""
    from storage.encryption.masterkey import load_master
    from storage.encryption.refusal import GIVEN
    from storage.errors import KeyUnusable

    for place in (settings.encryption.master_key, *settings.encryption.previous):
        if place:
            try:
                yield load_master(place)
            except KeyUnusable as error:
                if needed:
                    raise KeyUnusable(f"{error} {GIVEN}") from error


def first_line(path: Path) -> str:
    """The first line of a file, or of standard input."""
    text = sys.stdin.readline() if str(path) == "-" else path.read_text(encoding="utf-8")
    return text.split("\n", 1)[0].rstrip("\r")
