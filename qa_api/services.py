"""What the application is given: everything that it uses, and nothing that it finds by itself."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from indexer.engine import Searching
from qa_api.archive import Archive
from qa_api.backlogs import Backlogs
from qa_api.episodes import Episodes
from qa_api.guesses import NumberGuesses
from qa_api.held_counts import HeldCounts
from qa_api.lockout import Lockout
from qa_api.logs import new_log
from qa_api.metrics import Metrics
from qa_api.page import STATIC
from qa_api.passwords import Passwords
from qa_api.plan import StoragePlan
from qa_api.schemas.system import Part
from storage.catalogue import Catalogue, Held
from storage.clock import utc_now
from storage.copies.choice import Nearness
from storage.scrub.suspicion import look_into
from storage.seals.check import Keys
from storage.targets.contract import Target


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """How long sessions and stated reasons last, and which other origins the page may be served from.

    A session ends after ``idle`` without a request and ``absolute`` after signing in. ``touch`` is how often
    its use is written down. ``origins`` (``https://qa.example.com``) are accepted beside the host that was
    asked: for a proxy that changes the host. ``secure_cookies`` marks the cookie Secure also where the
    request itself came over plain HTTP, from a proxy that speaks TLS outside.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    reason: timedelta = timedelta(hours=1)
    touch: timedelta = timedelta(minutes=1)
    origins: frozenset[str] = frozenset()
    secure_cookies: bool = False


def _nothing_watched() -> Sequence[Part]:
    return ()


def _no_keys() -> Keys:
    return {}


@dataclass(frozen=True, slots=True)
class Services:
    """One application's services.

    ``health`` is asked at every probe, so it answers from memory. ``zone`` is the zone of times in queries
    whose sender names none. ``targets`` are as people read them, decrypted; ``stored`` are the same as they
    are, for seals, whose public keys ``seal_keys`` gives: they are made when the first call is sealed.
    ``nearness`` tells which copies of a call to read first, as it is now.
    """

    catalogue: Catalogue
    engine: Searching
    targets: Mapping[str, Target]
    nearness: Callable[[], Nearness] = Nearness
    sessions: SessionPolicy = SessionPolicy()
    now: Callable[[], datetime] = utc_now
    health: Callable[[], Sequence[Part]] = _nothing_watched
    metrics: Metrics = field(default_factory=lambda: Metrics(CollectorRegistry()))
    metrics_token: str = field(default="", repr=False)
    log: FilteringBoundLogger = field(default_factory=lambda: new_log(sys.stderr))
    passwords: Passwords = field(default_factory=Passwords)
    lockout: Lockout = field(default_factory=Lockout)
    episodes: Episodes = field(default_factory=Episodes)
    guesses: NumberGuesses = field(default_factory=NumberGuesses)
    backlogs: Backlogs = field(default_factory=Backlogs)
    held_counts: HeldCounts = field(default_factory=HeldCounts)
    plan: StoragePlan = field(default_factory=StoragePlan)
    stored: Mapping[str, Target] = field(default_factory=dict)
    seal_keys: Callable[[], Keys] = _no_keys
    static: Path = STATIC
    zone: tzinfo = UTC

    @property
    def archive(self) -> Archive:
        """The targets as the API reads them."""
        return Archive(self.targets, self.nearness(), self._found_altered)

    def _found_altered(self, held: Held) -> None:
        """If it is, it is not read again, and put anew as one that scrubbing found."""
        look_into(self.catalogue, self.stored, held, self.now())
