"""The secrets that an operator gives to read TLS with, and those that follow from them."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from recorder.protocol.tls_keylog import KeyLog
from recorder.protocol.tls_schedule import MASTER

_MOST_RESUMABLE = 1 << 14


class TlsKeys:
    """Secrets by the connection that they open. Never shown: not in a log, not in ``repr``.

    ``more`` gives the next piece of what the key-log file gained, empty at its end; it is asked when a secret
    is unknown. ``rsa_keys`` are private keys of servers.
    """

    def __init__(
        self, more: Callable[[], bytes] | None = None, rsa_keys: Sequence[RSAPrivateKey] = ()
    ) -> None:
        self._log = KeyLog()
        self._more = more
        self._rsa_keys = [(_modulus(key), key) for key in rsa_keys]
        self._resumable: OrderedDict[bytes, bytes] = OrderedDict()

    @property
    def has_rsa(self) -> bool:
        """Whether there are private keys of servers."""
        return bool(self._rsa_keys)

    def secret(self, client_random: bytes, label: str) -> bytes | None:
        """A secret of a connection from the key log; None where there is none yet."""
        found = self._log.secrets(client_random).get(label)
        if found is None and self._read_on():
            found = self._log.secrets(client_random).get(label)
        return found

    def open(self, client_random: bytes) -> bool:
        """Whether the key log has anything of this connection."""
        if not client_random:
            return False
        return bool(self._log.secrets(client_random)) or (
            self._read_on() and bool(self._log.secrets(client_random))
        )

    def premaster(self, certificate: bytes, encrypted: bytes) -> bytes | None:
        """The premaster secret that a client sent for the server with that certificate message.

        None where no private key belongs to it, or where what was sent cannot be decrypted with it.
        """
        for modulus, key in self._rsa_keys:
            if modulus in certificate:
                try:
                    found = key.decrypt(encrypted, PKCS1v15())
                except ValueError:
                    return None
                return found if len(found) == MASTER else None
        return None

    def remember(self, name: bytes, master: bytes) -> None:
        """Keep the master secret of a session that may be resumed by ``name``, its id or ticket."""
        if name:
            self._resumable[name] = master
            self._resumable.move_to_end(name)
        while len(self._resumable) > _MOST_RESUMABLE:
            self._resumable.popitem(last=False)

    def resumed(self, name: bytes) -> bytes | None:
        """The master secret of the session with that id or ticket."""
        return self._resumable.get(name) if name else None

    def _read_on(self) -> bool:
        """Take what the file gained; whether it gained anything."""
        is_more = False
        while self._more is not None and (data := self._more()):
            self._log.feed(data)
            is_more = True
        return is_more


def _modulus(key: RSAPrivateKey) -> bytes:
    number = key.public_key().public_numbers().n
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
