"""Who is signed in. The catalogue keeps the hash of a token and never sees the token."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from storage.catalogue.engine import Database
from storage.catalogue.tables import sessions


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one user. ``reason`` says why calls are looked at, in force until ``reason_until``."""

    token_hash: str
    user_id: str
    address: str
    created: datetime
    seen: datetime
    expires: datetime
    reason: str = ""
    reason_until: datetime | None = None


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, token_hash: str, user_id: str, *, address: str, now: datetime, expires: datetime
    ) -> Session:
        """Begin a session."""
        session = Session(token_hash, user_id, address, created=now, seen=now, expires=expires)
        with self._database.write() as connection:
            connection.execute(
                insert(sessions).values(
                    {column.name: getattr(session, column.name) for column in sessions.columns}
                )
            )
        return session

    def get(self, token_hash: str, now: datetime) -> Session | None:
        """The session with this token, None where it has expired or never was."""
        query = select(sessions).where(sessions.c.token_hash == token_hash, sessions.c.expires > now)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return Session(**row) if row else None

    def touch(self, token_hash: str, now: datetime) -> None:
        """Note that the session was used. A write to the disk: once a minute is enough."""
        self._set(token_hash, seen=now)

    def state_reason(self, token_hash: str, reason: str, until: datetime) -> None:
        """Keep why calls are looked at."""
        self._set(token_hash, reason=reason, reason_until=until)

    def end(self, token_hash: str) -> bool:
        """End the session; False where it had ended."""
        with self._database.write() as connection:
            query = delete(sessions).where(sessions.c.token_hash == token_hash)
            return connection.execute(query).rowcount == 1

    def end_all(self, user_id: str, *, but: str = "") -> int:
        """End the sessions of a user, all ``but`` the one with this token hash; return how many ended."""
        query = delete(sessions).where(sessions.c.user_id == user_id, sessions.c.token_hash != but)
        with self._database.write() as connection:
            return connection.execute(query).rowcount

    def sweep(self, now: datetime, idle_since: datetime) -> int:
        """Remove the sessions that expired or were not used since ``idle_since``; return how many."""
        old = (sessions.c.expires <= now) | (sessions.c.seen < idle_since)
        with self._database.write() as connection:
            return connection.execute(delete(sessions).where(old)).rowcount

    def _set(self, token_hash: str, **values: object) -> None:
        with self._database.write() as connection:
            connection.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(**values))
