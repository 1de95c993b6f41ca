"""``earwitness demo``: a living call centre on this machine, to look at."""

import os
import tempfile
import threading
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from earwitness.cli.options import DataOption, SetOption, settings_from
from earwitness.settings import Settings, SimulatorTap

HOST = "127.0.0.1"


def demo(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the page, or the next free one.")
    ] = 8080,
    agents: Annotated[int, typer.Option(min=2, max=200, help="How many agents work.")] = 12,
    history: Annotated[bool, typer.Option(help="Begin with calls of the last hours.")] = True,
    data: DataOption = None,
    assignments: SetOption = None,
) -> None:
    """Start a living call centre on this machine: simulated packets, recorded as real ones are."""
    from earwitness import address, ports, serving
    from earwitness.demo import keeping
    from earwitness.errors import HostError, PortTaken

    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="earwitness-demo-")))
        chosen = [
            f'taps=[{{kind="simulator", agents={agents}}}]',
            f"api.host={HOST}",
            # Only this machine can reach it, and there is nothing in it but simulated calls.
            f"api.allow_root={str(os.geteuid() == 0).lower()}",
            "logging.format=plain",
            "logging.level=warning",
            *keeping.choices(folder.absolute()),
            *(assignments or []),
        ]
        prepare(
            settings_from(None, chosen, folder).settings,
            SimulatorTap(kind="simulator", agents=agents),
            history,
        )
        # Only now: while the history was recorded, another program might have taken the port.
        chosen.insert(0, f"api.port={ports.next_free(HOST, port)}")
        settings = settings_from(None, chosen, folder).settings
        address.forget(settings.folders.run)
        threading.Thread(target=greet, args=(settings,), daemon=True).start()
        arguments = [word for each in chosen for word in ("--set", each)]
        try:
            serving.serve(settings, [*arguments, "--data", str(settings.data)])
        except PortTaken as error:
            taken = settings.api.port
            raise HostError(
                f"Port {taken} of {HOST} is in use. Choose another: --port {taken + 1}"
            ) from error


def prepare(settings: Settings, tap: SimulatorTap, with_history: bool) -> None:
    """Teams, agents, users, rules of keeping, and on an empty data folder calls of the last hours."""
    from earwitness import serving, wiring
    from earwitness.demo import keeping, scene

    now = datetime.now(UTC)
    serving.prepare(settings)
    with closing(wiring.catalogue(settings)) as catalogue:
        agent = scene.furnish(catalogue, tap, now)
        empty = catalogue.calls.count() == 0
    if empty and with_history:
        record_history(settings, tap, agent, now)
    with closing(wiring.catalogue(settings)) as catalogue:
        keeping.furnish(catalogue, now)


def record_history(settings: Settings, tap: SimulatorTap, agent: str, now: datetime) -> None:
    """Calls of the last hours, with a bar."""
    from earwitness.demo import history

    typer.echo("Recording calls of the last hours, then the demo begins.", err=True)
    columns = (TextColumn("Calls of the last hours"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("calls", total=history.CALLS)
        for _ in history.write(settings, tap, now):
            progress.advance(task)
    history.release(settings, agent, now)


def greet(settings: Settings) -> None:
    """As soon as our own API listens, say where it is, who may sign in, and what to try."""
    from earwitness import address
    from earwitness.demo import keeping, scene
    from earwitness.host import software

    page = address.wait_for(settings.folders.run)
    advice = software.unbuilt()
    users = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for visitor in scene.VISITORS:
        users.add_row("", f"[bold]{visitor.username}[/]", visitor.advice)
    console = Console(highlight=False)
    console.print(f"\nEarwitness runs: [bold]{page}/[/]\n")
    if advice:
        console.print(f"{advice}\n", soft_wrap=True)
    console.print(f"Sign in with the password [bold]{scene.PASSWORD}[/] as")
    console.print(users)
    console.print("\nTry: open a call, jump on the timeline, mute a party, download it.", soft_wrap=True)
    console.print("     Search for agent:8001, number:*8888, duration:>1m or state:missed.", soft_wrap=True)
    console.print("     As approver, approve the rule that compliance proposed.", soft_wrap=True)
    medium = settings.data / keeping.COPY / "index.html"
    console.print(f"     Open {medium} without the demo, with the same password.", soft_wrap=True)
    console.print(f"     curl -s {page}/healthz", soft_wrap=True)
    console.print(
        f"Calls come in all the time. Data: {settings.data}. Ctrl-C ends the demo.\n", soft_wrap=True
    )
