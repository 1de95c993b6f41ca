"""One blob, read out of whichever of its copies can be: the next one goes on where one fails."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from storage.catalogue.call_rows import Copy
from storage.copies.choice import Nearness, choose, passed_over
from storage.errors import Altered, Mismatch, NoCopyReadable, NotStored, TargetError, Undecipherable
from storage.targets.contract import Target
from storage.targets.timely import TimelyTarget

SECONDS = 4.0
"""For so long each answer is waited for where another copy may be read, if its target can be given up."""
_OF_THE_COPY = (Mismatch, Undecipherable)
"""What says something of the copy that is read, and not of its target."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a blob is as people read it: its length in bytes, and its SHA-256 as lower-case hex."""

    bytes: int
    sha256: str


class CopyReader:
    """Reads the blob ``name`` of which ``copies`` are known, all of the same contents; others are ignored.

    ``targets`` are as they are to be read: through the keys of the calls where people read. ``expected`` is
    what the blob then is; without it only its presence is asked for. A copy that fails is not tried again;
    ``found_altered`` is told of one that is cut, has other contents or does not open with its key. With a
    wrong key all copies are so: it has to look at what is stored.

    For one reader at a time. Every method raises ``NoCopyReadable`` where no copy is left, and lets
    ``KeyUnusable`` through: no other copy has another key.
    """

    def __init__(
        self,
        name: str,
        copies: Iterable[Copy],
        targets: Mapping[str, Target],
        near: Nearness,
        expected: Contents | None = None,
        found_altered: Callable[[Copy], None] = lambda _: None,
    ) -> None:
        known = [copy for copy in copies if copy.name == name]
        self.name = name
        self._targets = targets
        self._expected = expected
        self._found_altered = found_altered
        self._left = list(choose(known, targets, near))
        self._seen = False
        self._passed_over = passed_over(known, targets)
        self.troubles: dict[str, str] = {}
        """What was met with the copies that were tried and are not read any more, by target, in sentences."""

    def copy(self) -> Copy:
        """The copy that is read: the first that is there and as long as it should be. Asks its target once,
        and no other one before this fails."""
        while self._left:
            if self._seen:
                return self._left[0]
            try:
                self._look(self._left[0])
                self._seen = True
            except TargetError as error:
                copy = self._left[0]
                self._give_up(error)
                self._tell(copy, error)
        raise NoCopyReadable(self.name, self._passed_over | self.troubles)

    def chunks(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start``, at most ``length`` of them. A copy that fails before the first of them is
        passed over at once, one that fails later is followed by the same bytes of the next.

        Of a whole blob with another SHA-256 the last chunk is never given. Where it is the only one, the next
        copy is read; else ``Altered`` is raised, as what was given may be wrong, and whoever can begin again
        gets the next copy.
        """
        if self._expected is not None:
            left = max(0, self._expected.bytes - start)
            length = left if length is None else min(length, left)
        stream = self._chunks(start, length)
        return chain([next(stream, b"")], stream)

    def next_copy(self, error: TargetError) -> None:
        """What came of this copy is no good, as ``error`` says: the next one is read from now on."""
        if self._left:
            self._give_up(error)

    def _chunks(self, start: int, length: int | None) -> Iterator[bytes]:
        proof = self._proof(start, length)
        while True:
            copy = self.copy()
            try:
                for chunk in self._target(copy).get(self.name, start, length):
                    proof.take(chunk, last=len(chunk) == length)
                    start += len(chunk)
                    length = None if length is None else length - len(chunk)
                    yield chunk
                if length and self._expected is not None:
                    raise Mismatch(f"{self.name} ends {length:,} bytes before it should.")
            except Altered as error:
                self._give_up(error)
                if proof.of_one_copy:
                    self._found_altered(copy)
                if not proof.begin_again():
                    raise
            except TargetError as error:
                self._give_up(error)
                self._tell(copy, error)
                proof.go_on()
            else:
                return

    def _proof(self, start: int, length: int | None) -> "_Proof":
        if self._expected is None or (start, length) != (0, self._expected.bytes):
            return _Proof(self.name, "")
        return _Proof(self.name, self._expected.sha256)

    def _look(self, copy: Copy) -> None:
        found = self._target(copy).stat(self.name)
        if found is None:
            raise NotStored(self.name)
        if self._expected is not None and found.bytes != self._expected.bytes:
            raise Mismatch(f"{self.name} has {found.bytes:,} bytes and should have {self._expected.bytes:,}.")

    def _target(self, copy: Copy) -> Target:
        """Where the copy lies. While there is another one to go on with, an answer is not waited for long."""
        target = self._targets[copy.target]
        if len(self._left) > 1 and isinstance(target, TimelyTarget):
            return target.within(SECONDS)
        return target

    def _tell(self, copy: Copy, error: TargetError) -> None:
        if isinstance(error, _OF_THE_COPY):
            self._found_altered(copy)

    def _give_up(self, error: TargetError) -> None:
        self.troubles[self._left.pop(0).target] = str(error)
        self._seen = False


class _Proof:
    """Takes what is given out of a blob and compares the whole with ``sha256``, which is empty for a part."""

    def __init__(self, name: str, sha256: str) -> None:
        self._name = name
        self._sha256 = sha256
        self._digest = hashlib.sha256()
        self._given = False
        self.of_one_copy = True
        """Whether all that was given is of the copy that is read now."""

    def take(self, chunk: bytes, *, last: bool) -> None:
        """The chunk is given out unless this raises ``Altered``."""
        if self._sha256:
            self._digest.update(chunk)
            if last and self._digest.hexdigest() != self._sha256:
                raise Altered(self._name)
        self._given = True

    def go_on(self) -> None:
        """Another copy goes on where this one broke."""
        self.of_one_copy = not self._given

    def begin_again(self) -> bool:
        """Whether another copy can take the place of this one, as nothing was given out."""
        self._digest = hashlib.sha256()
        return not self._given
