"""Reading the fields of one SCCP message."""

import struct

from recorder.protocol import address
from recorder.protocol.errors import SccpError

HEAD = struct.Struct("<III")
"""Length from the id on, version, id."""
_WITH_FAMILY = 17
"""From this version on, addresses are 16 bytes behind the number of their family."""
_LONG_NUMBERS = 18
"""From this version on, a directory number has 25 bytes instead of 24."""
_MAPPED = 0xFFFF00000000


class SccpReader:
    """Goes through the fields behind the head of a message; raises SccpError where they end too early."""

    def __init__(self, version: int, fields: bytes) -> None:
        self.version = version
        self._fields = fields
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes that have not been read."""
        return len(self._fields) - self._at

    def skip(self, length: int) -> None:
        """Pass over fields; what is missing of them is not missed before the next is read."""
        self._at += length

    def take(self, length: int) -> bytes:
        """The next bytes."""
        end = self._at + length
        if end > len(self._fields):
            raise SccpError(f"an SCCP message ends after {len(self._fields)} bytes of fields")
        taken = self._fields[self._at : end]
        self._at = end
        return taken

    def number(self, length: int = 4) -> int:
        """An unsigned number."""
        return int.from_bytes(self.take(length), "little")

    def optional(self) -> int:
        """A number that older senders leave out, 0 then."""
        return self.number() if self.left >= 4 else 0

    def text(self, length: int) -> str:
        """A field of fixed length, up to its first zero."""
        return _decoded(self.take(length).partition(b"\0")[0])

    def directory_number(self) -> str:
        """A number as it is dialled."""
        return self.text(25 if self.version >= _LONG_NUMBERS else 24)

    def texts(self, count: int) -> list[str]:
        """Texts of any length, each with a zero behind it; empty those that are left out at the end."""
        parts = self.take(self.left).split(b"\0")[:count]
        return [_decoded(part) for part in parts] + [""] * (count - len(parts))

    def address(self) -> address.Words:
        """An address, of IPv4 alone in old versions."""
        family = self.number() if self.version >= _WITH_FAMILY else 0
        room = self.take(16 if self.version >= _WITH_FAMILY else 4)
        if family == 0:
            return 0, _MAPPED | int.from_bytes(room[:4], "big")
        high, low = struct.unpack("!QQ", room)
        return high, low

    def port(self) -> int:
        """A UDP port, 0 where the field holds none."""
        number = self.number()
        return number if number < 65536 else 0


def _decoded(text: bytes) -> str:
    """Phones of before UTF-8 send Latin-1."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
