"""Data keys: made and wrapped for new calls, found and opened for those that are archived."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from storage.archive_names import key_names
from storage.catalogue import Catalogue, KeyRow
from storage.encryption import blob, refusal
from storage.encryption.masterkey import MasterKey
from storage.encryption.recipients import Passphrase, Recipient, RecipientKey
from storage.encryption.wrapping import (
    KeyDocument,
    MasterWrapping,
    PassphraseWrapping,
    RecipientWrapping,
    Wrapping,
    closed,
    opened,
    read_document,
)
from storage.errors import KeyUnusable, NotStored, WrongKey
from storage.targets.contract import Target

_LARGEST_DOCUMENT = 1 << 20
_LOOK = 1.0
"""Seconds between two looks at which master keys the catalogue knows."""


@dataclass(frozen=True, slots=True)
class CallKey:
    """The data key of a call, 32 bytes, and the same wrapped as the catalogue keeps it."""

    data: bytes
    row: KeyRow

    def __repr__(self) -> str:
        return f"<CallKey {self.row.call_id}>"


class Keyring(Protocol):
    """Finds data keys. Safe to use from several threads."""

    def data_key(self, name: str) -> bytes | None:
        """The data key of the call whose blob is ``name``; None where the call has none.

        Raises ``WrongKey`` where it has one that nothing here opens, ``KeyUnusable`` for a damaged one.
        """


class KeyOpener:
    """Opens wrapped keys with whatever is given to it. ``remedy`` tells people how to give something else."""

    def __init__(
        self,
        masters: Sequence[MasterKey] = (),
        passphrases: Sequence[Passphrase] = (),
        private_keys: Sequence[RecipientKey] = (),
        remedy: str = refusal.SETTINGS,
    ) -> None:
        self._masters = {key.id: key for key in masters}
        self._passphrases = passphrases
        self._private = {key.id: key for key in private_keys}
        self._remedy = remedy

    @property
    def masters(self) -> str:
        """The ids of the master keys, for people."""
        return ", ".join(self._masters)

    def outdated(self, catalogue: Catalogue) -> str:
        """What is wrong where others have wrapped keys of the catalogue with a master key that is not here,
        empty otherwise: who takes the earlier key away would take with it what is encrypted here now."""
        lacking = [key for key in catalogue.keys.masters() if key not in self._masters]
        return refusal.outdated(lacking, self.masters or "none") if lacking else ""

    def open(self, document: KeyDocument, what: str = "") -> bytes:
        """The data key. Raises ``WrongKey`` where nothing here opens it; ``what`` is closed with it, the call
        where that is not said."""
        for wrapping in document.wrappings:
            try:
                found = self._tried(wrapping, document.call)
            except WrongKey:
                continue
            if found is not None and len(found) == blob.KEY:
                return found
        what = what or f"The call {document.call}"
        raise WrongKey(refusal.refusal(document, self._given(), what, self._remedy))

    def is_named(self, document: KeyDocument) -> bool:
        """Whether the document names a key that is here: then it is not for want of a key that it does not
        open. Passphrases have no names."""
        ids = self._masters.keys() | self._private.keys()
        return any(getattr(wrapping, "id", None) in ids for wrapping in document.wrappings)

    def _given(self) -> Iterator[str]:
        yield from (f"master key {key}" for key in self._masters)
        yield from (f"private key {key[:16]}" for key in self._private)
        if self._passphrases:
            yield "a passphrase"

    def _tried(self, wrapping: Wrapping, call_id: str) -> bytes | None:
        if isinstance(wrapping, MasterWrapping):
            return self._by_master(wrapping, call_id)
        if isinstance(wrapping, RecipientWrapping):
            private = self._private.get(wrapping.id)
            return private.unwrap(wrapping, call_id) if private else None
        for passphrase in self._passphrases:
            with suppress(WrongKey):
                return passphrase.unwrap(wrapping, call_id)
        return None

    def _by_master(self, wrapping: MasterWrapping, call_id: str) -> bytes | None:
        """With the master key that is named, or with any: a bit that rots in the name shall cost no call."""
        if wrapping.id in self._masters:
            return opened(self._masters[wrapping.id].wrapping, wrapping, call_id)
        for master in self._masters.values():
            with suppress(WrongKey):
                return opened(master.wrapping, wrapping, call_id)
        return None


class KeyMaker:
    """Makes data keys, wrapped by the master key and for everybody else who is to open calls."""

    def __init__(
        self,
        master: MasterKey,
        recipients: Sequence[Recipient] = (),
        passphrase: Passphrase | None = None,
    ) -> None:
        self._recipients = recipients
        self._passphrase = passphrase
        self._master = master

    @property
    def master(self) -> str:
        """The id of the master key."""
        return self._master.id

    def is_current(self, document: KeyDocument) -> bool:
        """Whether a key is wrapped for those who are to open it now, and for nobody else."""
        masters = {one.id for one in document.wrappings if isinstance(one, MasterWrapping)}
        recipients = {one.id for one in document.wrappings if isinstance(one, RecipientWrapping)}
        others = [one for one in document.wrappings if isinstance(one, PassphraseWrapping)]
        if masters != {self.master} or recipients != {one.id for one in self._recipients}:
            return False
        if self._passphrase is None:
            return not others
        try:
            return bool([self._passphrase.unwrap(one, document.call) for one in others])
        except WrongKey:
            return False

    def new(self, call_id: str) -> CallKey:
        """A new data key."""
        return self.wrap(os.urandom(blob.KEY), call_id)

    def wrap(self, data_key: bytes, call_id: str) -> CallKey:
        """A data key that is there, wrapped anew for all who are to open it now."""
        nonce, sealed = closed(self._master.wrapping, data_key, call_id)
        wrappings: list[Wrapping] = [MasterWrapping(id=self._master.id, nonce=nonce, key=sealed)]
        wrappings += [recipient.wrap(data_key, call_id) for recipient in self._recipients]
        if self._passphrase is not None:
            wrappings.append(self._passphrase.wrap(data_key, call_id))
        document = KeyDocument(call=call_id, wrappings=tuple(wrappings))
        return CallKey(data_key, KeyRow(call_id, self._master.id, document.encode()))


class CatalogueKeyring:
    """The keys of the calls of a catalogue; of calls that it does not know, those that lie on ``medium``.

    Without a ``maker`` new calls are not encrypted. ``clock`` gives seconds.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        opener: KeyOpener,
        maker: KeyMaker | None = None,
        medium: Target | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalogue = catalogue
        self._opener = opener
        self._maker = maker
        self._medium = MediumKeyring(medium, opener) if medium is not None else None
        self._clock = clock
        self._looked: tuple[float, str] | None = None

    def data_key(self, name: str) -> bytes | None:
        """See ``Keyring``."""
        ids = [PurePosixPath(key).stem for key in key_names(name)]
        rows = self._catalogue.keys.of_calls(ids) if ids else {}
        for call_id in ids:
            if call_id in rows:
                return self._opener.open(read_document(rows[call_id].document))
        return self._medium.data_key(name) if self._medium else None

    def of_call(self, call_id: str) -> CallKey | None:
        """The key of a call of the catalogue; None where it is not encrypted. Raises as ``data_key``."""
        row = self._catalogue.keys.get(call_id)
        return None if row is None else CallKey(self._opener.open(read_document(row.document)), row)

    def new(self, call_id: str) -> CallKey | None:
        """The key for a new call; None where calls are not encrypted. Not where ``outdated``."""
        return self._maker.new(call_id) if self._maker else None

    def outdated(self) -> str:
        """As ``KeyOpener.outdated``; the catalogue is asked once a second at most, quick at any size."""
        now = self._clock()
        if self._looked is None or now - self._looked[0] >= _LOOK:
            found = self._opener.outdated(self._catalogue)
            self._looked = (now, found and found + refusal.CALLS_WAIT)
        return self._looked[1]


class MediumKeyring:
    """The keys that lie beside the blobs on a target."""

    def __init__(self, medium: Target, opener: KeyOpener) -> None:
        self._medium = medium
        self._opener = opener

    def data_key(self, name: str) -> bytes | None:
        """See ``Keyring``."""
        for key_name in key_names(name):
            try:
                document = read_document(b"".join(self._medium.get(key_name, 0, _LARGEST_DOCUMENT)))
            except NotStored:
                continue
            if document.call != PurePosixPath(key_name).stem:
                raise KeyUnusable(f"{key_name} is the key of the call {document.call}.")
            return self._opener.open(document)
        return None
