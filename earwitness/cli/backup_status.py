"""``earwitness backup --status``: how the targets are, and what they lack."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from earwitness.cli import tables

if TYPE_CHECKING:
    from storage.catalogue import Catalogue

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def show(catalogue: "Catalogue", names: Sequence[str], *, as_json: bool) -> None:
    """Print the state of these targets."""
    found = [status(catalogue, name, datetime.now(UTC)) for name in names]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    tables.show(
        ("target", "is", "free", "to copy", "size", "oldest", "next run", "last run"), map(_row, found)
    )
    for each in found:
        if each["detail"]:
            typer.echo(f"{each['target']}: {each['detail']}")
        for call in each["failing"]:
            typer.echo(f"{each['target']}: {call['id']} failed {call['attempts']} times: {call['error']}")


def status(catalogue: "Catalogue", name: str, now: datetime) -> dict[str, Any]:
    """What is known of one target."""
    from storage.catalogue import RunKind
    from storage.catalogue.copy_tasks import Waiting

    state = catalogue.target_states.get(name)
    waiting = catalogue.copy_tasks.waiting(now).get(name, Waiting())
    last = catalogue.runs.last(RunKind.BACKUP, name)
    return {
        "target": name,
        "state": state.state if state else "unknown",
        "detail": state.detail if state else "",
        "since": _time(state.since if state else None),
        "free": state.free if state else None,
        "bytes_per_second": state.bytes_per_second if state else None,
        "next_run": _time(state.next_run if state else None),
        "backlog": {
            "calls": waiting.calls,
            "bytes": waiting.bytes,
            "oldest": _time(waiting.oldest),
            "failing": waiting.failing,
            "later": waiting.later,
        },
        "failing": [
            {"id": task.call_id, "attempts": task.attempts, "error": task.error}
            for task in catalogue.copy_tasks.failing(name, 5)
        ],
        "last_run": None
        if last is None
        else {"started": _time(last.started), "state": last.state, "done": last.done, "total": last.total},
    }


def size(count: float) -> str:
    """Bytes for people: three digits and a unit."""
    for unit in _UNITS:
        if count < 1000 or unit == _UNITS[-1]:
            break
        count /= 1000
    return f"{count:.3g} {unit}"


def _row(found: dict[str, Any]) -> tuple[str, ...]:
    backlog, last = found["backlog"], found["last_run"]
    return (
        found["target"],
        found["state"],
        "" if found["free"] is None else size(found["free"]),
        f"{backlog['calls']:,}",
        size(backlog["bytes"]),
        _local(backlog["oldest"]),
        _local(found["next_run"]),
        f"{_local(last['started'])} {last['state']}" if last else "",
    )


def _time(moment: datetime | None) -> str | None:
    from storage.model import rfc3339

    return None if moment is None else rfc3339(moment)


def _local(text: str | None) -> str:
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}" if text else ""
