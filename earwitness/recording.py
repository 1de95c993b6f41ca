"""From settings to the objects of the recorder. Nothing here does any work."""

from pathlib import Path

from earwitness.settings import (
    FileTap,
    FinishSettings,
    InterfaceTap,
    NumberSettings,
    Settings,
    SignallingSettings,
    SimulatorTap,
    Tap,
)
from recorder import key_files
from recorder.assembly.numbering import Numbering
from recorder.assembly.ranges import NumberRange
from recorder.assembly.trunks import Trunk
from recorder.capture import CaptureOptions
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import WorkerOptions
from recorder.protocol.tls_keys import TlsKeys
from recorder.simulate.options import Network, SimulationOptions
from recorder.taps.af_packet import AfPacketTap
from recorder.taps.capture_file import CaptureFileTap
from recorder.taps.simulator import SimulatorTap as TapOfSimulator

OpenTap = AfPacketTap | CaptureFileTap | TapOfSimulator
SECOND = 1_000_000_000


def numbering(numbers: NumberSettings) -> Numbering:
    """Which numbers are our own, and which way the world outside is."""
    ranges = [NumberRange.parse(text) for text in numbers.ranges]
    international = (one.international(numbers.region) for one in ranges)
    return Numbering(
        extension_digits=numbers.extension_digits,
        own=numbers.own,
        region=numbers.region,
        outside_prefix=numbers.outside_prefix,
        ranges=(*ranges, *(one for one in international if one is not None)),
        trunks=tuple(map(Trunk.parse, numbers.trunks)),
        services=numbers.services,
    )


def capture_options(settings: Settings) -> CaptureOptions:
    """How a capture engine works."""
    return CaptureOptions(
        recorder=settings.recorder.name,
        numbering=numbering(settings.numbers),
        flush=int(settings.recorder.flush_seconds * SECOND),
        tcp_ports=settings.signalling.tcp_ports,
        tls_keys=tls_keys(settings.signalling),
    )


def tls_keys(signalling: SignallingSettings) -> TlsKeys | None:
    """The keys of encrypted signalling; raises ``KeyFileError`` for a file that this user cannot use."""
    return key_files.tls_keys(signalling.tls_key_log, signalling.tls_rsa_keys)


def policy(finish: FinishSettings) -> ArchivePolicy:
    """How recordings are encoded."""
    return ArchivePolicy(
        format=finish.format,
        bitrate=finish.bitrate,
        wideband_bitrate=finish.wideband_bitrate,
        complexity=finish.complexity,
        tones=finish.tones,
    )


def worker_options(settings: Settings, index: int = 0) -> WorkerOptions:
    """How finishing worker ``index``, counted from 0, works."""
    finish = settings.finish
    return WorkerOptions(policy(finish), (index, finish.workers), finish.keep_encrypted)


def spool(settings: Settings, tap: str) -> Path:
    """The spool of one tap: each has its own, as recovery clears what no call of it names."""
    return settings.folders.spool / tap


def tap_names(settings: Settings) -> list[str]:
    """A name for each tap, in order: the interface's, the file's or ``simulator``; numbered if repeated."""
    names: list[str] = []
    for tap in settings.taps:
        name = _name(tap)
        same = sum(other == name or other.startswith(f"{name}-") for other in names)
        names.append(f"{name}-{same + 1}" if same else name)
    return names


def _name(tap: Tap) -> str:
    match tap:
        case InterfaceTap():
            return tap.interface
        case FileTap():
            return tap.path.name
        case SimulatorTap():
            return "simulator"


def open_tap(tap: Tap, signalling: SignallingSettings) -> OpenTap:
    """The tap, open; raises ``TapError``, ``CaptureFileError``, ``BadOptions`` or ``OSError``."""
    match tap:
        case InterfaceTap():
            return AfPacketTap(tap.interface, tap.ring_mebibytes << 20, tcp_ports=signalling.tcp_ports)
        case FileTap():
            return CaptureFileTap(tap.path)
        case SimulatorTap():
            return TapOfSimulator(simulation(tap))


def simulation(tap: SimulatorTap) -> SimulationOptions:
    """A call centre that never closes; about two thirds of its agents are on the telephone at a time."""
    return SimulationOptions(
        concurrent=max(1, tap.agents * 2 // 3),
        agents=tap.agents,
        duration=None,
        talk_seconds=tap.talk_seconds,
        codecs=tap.codecs,
        network=Network(loss=tap.loss, jitter_ms=tap.jitter_milliseconds),
        seed=tap.seed,
        truths=0,
    )
