"""What client and server agree on in the first messages of TLS (RFC 5246, 7.4.1; RFC 8446, 4.1)."""

from typing import NamedTuple

from recorder.protocol.errors import TlsError

TLS_1_0, TLS_1_2, TLS_1_3 = 0x0301, 0x0303, 0x0304
_ENCRYPT_THEN_MAC, _EXTENDED_MASTER, _TICKET, _VERSIONS = 22, 23, 35, 43
"""Extensions: RFC 7366, RFC 7627, RFC 5077, RFC 8446."""


class ClientHello(NamedTuple):
    """What a client offers, as far as keys depend on it; ``ticket`` is empty without one to resume."""

    version: int
    random: bytes
    session: bytes
    ticket: bytes


class ServerHello(NamedTuple):
    """What a server chose; a request to say hello again (RFC 8446, 4.1.4) looks alike."""

    version: int
    random: bytes
    session: bytes
    suite: int
    compression: int
    encrypt_then_mac: bool
    extended_master: bool


class _Reader:
    """Takes fields off the front; raises TlsError past the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise TlsError("a TLS hello that ends too early")
        found = self._data[self._at : end]
        self._at = end
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """Bytes with their length before them in ``size`` bytes."""
        return self.take(self.number(size))

    def extensions(self) -> dict[int, bytes]:
        """The extensions at the end, the first of each; there may be none."""
        found: dict[int, bytes] = {}
        if self:
            rest = _Reader(self.vector(2))
            while rest:
                found.setdefault(rest.number(2), rest.vector(2))
        return found


def client_hello(body: bytes) -> ClientHello:
    """Read the body of a ClientHello; raises TlsError."""
    reader = _Reader(body)
    version, random, session = reader.number(2), reader.take(32), reader.vector(1)
    reader.vector(2)
    reader.vector(1)
    return ClientHello(version, random, session, reader.extensions().get(_TICKET, b""))


def server_hello(body: bytes) -> ServerHello:
    """Read the body of a ServerHello; raises TlsError."""
    reader = _Reader(body)
    version, random, session = reader.number(2), reader.take(32), reader.vector(1)
    suite, compression = reader.number(2), reader.number(1)
    extensions = reader.extensions()
    chosen = int.from_bytes(extensions.get(_VERSIONS, b""), "big")
    return ServerHello(
        version=chosen or version,
        random=random,
        session=session,
        suite=suite,
        compression=compression,
        encrypt_then_mac=_ENCRYPT_THEN_MAC in extensions,
        extended_master=_EXTENDED_MASTER in extensions,
    )
