"""``earwitness search``: calls that fit a query, newest first."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from earwitness.cli import people, tables
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from indexer.durations import clock

if TYPE_CHECKING:
    from indexer.query import Query
    from storage.model import Call


def search(
    words: Annotated[
        list[str] | None,
        typer.Argument(help='As in: agent:8001 number:*1234 after:2026-11-01 duration:>5m "refund"'),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many calls at most.")] = 20,
    whole_numbers: Annotated[bool, typer.Option("--whole-numbers", help="Show numbers unmasked.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Find calls. Without a query: the newest ones."""
    from earwitness import wiring
    from indexer.scope import EVERYTHING
    from qa_api.shown import veiled

    query = understood(" ".join(words or []))
    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        if whole_numbers:
            people.note(catalogue, "call.search", after={"query": str(query)})
        page = wiring.search_reader(settings).search(query, EVERYTHING, limit=limit)
        calls = [found.call for found in catalogue.calls.get_many(page.ids)]
        names = {agent.extension: agent.name for agent in catalogue.agents.all()}
    if not whole_numbers:
        calls = [veiled(call, names) for call in calls]
    if as_json:
        for call in calls:
            typer.echo(call.model_dump_json())
        return
    show(calls, names)
    more = "more than " if page.total_capped else ""
    typer.echo(f"{len(calls)} of {more}{page.total:,}", err=True)


def understood(text: str) -> "Query":
    """The query; where it cannot be understood, says so with a mark under the place, and exits with 2."""
    from indexer.errors import QueryError
    from indexer.language import parse

    now = datetime.now(UTC)
    try:
        return parse(text, now=now, zone=now.astimezone().tzinfo or UTC)
    except QueryError as error:
        mark = " " * error.position + "^" * max(1, error.length)
        typer.echo(f"{text}\n{mark}\nearwitness: {error}", err=True)
        raise typer.Exit(2) from error


def show(calls: "list[Call]", names: dict[str, str]) -> None:
    """A table in local time."""
    rows = [
        (
            f"{call.start.astimezone():%Y-%m-%d %H:%M:%S}",
            call.direction,
            call.from_,
            call.to,
            f"{call.agent} {names.get(call.agent, '')}".strip(),
            call.state,
            clock(call.duration),
            call.id,
        )
        for call in calls
    ]
    tables.show(("start", "direction", "from", "to", "agent", "state", "length", "id"), rows)
