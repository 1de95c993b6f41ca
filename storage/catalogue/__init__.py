"""The catalogue: what is known about every call, and who may use the product.

``Catalogue(url)`` is the one door; each attribute of it is a noun with a file of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from storage.catalogue.agents import Agent, Agents
from storage.catalogue.arrivals import Arrival, Arrivals
from storage.catalogue.audit import Audit, AuditEntry, AuditEvent, Verdict
from storage.catalogue.call_keys import CallKeys, KeyRow
from storage.catalogue.call_rows import CatalogueCall, Copy
from storage.catalogue.calls import CallKey, Calls
from storage.catalogue.changes import Change, ChangeKind, Changes
from storage.catalogue.copy_checks import CopyChecks, Held
from storage.catalogue.copy_claims import CopyClaims
from storage.catalogue.copy_task_rows import CopyTask
from storage.catalogue.copy_tasks import CopyTasks
from storage.catalogue.dump import dump
from storage.catalogue.engine import Database, sqlite_url
from storage.catalogue.followers import Followers
from storage.catalogue.heads import Head
from storage.catalogue.load import Loaded, has_rows, load
from storage.catalogue.moments import Moments
from storage.catalogue.removals import Removal, Removals, Waiting
from storage.catalogue.runs import Run, RunKind, Runs, RunState
from storage.catalogue.schema import bring_up_to_date, migrate
from storage.catalogue.seals import SealHead, SealRow, Seals
from storage.catalogue.sessions import Session, Sessions
from storage.catalogue.setbacks import Setback, Setbacks
from storage.catalogue.tags import Tags
from storage.catalogue.target_states import Condition, TargetState, TargetStates
from storage.catalogue.teams import Team, Teams
from storage.catalogue.users import NewUser, User, Users

__all__ = [
    "Agent",
    "Arrival",
    "AuditEntry",
    "AuditEvent",
    "CallKey",
    "Catalogue",
    "CatalogueCall",
    "Change",
    "ChangeKind",
    "Condition",
    "Copy",
    "CopyTask",
    "Head",
    "Held",
    "KeyRow",
    "Loaded",
    "NewUser",
    "Removal",
    "Run",
    "RunKind",
    "RunState",
    "SealHead",
    "SealRow",
    "Session",
    "Setback",
    "TargetState",
    "Team",
    "User",
    "Verdict",
    "Waiting",
    "has_rows",
    "load",
    "migrate",
    "sqlite_url",
]


class Catalogue:
    """A catalogue by URL (``sqlite_url(path)`` for a file), brought to the current schema on opening.

    Safe from several threads, and with other processes at the same database. Every method is one
    transaction. Raises ``CatalogueTooNew``, ``CatalogueError`` or ``DiskFull``, here and in every method.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        try:
            bring_up_to_date(self._database)
        except BaseException:
            self._database.close()
            raise
        self.calls = Calls(self._database)
        self.arrivals = Arrivals(self._database)
        self.changes = Changes(self._database)
        self.keys = CallKeys(self._database)
        self.seals = Seals(self._database)
        self.tags = Tags(self._database)
        self.teams = Teams(self._database)
        self.agents = Agents(self._database)
        self.users = Users(self._database)
        self.sessions = Sessions(self._database)
        self.audit = Audit(self._database)
        self.removals = Removals(self._database)
        self.copy_checks = CopyChecks(self._database)
        self.copy_tasks = CopyTasks(self._database)
        self.copy_claims = CopyClaims(self._database)
        self.followers = Followers(self._database)
        self.moments = Moments(self._database)
        self.setbacks = Setbacks(self._database)
        self.runs = Runs(self._database)
        self.target_states = TargetStates(self._database)

    def dump(self, now: datetime) -> Iterator[bytes]:
        """Everything in it, as one state, for ``load`` into an empty database of any kind; gzip."""
        return dump(self._database, now)

    @contextmanager
    def held(self) -> Iterator[None]:
        """As long as this is entered, nothing else can write to a catalogue in a file; readers go on."""
        with self._database.write():
            yield

    @property
    def database(self) -> Database:
        """For the nouns of this room that have folders of their own."""
        return self._database

    def close(self) -> None:
        """Close the connections; the catalogue cannot be used after it."""
        self._database.close()
