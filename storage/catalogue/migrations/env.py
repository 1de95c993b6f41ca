"""Alembic runs this for every command; the connection comes from ``storage.catalogue.schema``."""

from typing import Any, Literal

from alembic import context

from storage.catalogue import keeping_tables, tables  # noqa: F401
from storage.catalogue.columns import Moment, metadata


def _render(kind: str, item: Any, _: object) -> str | Literal[False]:
    return "Moment()" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_render,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
