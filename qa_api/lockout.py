"""Slows down guessing of passwords, by user name and by address. Time is an argument.

Every attempt counts as failed when it begins, so that attempts at the same moment cannot slip through
together; a success takes it back and forgives the user name, not the address. Attempts that come during
a lock-out are refused without counting: who guesses cannot keep a user out for longer than ``longest``.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from qa_api.errors import LockedOut


@dataclass(frozen=True, slots=True)
class Allowance:
    """``free`` failures without delay; then ``first``, doubled by each further failure, up to ``longest``.

    Failures are forgotten when none came for ``memory``.
    """

    free: int
    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=15)
    memory: timedelta = timedelta(hours=1)

    def delay(self, failures: int) -> timedelta:
        """How long to wait after so many failures."""
        over = failures - self.free
        if over < 0:
            return timedelta(0)
        return min(self.first * (1 << min(over, 20)), self.longest)


@dataclass(slots=True)
class _Record:
    failures: int
    last: datetime
    announced: bool = False


class Lockout:
    """Counts failures of user names and addresses; at most ``capacity`` of each are remembered."""

    def __init__(
        self,
        user: Allowance = Allowance(free=5),
        address: Allowance = Allowance(free=20),
        capacity: int = 10_000,
    ) -> None:
        self._allowances = (user, address)
        self._records: tuple[OrderedDict[str, _Record], ...] = (OrderedDict(), OrderedDict())
        self._capacity = capacity
        self._lock = Lock()

    def begin(self, user: str, address: str, now: datetime) -> None:
        """Note an attempt; raises ``LockedOut`` with the seconds to wait when it may not be made."""
        with self._lock:
            keys = (user.casefold(), address)
            wait = max(map(self._wait, self._allowances, self._records, keys, (now, now)))
            if wait > timedelta(0):
                seconds = -(-wait // timedelta(seconds=1))
                raise LockedOut(f"Too many attempts. Wait {seconds} s and try again.", retry_after=seconds)
            for records, key in zip(self._records, keys, strict=True):
                self._count(records, key, now)

    def announces(self, user: str, address: str, now: datetime) -> bool:
        """Whether a refusal is the first of its lock-out, which is then known: one trace for each of them."""
        with self._lock:
            keys = (user.casefold(), address)
            waits = map(self._wait, self._allowances, self._records, keys, (now, now))
            locking = [
                records[key]
                for records, key, wait in zip(self._records, keys, waits, strict=True)
                if wait > timedelta(0)
            ]
            news = any(not record.announced for record in locking)
            for record in locking:
                record.announced = True
        return news

    def succeeded(self, user: str, address: str) -> None:
        """The attempt that began was right: the user name is forgiven, the address gets this one back."""
        users, addresses = self._records
        with self._lock:
            users.pop(user.casefold(), None)
            record = addresses.get(address)
            if record:
                record.failures -= 1

    def _wait(
        self, allowance: Allowance, records: OrderedDict[str, _Record], key: str, now: datetime
    ) -> timedelta:
        record = records.get(key)
        if record is None:
            return timedelta(0)
        if now - record.last >= allowance.memory:
            del records[key]
            return timedelta(0)
        return record.last + allowance.delay(record.failures) - now

    def _count(self, records: OrderedDict[str, _Record], key: str, now: datetime) -> None:
        record = records.setdefault(key, _Record(0, now))
        record.failures += 1
        record.last = now
        record.announced = False
        records.move_to_end(key)
        while len(records) > self._capacity:
            records.popitem(last=False)
