"""The public keys by which seals are checked: those that somebody gives, and those of this installation."""

from collections.abc import Iterable
from pathlib import Path

from earwitness.settings import Settings
from storage.errors import KeyUnusable
from storage.seals.keys import PRIVATE, PublicKey, public_key


def given_keys(files: Iterable[Path]) -> dict[str, PublicKey]:
    """Public keys from PEM files, by their ids. Raises ``KeyUnusable``."""
    keys = [_read(path) for path in files]
    return {key.id: key for key in keys}


def own_keys(settings: Settings) -> dict[str, PublicKey]:
    """The public keys of this installation: its own, none where it has never sealed, and those of what was
    restored here. Raises ``KeyUnusable``."""
    own = _own_file(settings)
    return given_keys({*settings.folders.keys.glob("*.pub"), *([own] if own.exists() else [])})


def own_id(settings: Settings) -> str:
    """The id of the key that seals new calls, empty where none was made yet. Raises ``KeyUnusable``."""
    own = _own_file(settings)
    return _read(own).id if own.exists() else ""


def _own_file(settings: Settings) -> Path:
    return (settings.seals.key or settings.folders.keys / PRIVATE).with_suffix(".pub")


def _read(path: Path) -> PublicKey:
    try:
        return public_key(path.read_bytes(), str(path))
    except OSError as error:
        raise KeyUnusable(f"The public key {path} cannot be read: {error.strerror}.") from error
