"""``serve``: which parts there are, how each is started, and what each runs."""

import os
import sys
from collections.abc import Sequence

import structlog

from earwitness import address, health, ports, privileges, recording
from earwitness.errors import PartError, PortTaken
from earwitness.kinds import Kind
from earwitness.settings import FileTap, Settings
from earwitness.stop import Stop, on_signals, with_supervisor
from earwitness.supervision.part import Part
from earwitness.supervision.supervisor import Supervisor
from storage.lock import DataFolderLock

log = structlog.get_logger("serve")
ROLE = "serve"
CAPTURE, FINISH = "capture-", "finish-"
"""What the parts of taps and workers are called, before the tap's name and the worker's number."""


def names(settings: Settings, only: Kind | None = None) -> list[str]:
    """The parts that these settings ask for, in the order in which they start."""
    found = {
        Kind.ARCHIVE: ["archive"],
        Kind.FINISH: [f"{FINISH}{index + 1}" for index in range(settings.finish.workers)],
        Kind.CAPTURE: [f"{CAPTURE}{tap}" for tap in recording.tap_names(settings)],
        Kind.JOBS: ["jobs"],
        Kind.API: ["api"],
    }
    return [name for kind, below in found.items() if only in (None, kind) for name in below]


def serve(settings: Settings, arguments: Sequence[str], only: Kind | None = None) -> None:
    """Run the parts until a signal comes. ``arguments`` are those of ``serve`` that lead to ``settings``.

    Raises ``FolderBusy`` where the data folder is served already, ``PortTaken`` where the port is in use,
    ``HostError`` where the API would be root, ``KeyFileError`` for keys of TLS that cannot be used, and
    ``KeyUnusable`` for master keys that cannot, ``WrongKey`` where they are not those of the calls.
    """
    parts = _parts(settings, arguments, only)
    if only in (None, Kind.CAPTURE):
        recording.tls_keys(settings.signalling)
    with_api = only in (None, Kind.API)
    if with_api:
        privileges.refuse_root("API", allowed=settings.api.allow_root or bool(settings.user))
    role = f"{ROLE}-{only}" if only else ROLE
    prepare(settings)
    if only not in (Kind.CAPTURE, Kind.FINISH):
        # Not loaded by every part that this module starts: it brings the whole catalogue along.
        from earwitness import encrypting

        encrypting.refuse_start(settings)
    with DataFolderLock(settings.data, role):
        folder = settings.folders.run
        if with_api:
            _check_port(settings)
            address.forget(folder)
        health.clear(folder, role, [part.name for part in parts])
        supervisor = Supervisor(parts, lambda watches: health.write_parts(folder, role, watches), log)
        on_signals(supervisor.stop)
        try:
            supervisor.run()
        finally:
            health.clear(folder, role, [part.name for part in parts])


def _check_port(settings: Settings) -> None:
    """Said once here, as the API would say it again and again."""
    api = settings.api
    if not ports.is_free(api.host, api.port):
        raise PortTaken(f"Port {api.port} of {api.host} is in use. Choose another: --set api.port=8081")


def prepare(settings: Settings) -> None:
    """Make the data folder, and give it to the user that the parts run as."""
    settings.folders.make()
    if os.geteuid() == 0 and settings.user:
        who = privileges.identity(settings.user)
        for folder in settings.folders.all():
            os.chown(folder, who.uid, who.gid)


def run_part(settings: Settings, name: str) -> None:
    """Be one part, under a supervisor. Until it is loaded, a signal ends it at once."""
    with_supervisor()
    stop = Stop()
    if name.startswith(CAPTURE):
        from earwitness.parts import capture

        on_signals(stop.ask)
        capture.run(settings, name, name.removeprefix(CAPTURE), stop)
    elif name.startswith(FINISH):
        from earwitness.parts import finish

        on_signals(stop.ask)
        finish.run(settings, name, int(name.removeprefix(FINISH)) - 1, stop)
    elif name == "archive":
        from earwitness.parts import archive

        on_signals(stop.ask)
        archive.run(settings, name, stop)
    elif name == "jobs":
        from earwitness.parts import jobs

        on_signals(stop.ask)
        jobs.run(settings, name, stop)
    elif name == "api":
        from earwitness.parts import api

        api.run(settings)
    else:
        raise PartError(f"There is no part {name}; there are {', '.join(names(settings))}.")


def _parts(settings: Settings, arguments: Sequence[str], only: Kind | None) -> list[Part]:
    files = {
        f"{CAPTURE}{name}"
        for name, tap in zip(recording.tap_names(settings), settings.taps, strict=True)
        if isinstance(tap, FileTap)
    }
    command = (sys.executable, "-m", "earwitness", "serve", *arguments, "--part")
    return [Part(name, (*command, name), once=name in files) for name in names(settings, only)]
