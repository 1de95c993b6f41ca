"""From the catalogue to the index: follows the change feed, and rebuilds.

The index keeps, with every commit, the position of the feed that it has come to. What was not committed when
the process died is read again; applying a change twice changes nothing. The state of a call is read from the
catalogue, not from the feed, so that several changes of one call cost one document.
"""

import threading
from collections.abc import Callable, Iterable, Sequence

import structlog

from indexer.document import NO_TEAM, SearchDocument, Team, document
from indexer.engine import Engine, Renewable
from indexer.errors import IndexUnusable
from storage.catalogue import Catalogue, CatalogueCall

BATCH = 500
REBUILD_BATCH = 10_000
"""Changes in one commit. Calls are read from the catalogue ``BATCH`` at a time."""
PAUSE_SECONDS = 0.25
_log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Told how far a rebuild has come: position reached, position to reach."""


class Sync:
    """Keeps ``engine`` level with ``catalogue``. For one thread."""

    def __init__(self, catalogue: Catalogue, engine: Renewable) -> None:
        self._catalogue = catalogue
        self._engine = engine

    def place(self) -> int:
        """The position of the change feed that the index has come to."""
        return self._engine.checkpoint()

    def run_once(self, limit: int = BATCH) -> int:
        """Apply at most ``limit`` changes, and return how many; 0 where the index is level.

        An index that is damaged, or that knows more than the catalogue (which then was restored from an
        older copy), is begun anew.
        """
        try:
            reason = self._stale()
            if not reason:
                return self._advance(self._engine, limit)
        except IndexUnusable as error:
            reason = str(error)
        _log.warning("index.rebuilding", reason=reason)
        self._engine.start_over()
        return self._advance(self._engine, limit)

    def follow(self, stop: threading.Event) -> None:
        """Apply changes as they come until ``stop`` is set; a new call is findable within a second."""
        while not stop.is_set():
            if self.run_once() == 0:
                stop.wait(PAUSE_SECONDS)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Build a new index beside the one in force, then put it in force; return the calls in it.

        Searches go on in the old one, which is kept level meanwhile. A rebuild that was interrupted goes on
        where it was.
        """
        successor = self._engine.successor()
        while self._advance(successor, REBUILD_BATCH):
            self.run_once()
            if progress is not None:
                progress(successor.checkpoint(), self._catalogue.changes.position())
        self._engine.adopt(successor)
        return self._catalogue.calls.count()

    def _stale(self) -> str:
        if not self._engine.sound():
            return "the index is damaged"
        if self._engine.checkpoint() > self._catalogue.changes.position():
            return "the catalogue is older than the index"
        return ""

    def _advance(self, engine: Engine, limit: int) -> int:
        changes = self._catalogue.changes.after(engine.checkpoint(), limit)
        if changes:
            ids = list(dict.fromkeys(change.call_id for change in changes))
            for at in range(0, len(ids), BATCH):
                self._apply(engine, ids[at : at + BATCH])
            engine.commit(changes[-1].position)
        return len(changes)

    def _apply(self, engine: Engine, ids: Sequence[str]) -> None:
        calls = self._catalogue.calls.get_many(ids)
        engine.delete(set(ids) - {item.call.id for item in calls})
        engine.add(self._documents(calls))

    def _documents(self, calls: Sequence[CatalogueCall]) -> Iterable[SearchDocument]:
        agents = self._catalogue.agents.get_many(sorted({item.call.agent for item in calls} - {""}))
        teams = {team.id: Team(team.id, team.name) for team in self._catalogue.teams.all()}
        for item in calls:
            agent = agents.get(item.call.agent)
            yield document(
                item.call,
                agent_name=agent.name if agent else "",
                team=teams.get(item.team, NO_TEAM) if item.team else NO_TEAM,
                released=item.released_at is not None,
                tags=item.tags,
            )
