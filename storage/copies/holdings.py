"""What a target holds of a call, and what it should hold. Pure.

A call that got another recording has old blobs on targets that were not told yet. The set in force is that
of the archive where calls come in, as long as it holds the call, else that of the latest sidecar whose
companions are the recording that the catalogue names.
"""

from collections import defaultdict
from collections.abc import Container, Iterable
from datetime import datetime

from storage.archive_names import sidecar_name, stem
from storage.catalogue.call_rows import CatalogueCall, Copy

GOOD = "good"
_SOUNDS = (".opus", ".wav", ".flac", ".media")
_KEY = ".key"


def in_force(found: CatalogueCall, home: str) -> tuple[Copy, ...]:
    """The blobs of the call as one target holds them that is up to date, sidecar last; none where no target
    is. ``home`` is the target where calls come in."""
    whole = {
        target: copies
        for target, copies in _by_target(found.copies).items()
        if _is_whole(found, [copy.name for copy in copies])
    }
    if not whole:
        return ()
    sidecar = sidecar_name(found.call)
    source = home if home in whole else max(whole, key=lambda target: (_at(whole[target], sidecar), target))
    blobs = {copy.name: copy for copy in whole[source]}
    for copies in _by_target(found.copies).values():
        blobs |= {copy.name: copy for copy in copies if is_key(copy.name) and copy.name not in blobs}
    return tuple(sorted(blobs.values(), key=lambda copy: (copy.name == sidecar, copy.name)))


def up_to_date(found: CatalogueCall, name: str, home: str) -> tuple[Copy, ...]:
    """The copies of one blob that have the contents in force: others are of a recording that the call had
    before. Where no target is up to date, those that are as the latest copy."""
    here = [copy for copy in found.copies if copy.name == name]
    wanted = next((blob for blob in in_force(found, home) if blob.name == name), None)
    wanted = wanted or max(here, key=lambda copy: (copy.at, copy.target == home), default=None)
    return tuple(copy for copy in here if wanted is not None and copy.sha256 == wanted.sha256)


def shall_hold(
    found: CatalogueCall, home: str, *, keyless: bool, key: Copy | None = None
) -> tuple[Copy, ...]:
    """The blobs of which a target shall have a copy; without the key where ``keyless``, and else with ``key``
    where no target has one."""
    blobs = in_force(found, home)
    if keyless:
        return tuple(copy for copy in blobs if not is_key(copy.name))
    if not blobs or key is None or any(is_key(copy.name) for copy in blobs):
        return blobs
    return (key, *blobs)


def holds(found: CatalogueCall, target: str, blobs: Iterable[Copy]) -> bool:
    """Whether the target has a good copy of each of these. A key may be wrapped differently there."""
    here = {copy.name: copy for copy in found.copies if copy.target == target and copy.condition == GOOD}
    return all(blob.name in here and _same(here[blob.name], blob) for blob in blobs)


def holders(found: CatalogueCall, home: str, keyless: Container[str]) -> frozenset[str]:
    """The targets that hold the call as they shall, those of ``keyless`` without its key."""
    return frozenset(
        name
        for name in {copy.target for copy in found.copies}
        if (blobs := shall_hold(found, home, keyless=name in keyless)) and holds(found, name, blobs)
    )


def left_over(found: CatalogueCall, target: str, blobs: Iterable[Copy]) -> tuple[Copy, ...]:
    """What the target holds of the call and shall not."""
    wanted = {blob.name for blob in blobs}
    return tuple(copy for copy in found.copies if copy.target == target and copy.name not in wanted)


def is_key(name: str) -> bool:
    """Whether this is the blob of a wrapped key."""
    return name.endswith(_KEY)


def _same(here: Copy, blob: Copy) -> bool:
    return is_key(blob.name) or (here.bytes, here.sha256) == (blob.bytes, blob.sha256)


def _by_target(copies: Iterable[Copy]) -> dict[str, list[Copy]]:
    found: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        found[copy.target].append(copy)
    return found


def _is_whole(found: CatalogueCall, names: list[str]) -> bool:
    call = found.call
    own = stem(call)
    wanted = {blob.path for blob in (call.recording, call.encrypted) if blob is not None}
    sounds = {name for name in names if name.startswith(own) and name.endswith(_SOUNDS)}
    return sidecar_name(call) in names and sounds == wanted


def _at(copies: list[Copy], name: str) -> datetime:
    return next(copy.at for copy in copies if copy.name == name)
