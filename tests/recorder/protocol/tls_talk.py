"""Real TLS: a client and a server of Python's ssl module, and what passes between them."""

import contextlib
import datetime
import functools
import ssl
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

V1_0, V1_1, V1_2, V1_3 = list(ssl.TLSVersion)[2:6]
Said = tuple[bool, bytes]
"""Whether the client sent it, and the bytes."""


@functools.cache
def private_key(kind: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """A server's key, the same for the whole process; ``kind`` is ``rsa``, ``ec``, or another RSA key."""
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048)


def pem(kind: str = "rsa", password: bytes | None = None) -> bytes:
    """The key as a file holds it."""
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8 if password else serialization.PrivateFormat.TraditionalOpenSSL
    return private_key(kind).private_bytes(serialization.Encoding.PEM, form, hidden)


@functools.cache
def certificate(kind: str) -> bytes:
    """A certificate that the key signed itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pbx.example")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    key = private_key(kind)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
    )
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@functools.cache
def server_context(kind: str) -> ssl.SSLContext:
    """A server that speaks whatever the client asks for; tickets are kept for resumption."""
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(pem(kind) + certificate(kind))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def client_context(
    log: Path | None, version: ssl.TLSVersion, ciphers: str = "", options: int = 0
) -> ssl.SSLContext:
    """A client that trusts everybody and speaks one version."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= options
    with _old_versions():
        context.minimum_version = context.maximum_version = version
    if log is not None:
        context.keylog_filename = str(log)
    if ciphers:
        context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    return context


def _context(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with _old_versions():
        context.minimum_version = ssl.TLSVersion.TLSv1
    return context


@contextlib.contextmanager
def _old_versions() -> Iterator[None]:
    """Python warns of versions that phones still speak."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


@dataclass
class TlsTalk:
    """A connection over which both sides speak; ``said`` is what passed, in its order."""

    client_context: ssl.SSLContext
    server_context: ssl.SSLContext
    session: ssl.SSLSession | None = None
    said: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._in = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
        self._out = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
        self.client = self.client_context.wrap_bio(self._in[True], self._out[True], session=self.session)
        self.server = self.server_context.wrap_bio(self._in[False], self._out[False], server_side=True)

    def shake_hands(self) -> "TlsTalk":
        """The handshake, and what follows it by itself."""
        is_open = {True: False, False: False}
        while not all(is_open.values()):
            for is_client, end in ((True, self.client), (False, self.server)):
                if not is_open[is_client]:
                    is_open[is_client] = self._try(is_client, end.do_handshake)
        # The server's tickets.
        self._try(True, self.client.read)
        return self

    def say(self, content: bytes, is_client: bool = True) -> "TlsTalk":
        """One side writes, the other reads."""
        writer, reader = (self.client, self.server) if is_client else (self.server, self.client)
        assert writer.write(content) == len(content)
        self._carry(is_client)
        read = b""
        while len(read) < len(content):
            read += reader.read()
        assert read == content
        return self

    def close(self) -> "TlsTalk":
        """Both say that this was all."""
        for is_client, end in ((True, self.client), (False, self.server)):
            self._try(is_client, end.unwrap)
        return self

    def _try(self, is_client: bool, step: Callable[[], object]) -> bool:
        try:
            step()
        except ssl.SSLWantReadError:
            return False
        finally:
            self._carry(is_client)
        return True

    def _carry(self, is_client: bool) -> None:
        """Note what a side wrote, and give it to the other."""
        data = self._out[is_client].read()
        if data:
            self.said.append((is_client, data))
            self._in[not is_client].write(data)
