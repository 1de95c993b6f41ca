"""Numbers in their international form."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """To this revision. Calls that were recorded before have none."""
    with op.batch_alter_table("calls") as batch_op:
        for name in ("from_e164", "to_e164"):
            batch_op.add_column(
                sa.Column(name, sa.String(length=32), nullable=False, server_default=sa.text("''"))
            )
