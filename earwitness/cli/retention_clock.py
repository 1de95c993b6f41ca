"""``earwitness retention clock``: calls that came while a clock was behind, and what is said of them."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from earwitness.cli import people, tables
from earwitness.cli.counting import counted
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.errors import SettingsError

if TYPE_CHECKING:
    from storage.catalogue import Catalogue, Setback

_SAY = (
    "No rule lets those calls go whose age counts from nowhere yet. Say what is right: with --was-behind it "
    "counts from when the clock was right again, with --was-right from the times that the calls bear."
)


def clock(
    was_behind: Annotated[
        bool,
        typer.Option(
            "--was-behind", help="Count the age of these calls from when the clock was right again."
        ),
    ] = False,
    was_right: Annotated[
        bool, typer.Option("--was-right", help="The clock was right: let rules go by the calls' own times.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Show which calls came while a clock was behind, or say what is right for them."""
    if was_behind and was_right:
        raise SettingsError("--was-behind and --was-right: give one of them.")
    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        if was_behind or was_right:
            _decide(catalogue, was_right=was_right, yes=yes)
        _show(catalogue, as_json=as_json)


def _show(catalogue: "Catalogue", *, as_json: bool) -> None:
    from storage.retention.age import count_undated, undated_alarm

    found = [(count_undated(catalogue, each), each) for each in catalogue.setbacks.all()]
    if as_json:
        typer.echo(json.dumps([_document(calls, each) for calls, each in found]))
        return
    if found:
        heads = ("calls", "the clock said", "to", "it was later than", "right again", "age counts from")
        tables.show(heads, ([f"{calls:,}", *map(_local, _times(each).values())] for calls, each in found))
    if undated_alarm(catalogue):
        typer.echo(_SAY, err=True)
    elif not found:
        typer.echo("No call is known to have come while a clock was behind.", err=True)


def _decide(catalogue: "Catalogue", *, was_right: bool, yes: bool) -> None:
    from storage.retention.age import count_undated
    from storage.retention.clock import count_from_then, dated_right, refuse_as_wrong, refuse_to_count

    now = datetime.now(UTC)
    number = count_undated(catalogue)
    if was_right:
        refuse_as_wrong(now)
    else:
        refuse_to_count(catalogue, now)
    if not yes:
        typer.confirm(_question(catalogue, number, now, was_right=was_right), abort=True)
    people.note(
        catalogue, "retention.clock", after={"calls": number, "dated": "right" if was_right else "wrong"}
    )
    (dated_right if was_right else count_from_then)(catalogue, now)


def _question(catalogue: "Catalogue", number: int, now: datetime, *, was_right: bool) -> str:
    from storage.retention.preview import preview

    concerned = counted(number, "call", "calls")
    if not was_right:
        return f"Count the age of {concerned} from when the clock was right again?"
    going = sum(share.undated for share in preview(catalogue, now).shares)
    return f"The times of {concerned} are right, and the rules let {going:,} of them go now?"


def _times(setback: "Setback") -> dict[str, datetime | None]:
    return {
        "from": setback.lowest,
        "to": setback.highest,
        "known": setback.believed,
        "right_again": setback.over,
        "age_from": setback.counted,
    }


def _local(at: datetime | None) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else ""


def _document(calls: int, setback: "Setback") -> dict[str, Any]:
    from storage.model import rfc3339

    return {"calls": calls} | {name: at and rfc3339(at) for name, at in _times(setback).items()}
