"""``earwitness erase``: calls that go before their time, by two people."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from earwitness.cli import people, tables
from earwitness.cli.acting import AsOption, FromInput, acting, deed
from earwitness.cli.counting import counted
from earwitness.cli.leftovers import erased_stays, left_on
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.settings import LOCAL, Settings
from qa_api.permissions import Action

app = typer.Typer(help="Erase calls before their time: it takes two people.", no_args_is_help=True)

ErasureId = Annotated[str, typer.Argument(metavar="ERASURE", help="Id, as `earwitness erase list` shows.")]


@app.command("list")
def show(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Show the latest requests, and what targets hold of calls that are deleted."""
    from storage.model import rfc3339
    from storage.retention.erasures import Erasures

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        waiting = catalogue.removals.waiting()
        found = [
            {
                "id": each.id,
                "state": each.state.value,
                "calls": list(each.call_ids),
                "reason": each.reason,
                "requested_by": each.requested_by,
                "requested_at": rfc3339(each.requested_at),
                "decided_by": each.decided_by,
            }
            for each in Erasures(catalogue).page()
        ]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    columns = ("id", "state", "calls", "requested_by", "requested_at", "decided_by", "reason")
    rows = [{**each, "calls": len(each["calls"])} for each in found]
    tables.show(columns, ([str(row[column]) for column in columns] for row in rows))
    known = {LOCAL, *(spec.name for spec in settings.targets)}
    for target, left in waiting.items():
        typer.echo(left_on(target, left.calls, left.error, known))
    once = [spec.name for spec in settings.targets if spec.write_once]
    if once and settings.encryption.master_key and any(each["state"] == "done" for each in found):
        typer.echo(erased_stays(once))


@app.command("request")
def request(
    calls: Annotated[list[str], typer.Argument(metavar="CALL...", help="Ids of the calls to erase.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Ask that calls be erased. Prints the id of the request."""
    from storage.retention.erasures import Erasures

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        user = acting(catalogue, by, Action.RETENTION_REQUEST, from_input=from_input)
        after = {"calls": calls}
        with deed(catalogue, user, "erasure.request", ("erasure", ""), reason=reason, after=after):
            erasure = Erasures(catalogue).request(calls, reason, by=user, now=datetime.now(UTC))
    typer.echo(erasure.id)


@app.command("approve")
def approve(
    erasure_id: ErasureId,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Agree, as another person than who asked; the calls go with the next `earwitness retention apply`."""
    settings = settings_from(config, assignments, data).settings
    _decide(settings, erasure_id, by, from_input, approved=True)


@app.command("refuse")
def refuse(
    erasure_id: ErasureId,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Decline a request."""
    settings = settings_from(config, assignments, data).settings
    _decide(settings, erasure_id, by, from_input, approved=False)


def _decide(settings: Settings, erasure_id: str, by: str, from_input: bool, *, approved: bool) -> None:
    from storage.retention.erasures import Erasures

    with people.existing(settings) as catalogue:
        user = acting(catalogue, by, Action.RETENTION_APPROVE, from_input=from_input)
        erasures = Erasures(catalogue)
        was = erasures.get(erasure_id)
        before = {"state": was.state.value, "calls": list(was.call_ids)}
        name = "approve" if approved else "refuse"
        with deed(catalogue, user, f"erasure.{name}", ("erasure", erasure_id), before=before):
            take = erasures.approve if approved else erasures.refuse
            erasure = take(erasure_id, user, datetime.now(UTC))
    calls = counted(len(erasure.call_ids), "call", "calls")
    typer.echo(f"The erasure of {calls} is {erasure.state}.", err=True)
