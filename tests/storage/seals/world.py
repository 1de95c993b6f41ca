"""Calls that were archived and sealed, and what verification says of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from storage.catalogue import Catalogue
from storage.encryption.keyring import CatalogueKeyring
from storage.intake import Intake
from storage.seals.deletion import deletion_record
from storage.seals.medium import verify_medium
from storage.seals.segments import SEGMENT
from storage.seals.verdict import Report
from storage.seals.verify import verify_calls
from storage.sidecar import read_sidecar
from storage.targets import MemoryTarget, Target
from tests.storage.handoffs import a_call, hand_off
from tests.storage.sealers import a_sealer
from tests.storage.targets.contract import content

SIZE = 3 * SEGMENT + 100
KEYS = {a_sealer().chain: a_sealer().public}


@dataclass
class World:
    """Four calls, archived and sealed."""

    folder: Path
    catalogue: Catalogue
    target: MemoryTarget = field(default_factory=MemoryTarget)
    keys: CatalogueKeyring | None = None

    def archive(self, *numbers: int) -> None:
        for number in numbers:
            hand_off(self.folder, number, SIZE)
            Intake(self.folder, self.target, self.catalogue, "main", a_sealer(), self.keys).run_once()

    def name(self, number: int, kind: str) -> str:
        return f"2026/11/21/{a_call(number).id}.{kind}"

    def change(self, number: int, kind: str, position: int, bit: int = 0) -> None:
        data = bytearray(content(self.target, self.name(number, kind)))
        data[position] ^= 1 << bit
        self.target.put(self.name(number, kind), bytes(data))

    def blobs(self, number: int) -> dict[str, bytes]:
        """All that lies of the call."""
        found = list(self.target.list(f"2026/11/21/{a_call(number).id}"))
        return {blob.name: content(self.target, blob.name) for blob in found}

    def remove(self, number: int) -> dict[str, bytes]:
        """Take all of the call off the target; what that was."""
        found = self.blobs(number)
        for name in found:
            self.target.delete(name)
        return found

    def put(self, blobs: Mapping[str, bytes]) -> None:
        for name, data in blobs.items():
            self.target.put(name, data)

    def record(self, number: int, at: datetime, signer: int = 0) -> None:
        """Put the signed record that the call was deleted beside the calls."""
        call_id = a_call(number).id
        seals = self.catalogue.seals.of_calls([call_id]).get(call_id, [])
        self.target.put(*deletion_record(a_sealer(signer), call_id, seals, at, "erasure: asked for", "anna"))

    def unseal(self, number: int, **changed: str) -> None:
        """Take the seal of a call in clear off, and say something else of the call."""
        sidecar = read_sidecar(content(self.target, self.name(number, "json")))
        call = json.loads(sidecar.description) | changed
        files = [file.model_dump() for file in sidecar.files]
        first = {"format": "earwitness sidecar 1", "call": call, "files": files}
        self.target.put(self.name(number, "json"), json.dumps(first).encode())

    def offline(self, keys=None) -> Report:
        return verify_medium(self.target, KEYS if keys is None else keys, lambda _: None, "disk")

    def online(self, target: Target | None = None) -> Report:
        calls = self.catalogue.calls.iterate()
        return verify_calls(calls, self.catalogue, {"main": target or self.target}, KEYS, lambda _: None)

    def said(self, number: int, report: Report | None = None) -> dict[str, str]:
        """Codes of what was found of a call, with the state of each."""
        verdicts = (report or self.offline()).calls
        return {
            finding.code: finding.state.value
            for verdict in verdicts
            if verdict.call == a_call(number).id
            for finding in verdict.findings
        }
