"""What keeps recordings: keys, seals, tags, copies to make and to remove, holds, rules, long work."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.catalogue.columns import Moment

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """To this revision."""
    _erasures()
    _followers()
    _holds()
    _removals()
    _retention_rules()
    _runs()
    _seals()
    _target_states()
    _hold_calls()
    _call_keys()
    _call_tags()
    _copy_tasks()
    _copies()


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("call_ids", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("requested_at", Moment(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("done_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )


def _followers() -> None:
    op.create_table(
        "followers",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_followers")),
    )


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(length=200), nullable=False),
        sa.Column("placed_at", Moment(), nullable=False),
        sa.Column("release_asked_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("release_asked_at", Moment(), nullable=True),
        sa.Column("release_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("released_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("released_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )


def _removals() -> None:
    op.create_table(
        "removals",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("encrypted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("not_before", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "target", name=op.f("pk_removals")),
    )
    with op.batch_alter_table("removals") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_removals_target_not_before"), ["target", "not_before"], unique=False
        )


def _retention_rules() -> None:
    op.create_table(
        "retention_rules",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=True),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("approved_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("approved_at", Moment(), nullable=True),
        sa.Column("retirement_asked_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("retirement_asked_at", Moment(), nullable=True),
        sa.Column("retired_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("retired_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rules")),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("started", Moment(), nullable=False),
        sa.Column("seen", Moment(), nullable=False),
        sa.Column("ended", Moment(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("message", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("report", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("asked_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("stop_asked_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs") as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_kind_started"), ["kind", "started"], unique=False)


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "number", name=op.f("pk_seals")),
    )
    with op.batch_alter_table("seals") as batch_op:
        batch_op.create_index(batch_op.f("ix_seals_call_id"), ["call_id"], unique=False)


def _target_states() -> None:
    op.create_table(
        "target_states",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("seen", Moment(), nullable=False),
        sa.Column("free", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("bytes_per_second", sa.Float(), nullable=True),
        sa.Column("next_run", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_target_states")),
    )


def _hold_calls() -> None:
    op.create_table(
        "hold_calls",
        sa.Column("hold_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["holds.id"], name=op.f("fk_hold_calls_hold_id_holds"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hold_id", "call_id", name=op.f("pk_hold_calls")),
    )
    with op.batch_alter_table("hold_calls") as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_calls_call_id"), ["call_id"], unique=False)


def _call_keys() -> None:
    op.create_table(
        "call_keys",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("master", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_keys_call_id_calls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_keys")),
    )
    with op.batch_alter_table("call_keys") as batch_op:
        batch_op.create_index(batch_op.f("ix_call_keys_master"), ["master"], unique=False)


def _call_tags() -> None:
    op.create_table(
        "call_tags",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_tags_call_id_calls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "tag", name=op.f("pk_call_tags")),
    )
    with op.batch_alter_table("call_tags") as batch_op:
        batch_op.create_index(batch_op.f("ix_call_tags_tag"), ["tag"], unique=False)


def _copy_tasks() -> None:
    op.create_table(
        "copy_tasks",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("claimed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_copy_tasks_call_id_calls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "target", name=op.f("pk_copy_tasks")),
    )
    with op.batch_alter_table("copy_tasks") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_copy_tasks_target_priority_not_before"),
            ["target", "priority", "not_before"],
            unique=False,
        )


def _copies() -> None:
    with op.batch_alter_table("copies") as batch_op:
        batch_op.add_column(sa.Column("checked", Moment(), nullable=True))
        batch_op.add_column(
            sa.Column("condition", sa.String(length=16), server_default=sa.text("'good'"), nullable=False)
        )
        batch_op.create_index(batch_op.f("ix_copies_target_checked"), ["target", "checked"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_copies_target_at_call_id"), ["target", "at", "call_id"], unique=False
        )
    bad = sa.text("condition <> 'good'")
    op.create_index("ix_copies_bad", "copies", ["target", "call_id"], sqlite_where=bad, postgresql_where=bad)
