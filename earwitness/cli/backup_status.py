"""``earwitness backup --status``: how the targets are, and what they lack."""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from earwitness.cli import tables
from earwitness.cli.counting import counted
from earwitness.settings import Settings

if TYPE_CHECKING:
    from earwitness.keeping.places import Times
    from storage.catalogue import Catalogue, CopyTask, Run, TargetState
    from storage.copies.probe import Look

LATELY = timedelta(minutes=2)
"""A look of `serve` at a target counts for so long; after that it is looked at here."""
_FAILING = 100
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def show(settings: Settings, catalogue: "Catalogue", names: Sequence[str], *, as_json: bool) -> None:
    """Print the state of these targets."""
    found = statuses(settings, catalogue, names, datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    tables.show(
        ("target", "is", "free", "to copy", "size", "oldest", "next copies", "last copy", "snapshot"),
        map(_row, found),
    )
    for each in found:
        for line in _reasons(each):
            typer.echo(f"{each['target']}: {line}")


def statuses(
    settings: Settings, catalogue: "Catalogue", names: Sequence[str], now: datetime
) -> list[dict[str, Any]]:
    """What is known of these targets; those that nobody looked at lately are looked at, and what there is to
    copy is found out."""
    from earwitness.keeping import places
    from storage.copies.backlog import Backlog
    from storage.copies.census import last_copied

    placement = places.placement(settings)
    backlog = Backlog(catalogue, placement, places.home(settings))
    for name in names:
        while name in placement.targets and backlog.fill(name, now):
            pass
    seen = looks(settings, catalogue, names, now)
    copied, roles = last_copied(catalogue, names), {spec.name: spec.role for spec in settings.targets}
    times = {name: each for name, each in places.times(settings).items() if roles[name] != "primary"}
    return [
        status(catalogue, name, now, seen[name])
        | {"role": roles[name]}
        | {"last_copy": _time(copied.get(name)), "next_run": _time(_next(catalogue, name, times, now))}
        for name in names
    ]


def looks(
    settings: Settings, catalogue: "Catalogue", names: Iterable[str], now: datetime
) -> "dict[str, Look]":
    """How the targets are, asked side by side where nobody did lately."""
    from earwitness import wiring
    from storage.copies.probe import Look, probe

    targets = wiring.targets(settings, catalogue, patience=None)
    kept = {spec.name for spec in settings.targets if spec.write_once}

    def look(name: str) -> Look:
        state = catalogue.target_states.get(name)
        if state is not None and state.state != "unknown" and timedelta() <= now - state.seen < LATELY:
            # What is kept of a target that is not up is the room that it had before.
            up = state.state == "up"
            return Look(state.state, state.detail, state.free if up else None, state.total if up else None)
        return probe(targets[name], writes=True, keeps=name in kept)

    chosen = list(names)
    with ThreadPoolExecutor(max(1, len(chosen))) as pool:
        return dict(zip(chosen, pool.map(look, chosen), strict=True))


def status(catalogue: "Catalogue", name: str, now: datetime, seen: "Look") -> dict[str, Any]:
    """What is known of one target, as it was ``seen``."""
    from storage.catalogue import RunKind, RunState
    from storage.catalogue.copy_tasks import Waiting

    state = catalogue.target_states.get(name)
    waiting = catalogue.copy_tasks.waiting(now).get(name, Waiting())
    last = catalogue.runs.last(RunKind.BACKUP, name)
    snapshot = catalogue.runs.last(RunKind.SNAPSHOT, name, RunState.DONE)
    same = state is not None and state.state is seen.condition
    return {
        "target": name,
        "state": seen.condition,
        "detail": seen.detail,
        "since": _time(state.since if state and same else None),
        "free": seen.free,
        "held": catalogue.copy_checks.calls(name),
        "bytes_per_second": state.bytes_per_second if state else None,
        "backlog": {
            "calls": waiting.calls,
            "bytes": waiting.bytes,
            "oldest": _time(waiting.oldest),
            "failing": waiting.failing,
            "later": waiting.later,
        },
        "failing": _failing(catalogue.copy_tasks.failing(name, _FAILING)),
        "last_run": None if last is None else _run(last),
        "last_snapshot": None if snapshot is None else _time(snapshot.started),
    }


def later(calls: int) -> str:
    """Why so many calls are not copied yet."""
    few = counted(calls, "call is not due yet", "calls are not due yet")
    return f"{few}: by [[placement]] they come here once they are older (older_than_days)"


def size(count: float) -> str:
    """Bytes for people: three digits and a unit."""
    for unit in _UNITS:
        if count < 1000 or unit == _UNITS[-1]:
            break
        count /= 1000
    return f"{count:.3g} {unit}"


def _next(catalogue: "Catalogue", name: str, times: "Mapping[str, Times]", now: datetime) -> datetime | None:
    """When copies are made next; ``now`` where that is whenever there is one to make, None for never."""
    of_target = times.get(name)
    if of_target is None or of_target.by_hand:
        return None
    state: TargetState | None = catalogue.target_states.get(name)
    plan = of_target.schedule.plan(state.next_run if state else None, now)
    return of_target.window.opens(now if plan.due else plan.next_run or now)


def _failing(tasks: "Sequence[CopyTask]") -> list[dict[str, Any]]:
    """What failed, once for each reason: the call that failed most often, and how many others did."""
    found: dict[str, dict[str, Any]] = {}
    for task in tasks:
        reason = task.error.replace(task.call_id, "…")
        first = {"id": task.call_id, "attempts": task.attempts, "error": task.error, "others": -1}
        found.setdefault(reason, first)["others"] += 1
    return list(found.values())


def _run(last: "Run") -> dict[str, Any]:
    return {
        "started": _time(last.started),
        "state": last.state,
        "done": last.done,
        "total": last.total,
        "message": last.message,
    }


def _reasons(found: dict[str, Any]) -> Iterable[str]:
    """Why the target lacks what it does, each thing once."""
    last = found["last_run"]
    trouble = found["detail"] if found["state"] != "up" else ""
    if trouble:
        yield trouble
    if found["backlog"]["later"]:
        yield later(found["backlog"]["later"])
    for call in found["failing"]:
        others = f", and {call['others']:,} others" if call["others"] else ""
        yield f"{call['id']}{others}, tried {call['attempts']} times: {call['error']}"
    # What is wrong with the target now is what was wrong with it then, in other words.
    told = {"", *(call["error"] for call in found["failing"])}
    if last and last["state"] in {"failed", "stopped"} and found["backlog"]["calls"]:
        reason = f": {last['message']}" if not trouble and last["message"] not in told else ""
        earlier = found["held"] - last["done"]
        before = f", besides {earlier:,} that lie there" if earlier > 0 else ""
        calls = f"{last['done']:,} of {last['total'] or 0:,} calls{before}"
        yield f"the last backup ({_local(last['started'])}) {last['state']} after {calls}{reason}"


def _row(found: dict[str, Any]) -> tuple[str, ...]:
    backlog = found["backlog"]
    return (
        found["target"],
        found["state"],
        "" if found["free"] is None else size(found["free"]),
        f"{backlog['calls']:,}",
        size(backlog["bytes"]),
        _local(backlog["oldest"]),
        "calls come in" if found["role"] == "primary" else _coming(found["next_run"]),
        _local(found["last_copy"]),
        _local(found["last_snapshot"]),
    )


def _coming(text: str | None) -> str:
    """A time that is not to come any more means that it is time now."""
    if text is None:
        return "by hand"
    return _local(text) if datetime.fromisoformat(text) > datetime.now(UTC) else "at once"


def _time(moment: datetime | None) -> str | None:
    from storage.model import rfc3339

    return None if moment is None else rfc3339(moment)


def _local(text: str | None) -> str:
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}" if text else ""
