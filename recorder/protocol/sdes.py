"""Keys of SRTP in session descriptions: ``a=crypto`` (RFC 4568, 6 and 9)."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from recorder.media import SrtpKey
from recorder.protocol.errors import SdesError
from recorder.protocol.sip_values import number

MOST_KEYS = 16
"""Keys taken from one description; more are junk that would only cost time to try."""
_LONGEST_MKI = 128


@dataclass(frozen=True, slots=True)
class Suite:
    """Lengths of a crypto suite in bytes: master key, master salt, authentication tag."""

    key: int
    salt: int
    tag: int


SUITES = {
    "AES_CM_128_HMAC_SHA1_80": Suite(16, 14, 10),
    "AES_CM_128_HMAC_SHA1_32": Suite(16, 14, 4),
    "F8_128_HMAC_SHA1_80": Suite(16, 14, 10),
    "AES_192_CM_HMAC_SHA1_80": Suite(24, 14, 10),
    "AES_192_CM_HMAC_SHA1_32": Suite(24, 14, 4),
    "AES_256_CM_HMAC_SHA1_80": Suite(32, 14, 10),
    "AES_256_CM_HMAC_SHA1_32": Suite(32, 14, 4),
    "AEAD_AES_128_GCM": Suite(16, 12, 16),
    "AEAD_AES_256_GCM": Suite(32, 12, 16),
}
"""RFC 4568, 6.2; RFC 6188, 4; RFC 7714, 14.2. Kept packets name a suite by its place: add at the end only."""

_DRAFT_NAMES = {
    f"AES_CM_{bits}_HMAC_SHA1_{tag}": f"AES_{bits}_CM_HMAC_SHA1_{tag}"
    for bits in (192, 256)
    for tag in (80, 32)
}
"""What drafts of RFC 6188 called its suites; telephones still do."""


@dataclass(frozen=True, slots=True)
class Crypto:
    """One ``a=crypto``: its tag, and its keys as they are listed."""

    tag: int
    keys: tuple[SrtpKey, ...]

    @classmethod
    def parse(cls, value: str) -> "Crypto":
        """Read ``tag suite inline:key|lifetime|MKI:length;… parameters``.

        Raises SdesError where it does not follow the grammar, or is of a suite that is not known.
        """
        tag, name, params, *session = [*value.split(), "", "", ""]
        suite = _DRAFT_NAMES.get(name.upper(), name.upper())
        if number(tag, -1) < 0 or suite not in SUITES:
            raise SdesError("no crypto attribute: it begins with a tag and a suite of RFC 4568, 6188 or 7714")
        flags = {one.upper() for one in session}
        if any(one.startswith("KDR=") for one in flags):
            raise SdesError("keys that are derived again every so many packets (KDR) are not supported")
        keys = tuple(
            SrtpKey(
                suite,
                _secret(method, SUITES[suite]),
                _mki(method),
                is_encrypting="UNENCRYPTED_SRTP" not in flags,
                is_authenticating="UNAUTHENTICATED_SRTP" not in flags,
            )
            for method in params.split(";")
            if method
        )
        return cls(number(tag), keys)


def suite_mark(name: str) -> int:
    """The suite in one byte, from 1."""
    return list(SUITES).index(name) + 1


def marked_suite(mark: int) -> str:
    """The suite of ``suite_mark``; empty where there is none of this mark."""
    return dict(enumerate(SUITES, 1)).get(mark, "")


def offered(values: Iterable[str]) -> tuple[SrtpKey, ...]:
    """The keys of all ``a=crypto`` of a medium that make sense, in order, each once."""
    found: dict[SrtpKey, None] = {}
    for value in values:
        try:
            found.update(dict.fromkeys(Crypto.parse(value).keys))
        except SdesError:
            continue
    return tuple(found)[:MOST_KEYS]


def _secret(method: str, suite: Suite) -> str:
    """Master key and salt; the base64 again, as it should be."""
    name, _, rest = method.partition(":")
    text = rest.split("|")[0].rstrip("=")
    if name.lower() != "inline":
        raise SdesError("a key of SDES is given inline")
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SdesError("the key of the crypto attribute is no base64") from error
    if len(secret) != suite.key + suite.salt:
        raise SdesError(f"a master key and salt of {suite.key + suite.salt} bytes, not {len(secret)}")
    return base64.b64encode(secret).decode()


def _mki(method: str) -> int:
    """Bytes of the MKI in each packet: the field behind the key that holds ``value:length``."""
    for one in method.split("|")[1:]:
        value, _, length = one.partition(":")
        if length:
            size = number(length)
            if not value.isdigit() or not 0 < size <= _LONGEST_MKI:
                raise SdesError(f"an MKI has 1 to {_LONGEST_MKI} bytes")
            return size
    return 0
