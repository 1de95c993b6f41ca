"""``earwitness simulate``: a call centre made of packets, into a file, an interface, or the recorder."""

import json
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earwitness.cli.options import ConfigOption, DataOption, JsonOption, SetOption, settings_from
from earwitness.settings import Settings

if TYPE_CHECKING:
    from recorder.simulate.truth import Truths
    from recorder.taps.simulator import SimulatorTap

STEP = 0.02
"""Seconds of traffic that are made, and sent, at once."""


def simulate(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    pcap: Annotated[Path | None, typer.Option(help="Write a pcap file.", dir_okay=False)] = None,
    interface: Annotated[str | None, typer.Option(help="Send on an interface, in real time.")] = None,
    data: DataOption = None,
    duration: Annotated[float, typer.Option(help="Seconds in which calls begin.", min=0.1)] = 60,
    calls: Annotated[int | None, typer.Option(help="At most so many calls.", min=1)] = None,
    calls_per_second: Annotated[
        float | None, typer.Option(help="Calls that come in a second; else as many as --concurrent asks.")
    ] = None,
    concurrent: Annotated[int, typer.Option(help="Calls at once, at most.", min=1)] = 12,
    talk: Annotated[float, typer.Option(help="Mean seconds from answer to hang-up.")] = 30,
    codec: Annotated[list[str] | None, typer.Option(help="PCMU, PCMA or G722; repeatable.")] = None,
    legs: Annotated[int, typer.Option(help="2: both sides of a PBX on the wire; 1: direct.")] = 2,
    loss: Annotated[float, typer.Option(help="Share of packets lost, 0 to 1.")] = 0,
    jitter: Annotated[float, typer.Option(help="Standard deviation of the delay, ms.")] = 0,
    reorder: Annotated[float, typer.Option(help="Share of packets out of order, 0 to 1.")] = 0,
    duplicate: Annotated[float, typer.Option(help="Share of packets doubled, 0 to 1.")] = 0,
    vlan: Annotated[int | None, typer.Option(help="Tag every frame with this VLAN.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same calls.")] = 1,
    truth: Annotated[
        Path | None, typer.Option(help="Write what really happened, as JSON.", dir_okay=False)
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    assignments: SetOption = None,
) -> None:
    """Simulate a call centre into a pcap file, onto an interface, or into the recorder (--data)."""
    from recorder.simulate.options import Network, SimulationOptions
    from recorder.taps.simulator import SimulatorTap

    if sum(each is not None for each in (pcap, interface, data)) != 1:
        raise typer.BadParameter("say where to: one of --pcap FILE, --interface NAME, --data DIR")
    options = SimulationOptions(
        calls_per_second=calls_per_second,
        concurrent=concurrent,
        duration=duration,
        calls=calls,
        talk_seconds=talk,
        codecs=tuple(name.upper() for name in codec or ["PCMU"]),
        legs=legs,
        network=Network(loss=loss, jitter_ms=jitter, reorder=reorder, duplicate=duplicate),
        vlan=vlan,
        seed=seed,
        start_ns=time.time_ns(),
    )
    begin = time.process_time()
    with closing(SimulatorTap(options, speed=1.0 if interface else None, step_seconds=STEP)) as tap:
        if pcap is not None:
            done = into_file(tap, pcap)
        elif interface is not None:
            done = onto_interface(tap, interface)
        else:
            done = into_recorder(tap, settings_from(config, assignments, data).settings)
        truths = tap.truths()
    if truth is not None:
        truths.write(truth)
    show(truths, done | {"cpu_seconds": round(time.process_time() - begin, 2)}, as_json)


def show(truths: "Truths", done: dict[str, float], as_json: bool) -> None:
    """What was made and what became of it."""
    summary = {"calls": len(truths.calls), "frames": truths.frames, "rtp_frames": truths.rtp_frames, **done}
    if as_json:
        typer.echo(json.dumps(summary))
    else:
        typer.echo(", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in summary.items()))


def into_file(tap: "SimulatorTap", path: Path) -> dict[str, float]:
    """Everything into a pcap file."""
    from recorder.taps.pcap_writer import PcapWriter

    with PcapWriter(path) as writer:
        for batch in tap:
            writer.write(batch)
    return {"bytes": path.stat().st_size}


def onto_interface(tap: "SimulatorTap", interface: str) -> dict[str, float]:
    """Everything onto an interface, when its time comes."""
    from recorder.simulate.interface import InterfaceSink

    with InterfaceSink(interface) as sink:
        for batch in tap:
            sink.write(batch)
        return {"sent": sink.sent, "waits": sink.waits}


def into_recorder(tap: "SimulatorTap", settings: Settings) -> dict[str, float]:
    """Everything through the path that real traffic takes."""
    from earwitness.replay import replay
    from storage.model import Call

    results = [isinstance(result, Call) for result in replay(settings, tap)]
    return {"recorded": sum(results), "refused": len(results) - sum(results)}
