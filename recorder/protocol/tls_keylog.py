"""NSS key-log files (SSLKEYLOGFILE): a line a secret, as ``LABEL CLIENT_RANDOM SECRET`` in hexadecimal."""

import re
from collections import OrderedDict
from collections.abc import Mapping

MASTER, CLIENT_TRAFFIC, SERVER_TRAFFIC = "CLIENT_RANDOM", "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"
"""The labels that open application data: TLS up to 1.2, and both sides of TLS 1.3."""
MOST = 1 << 17
"""Connections whose secrets are kept, the newest."""
_LABELS = frozenset({MASTER, CLIENT_TRAFFIC, SERVER_TRAFFIC})
_LONGEST_LINE = 1 << 10
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2})+")


class KeyLog:
    """The secrets in a log that comes in pieces. Lines that are none are passed over and counted."""

    def __init__(self, most: int = MOST) -> None:
        self.bad_lines = 0
        self._most = most
        self._found: OrderedDict[bytes, dict[str, bytes]] = OrderedDict()
        self._rest = b""

    def __len__(self) -> int:
        """Of how many connections secrets are known."""
        return len(self._found)

    def feed(self, data: bytes) -> None:
        """Take more of the file; a line that is not ended yet waits for its end."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            self._rest = b""
            self.bad_lines += 1
        for line in lines:
            self._line(line.strip())

    def secrets(self, client_random: bytes) -> Mapping[str, bytes]:
        """The secrets of a connection by label; empty where nothing is known."""
        return self._found.get(client_random, {})

    def _line(self, line: bytes) -> None:
        if not line or line.startswith(b"#"):
            return
        words = line.split()
        if len(words) != 3 or not all(_HEX.fullmatch(word) for word in words[1:]):
            self.bad_lines += 1
            return
        label = words[0].decode("ascii", "replace")
        if label not in _LABELS:
            return
        key = bytes.fromhex(words[1].decode())
        self._found.setdefault(key, {})[label] = bytes.fromhex(words[2].decode())
        if len(self._found) > self._most:
            self._found.popitem(last=False)
