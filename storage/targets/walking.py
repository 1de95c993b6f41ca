"""Walking the folders of a server in the order of the names of blobs."""

import posixpath
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from storage.errors import BadName
from storage.targets.contract import Stored
from storage.targets.names import checked_folder, checked_name
from storage.targets.parts import is_part
from storage.targets.remote_session import Entry

Entries = Callable[[str], Iterable[Entry]]
"""What the folder of this name below the target's own holds (``""`` is that itself); nothing where it is not
there."""


def blobs(entries: Entries, prefix: str) -> Iterator[Stored]:
    """See ``Target.list``. Files whose names cannot be those of blobs are left out."""
    return _blobs(entries, checked_folder(prefix), prefix)


def parts(entries: Entries) -> Iterator[tuple[str, datetime | None]]:
    """Paths and times of all temporary files of puts, also of those that go on."""
    folders = [""]
    while folders:
        folder = folders.pop()
        for entry in entries(folder):
            path = posixpath.join(folder, entry.name)
            if entry.folder and not entry.name.startswith("."):
                folders.append(path)
            elif is_part(entry.name) and not entry.folder:
                yield path, entry.modified


def _blobs(entries: Entries, folder: str, prefix: str) -> Iterator[Stored]:
    # A folder sorts as its name with the slash: "a-b" comes before "a/b" and after neither by accident.
    for entry in sorted(entries(folder), key=lambda entry: f"{entry.name}/" if entry.folder else entry.name):
        name = posixpath.join(folder, entry.name)
        if not _may_be_asked(entry.name):
            continue
        if entry.folder and (f"{name}/".startswith(prefix) or prefix.startswith(f"{name}/")):
            yield from _blobs(entries, name, prefix)
        elif not entry.folder and name.startswith(prefix):
            yield Stored(name, entry.bytes or 0, modified=entry.modified)


def _may_be_asked(name: str) -> bool:
    try:
        checked_name(name)
    except BadName:
        return False
    return True
