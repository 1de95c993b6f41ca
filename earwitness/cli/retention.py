"""``earwitness retention``: how long calls are kept, what goes by that, and letting it go."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from earwitness.cli import people, tables
from earwitness.cli.acting import AsOption, FromInput, WhereOption, acting, criteria, deed, described
from earwitness.cli.backup_status import size
from earwitness.cli.counting import counted
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.cli.retention_clock import clock
from earwitness.cli.retention_work import apply_now
from earwitness.errors import SettingsError
from qa_api.permissions import Action

if TYPE_CHECKING:
    from storage.retention.preview import Preview, Share
    from storage.retention.rules import Rule, Rules

app = typer.Typer(help="How long calls are kept.", no_args_is_help=True)

app.command("clock")(clock)

RuleId = Annotated[str, typer.Argument(metavar="RULE", help="Id, as `earwitness retention list` shows.")]


@app.command("list")
def show(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Show all rules in the order in which they decide."""
    from storage.retention.rules import Rules

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        found = [
            {
                "id": rule.id,
                "name": rule.name,
                "priority": rule.priority,
                "calls": described(catalogue, rule.criteria),
                "keep_days": rule.keep_days,
                "state": rule.state.value,
                "proposed_by": rule.proposed_by,
                "approved_by": rule.approved_by,
                "retirement_asked_by": rule.retirement_asked_by,
            }
            for rule in Rules(catalogue).all()
        ]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    columns = ("id", "name", "priority", "calls", "keep_days", "state", "proposed_by", "approved_by")
    rows = ({**each, "keep_days": each["keep_days"] or "for ever"} for each in found)
    tables.show(columns, ([str(row[column]) for column in columns] for row in rows))


