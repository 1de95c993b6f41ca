"""``earwitness hold``: legal holds, which nothing that they cover is deleted under."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from earwitness.cli import people, tables
from earwitness.cli.acting import AsOption, FromInput, WhereOption, acting, criteria, deed, described
from earwitness.cli.counting import counted
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from qa_api.permissions import Action

if TYPE_CHECKING:
    from storage.retention.holds import Hold, Holds

app = typer.Typer(help="Legal holds: what they cover is never deleted.", no_args_is_help=True)

HoldId = Annotated[str, typer.Argument(metavar="HOLD", help="Id of a hold, as `earwitness hold list` shows.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


@app.command("list")
def show(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Show all holds, latest first."""
    from storage.model import rfc3339
    from storage.retention.holds import Holds

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        found = [
            {
                "id": hold.id,
                "name": hold.name,
                "state": hold.state.value,
                "reason": hold.reason,
                "calls": described(catalogue, hold.criteria),
                "named": hold.named,
                "placed_by": hold.placed_by,
                "placed_at": rfc3339(hold.placed_at),
                "release_asked_by": hold.release_asked_by,
                "released_by": hold.released_by,
            }
            for hold in Holds(catalogue).all()
        ]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    columns = (
        "id",
        "name",
        "state",
        "calls",
        "named",
        "placed_by",
        "release_asked_by",
        "released_by",
        "reason",
    )
    tables.show(columns, ([str(each[column]) for column in columns] for each in found))


@app.command("place")
def place(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    name: Annotated[str, typer.Argument(help="Name of the hold.")],
    reason: Reason,
    by: AsOption,
    calls: Annotated[list[str] | None, typer.Option("--call", help="Id of a call; repeatable.")] = None,
    where: WhereOption = None,
    every: Annotated[bool, typer.Option("--every-call", help="Hold every call, now and later.")] = False,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Hold calls that are named, and those that meet criteria, later ones too. Prints the id of the hold."""
    from storage.retention.holds import Holds

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        user = acting(catalogue, by, Action.RETENTION_REQUEST, from_input=from_input)
        stated = criteria(catalogue, where or []) if where or every else None
        after = {
            "name": name,
            "criteria": stated and stated.given(),
            "calls": calls or [],
        }
        with deed(catalogue, user, "hold.place", ("hold", ""), reason=reason, after=after):
            hold = Holds(catalogue).place(
                name, reason, by=user, now=datetime.now(UTC), criteria=stated, call_ids=calls or []
            )
        # Said before all calls are walked: the hold stands, whatever becomes of that.
        typer.echo(hold.id)
        idle = stated is not None and not any(map(stated.met_by, catalogue.calls.iterate()))
    if idle:
        typer.echo(
            "None of the calls that are here now meets the criteria; later ones that do are held. Is there a "
            "slip in them? `earwitness hold list` shows them.",
            err=True,
        )


@app.command("add")
def add(
    hold_id: HoldId,
    calls: Annotated[list[str], typer.Argument(metavar="CALL...", help="Ids of calls.")],
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Hold more calls."""
    places = (config, assignments, data)
    _step(places, by, "add", hold_id, lambda holds, *_: holds.add_calls(hold_id, calls), from_input)


@app.command("ask-release")
def ask_release(
    hold_id: HoldId,
    reason: Reason,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Ask that a hold be released; it holds until another person does so."""
    places = (config, assignments, data)

    def ask(holds: "Holds", user: str, now: datetime) -> "Hold":
        return holds.ask_release(hold_id, reason, user, now)

    _step(places, by, "ask-release", hold_id, ask, from_input)


@app.command("release")
def release(
    hold_id: HoldId,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Release a hold, as another person than who asked for it."""
    places = (config, assignments, data)

    def let_go(holds: "Holds", user: str, now: datetime) -> "Hold":
        return holds.release(hold_id, user, now)

    _step(places, by, "release", hold_id, let_go, from_input, Action.RETENTION_APPROVE)


@app.command("keep")
def keep(
    hold_id: HoldId,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Let a hold stand of which somebody asked the release."""
    places = (config, assignments, data)
    _step(places, by, "keep", hold_id, lambda holds, *_: holds.keep(hold_id), from_input)


def _step(
    places: tuple[Any, Any, Any],
    by: str,
    name: str,
    hold_id: str,
    take: "Callable[[Holds, str, datetime], Hold]",
    from_input: bool,
    action: Action = Action.RETENTION_REQUEST,
) -> None:
    from storage.retention.holds import Holds

    settings = settings_from(*places).settings
    with people.existing(settings) as catalogue:
        user = acting(catalogue, by, action, from_input=from_input)
        holds = Holds(catalogue)
        before = {"name": holds.get(hold_id).name, "state": holds.get(hold_id).state.value}
        with deed(catalogue, user, f"hold.{name}", ("hold", hold_id), before=before):
            hold = take(holds, user, datetime.now(UTC))
    typer.echo(f"{hold.name}: {hold.state}, {counted(hold.named, 'call', 'calls')} named.", err=True)
