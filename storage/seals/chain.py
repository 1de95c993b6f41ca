"""The chains of the seals that were seen: do they follow one another, and is any missing? Pure."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from storage.seals.statement import GENESIS, Seal, SealPlace
from storage.seals.verdict import ChainVerdict, Finding, State

_MOST_GAPS = 1000


@dataclass(slots=True)
class _Chain:
    known: dict[int, str] = field(default_factory=dict)
    """Hashes by number, of seals that were seen or that others speak of."""
    previous: dict[int, str] = field(default_factory=dict)
    twice: set[int] = field(default_factory=set)
    newest: datetime | None = None


class Chains:
    """Gathers seals whose signatures hold, and deletions; then judges each chain."""

    def __init__(self) -> None:
        self._chains: dict[str, _Chain] = defaultdict(_Chain)

    def add(self, seal: Seal, seal_hash: str) -> None:
        """A seal that a call bears, and those that it took the place of."""
        chain = self._chains[seal.chain]
        chain.previous[seal.number] = seal.previous
        chain.newest = max(chain.newest or seal.at, seal.at)
        self._note(SealPlace(chain=seal.chain, number=seal.number, hash=seal_hash))
        for place in seal.supersedes:
            self._note(place)

    def explain(self, place: SealPlace) -> None:
        """A seal that is no longer there, and why is known."""
        self._note(place)

    def verdicts(self, target: str = "") -> list[ChainVerdict]:
        """One for each chain, by id."""
        return [self._verdict(name, chain, target) for name, chain in sorted(self._chains.items())]

    def _note(self, place: SealPlace) -> None:
        chain = self._chains[place.chain]
        if chain.known.setdefault(place.number, place.hash) != place.hash:
            chain.twice.add(place.number)

    def _verdict(self, name: str, chain: _Chain, target: str) -> ChainVerdict:
        last = max(chain.known)
        findings = []
        for number in sorted(chain.previous):
            before = GENESIS if number == 1 else chain.known.get(number - 1)
            if before is not None and before != chain.previous[number] and number - 1 not in chain.twice:
                findings.append(Finding("link", f"Seal {number} does not follow seal {number - 1}."))
        for number in sorted(chain.twice):
            text = (
                f"Two different seals bear the number {number}: a call was being revised, or one is not real."
            )
            findings.append(Finding("twice", text, State.UNKNOWN))
        missing = _gaps(chain.known, last)
        if missing:
            count = sum(end - start + 1 for start, end in missing)
            text = (
                f"{count:,} of {last:,} seals are not here: calls that never came here, or that were removed "
                "without a record."
            )
            findings.append(Finding("gap", text, State.UNKNOWN))
        return ChainVerdict(name, target, last, tuple(findings), missing[:_MOST_GAPS], chain.newest)


def _gaps(known: dict[int, str], last: int) -> tuple[tuple[int, int], ...]:
    gaps, expected = [], 1
    for number in sorted(known):
        if number > expected:
            gaps.append((expected, number - 1))
        expected = number + 1
    return tuple(gaps) if last else ()
