"""Tables for people."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table


def show(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under bold headings. Texts are shown as they are, without markup."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    # Where nobody looks at it, lines are as long as they need to be: programs cut them by columns.
    width = None if sys.stdout.isatty() else 400
    Console(highlight=False, width=width).print(table)
