"""The index in force as one file, to be put beside a snapshot of the catalogue that is no older.

A tar: ``snapshot.json`` first, which tells of what version the index is and to which history of the catalogue
its place in the change feed belongs, then the files of one commit of tantivy. The files of a commit never
change, and ``meta.json`` names them: what was opened while it stayed the same is one commit.
"""

import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from indexer.errors import IndexerError, IndexUnusable
from indexer.generations import Generations
from indexer.tantivy_index import TantivyIndex
from indexer.tantivy_schema import VERSION
from storage.errors import disk_errors

FORMAT = "earwitness index 1"
_ABOUT, _META, _MANAGED = "snapshot.json", "meta.json", ".managed.json"
_FILE = re.compile(r"[0-9a-f]{32}\.(?:[0-9]+\.)?[a-z]+")
_TRIES = 20


def pack(folder: Path, file: BinaryIO, history: str) -> int | None:
    """Write the index in ``folder`` to ``file``; its place in the change feed, or an earlier one.

    None where there is no index that can be used. It may be written meanwhile. Raises ``DiskFull``.
    """
    generations = Generations(folder, VERSION)
    for _ in range(_TRIES):
        try:
            path = generations.current()
            place = TantivyIndex(path, make=False).checkpoint() if path is not None else None
        except IndexerError:
            return None
        if path is None or place is None:
            return None
        with ExitStack() as closing:
            opened = _opened(path, closing)
            if opened is not None:
                with disk_errors(folder):
                    _write(opened, file, history)
                return place
    return None


def unpack(file: BinaryIO, folder: Path, history: str) -> bool:
    """Put the index in ``file`` in force in ``folder``, which nobody writes, where it is one of this version
    and this history; whether it is.

    Raises ``IndexUnusable`` where it is damaged, ``DiskFull``.
    """
    generations = Generations(folder, VERSION)
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar, disk_errors(folder):
            if not _fits(tar, history):
                return False
            path = generations.fresh()
            for member in tar:
                if member.isreg() and (_FILE.fullmatch(member.name) or member.name in {_META, _MANAGED}):
                    _extract(tar, member, path)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise IndexUnusable(f"The index in the snapshot cannot be read: {error}") from error
    generations.publish(path)
    generations.sweep()
    return True


def _opened(path: Path, closing: ExitStack) -> dict[str, BinaryIO] | None:
    """The files of the commit in force, open; None where another commit came meanwhile."""
    try:
        meta = (path / _META).read_bytes()
        opened = {name: closing.enter_context((path / name).open("rb")) for name in _names(path, meta)}
        same = (path / _META).read_bytes() == meta
    except (FileNotFoundError, ValueError):
        return None
    return opened | {_META: io.BytesIO(meta)} if same else None


def _names(path: Path, meta: bytes) -> Iterator[str]:
    segments = {one["segment_id"].replace("-", "") for one in json.loads(meta)["segments"]}
    for name in sorted(one.name for one in path.iterdir()):
        if name == _MANAGED or (_FILE.fullmatch(name) and name[:32] in segments):
            yield name


def _write(opened: dict[str, BinaryIO], file: BinaryIO, history: str) -> None:
    about = json.dumps({"format": FORMAT, "version": VERSION, "history": history}).encode()
    with tarfile.open(fileobj=file, mode="w:") as tar:
        for name, source in ({_ABOUT: io.BytesIO(about)} | opened).items():
            member = tarfile.TarInfo(name)
            member.size = source.seek(0, os.SEEK_END)
            source.seek(0)
            tar.addfile(member, source)


def _fits(tar: tarfile.TarFile, history: str) -> bool:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == _ABOUT else None
    if content is None:
        raise IndexUnusable("The index in the snapshot does not say what it is.")
    return bool(json.load(content) == {"format": FORMAT, "version": VERSION, "history": history})


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    content = tar.extractfile(member)
    if content is None:
        raise IndexUnusable(f"The index in the snapshot holds {member.name} and nothing in it.")
    with (folder / member.name).open("xb") as out:
        shutil.copyfileobj(content, out)
        out.flush()
        os.fsync(out.fileno())
