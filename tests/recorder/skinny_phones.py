"""Phones that speak SCCP with their call manager, and calls that they make."""

from dataclasses import dataclass, field
from pathlib import Path

from recorder.protocol.sccp_messages import INBOUND, OUTBOUND, State
from storage.model import Call
from tests.recorder.protocol import skinny
from tests.recorder.protocol.tcp_talk import Talk
from tests.recorder.recording import call_files, captured
from tests.recorder.wire import Place, Wire

MANAGER = ("192.0.2.10", 2000)
GATEWAY = ("192.0.2.30", 30_000)
ANNA, BERND = ("8001", "Anna"), ("8002", "Bernd")


@dataclass
class Phone:
    """A phone, its session with the call manager, and where it receives media."""

    wire: Wire
    host: str
    reference: int
    party: int
    port: int
    version: int = 17
    talk: Talk = field(init=False)

    def __post_init__(self) -> None:
        self.talk = Talk((self.host, 50_000), MANAGER)

    @property
    def place(self) -> Place:
        return self.host, self.port

    def says(self, at: float, content: bytes) -> None:
        self.wire.tcp(at, self.talk, content)

    def is_told(self, at: float, *contents: bytes) -> None:
        self.wire.tcp(at, self.talk, b"".join(contents), from_client=False)

    def enters(self, at: float, state: int) -> None:
        self.is_told(at, skinny.state(state, self.reference, self.version))

    def is_called(self, at: float, caller: tuple[str, str], called: tuple[str, str]) -> None:
        self.enters(at, State.RING_IN)
        self.is_told(at, skinny.call_info(self.reference, INBOUND, caller, called, self.version))

    def calls(self, at: float, caller: tuple[str, str], called: tuple[str, str]) -> None:
        self.says(at, skinny.off_hook())
        self.enters(at, State.OFF_HOOK)
        for index, digit in enumerate(called[0]):
            self.says(at + 0.1 * index, skinny.keypad(int(digit), reference=self.reference))
        self.is_told(at + 0.6, skinny.dialled(called[0], self.reference, self.version))
        self.enters(at + 0.6, State.PROCEED)
        self.is_told(at + 0.7, skinny.call_info(self.reference, OUTBOUND, caller, called, self.version))
        self.enters(at + 0.8, State.RING_OUT)

    def opens(self, at: float, far: Place, secret: tuple[bytes, bytes] = (b"", b"")) -> None:
        """Media in both directions: it is told to receive, says where, and is told where to send."""
        heard, said = secret
        self.is_told(at, skinny.open_receive(self.reference, self.party, version=self.version, secret=heard))
        self.says(at + 0.01, skinny.receives(self.party, self.place, version=self.version))
        self.is_told(
            at + 0.02,
            skinny.start_media(self.reference, self.party, far, version=self.version, secret=said),
        )


def conversation(wire: Wire, version: int = 17) -> tuple[Phone, Phone]:
    """8001 calls 8002; both phones are seen; they talk from 3 s to 6 s, and 8002 hangs up."""
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000, version)
    bernd = Phone(wire, "192.0.2.22", 16777222, 34, 22_000, version)
    anna.calls(0.0, ANNA, BERND)
    bernd.is_called(0.75, ANNA, BERND)
    bernd.says(3.0, skinny.off_hook())
    for phone, other in ((bernd, anna), (anna, bernd)):
        phone.enters(3.01, State.CONNECTED)
        phone.opens(3.02, other.place)
    wire.speech(3.1, 3.0, anna.place, bernd.place, seed=1)
    wire.speech(3.1, 3.0, bernd.place, anna.place, seed=2)
    bernd.says(6.2, skinny.on_hook(bernd.reference))
    for phone in (bernd, anna):
        phone.is_told(6.21, skinny.close_receive(phone.reference, phone.party))
        phone.is_told(6.21, skinny.stop_media(phone.reference, phone.party))
        phone.enters(6.22, State.ON_HOOK)
    return anna, bernd


def outside(wire: Wire) -> Phone:
    """8001 calls a number behind a gateway that is not seen; it answers after 3 s."""
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    anna.calls(0.0, ANNA, ("0015551230001", ""))
    anna.enters(3.01, State.CONNECTED)
    anna.opens(3.02, GATEWAY)
    return anna


def one(tmp_path: Path, wire: Wire) -> Call:
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()]))
    return file.call
