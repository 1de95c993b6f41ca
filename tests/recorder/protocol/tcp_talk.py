"""Both directions of a TCP connection as frames."""

from dataclasses import dataclass, field

from tests.recorder import frames

CLIENT, SERVER = ("192.0.2.1", 40000), ("192.0.2.2", 5060)
SYN, ACK, FIN, RST = 0x02, 0x10, 0x01, 0x04


@dataclass
class Talk:
    """Makes the frames of a connection; each side's numbers go on by themselves."""

    client: tuple[str, int] = CLIENT
    server: tuple[str, int] = SERVER
    numbers: dict[bool, int] = field(default_factory=lambda: {True: 1000, False: 0xFFFFFFF0})

    def open(self) -> list[bytes]:
        """The handshake."""
        found = [self.frame(b"", SYN), self.frame(b"", SYN | ACK, from_client=False)]
        self.numbers = {side: number + 1 for side, number in self.numbers.items()}
        return [*found, self.frame(b"")]

    def say(self, content: bytes, *, size: int = 1 << 14, from_client: bool = True) -> list[bytes]:
        """Content in segments of ``size`` bytes."""
        found = []
        for at in range(0, len(content), size):
            found.append(self.frame(content[at : at + size], from_client=from_client))
            self.numbers[from_client] += len(content[at : at + size])
        return found

    def close(self) -> list[bytes]:
        """Both sides say that this was all."""
        return [self.frame(b"", FIN | ACK), self.frame(b"", FIN | ACK, from_client=False)]

    def frame(self, content: bytes, flags: int = ACK, *, from_client: bool = True) -> bytes:
        """One segment at the present number."""
        ends = (self.client, self.server) if from_client else (self.server, self.client)
        (source, source_port), (destination, port) = ends
        segment = frames.tcp(content, source_port, port, self.numbers[from_client], flags, b"\1\1\1\1")
        return frames.ethernet(frames.ipv4(segment, source, destination, protocol=6))
