"""Files of an operator with the secrets of TLS connections. What is in them is never shown or logged."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from recorder.errors import KeyFileError
from recorder.protocol.tls_keylog import MOST
from recorder.protocol.tls_keys import TlsKeys

_PIECE = 1 << 18
_TAIL = MOST << 10
"""Bytes at the end of a log that hold the secrets of as many connections as are kept, at five lines each."""


def tls_keys(log: Path | None, rsa: tuple[Path, ...]) -> TlsKeys | None:
    """The keys in these files, None without any; raises KeyFileError for one that cannot be used."""
    if log is None and not rsa:
        return None
    return TlsKeys(KeyLogFile(log).more if log is not None else None, [rsa_key(file) for file in rsa])


class KeyLogFile:
    """An NSS key log that grows while it is read, and may be replaced or emptied by whoever rotates it.

    Of one that is long already only the ``tail`` is read, in bytes: capture waits meanwhile, 24 s a gigabyte.
    Raises KeyFileError where it cannot be read at first; when it goes away later it merely gains nothing.
    """

    def __init__(self, path: Path, tail: int = _TAIL) -> None:
        self._path = path
        self._place = 0
        self._inode = 0
        try:
            with path.open("rb") as file:
                state = os.fstat(file.fileno())
                self._inode, self._place = state.st_ino, max(0, state.st_size - tail)
        except OSError as error:
            raise KeyFileError(
                f"The TLS key log {path} cannot be read: {error.strerror}. It must exist when recording "
                "begins and be readable by the user that records: touch it and set its group."
            ) from error

    def more(self) -> bytes:
        """The next piece of what the file gained, empty at its end."""
        try:
            state = self._path.stat()
            is_new = state.st_ino != self._inode or state.st_size < self._place
            if not is_new and state.st_size == self._place:
                return b""
            with self._path.open("rb") as file:
                if is_new:
                    self._inode, self._place = os.fstat(file.fileno()).st_ino, 0
                file.seek(self._place)
                data = file.read(_PIECE)
        except OSError:
            return b""
        self._place += len(data)
        # What the old file ended with is no part of a line of the new one.
        return b"\n" + data if is_new else data


def rsa_key(path: Path) -> RSAPrivateKey:
    """The private key in a PEM file; raises KeyFileError."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KeyFileError(
            f"The RSA key {path} cannot be read: {error.strerror}. The user that records must be able to."
        ) from error
    except TypeError as error:
        raise KeyFileError(
            f"The RSA key {path} is protected by a password. Write one without, for this machine alone: "
            f"openssl rsa -in {path} -out KEY"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError(f"{path} holds no private key in PEM (-----BEGIN PRIVATE KEY-----).") from error
    if not isinstance(key, RSAPrivateKey):
        raise KeyFileError(
            f"The key in {path} is not RSA. A server's key opens only connections whose secret is sent with "
            "RSA; for others give a TLS key log."
        )
    return key
