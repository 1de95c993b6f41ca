"""The key of one encrypted medium, by which its list of calls is closed: wrapped as the keys of calls are.

In its document an id of its own stands in place of that of a call, which stays when it is wrapped anew.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

from storage.encryption import blob
from storage.encryption.keyring import CallKey, KeyMaker, KeyOpener
from storage.encryption.wrapping import KeyDocument, read_document
from storage.errors import DamagedShard, KeyUnusable, Undecipherable, WrongKey
from storage.media.manifest import read_manifest
from storage.targets.contract import Target


class MediumKey:
    """Implements ``Lock``."""

    def __init__(self, key: bytes, document: Mapping[str, Any]) -> None:
        self._key = key
        self.document = dict(document)

    def wrapped_anew(self, maker: KeyMaker) -> "MediumKey":
        """The same key, for all whom ``maker`` wraps keys for now."""
        return _made(maker.wrap(self._key, read_document(json.dumps(self.document)).call))

    def close(self, name: str, data: bytes) -> bytes:
        """See ``Lock``."""
        return blob.encrypt(data, self._key, name)

    def open(self, name: str, data: bytes) -> bytes:
        """See ``Lock``."""
        try:
            return blob.decrypt(data, self._key, name)
        except Undecipherable as error:
            raise DamagedShard(name, "it was altered, or closed with another key") from error


def given_key(document: Mapping[str, Any], opener: KeyOpener, volume: str = "") -> MediumKey:
    """The key in the manifest of the medium ``volume``, opened. Raises ``WrongKey``, ``KeyUnusable``."""
    what = f"The list of calls on the medium {volume}".rstrip()
    return MediumKey(opener.open(read_document(json.dumps(dict(document))), what), document)


def key_for(target: Target, maker: KeyMaker, opener: KeyOpener) -> MediumKey:
    """The key of the medium ``target`` for writing: the one that it has, wrapped for those who may open it.

    A new one where it has none, or one that nothing here opens: the list is made anew then.
    """
    try:
        manifest = read_manifest(target)
        found = given_key(manifest.key, opener) if manifest and manifest.key else None
    except (DamagedShard, WrongKey, KeyUnusable):
        found = None
    if found is not None and maker.is_current(KeyDocument.model_validate(found.document)):
        return found
    return found.wrapped_anew(maker) if found else _made(maker.new(f"medium-{os.urandom(8).hex()}"))


def _made(key: CallKey) -> MediumKey:
    return MediumKey(key.data, json.loads(key.row.document))
