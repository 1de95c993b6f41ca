"""Fuzz targets for what comes back from archive targets and media, where anybody may have written."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime

from storage.catalogue.seals import SealHead
from storage.encryption import blob
from storage.encryption.wrapping import KeyDocument, MasterWrapping, PassphraseWrapping, read_document
from storage.errors import DamagedShard, DamagedSidecar, KeyUnusable, Undecipherable
from storage.media.manifest import Manifest, read_manifest
from storage.media.medium import About, describe, read_about
from storage.media.names import MANIFEST
from storage.media.shard import read_shard, write_shard
from storage.seals.keys import SealKey
from storage.seals.sealing import Sealable, Sealer
from storage.seals.segments import segmented
from storage.sidecar import read_sidecar
from storage.targets import MemoryTarget
from storage.targets.ftp_listing import has_time_of_day, looks_like_entry, parse_facts, parse_list
from storage.targets.marker import MARKER as MEDIUM
from storage.targets.marker import volume_of
from tests.storage.handoffs import START, a_call

_NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_KEY = bytes(range(32))
_DAY = "2026-11-21"
_DEEP = b"[" * 5000


def fuzz_sidecar(data: bytes) -> None:
    """A sidecar of either version, with the call that it describes."""
    with contextlib.suppress(DamagedSidecar, KeyUnusable):
        sidecar = read_sidecar(data)
        assert len(sidecar.hash) in (0, 64)
        assert sidecar.call().id


def fuzz_key_document(data: bytes) -> None:
    """The wrapped key of a call, and its JSON back."""
    with contextlib.suppress(KeyUnusable):
        document = read_document(data)
        assert read_document(document.encode()) == document


def fuzz_blob(data: bytes) -> None:
    """An encrypted blob: what opens is what was closed, whole and by ranges."""
    try:
        plain = blob.decrypt(data, _KEY, "a.opus")
    except Undecipherable:
        return
    assert blob.stored_length(len(plain)) == len(data)


def fuzz_shard(data: bytes) -> None:
    """A day of the list of calls on a medium."""
    with contextlib.suppress(DamagedShard):
        rows = read_shard(_DAY, data)
        assert read_shard(_DAY, write_shard(_DAY, rows)) == sorted(
            rows, key=lambda row: (row.start, row.id), reverse=True
        )


def fuzz_medium(data: bytes) -> None:
    """What a medium says of itself and of its list."""
    target = MemoryTarget()
    target.put(MEDIUM, data)
    volume_of(data)
    about = read_about(target)
    describe(target, About(target="usb", installation=about.installation))
    target.put(MANIFEST, data)
    with contextlib.suppress(DamagedShard):
        manifest = read_manifest(target)
        assert manifest is not None
        target.put(MANIFEST, manifest.encode(_NOW))
        assert read_manifest(target) is not None


def fuzz_listing(data: bytes) -> None:
    """A line in which an FTP server speaks of a file."""
    line = data.decode("utf-8", "surrogateescape")
    for entry in (parse_facts(line), parse_list(line, _NOW)):
        assert entry is None or (entry.name and (entry.bytes is None or entry.bytes >= 0))
    has_time_of_day(line)
    looks_like_entry(line)


def _sidecars() -> list[bytes]:
    call = a_call(audio=b"sound")
    described = call.model_dump_json().encode()
    sealer = Sealer(SealKey.generate())
    blobs = [("2026/11/21/a.opus", segmented([b"sound" * 20_000]))]
    wanted = [Sealable(call, blobs, described), Sealable(call, blobs, b"\x01" * 80, encrypted=True)]
    sealed = sealer.seal(SealHead(0, "0" * 64), wanted, START)
    first = json.dumps({"format": "earwitness sidecar 1", "call": json.loads(described), "files": []})
    return [*(one.sidecar for one in sealed), first.encode(), _DEEP]


def _documents() -> list[bytes]:
    wrappings = (
        MasterWrapping(id="0" * 16, nonce="AAAA", key="AAAA"),
        PassphraseWrapping(salt="AAAA", rounds=600_000, nonce="AAAA", key="AAAA"),
    )
    return [KeyDocument(call="a", wrappings=wrappings).encode().encode(), _DEEP]


def _shards() -> list[bytes]:
    described = write_shard(_DAY, [])
    return [described, described.replace(b"[\n\n]", _DEEP), b'earwitness.day("2026-11-21","AAAA");\n']


def _media() -> list[bytes]:
    target = MemoryTarget()
    describe(target, About(volume="disk", target="usb", installation="a", seal_key="b", encrypted=True))
    manifest = Manifest(volume="disk", days={_DAY: 3}).encode(_NOW)
    return [b"".join(target.get(MEDIUM)), manifest, _DEEP, b"earwitness.medium(" + _DEEP + b");\n"]


_LINES = [
    b"type=file;size=3;modify=20261122030405; name",
    b"-rw-r--r-- 1 user group 12345 Nov 21 12:00 a name",
    b"drwxr-xr-x 2 user group 4096 Jan 01 2025 folder",
    "-rw-r--r-- 1 user group 12345 11月 21 12:00 a name".encode(),
    b"-rw-r--r-- 1 user group 12345 21. Nov. 2025 a name",
    b"-rw-r--r-- 1 user group 12345 2026-11-21 12:00:00.000 +0100 a name",
    b"total 12",
    b"11-21-26 03:04PM <DIR> folder",
    b"11-21-2026 03:04 123 file",
]
TARGETS: dict[str, Callable[[bytes], None]] = {
    "sidecar": fuzz_sidecar,
    "key-document": fuzz_key_document,
    "blob": fuzz_blob,
    "shard": fuzz_shard,
    "medium": fuzz_medium,
    "ftp-listing": fuzz_listing,
}
CORPUS: dict[str, list[bytes]] = {
    "sidecar": _sidecars(),
    "key-document": _documents(),
    "blob": [blob.encrypt(data, _KEY, "a.opus") for data in (b"", b"sound", bytes(70_000))],
    "shard": _shards(),
    "medium": _media(),
    "ftp-listing": _LINES,
}