@app.command("preview")
def preview(
    proposed: Annotated[
        bool, typer.Option("--proposed", help="As if the proposed rules were in force already.")
    ] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Show what the rules and approved erasures would delete now, without deleting anything."""
    from storage.retention.age import undated_alarm
    from storage.retention.preview import preview as previewed
    from storage.retention.restored import unseen
    from storage.retention.rules import Rules, RuleState

    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        states = {RuleState.IN_FORCE, RuleState.RETIRING} | ({RuleState.PROPOSED} if proposed else set())
        rules = [rule for rule in Rules(catalogue).all() if rule.state in states]
        found = previewed(catalogue, datetime.now(UTC), rules=rules)
        undated, restore = undated_alarm(catalogue), unseen(catalogue)
    if as_json:
        typer.echo(json.dumps(_shares(found), ensure_ascii=False))
        return
    rows = [
        (
            _name(share),
            f"{share.calls:,}",
            size(share.bytes),
            f"{share.seconds / 3600:,.1f} h",
            f"{share.held:,}",
            f"{share.undated:,}",
            f"{share.earliest.astimezone():%Y-%m-%d}" if share.earliest else "",
            f"{share.latest.astimezone():%Y-%m-%d}" if share.latest else "",
        )
        for share in found.shares
    ]
    tables.show(("rule", "calls", "size on all targets", "sound", "held", "undated", "from", "to"), rows)
    typer.echo(counted(found.calls, "call would go.", "calls would go."), err=True)
    for trouble in filter(None, (undated, restore.alarm if restore else "")):
        typer.echo(trouble, err=True)


@app.command("apply")
def apply(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    clock_is_right: Annotated[
        bool,
        typer.Option("--clock-is-right", help="Delete though the clock jumped, or retention stood still."),
    ] = False,
    restore_seen: Annotated[
        bool,
        typer.Option("--restore-seen", help="After a restore: what was held since is held again. Go on."),
    ] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Delete now what the rules and approved erasures let go, from the catalogue and from every target."""
    settings = settings_from(config, assignments, data).settings
    apply_now(settings, yes=yes, clock_is_right=clock_is_right, restore_seen=restore_seen, as_json=as_json)


@app.command("propose")
def propose(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    name: Annotated[str, typer.Argument(help="Name of the rule.")],
    by: AsOption,
    days: Annotated[
        int | None, typer.Option("--days", help="Keep for so many days, 1 at least; without it for ever.")
    ] = None,
    priority: Annotated[
        int, typer.Option(help="Of the rules that a call meets, the lowest decides.", min=0, max=1_000_000)
    ] = 100,
    where: WhereOption = None,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Propose a rule, which another person then approves. Prints its id."""
    from storage.retention.rules import MOST_DAYS, Rules

    if days is not None and not 1 <= days <= MOST_DAYS:
        raise SettingsError(f"--days {days}: give 1 to {MOST_DAYS:,} days, or leave it out to keep for ever.")
    settings = settings_from(config, assignments, data).settings
    with people.existing(settings) as catalogue:
        user = acting(catalogue, by, Action.RETENTION_REQUEST, from_input=from_input)
        stated = criteria(catalogue, where or [])
        after = {
            "name": name,
            "priority": priority,
            "keep_days": days,
            "criteria": stated.given(),
        }
        with deed(catalogue, user, "retention.propose", ("retention-rule", ""), after=after):
            rule = Rules(catalogue).propose(
                name, stated, days, priority=priority, by=user, now=datetime.now(UTC)
            )
    typer.echo(rule.id)


@app.command("approve")
def approve(
    rule_id: RuleId,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Put a proposed rule in force, as another person than who proposed it."""
    _step((config, assignments, data), by, "approve", rule_id, from_input)


@app.command("refuse")
def refuse(
    rule_id: RuleId,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Decline a proposed rule."""
    _step((config, assignments, data), by, "refuse", rule_id, from_input)


@app.command("ask-retirement")
def ask_retirement(
    rule_id: RuleId,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Ask that a rule be retired; it decides until another person does so."""
    _step((config, assignments, data), by, "ask-retirement", rule_id, from_input)


@app.command("retire")
def retire(
    rule_id: RuleId,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Retire a rule, as another person than who asked for it."""
    _step((config, assignments, data), by, "retire", rule_id, from_input)


@app.command("keep")
def keep(
    rule_id: RuleId,
    by: AsOption,
    from_input: FromInput = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Let a rule stand of which somebody asked the end."""
    _step((config, assignments, data), by, "keep", rule_id, from_input)


def _step(places: tuple[Any, Any, Any], by: str, name: str, rule_id: str, from_input: bool) -> None:
    from storage.retention.rules import Rules

    needs = Action.RETENTION_APPROVE if name in {"approve", "retire"} else Action.RETENTION_REQUEST
    with people.existing(settings_from(*places).settings) as catalogue:
        user = acting(catalogue, by, needs, from_input=from_input)
        rules = Rules(catalogue)
        was = rules.get(rule_id)
        before = {"name": was.name, "state": was.state.value, "keep_days": was.keep_days}
        with deed(catalogue, user, f"retention.{name}", ("retention-rule", rule_id), before=before):
            rule = _taken(rules, rule_id, user, datetime.now(UTC))[name]()
    typer.echo(f"{rule.name}: {rule.state}.", err=True)


def _taken(rules: "Rules", rule_id: str, user: str, now: datetime) -> "dict[str, Callable[[], Rule]]":
    return {
        "approve": lambda: rules.approve(rule_id, user, now),
        "refuse": lambda: rules.refuse(rule_id, user, now),
        "ask-retirement": lambda: rules.ask_retirement(rule_id, user, now),
        "retire": lambda: rules.retire(rule_id, user, now),
        "keep": lambda: rules.keep(rule_id),
    }


def _name(share: "Share") -> str:
    return share.rule.name if share.rule else "(approved erasures)"


def _shares(found: "Preview") -> list[dict[str, object]]:
    from storage.model import rfc3339

    return [
        {
            "rule": share.rule and share.rule.id,
            "name": _name(share),
            "calls": share.calls,
            "bytes": share.bytes,
            "seconds": share.seconds,
            "held": share.held,
            "undated": share.undated,
            "earliest": share.earliest and rfc3339(share.earliest),
            "latest": share.latest and rfc3339(share.latest),
            "first": list(share.first),
        }
        for share in found.shares
    ]
