"""How TLS makes keys of secrets (RFC 5246, 5, 6.3, 8.1; RFC 2246, 5; RFC 7627, 4; RFC 8446, 7)."""

import hashlib
import hmac
from dataclasses import dataclass

from recorder.protocol.tls_hello import TLS_1_2, ClientHello, ServerHello
from recorder.protocol.tls_suites import Suite

MASTER = 48
"""Bytes of a master secret."""
_BLOCK = 16


@dataclass(frozen=True, slots=True, repr=False)
class WriteKeys:
    """The keys with which one side writes; ``mac`` is empty with AEAD. Never shown."""

    mac: bytes
    key: bytes
    iv: bytes


def prf(version: int, digest: str, secret: bytes, label: bytes, seed: bytes, size: int) -> bytes:
    """The pseudorandom function up to TLS 1.2; older versions mix MD5 and SHA-1 and ask for no ``digest``."""
    if version >= TLS_1_2:
        return _expanded(digest, secret, label + seed, size)
    half = (len(secret) + 1) // 2
    one = _expanded("md5", secret[:half], label + seed, size)
    other = _expanded("sha1", secret[len(secret) - half :], label + seed, size)
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def master_secret(
    premaster: bytes, client: ClientHello, server: ServerHello, suite: Suite, transcript: bytes
) -> bytes:
    """The master secret; ``transcript`` are the handshake messages up to the client's key, for RFC 7627."""
    label, seed = b"master secret", client.random + server.random
    if server.extended_master:
        names = (suite.digest,) if server.version >= TLS_1_2 else ("md5", "sha1")
        seed = b"".join(hashlib.new(name, transcript, usedforsecurity=False).digest() for name in names)
        label = b"extended master secret"
    return prf(server.version, suite.digest, premaster, label, seed, MASTER)


def write_keys(
    master: bytes, client: ClientHello, server: ServerHello, suite: Suite
) -> tuple[WriteKeys, WriteKeys]:
    """The keys of the client and of the server, up to TLS 1.2."""
    iv = suite.fixed_iv or _BLOCK
    sizes = (suite.mac_key, suite.mac_key, suite.key, suite.key, iv, iv)
    seed = server.random + client.random
    block = prf(server.version, suite.digest, master, b"key expansion", seed, sum(sizes))
    parts, at = [], 0
    for size in sizes:
        parts.append(block[at : at + size])
        at += size
    return WriteKeys(parts[0], parts[2], parts[4]), WriteKeys(parts[1], parts[3], parts[5])


def traffic_keys(secret: bytes, suite: Suite) -> WriteKeys:
    """The keys of one side of TLS 1.3 from its traffic secret (RFC 8446, 7.3)."""
    key = expand_label(suite.digest, secret, b"key", suite.key)
    return WriteKeys(b"", key, expand_label(suite.digest, secret, b"iv", 12))


def next_secret(secret: bytes, suite: Suite) -> bytes:
    """The traffic secret after a key update (RFC 8446, 7.2)."""
    return expand_label(suite.digest, secret, b"traffic upd", hashlib.new(suite.digest).digest_size)


def expand_label(digest: str, secret: bytes, label: bytes, size: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446, 7.1); ``size`` is at most 255."""
    name = b"tls13 " + label
    info = size.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    found, block, count = b"", b"", 0
    while len(found) < size:
        count += 1
        block = hmac.digest(secret, block + info + bytes([count]), digest)
        found += block
    return found[:size]


def _expanded(digest: str, secret: bytes, seed: bytes, size: int) -> bytes:
    """P_hash (RFC 5246, 5)."""
    found, link = b"", seed
    while len(found) < size:
        link = hmac.digest(secret, link, digest)
        found += hmac.digest(secret, link + seed, digest)
    return found[:size]
