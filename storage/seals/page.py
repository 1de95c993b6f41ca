"""The page that comes with a medium, against the one that this version writes, and what nobody signed."""

from collections.abc import Iterator

from storage.errors import DamagedShard, NotStored
from storage.media.manifest import read_manifest
from storage.media.names import ASSETS, MANIFEST, PAGE
from storage.media.page_files import page_files, version
from storage.seals.verdict import Finding, State
from storage.targets.contract import Target

SNAPSHOTS = "snapshots/"


def page_findings(target: Target) -> Iterator[Finding]:
    """What is to be said of the page, the list and the snapshots; nothing where the medium has none.

    ``TargetError`` comes through.
    """
    listed = target.stat(MANIFEST) is not None
    index = target.stat(PAGE)
    there = {blob.name for blob in (*([index] if index else []), *target.list(ASSETS))}
    own = page_files()
    differ = sorted(name for name in there if name not in own or _read(target, name) != own[name])
    if listed:
        differ += sorted(set(own) - there)
    if differ:
        yield _other(differ, claimed=_claims_version(target))
    unsigned = [
        *(["the list of calls (browse/)"] if listed else []),
        *(["snapshots"] if next(iter(target.list(SNAPSHOTS)), None) else []),
    ]
    if unsigned:
        text = f"Not checked, as no seal vouches for them: {' and '.join(unsigned)}."
        yield Finding("unsigned", text, State.INTACT)


def _other(names: list[str], *, claimed: bool) -> Finding:
    said = ", ".join(names[:5])
    if claimed:
        text = (
            f"The page is not the one that it says it is ({said}): it was altered. Do not open it; "
            "`earwitness browse` lists and plays the calls without it."
        )
        return Finding("page", text)
    text = (
        f"The page is not the one that this version writes ({said}): it is of another version, or was "
        "altered. `earwitness browse` lists and plays the calls without it."
    )
    return Finding("page", text, State.UNKNOWN)


def _claims_version(target: Target) -> bool:
    try:
        manifest = read_manifest(target)
    except DamagedShard:
        return False
    return manifest is not None and manifest.page == version()


def _read(target: Target, name: str) -> bytes:
    try:
        return b"".join(target.get(name))
    except NotStored:
        return b""
