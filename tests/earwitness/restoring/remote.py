"""Targets on real servers, as the settings describe them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import s3
from tests.storage.targets import ftp_server, sftp_server

NAME = "there"
Place = Mapping[str, Any]


@contextmanager
def sftp(folder: Path) -> Iterator[Place]:
    """A folder of an SSH server."""
    with sftp_server.running(folder) as server, secrets(WORD=sftp_server.PASSWORD):
        yield {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": server.port,
            "user": sftp_server.USER,
            "password": "env:WORD",
            "known_hosts": str(server.known_hosts),
            "folder": "calls",
        }


@contextmanager
def ftp(folder: Path, tls: Path | None = None) -> Iterator[Place]:
    """A folder of an FTP server, in clear unless it has a certificate for ``tls``."""
    with ftp_server.running(folder / "ftp", tls=tls) as server, secrets(WORD=ftp_server.PASSWORD):
        yield {
            "kind": "ftp",
            "host": "127.0.0.1",
            "port": server.port,
            "user": ftp_server.USER,
            "password": "env:WORD",
            "folder": "calls",
            "tls": tls is not None,
        } | ({"ca_file": str(tls)} if tls else {})


@contextmanager
def ftps(folder: Path) -> Iterator[Place]:
    """The same with TLS."""
    with ftp(folder, ftp_server.certificate(folder)) as place:
        yield place


@contextmanager
def bucket(server: s3.Server) -> Iterator[Place]:
    """A bucket, by the SDK of Amazon."""
    yield {"kind": "s3", "bucket": server.bucket(), "endpoint": server.endpoint}


@contextmanager
def minio(server: s3.Server) -> Iterator[Place]:
    """A bucket, by the SDK of MinIO."""
    with secrets(KEY=s3.ACCESS_KEY, WORD=s3.SECRET_KEY):
        yield {
            "kind": "minio",
            "bucket": server.bucket(),
            "endpoint": server.host,
            "tls": False,
            "access_key": "env:KEY",
            "secret_key": "env:WORD",
        }


@contextmanager
def secrets(**words: str) -> Iterator[None]:
    """These are in the environment meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        for name, word in words.items():
            patch.setenv(name, word)
        yield


FOLDERS: Mapping[str, Callable[[Path], AbstractContextManager[Place]]] = {
    "sftp": sftp,
    "ftp": ftp,
    "ftps": ftps,
}
BUCKETS: Mapping[str, Callable[[s3.Server], AbstractContextManager[Place]]] = {"s3": bucket, "minio": minio}
