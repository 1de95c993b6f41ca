"""A target seen through the keys of its calls: the same contract, with encrypted blobs lying open."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from storage.archive_names import lies_open
from storage.encryption import blob
from storage.encryption.encrypting import Encrypting
from storage.encryption.keyring import Keyring
from storage.errors import KeyUnusable, NotStored, Undecipherable
from storage.targets.contract import Capabilities, Source, Space, Stored, Target, check_range
from storage.targets.names import checked_name


class EncryptedTarget:
    """Encrypts what is put under the name of a call that has a key, and opens what is read.

    Blobs that lie in clear are passed through where their call has no key: archives may be older than their
    encryption. Besides the errors of the contract, reading raises ``Undecipherable`` for what was altered and
    ``KeyUnusable`` where a key is missing or wrong.
    """

    def __init__(self, inner: Target, keys: Keyring) -> None:
        self._inner = inner
        self._keys = keys

    @property
    def capabilities(self) -> Capabilities:
        """Those of the inner target. What that knows of hashes is of the ciphertext, and so not told."""
        return replace(self._inner.capabilities, knows_sha256=False)

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``. Length and hash are those of the plaintext."""
        key = None if lies_open(checked_name(name)) else self._keys.data_key(name)
        if key is None:
            return self._inner.put(name, source)
        with Encrypting(source, key, name) as stream:
            self._inner.put(name, stream.source)
        return Stored(name, stream.plain_bytes, stream.plain_sha256)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``. Of an encrypted blob, the chunks that hold the range are read and no more."""
        check_range(start, length)
        if lies_open(name):
            return self._inner.get(name, start, length)
        found = self._inner.stat(name)
        if found is None:
            raise NotStored(name)
        if start:
            return self._middle(found, start, length)
        # From its beginning a blob is read in one go: a second look might meet one that took its place.
        most = None if length is None else blob.stored_length((-(-length // blob.CHUNK) or 1) * blob.CHUNK)
        header, rest = _peeked(self._inner.get(name, 0, most))
        opened = self._opened(found, header)
        if opened is None:
            whole = chain([header + next(rest, b"")], rest)
            return whole if length is None else _limited(whole, length)
        return opened.plain(rest, 0, opened.bytes if length is None else min(length, opened.bytes))

    def _middle(self, found: Stored, start: int, length: int | None) -> Iterator[bytes]:
        opened = self._opened(found, self._header(found))
        if opened is None:
            return self._inner.get(found.name, start, length)
        left = max(0, opened.bytes - start)
        wanted = left if length is None else min(length, left)
        if not wanted:
            return iter(())
        return opened.plain(self._inner.get(found.name, *opened.stored_range(start, wanted)), start, wanted)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        found = self._inner.stat(name)
        return None if found is None else self._plain(found)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``. The beginning of every blob is read to tell its length."""
        return map(self._plain, self._inner.list(prefix))

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        self._inner.delete(name)

    def space(self) -> Space | None:
        """See ``Target.space``."""
        return self._inner.space()

    def _plain(self, found: Stored) -> Stored:
        size = found.bytes
        header = self._header(found)
        if blob.is_encrypted(header):
            size = blob.plain_length(found.bytes, found.name)
        return Stored(found.name, size, modified=found.modified)

    def _opened(self, found: Stored, header: bytes) -> blob.EncryptedBlob | None:
        """What opens the blob; None where it lies in clear and may."""
        key = self._keys.data_key(found.name)
        if not blob.is_encrypted(header):
            if key is not None:
                raise Undecipherable(found.name)
            return None
        if key is None:
            raise KeyUnusable(
                f"{found.name} is encrypted and its key is not here: the call was erased, "
                "or this is a medium whose .key files are missing."
            )
        return blob.EncryptedBlob(header, found.bytes, key, found.name)

    def _header(self, found: Stored) -> bytes:
        if lies_open(found.name) or found.bytes < blob.HEADER:
            return b""
        return b"".join(self._inner.get(found.name, 0, blob.HEADER))


def _peeked(stream: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first ``HEADER`` bytes of a stream, or all that it has, and what follows."""
    waiting = b""
    while len(waiting) < blob.HEADER and (chunk := next(stream, b"")):
        waiting += chunk
    return waiting[: blob.HEADER], chain([waiting[blob.HEADER :]], stream)


def _limited(chunks: Iterable[bytes], length: int) -> Iterator[bytes]:
    for chunk in chunks:
        if length and chunk:
            yield chunk[:length]
        length -= min(length, len(chunk))
