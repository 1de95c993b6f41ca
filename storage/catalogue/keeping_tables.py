"""The tables of what keeps recordings: keys, seals, copies to make and to remove, holds, rules, long work."""

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

call_keys = Table(
    "call_keys",
    metadata,
    call_key(),
    Column("master", String(64), nullable=False, index=True),
    Column("document", Text, nullable=False),
)
"""The wrapped data key of each encrypted call; ``master`` is the id of the master key that wraps it."""

seals = Table(
    "seals",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("call_id", String(64), nullable=False, index=True),
    Column("hash", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("at", Moment, nullable=False),
)
"""The chain of seals of each signing key. Without a foreign key: it outlives the calls that it names."""

call_tags = Table(
    "call_tags",
    metadata,
    call_key(),
    Column("tag", String(64), primary_key=True, index=True),
    Column("by", String(200), nullable=False),
    Column("at", Moment, nullable=False),
)

followers = Table(
    "followers",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
)
"""How far those who follow the change feed and keep their place here have come. Names that begin with
``time of`` follow time: their positions are seconds since 1970. With ``clock behind`` begins what
``setbacks`` keeps."""

copy_tasks = Table(
    "copy_tasks",
    metadata,
    call_key(),
    Column("target", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    Column("not_before", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=text("''")),
    Column("claimed_by", String(64), nullable=False, server_default=text("''")),
    Column("claimed_at", Moment),
    Index(None, "target", "priority", "not_before"),
)
"""Calls that a target shall hold and does not hold yet: the backlog. Lower priorities come first; who claims
a task says so again and again as long as it works on it."""

removals = Table(
    "removals",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("target", String(64), primary_key=True),
    Column("names", Text, nullable=False),
    Column("cause", Text, nullable=False, server_default=text("''")),
    Column("by", String(200), nullable=False, server_default=text("''")),
    Column("encrypted", Boolean, nullable=False, server_default=text("false")),
    Column("since", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=text("''")),
    Index(None, "target", "not_before"),
)
"""Blobs that a target holds still and shall not. ``names`` is a JSON list; ``cause`` says why the call was
deleted and ``by`` by whom, both empty where only these blobs go; ``encrypted`` whether its key is erased."""

holds = Table(
    "holds",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("criteria", Text, nullable=False),
    Column("placed_by", String(200), nullable=False),
    Column("placed_at", Moment, nullable=False),
    Column("release_asked_by", String(200), nullable=False, server_default=text("''")),
    Column("release_asked_at", Moment),
    Column("release_reason", Text, nullable=False, server_default=text("''")),
    Column("released_by", String(200), nullable=False, server_default=text("''")),
    Column("released_at", Moment),
)

hold_calls = Table(
    "hold_calls",
    metadata,
    Column("hold_id", String(64), ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
    Column("call_id", String(64), primary_key=True, index=True),
)
"""The calls that a hold names one by one, besides those that meet its criteria."""

retention_rules = Table(
    "retention_rules",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("criteria", Text, nullable=False),
    Column("keep_days", Integer),
    Column("proposed_by", String(200), nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("approved_by", String(200), nullable=False, server_default=text("''")),
    Column("approved_at", Moment),
    Column("retirement_asked_by", String(200), nullable=False, server_default=text("''")),
    Column("retirement_asked_at", Moment),
    Column("retired_by", String(200), nullable=False, server_default=text("''")),
    Column("retired_at", Moment),
)
"""``keep_days`` is NULL where a rule keeps for ever."""

erasures = Table(
    "erasures",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("call_ids", Text, nullable=False),
    Column("requested_by", String(200), nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("decided_by", String(200), nullable=False, server_default=text("''")),
    Column("decided_at", Moment),
    Column("approved", Boolean),
    Column("done_at", Moment),
)
"""Requests to erase calls before their time. ``call_ids`` is a JSON list."""

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("target", String(64), nullable=False),
    Column("started", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("ended", Moment),
    Column("state", String(16), nullable=False),
    Column("done", BigInteger, nullable=False, server_default=text("0")),
    Column("total", BigInteger),
    Column("bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("message", Text, nullable=False, server_default=text("''")),
    Column("report", Text, nullable=False, server_default=text("'{}'")),
    Column("asked_by", String(200), nullable=False, server_default=text("''")),
    Column("stop_asked_by", String(200), nullable=False, server_default=text("''")),
    Index(None, "kind", "started"),
)
"""Long work on the archive: backups, scrubs, retention, verification. ``seen`` is its last sign of life."""

target_states = Table(
    "target_states",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("detail", Text, nullable=False, server_default=text("''")),
    Column("since", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("free", BigInteger),
    Column("total", BigInteger),
    Column("bytes_per_second", Float),
    Column("next_run", Moment),
)
"""How each archive target was when it was last looked at."""
