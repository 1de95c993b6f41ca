"""What both sides of a TLS connection said in clear, and the secrets that follow from it."""

from dataclasses import dataclass, field

from recorder.protocol import tls_handshake, tls_hello, tls_keylog
from recorder.protocol.errors import TlsError
from recorder.protocol.tls_handshake import Handshake
from recorder.protocol.tls_hello import TLS_1_3, ClientHello, ServerHello
from recorder.protocol.tls_keys import TlsKeys
from recorder.protocol.tls_openers import Opener, opener
from recorder.protocol.tls_schedule import MASTER, master_secret, traffic_keys, write_keys
from recorder.protocol.tls_suites import RSA, SUITES, Suite

_LONGEST_FLIGHT = 1 << 17


@dataclass(slots=True, repr=False)
class Exchange:
    """One handshake. A connection may have several: TLS up to 1.2 renegotiates, 1.3 may ask to begin again.

    Of what is not needed for the keys at hand nothing is kept.
    """

    keys: TlsKeys
    client: ClientHello | None = None
    server: ServerHello | None = None
    _certificate: bytes = b""
    _encrypted: bytes = b""
    _ticket: bytes = b""
    _master: bytes | None = None
    _flights: dict[bool, bytearray] = field(default_factory=lambda: {True: bytearray(), False: bytearray()})
    _is_server_done: bool = False

    @property
    def held(self) -> int:
        """Bytes that are kept."""
        return sum(len(flight) for flight in self._flights.values()) + len(self._certificate)

    @property
    def suite(self) -> Suite | None:
        """The suite that the server chose, None where it is unknown or cannot be opened."""
        if self.server is None or self.server.compression:
            return None
        return SUITES.get(self.server.suite)

    @property
    def is_1_3(self) -> bool:
        """Whether the server chose TLS 1.3."""
        return self.server is not None and self.server.version >= TLS_1_3

    def take(self, is_client: bool, message: Handshake) -> None:
        """A message in clear, or of a handshake inside another; raises TlsError."""
        if is_client and message.kind == tls_handshake.CLIENT_HELLO:
            self.client = tls_hello.client_hello(message.body)
        elif not is_client and message.kind == tls_handshake.SERVER_HELLO:
            self.server = tls_hello.server_hello(message.body)
        if not self.keys.has_rsa:
            return
        if not is_client and message.kind == tls_handshake.NEW_TICKET:
            # Lifetime, then the ticket with its length (RFC 5077, 3.3).
            self._ticket = message.body[6:]
            self._remember()
        elif not (self._encrypted if is_client else self._is_server_done):
            self._keep(is_client, message)

    def _keep(self, is_client: bool, message: Handshake) -> None:
        """What goes before the client's key counts for the secret (RFC 7627, 3)."""
        flight = self._flights[is_client]
        flight += message.raw
        if self.held > _LONGEST_FLIGHT:
            raise TlsError("a TLS handshake that is too long")
        if is_client and message.kind == tls_handshake.CLIENT_KEY:
            self._encrypted = message.body[2:]
        elif not is_client and message.kind == tls_handshake.CERTIFICATE:
            self._certificate = message.raw
        self._is_server_done |= not is_client and message.kind == tls_handshake.SERVER_DONE

    def openers(self) -> tuple[Opener, Opener] | None:
        """What opens the client's and the server's records up to TLS 1.2; None without the secret."""
        master = self._secret()
        if master is None or self.client is None or self.server is None or self.suite is None:
            return None
        one, other = write_keys(master, self.client, self.server, self.suite)
        return opener(self.server, self.suite, one), opener(self.server, self.suite, other)

    def traffic(self, is_client: bool) -> "Traffic | None":
        """The first keys of application data of one side of TLS 1.3; None without the secret."""
        if self.client is None or self.server is None or self.suite is None:
            return None
        label = tls_keylog.CLIENT_TRAFFIC if is_client else tls_keylog.SERVER_TRAFFIC
        secret = self.keys.secret(self.client.random, label)
        if secret is None:
            return None
        return Traffic(secret, opener(self.server, self.suite, traffic_keys(secret, self.suite)))

    def _secret(self) -> bytes | None:
        """The master secret: as logged, as sent to the server's RSA key, or as of the session resumed."""
        if self._master is None and self.client is not None and self.server is not None:
            logged = self.keys.secret(self.client.random, tls_keylog.MASTER)
            master = logged or self._agreed() or self._resumed()
            if master is not None and len(master) == MASTER:
                self._master = master
                self._remember()
                self._certificate = b""
                for flight in self._flights.values():
                    flight.clear()
        return self._master

    def _remember(self) -> None:
        """A session may be resumed by its id or by a ticket that comes behind the client's key."""
        if self._master is not None and self.server is not None and self.keys.has_rsa:
            for name in (self.server.session, self._ticket):
                self.keys.remember(name, self._master)

    def _agreed(self) -> bytes | None:
        client, server, suite = self.client, self.server, self.suite
        if not self._encrypted or client is None or server is None or suite is None:
            return None
        if server.suite not in RSA:
            return None
        if server.extended_master and not self._is_server_done:
            # All that the server said counts, and where directions are captured apart may be seen late.
            return None
        premaster = self.keys.premaster(self._certificate, self._encrypted)
        if premaster is None:
            return None
        said, answered = self._flights[True], self._flights[False]
        first = 4 + int.from_bytes(said[1:4], "big")
        transcript = bytes(said[:first] + answered + said[first:])
        return master_secret(premaster, client, server, suite, transcript)

    def _resumed(self) -> bytes | None:
        client, server = self.client, self.server
        if self._encrypted or client is None or server is None:
            return None
        if client.session and client.session == server.session:
            return self.keys.resumed(client.session) or self.keys.resumed(client.ticket)
        return None


@dataclass(frozen=True, slots=True, repr=False)
class Traffic:
    """A traffic secret of TLS 1.3 and what opens records with it. Never shown."""

    secret: bytes
    opener: Opener
