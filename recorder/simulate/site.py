"""The telephone plant: which address, port and telephone everybody has."""

from collections import defaultdict
from dataclasses import dataclass

from recorder.simulate.people import Person
from recorder.simulate.wire import Endpoint

SIP_PORT = 5060
PBX = "10.20.0.10"
TRUNK = "203.0.113.10"
MEDIA_GATEWAYS = tuple(f"203.0.113.{host}" for host in range(20, 28))
FIRST_MEDIA_PORT, LAST_MEDIA_PORT = 10_000, 59_998

PBX_AGENT = "Simulated PBX 1.0"
TRUNK_AGENT = "Simulated trunk 1.0"
PHONE_AGENT = "Simulated phone 1.0"


@dataclass(frozen=True, slots=True)
class Station:
    """One end of a leg: where its signalling and its media are, and what it calls itself."""

    signalling: Endpoint
    media: Endpoint
    software: str


class Site:
    """Hands out stations; media ports of a host are even and come round again after 25,000 calls."""

    def __init__(self) -> None:
        self._next_port: defaultdict[str, int] = defaultdict(lambda: FIRST_MEDIA_PORT)

    def pbx(self) -> Station:
        """The PBX's side of a leg."""
        return self._station(PBX, PBX, PBX_AGENT)

    def trunk(self, choice: int) -> Station:
        """The carrier's side of a leg; its media come from one of several gateways."""
        return self._station(TRUNK, MEDIA_GATEWAYS[choice % len(MEDIA_GATEWAYS)], TRUNK_AGENT)

    def phone(self, person: Person) -> Station:
        """The telephone of an agent, by extension."""
        address = phone_address(person)
        return self._station(address, address, PHONE_AGENT)

    def _station(self, signalling: str, media: str, software: str) -> Station:
        port = self._next_port[media]
        self._next_port[media] = port + 2 if port < LAST_MEDIA_PORT else FIRST_MEDIA_PORT
        return Station(Endpoint(signalling, SIP_PORT), Endpoint(media, port), software)


def phone_address(person: Person) -> str:
    """The IPv4 address of an agent's telephone, from 10.21.0.1 on by extension."""
    index = int(person.number) - 8000
    return f"10.{21 + (index >> 16)}.{index >> 8 & 255}.{index & 255}"
