"""A medium checked alone: with public keys, and nothing of the installation that wrote it.

What it cannot show is that newer calls were on it once: a chain that ends early is whole.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from storage.archive_names import call_of
from storage.errors import DamagedSidecar
from storage.media.names import MANIFEST
from storage.scrub.lasting import readable
from storage.seals.chain import Chains
from storage.seals.check import Keys, check_call, check_key, proves
from storage.seals.day import Found, by_call, calls_of, days
from storage.seals.deletions import Deleted, lies_here, proven_deletions
from storage.seals.page import page_findings
from storage.seals.verdict import CallVerdict, Finding, Remark, Report, State
from storage.sidecar import Sidecar, read_call
from storage.targets.contract import Target

Progress = Callable[[Sequence[CallVerdict]], None]
"""Told once a call, what each target that holds it shows."""


def verify_medium(target: Target, keys: Keys, progress: Progress, target_name: str = "") -> Report:
    """Check every call that lies on ``target``, and the chains that they are of.

    Seals whose signature does not hold, or whose key is not given, prove nothing and explain nothing.
    """
    return _Medium(target, keys, progress, target_name).verify()


@dataclass(slots=True)
class _Since:
    """From when on the calls of a recorder were sealed: the first day of such calls, and the first seal."""

    day: str
    at: datetime


class _Medium:
    def __init__(self, target: Target, keys: Keys, progress: Progress, name: str) -> None:
        self._target = target
        self._keys = keys
        self._progress = progress
        self._name = name
        self._report = Report()
        self._chains = Chains()
        self._deletions = proven_deletions(target, keys)
        self._since: dict[str, _Since] = {}
        self._unsealed: list[tuple[str, CallVerdict, Sidecar]] = []
        self._has_keys: bool | None = None
        self._keyless = 0
        self._closed = 0

    def verify(self) -> Report:
        for day, blobs in days(self._target.list()):
            for found in by_call(blobs):
                if found.sidecar:
                    self._call(day, found)
                else:
                    self._stray(day, found)
        for day, verdict, sidecar in self._unsealed:
            self._add(self._judged(day, verdict, sidecar))
        for place in self._deletions.places:
            self._chains.explain(place)
        self._report.chains = self._chains.verdicts(self._name)
        self._report.remarks = [Remark(self._name, finding) for finding in self._remarks()]
        return self._report

    def _add(self, verdict: CallVerdict) -> None:
        self._report.add(verdict)
        self._report.looked_at += 1
        self._progress([verdict])

    def _call(self, day: str, found: Found) -> None:
        verdict, sidecar = check_call(self._target, found.sidecar, self._keys, self._name)
        proven = proves(verdict)
        beside = tuple(self._beside(found, sidecar, proven=proven))
        verdict = replace(verdict, findings=verdict.findings + beside) if beside else verdict
        if sidecar is not None and sidecar.seal is None:
            self._unsealed.append((day, verdict, sidecar))
            return
        self._add(verdict)
        if sidecar is not None and sidecar.seal is not None and proven:
            seal = sidecar.seal
            self._chains.add(seal, sidecar.hash)
            since = self._since.setdefault(seal.recorder, _Since(day, seal.at))
            since.at = min(since.at, seal.at)

    def _beside(self, found: Found, sidecar: Sidecar | None, *, proven: bool) -> Iterator[Finding]:
        """What the seal does not tell: whether the call may lie here, its key, blobs that nobody names."""
        seal = sidecar.seal if sidecar is not None and proven else None
        deleted = self._deletions.of(found.call_id, seal, sidecar.hash if sidecar and seal else "")
        if deleted is not None:
            yield from self._deleted(found, deleted)
        if sidecar is None or sidecar.call_id != found.call_id:
            return
        key = found.sidecar.removesuffix(".json") + ".key"
        named = {found.sidecar, key, *(file.name for file in sidecar.files)}
        for blob in found.blobs:
            if blob.name not in named:
                yield Finding(
                    "unnamed", f"{blob.name} is not named by its sidecar.", State.UNKNOWN, blob.name
                )
        if any(blob.name == key for blob in found.blobs):
            if wrong := check_key(self._target, key, found.call_id):
                yield wrong
        elif sidecar.encrypted and deleted is None:
            yield from self._without_key(key)

    def _deleted(self, found: Found, deleted: Deleted) -> Iterator[Finding]:
        if readable(self._target, found.blobs):
            yield lies_here(deleted)
        else:
            self._closed += 1

    def _without_key(self, key: str) -> Iterator[Finding]:
        if self._has_keys is None:
            # Media that cannot delete get neither keys nor a list.
            keys = (blob.name.endswith(".key") and call_of(blob.name) for blob in self._target.list())
            self._has_keys = self._target.stat(MANIFEST) is not None or any(keys)
        if self._has_keys:
            text = f"{key} is not there, and without it nobody opens the call from this medium."
            yield Finding("keyless", text, State.UNKNOWN, key)
        else:
            self._keyless += 1

    def _stray(self, day: str, found: Found) -> None:
        """Blobs of a call without a description."""
        ids = calls_of(found.blobs[0].name)
        deleted = next((one for one in map(self._deletions.of, ids) if one is not None), None)
        if deleted is not None:
            findings = tuple(self._deleted(found, deleted))
        elif any(self._target.stat(f"{day}/{call_id}.json") is not None for call_id in ids):
            return  # It came behind its blobs, as ever, while they were being listed.
        else:
            text = (
                "{} lies here, and no sidecar names it: it was on its way, was put here, or lost its sidecar."
            )
            findings = tuple(
                Finding("unnamed", text.format(blob.name), State.UNKNOWN, blob.name) for blob in found.blobs
            )
        if findings:
            self._report.add(CallVerdict(found.call_id, self._name, findings))

    def _judged(self, day: str, verdict: CallVerdict, sidecar: Sidecar) -> CallVerdict:
        """Of a call without a seal: was its recorder's work sealed before it?"""
        try:
            call = read_call(sidecar.description)
        except DamagedSidecar:
            return verdict
        since = self._since.get(call.recorder)
        if since is None or (since.day > day and since.at > call.start):
            return verdict
        text = "It bears no seal, though earlier calls of its recorder do: its seal was taken off."
        findings = (
            Finding("unsealed", text) if finding.code == "unsealed" else finding
            for finding in verdict.findings
        )
        return replace(verdict, findings=tuple(findings))

    def _remarks(self) -> Iterator[Finding]:
        yield from page_findings(self._target)
        if self._keyless:
            text = (
                f"{self._keyless:,} encrypted calls, and not one key: nobody opens them from this medium. So "
                "it is, by design, on media that cannot delete (write_once); elsewhere the keys were removed."
            )
            yield Finding("keyless", text, State.INTACT)
        if self._closed:
            text = (
                f"{self._closed:,} deleted calls lie here as ciphertext without a key, which nobody can "
                "open. So they are erased on media that cannot delete."
            )
            yield Finding("erased-closed", text, State.INTACT)
