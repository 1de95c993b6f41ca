"""``earwitness target``: the places where calls are kept."""

import json
import os
import pwd
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from earwitness.cli import people, tables
from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.errors import UnknownTarget
from earwitness.keeping_settings import TargetSettings, UsbTargetSettings
from earwitness.settings import LOCAL, Settings

if TYPE_CHECKING:
    from earwitness.probing import Step
    from storage.targets import Target
    from storage.targets.mounts import Mount

app = typer.Typer(help="The places where calls are kept.", no_args_is_help=True)

Disk = Annotated[str, typer.Argument(metavar="TARGET", help="Name of a target of the kind usb.")]


@app.command("list")
def show(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Show all targets, and how they are now."""
    settings = settings_from(config, assignments, data).settings
    with _targets(settings) as targets, ThreadPoolExecutor(max_workers=len(targets)) as pool:
        found = list(pool.map(lambda name: _seen(settings, name, targets[name]), targets))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    columns = ("name", "kind", "role", "state", "free", "total")
    tables.show(columns, ([_text(each[column]) for column in columns] for each in found))
    for each in found:
        if each["detail"]:
            typer.echo(f"{each['name']}: {each['detail']}")


@app.command("probe")
def probe(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[TARGET]...", help="All when none is named.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Write a small file to targets, read it back and delete it; say what is wrong and what to do."""
    from earwitness.probing import try_out

    settings = settings_from(config, assignments, data).settings
    known = [LOCAL, *(spec.name for spec in settings.targets)]
    for unknown in set(names or ()) - set(known):
        raise UnknownTarget(unknown, known)
    # Nothing is begun here that would look like an archive to whoever starts Earwitness later.
    wanted = names or [name for name in known if name != LOCAL or settings.archive_folder.is_dir()]
    with _targets(settings) as targets, ThreadPoolExecutor(max_workers=max(1, len(wanted))) as pool:

        def tried(name: str) -> "list[Step]":
            return list(try_out(targets[name], keeps=_keeps(settings, name, targets[name])))

        found = dict(zip(wanted, pool.map(tried, wanted), strict=True))
    _show_steps(found, as_json)
    if any(step.problem for steps in found.values() for step in steps):
        raise typer.Exit(1)


@app.command("prepare")
def prepare(
    name: Annotated[str, typer.Argument(metavar="TARGET", help="Name of a target.")],
    place: Annotated[
        Path | None,
        typer.Argument(help="Where the removable disk is mounted.", exists=True, file_okay=False),
    ] = None,
    config: ConfigOption = None,
    assignments: SetOption = None,
    data: DataOption = None,
) -> None:
    """Make a target ours: a small file there tells whose calls it holds. Nothing else there changes.

    A removable disk is told from others by it. Another target needs this only where what lay there is lost,
    or belonged to another installation.
    """
    from storage.targets import usb_care

    settings = settings_from(config, assignments, data).settings
    other = next((spec for spec in settings.targets if spec.name == name and spec.kind != "usb"), None)
    if other is not None and place is None:
        _note(settings, "target.prepare", name, {"volume": name})
        _mark(settings, other)
        typer.echo(f"{name} is this installation's now.")
        return
    spec = _disk(settings, name)
    if place is None:
        raise typer.BadParameter(
            f"Say where the disk {name} is mounted: earwitness target prepare {name} PLACE"
        )
    _note(settings, "target.prepare", name, {"volume": spec.volume, "place": str(place)})
    mount = usb_care.prepare(place, spec.volume, spec.roots)
    _mark(settings, spec)
    typer.echo(
        f"The disk at {mount.point} is {spec.volume} now: calls are copied to it whenever it is there."
    )
    for advice in (usb_care.advice(mount), _rights(settings, mount)):
        if advice:
            typer.echo(advice, err=True)


@app.command("eject")
def eject(
    name: Disk, config: ConfigOption = None, assignments: SetOption = None, data: DataOption = None
) -> None:
    """Write out what waits for a removable disk, unmount it, and say when it may be taken."""
    from storage.targets import usb_care

    settings = settings_from(config, assignments, data).settings
    spec = _disk(settings, name)
    _note(settings, "target.eject", name, {"volume": spec.volume})
    mount = usb_care.eject(spec.volume, spec.roots)
    typer.echo(f"The disk {spec.volume} was at {mount.point}. It may be taken now.")


@contextmanager
def _targets(settings: Settings) -> "Iterator[Mapping[str, Target]]":
    """All by name; none of them tries again, for a person waits."""
    from earwitness import wiring

    if people.has_data(settings):
        with people.existing(settings) as catalogue:
            yield wiring.targets(settings, catalogue, patience=None)
    else:
        yield wiring.targets(settings, patience=None)


def _mark(settings: Settings, spec: TargetSettings) -> None:
    """Let the marker of the target name this installation, where it has sealed calls."""
    from earwitness.public_keys import own_id
    from earwitness.targets import open_target
    from storage.targets.owned import mark

    volume = spec.volume if isinstance(spec, UsbTargetSettings) else spec.name
    mark(open_target(spec, patience=None), volume, spec.name, own_id(settings))


def _seen(settings: Settings, name: str, target: "Target") -> dict[str, Any]:
    from storage.copies.probe import probe as look

    spec = next((each for each in settings.targets if each.name == name), None)
    others_first = any(each.role == "primary" for each in settings.targets)
    seen = look(target, writes=spec is not None, keeps=spec is not None and spec.write_once)
    return {
        "name": name,
        "kind": spec.kind if spec else "local",
        "role": spec.role if spec else ("earlier" if others_first else "primary"),
        "state": seen.condition.value,
        "detail": seen.detail,
        "free": seen.free,
        "total": seen.total,
    }


def _keeps(settings: Settings, name: str, target: "Target") -> bool:
    written_once = {spec.name for spec in settings.targets if spec.write_once}
    return name in written_once or not target.capabilities.deletes


def _show_steps(found: "Mapping[str, Sequence[Step]]", as_json: bool) -> None:
    if as_json:
        tree = {
            name: [
                {
                    "step": step.name,
                    "seconds": round(step.seconds, 4),
                    "problem": step.problem,
                    "note": step.note,
                }
                for step in steps
            ]
            for name, steps in found.items()
        }
        typer.echo(json.dumps(tree, ensure_ascii=False))
        return
    rows = [
        (name, step.name, "failed" if step.problem else step.note or f"{step.seconds * 1000:,.0f} ms")
        for name, steps in found.items()
        for step in steps
    ]
    tables.show(("target", "step", "result"), rows)
    for name, steps in found.items():
        for step in steps:
            if step.problem:
                typer.echo(f"{name}: {step.problem}", err=True)


def _disk(settings: Settings, name: str) -> UsbTargetSettings:
    for spec in settings.targets:
        if spec.name == name and isinstance(spec, UsbTargetSettings):
            return spec
    names = [spec.name for spec in settings.targets]
    if name not in names:
        raise UnknownTarget(name, names)
    disks = [spec.name for spec in settings.targets if spec.kind == "usb"]
    known = (
        f"those of the kind usb are: {', '.join(disks)}"
        if disks
        else "the settings have none of the kind usb"
    )
    raise typer.BadParameter(f"There is no removable disk {name}: {known}.")


def _note(settings: Settings, action: str, name: str, after: dict[str, Any]) -> None:
    """In the audit log of the installation, where there is one already."""
    if people.has_data(settings):
        with people.existing(settings) as catalogue:
            people.note(catalogue, action, kind="target", object_id=name, after=after)


def _rights(settings: Settings, mount: "Mount") -> str:
    """What is missing for the user that copies to write there; empty where nothing is."""
    if not settings.user or os.geteuid() != 0:
        return ""
    found = mount.point.stat()
    if found.st_uid == pwd.getpwnam(settings.user).pw_uid or found.st_mode & 0o002:
        return ""
    return f"{settings.user} has to be able to write to it: `chown {settings.user} {mount.point}`."


def _text(value: object) -> str:
    from rich.filesize import decimal

    if value is None:
        return ""
    return decimal(value) if isinstance(value, int) else str(value)
