"""Pairs of streams that carry the same, by each of the two: there are many, and few are of one call."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Pair = tuple[int, int]


@dataclass(slots=True)
class Pairs:
    """Each pair once, however often it is added."""

    _by_stream: dict[int, set[Pair]] = field(default_factory=dict)

    def add(self, pair: Pair) -> None:
        """Both streams of the pair carry the same."""
        for stream in pair:
            self._by_stream.setdefault(stream, set()).add(pair)

    def of(self, stream: int) -> Iterable[Pair]:
        """The pairs of a stream."""
        return self._by_stream.get(stream, ())

    def forget(self, stream: int) -> Iterable[Pair]:
        """Answer the pairs of a stream, which go."""
        gone = self._by_stream.pop(stream, set())
        for pair in gone:
            other = pair[1] if pair[0] == stream else pair[0]
            left = self._by_stream[other]
            left.discard(pair)
            if not left:
                del self._by_stream[other]
        return gone
