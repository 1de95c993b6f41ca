"""The tables of calls, people and the audit chain. ``migrations/`` makes them; a test holds both together.

``calls.document`` is the whole ``Call``; the columns beside it and the tables of legs and parties repeat it
to select by, with texts cut to 255 characters: the wire sends them of any length.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from storage.catalogue.columns import Moment, call_key, metadata

teams = Table(
    "teams",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
)

agents = Table(
    "agents",
    metadata,
    Column("extension", String(64), primary_key=True),
    Column("number", String(64), nullable=False, default="", index=True),
    Column("name", String(200), nullable=False, default=""),
    Column("team_id", String(64), ForeignKey("teams.id", ondelete="SET NULL"), index=True),
)

calls = Table(
    "calls",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("start", Moment, nullable=False),
    Column("answered", Moment),
    Column("end", Moment, nullable=False),
    Column("duration", Float, nullable=False),
    Column("direction", String(16), nullable=False),
    Column("from", String(255), nullable=False),
    Column("to", String(255), nullable=False),
    Column("from_e164", String(32), nullable=False, server_default=text("''")),
    Column("to_e164", String(32), nullable=False, server_default=text("''")),
    Column("agent", String(255), nullable=False),
    Column("team_id", String(64), ForeignKey("teams.id", ondelete="SET NULL")),
    Column("state", String(16), nullable=False),
    Column("codecs", String(255), nullable=False),
    Column("unrecorded_seconds", Float, nullable=False),
    Column("recorder", String(255), nullable=False),
    Column("recording_path", Text),
    Column("recording_format", String(16)),
    Column("recording_seconds", Float),
    Column("recording_bytes", BigInteger),
    Column("recording_sha256", String(64)),
    Column("released_at", Moment),
    Column("document", Text, nullable=False),
    Index(None, "start", "id"),
    Index(None, "agent", "start"),
    Index(None, "team_id", "start"),
)

legs = Table(
    "legs",
    metadata,
    call_key(),
    Column("position", Integer, primary_key=True),
    Column("id", String(255), nullable=False),
    Column("sip_call_id", String(255), nullable=False),
    Column("from", String(255), nullable=False),
    Column("to", String(255), nullable=False),
    Column("start", Moment, nullable=False),
    Column("answered", Moment),
    Column("end", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("cause", Integer),
)

parties = Table(
    "parties",
    metadata,
    call_key(),
    Column("position", Integer, primary_key=True),
    Column("side", String(1), nullable=False),
    Column("name", String(255), nullable=False),
    Column("number", String(255), nullable=False),
    Column("codec", String(255), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("unrecorded_seconds", Float, nullable=False),
)

copies = Table(
    "copies",
    metadata,
    call_key(),
    Column("target", String(64), primary_key=True),
    Column("name", String(1000), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("checked", Moment),
    Column("condition", String(16), nullable=False, server_default=text("'good'")),
    Index(None, "target", "checked"),
    Index(None, "target", "at", "call_id"),
    # Over ``condition <> 'good'`` alone. To say so here would load each kind of database for every command.
    Index("ix_copies_bad", "target", "call_id"),
)
"""``bytes`` and ``sha256`` are of the blob as it lies on the target, which may be encrypted. ``checked`` is
when it was last read back, ``condition`` what that showed: ``good``, ``damaged`` or ``missing``."""

heads = Table(
    "heads",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""The last position of each append-only table. A writer locks its row first, so that positions become visible
in their order and without holes on every database; sequences promise neither."""

changes = Table(
    "changes",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("call_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
)
"""What happened to calls, in order. Without a foreign key: a deleted call leaves its last change here."""

users = Table(
    "users",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("username", String(200), nullable=False, unique=True),
    Column("display_name", String(200), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("sees_numbers", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("failed_attempts", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("created", Moment, nullable=False),
)

user_teams = Table(
    "user_teams",
    metadata,
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("team_id", String(64), ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("address", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("reason_until", Moment),
    Column("created", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("expires", Moment, nullable=False, index=True),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", String(200), nullable=False, index=True),
    Column("address", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("object_kind", String(64), nullable=False),
    Column("object_id", String(255), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "object_kind", "object_id"),
)
