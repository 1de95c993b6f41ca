"""Archiving calls: what seals and encryption cost beside the encode, and how many calls a second it takes.

Sealing and encrypting are processor time over the audio of calls as a recorder makes it, against the bare
encode of the same audio (budget: under 5 %). Archiving is all of intake to the disk that ``--folder`` is on,
for finished calls of half a minute, in clear and encrypted, to the last hand-off that is removed. Budgets:
500 calls a second and 2 ms of processor a call, on a machine that does nothing else. Beside it stands what
the same disk does with the same files alone (``bare_archive``), which tells a slow disk from slow code; the
disk may be slow for a minute after many files were deleted there.
Run: ``python -m bench.sealing [--calls 10000] [--audio 4] [--folder .]``.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.bare import bare_encode
from bench.bare_archive import bare_archive
from bench.finish_calls import KINDS, talking_calls
from bench.finish_opus import finish
from recorder.finish.policy import ArchivePolicy
from storage.catalogue import Catalogue, SealHead, sqlite_url
from storage.encryption.blob import decrypt, encrypt
from storage.encryption.keyring import CatalogueKeyring, KeyMaker, KeyOpener
from storage.encryption.masterkey import MasterKey
from storage.intake import Intake
from storage.lock import DataFolderLock
from storage.seals.keys import SealKey
from storage.seals.sealing import Sealable, Sealer
from storage.seals.segments import segmented
from storage.seals.statement import GENESIS
from storage.targets import LocalTarget
from tests.storage.handoffs import START, a_call, hand_off

SECONDS = 600
AUDIO_BYTES = 90_000
"""Half a minute of two parties as Opus."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor seconds for the audio of the same calls, and its bytes."""

    encode: float
    encrypt: float
    seal: float
    decrypt: float
    bytes: int


def costs(count: int) -> Costs:
    """Encode, encrypt, seal and decrypt ``count`` calls of ten minutes."""
    policy = ArchivePolicy()
    calls = talking_calls(count, SECONDS, KINDS[1])
    encode = sum(bare_encode(call.samples, policy) for call in calls)
    audio = []
    with tempfile.TemporaryDirectory() as folder:
        for call in calls:
            finish(call, Path(folder), policy)
            audio.append((Path(folder) / "call.opus").read_bytes())
    maker, sealer = KeyMaker(MasterKey(bytes(32))), Sealer(SealKey.generate())
    keys = [maker.new(str(number)).data for number in range(count)]
    started = time.process_time()
    for number in range(count):
        maker.new(str(number))
    stored = [encrypt(data, key, "call.opus") for data, key in zip(audio, keys, strict=True)]
    encrypted = time.process_time() - started
    started = time.process_time()
    head = SealHead(0, GENESIS)
    for number, data in enumerate(stored):
        sealed_call = a_call(number)
        description = sealed_call.model_dump_json().encode()
        what = Sealable(sealed_call, [("call.opus", segmented([data]))], description)
        (made,) = sealer.seal(head, [what], START)
        head = SealHead(made.row.number, made.row.hash)
    sealed = time.process_time() - started
    started = time.process_time()
    for data, key in zip(stored, keys, strict=True):
        decrypt(data, key, "call.opus")
    opened = time.process_time() - started
    return Costs(encode, encrypted, sealed, opened, sum(map(len, audio)))


def archive(folder: Path, calls: int, *, encrypted: bool) -> tuple[float, float]:
    """Seconds and processor seconds of archiving so many finished calls."""
    for number in range(calls):
        hand_off(folder / "handoff", number, AUDIO_BYTES)
    os.sync()
    catalogue = Catalogue(sqlite_url(folder / "catalogue.db"))
    master = MasterKey(bytes(32))
    maker = KeyMaker(master) if encrypted else None
    keys = CatalogueKeyring(catalogue, KeyOpener([master]), maker)
    sealer = Sealer(SealKey.generate())
    with DataFolderLock(folder, "archive") as lock:
        target = LocalTarget(folder / "archive")
        intake = Intake(folder / "handoff", target, catalogue, "main", sealer, keys, lock=lock)
        wall, processor = time.perf_counter(), _processor()
        archived = intake.run_once()
        wall, processor = time.perf_counter() - wall, _processor() - processor
    catalogue.close()
    if archived != calls:
        raise SystemExit(f"{archived} of {calls} calls were archived")
    return wall, processor


def _processor() -> float:
    """Processor seconds of this process and of those that worked for it and ended."""
    return sum(os.times()[:4])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--audio", type=int, default=4, help="calls of ten minutes that are encoded")
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = costs(given.audio)
    result = {
        "seal_share": found.seal / found.encode,
        "encrypt_share": found.encrypt / found.encode,
        "decrypt_share": found.decrypt / found.encode,
        "bytes": found.bytes,
    }
    # Removed at the end: file systems make files more slowly where others have just gone.
    with tempfile.TemporaryDirectory(prefix="bench-sealing-", dir=given.folder) as place:
        spent = {
            name: archive(Path(place) / name, given.calls, encrypted=name == "encrypted")
            for name in ("clear", "encrypted")
        }
        spent["bare"] = bare_archive(Path(place) / "bare", given.calls, AUDIO_BYTES)
    for name, (wall, processor) in spent.items():
        result |= {f"{name}_per_second": given.calls / wall, f"{name}_cpu_ms": processor / given.calls * 1000}
    result["load"] = os.getloadavg()[0]
    if given.json:
        print(json.dumps(result))
        return
    both = result["seal_share"] + result["encrypt_share"]
    print(f"of the bare encode: seal {result['seal_share']:.2%}, encrypt {result['encrypt_share']:.2%},")
    print(f"  both {both:.2%} (budget 5 %); decrypt {result['decrypt_share']:.2%}")
    for name in spent:
        rate, cost = result[f"{name}_per_second"], result[f"{name}_cpu_ms"]
        print(f"archived {name}: {rate:.0f} calls a second, {cost:.2f} ms of processor a call")
    print(f"load of the machine: {result['load']:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
