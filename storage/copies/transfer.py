"""The blobs of one call from where they lie to one target: raw, each read back there, the sidecar last.

Done again after a kill anywhere it leaves the same: what lies there already is read back and not sent again.
Small blobs are not asked for where the sidecar is not there, nor is the sidecar where those of several calls
before were not: asking takes as long as sending.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from storage.catalogue.call_keys import KeyRow
from storage.catalogue.call_rows import CatalogueCall, Copy
from storage.copies.catalogue_key import key_copy
from storage.copies.holdings import GOOD, is_key
from storage.copies.source import BlobStream, SourceFailed, buffered, read_whole
from storage.errors import Mismatch, TargetError
from storage.targets.contract import Source, Stored, Target, read_back, verify

_IN_MEMORY = 4 << 20
"""Blobs up to so many bytes are read whole before anything is sent."""
_ALL_NEW = 8
"""After so many calls in a row of which nothing was there, small blobs of others are sent without asking."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What now lies on the target, how many bytes were sent for it, and the copies elsewhere that turned out
    bad, in the condition in which they were found."""

    copies: tuple[Copy, ...]
    sent: int
    damaged: tuple[Copy, ...]


class Transfer:
    """Copies to the target ``name``, out of whichever of ``targets`` has a good copy, ``home`` first.

    For some dozens of calls: what it saw of the first tells what it expects of the others.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        home: str,
        name: str,
        key: Callable[[str], KeyRow | None] = lambda _: None,
    ) -> None:
        """``key`` finds the keys of calls that lie in the catalogue only."""
        self._targets = targets
        self._home = home
        self._name = name
        self._to = targets[name]
        self._key = key
        self._new = 0

    def move(self, found: CatalogueCall, blobs: Sequence[Copy], now: datetime) -> Moved:
        """Let the target hold ``blobs``, in their order, of which the sidecar is the last.

        Raises ``SourceFailed`` where no good copy of one can be read, and what the target raises.
        """
        copies: list[Copy] = []
        damaged: list[Copy] = []
        sent = 0
        begun = bool(blobs) and self._is_begun(blobs[-1].name)
        for blob in blobs:
            may_be_there = begun or blob.bytes > _IN_MEMORY
            if not (may_be_there and self._is_there(blob)):
                damaged += self._send(found, blob)
                sent += blob.bytes
            copies.append(replace(blob, target=self._name, at=now, checked=now, condition=GOOD))
        return Moved(tuple(copies), sent, tuple(damaged))

    def _is_begun(self, sidecar: str) -> bool:
        if self._new >= _ALL_NEW:
            return False
        begun = self._to.stat(sidecar) is not None
        self._new = 0 if begun else self._new + 1
        return begun

    def _is_there(self, blob: Copy) -> bool:
        kept = self._to.stat(blob.name)
        if kept is None or kept.bytes != blob.bytes:
            return False
        return read_back(self._to, blob.name) == _stored(blob)

    def _send(self, found: CatalogueCall, blob: Copy) -> list[Copy]:
        """Send it from the first copy that proves good; the ones that did not are returned."""
        bad: list[Copy] = []
        reasons: list[str] = []
        for source in self._sources(found, blob):
            try:
                self._put(self._targets[source.target], blob)
            except SourceFailed as error:
                reasons.append(f"{source.target}: {error}")
                if error.condition:
                    bad.append(replace(source, condition=error.condition))
            else:
                verify(self._to, _stored(blob))
                return bad
        if (key := self._from_catalogue(found, blob)) is not None:
            self._keep(blob, key)
            verify(self._to, _stored(blob))
            return bad
        raise SourceFailed(f"There is no good copy of {blob.name} to copy from. {' '.join(reasons)}".strip())

    def _put(self, source: Target, blob: Copy) -> None:
        if blob.bytes <= _IN_MEMORY:
            self._keep(blob, read_whole(source, _stored(blob)))
            return
        stream = BlobStream(source, _stored(blob))
        try:
            self._keep(blob, buffered(stream))
        except (TargetError, OSError, ValueError) as error:
            raise stream.trouble or error from error

    def _from_catalogue(self, found: CatalogueCall, blob: Copy) -> bytes | None:
        """The blob where it is the key of the call, as the catalogue has it."""
        row = self._key(found.call.id) if is_key(blob.name) else None
        if row is None or key_copy(found.call, row).sha256 != blob.sha256:
            return None
        return row.document.encode()

    def _keep(self, blob: Copy, source: Source) -> None:
        kept = self._to.put(blob.name, source)
        if kept != _stored(blob):
            raise Mismatch(
                f"{self._name} kept {blob.name} as {kept.bytes} bytes with SHA-256 {kept.sha256}, "
                f"but {blob.bytes} bytes with {blob.sha256} were sent."
            )

    def _sources(self, found: CatalogueCall, blob: Copy) -> list[Copy]:
        same = [
            copy
            for copy in found.copies
            if (copy.name, copy.bytes, copy.sha256) == (blob.name, blob.bytes, blob.sha256)
            and copy.target in self._targets
            and copy.target != self._name
            and copy.condition == GOOD
        ]
        return sorted(same, key=lambda copy: (copy.target != self._home, copy.target))


def _stored(blob: Copy) -> Stored:
    return Stored(blob.name, blob.bytes, blob.sha256)
