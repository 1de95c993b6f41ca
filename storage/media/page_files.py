"""The page that comes with every medium: plain files, the same on each."""

import hashlib
from functools import cache
from importlib.resources import files

from storage.media.names import ASSETS, PAGE

_INDEX = "index.html"


@cache
def page_files() -> dict[str, bytes]:
    """The files of the page by their names on the medium, what others refer to first."""
    found = {
        entry.name: entry.read_bytes()
        for entry in files("storage.media").joinpath("page").iterdir()
        if entry.name.endswith((".html", ".css", ".js"))
    }
    index = found.pop(_INDEX)
    return {f"{ASSETS}{name}": data for name, data in sorted(found.items())} | {PAGE: index}


def version() -> str:
    """Tells the page of this version from others."""
    digest = hashlib.sha256()
    for name, data in page_files().items():
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()[:16]
