"""MGCP messages (RFC 3435): commands, responses, and several of them in one datagram."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from recorder.protocol.errors import MgcpError

PORTS = (2427, 2727)
"""Of gateways and of call agents (RFC 3435, 3.5.1)."""
_COMMAND = re.compile(r"([A-Za-z]{4})[ \t]+(\d{1,9})[ \t]+(\S{1,510})[ \t]+MGCP[ \t]+1\.0\b.*", re.IGNORECASE)
_RESPONSE = re.compile(r"(\d{3})[ \t]+(\d{1,9})(?:[ \t]+.*)?")
_PARAMETER = re.compile(r"[ \t]*([A-Za-z0-9+/-]{1,32})[ \t]*:[ \t]*(.*)")
_EVENT = re.compile(r"(?:([\w*$-]+)/)?([\w*#$-]+)(?:@[\w*$-]+)?(?:\((.*)\))?", re.DOTALL)
_MOST = 16
"""Messages in a datagram."""
LONGEST = 8 << 10
"""Bytes of a datagram, more than any needs: commands are kept, as answers do not say what they answer."""

Parameters = tuple[tuple[str, str], ...]


class Event(NamedTuple):
    """An event that was observed, or a signal to be played; names are in lower case."""

    package: str
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command; ``verb`` is in upper case, ``endpoint`` in lower case as it is compared (RFC 3435, 2.1.2).

    ``parameters`` have upper-case codes; ``sdp`` is empty where there is none.
    """

    verb: str
    transaction: int
    endpoint: str
    parameters: Parameters = ()
    sdp: bytes = b""

    def get(self, code: str) -> str:
        """The first parameter of this code, empty where there is none."""
        return _first(self.parameters, code)


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to the command of the same transaction."""

    code: int
    transaction: int
    parameters: Parameters = ()
    sdp: bytes = b""

    def get(self, code: str) -> str:
        """The first parameter of this code, empty where there is none."""
        return _first(self.parameters, code)


def parse(content: bytes) -> list[Command | Response]:
    """The messages of a datagram (RFC 3435, 3.5.5), without those that cannot be read.

    Raises MgcpError where that is all of them, or for a datagram that is too long.
    """
    if len(content) > LONGEST:
        raise MgcpError(f"a datagram of {len(content)} bytes is none of MGCP")
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    found = []
    for part in _parts(lines)[:_MOST]:
        message = _message(part)
        if message is not None:
            found.append(message)
    if not found:
        raise MgcpError("a datagram without an MGCP command or response")
    return found


def events(value: str) -> list[Event]:
    """The events or signals of a list such as ``L/hd, D/5, L/ci(10/14/17/26, 5551212, "A. Name")``."""
    found = []
    for one in _split(value)[:256]:
        match = _EVENT.fullmatch(one.strip())
        if match is not None:
            arguments = tuple(part.strip().strip('"') for part in _split(match[3])) if match[3] else ()
            found.append(Event((match[1] or "").lower(), match[2].lower(), arguments))
    return found


def _parts(lines: list[bytes]) -> list[list[bytes]]:
    """The lines of each message; a line with a dot alone separates them."""
    parts: list[list[bytes]] = [[]]
    for line in lines:
        if line.strip() == b".":
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _message(lines: list[bytes]) -> Command | Response | None:
    start = next((number for number, line in enumerate(lines) if line.strip()), None)
    if start is None:
        return None
    lines = lines[start:]
    first = lines[0].decode("utf-8", "replace").strip()
    at = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    parameters = _parameters(lines[1:at])
    sdp = b"\r\n".join(lines[at + 1 :]).strip()
    command = _COMMAND.fullmatch(first)
    if command is not None:
        verb, transaction, endpoint = command.groups()
        return Command(verb.upper(), int(transaction), endpoint.lower(), parameters, sdp)
    response = _RESPONSE.fullmatch(first)
    if response is not None:
        return Response(int(response[1]), int(response[2]), parameters, sdp)
    return None


def _parameters(lines: list[bytes]) -> Parameters:
    found = (_PARAMETER.fullmatch(line.decode("utf-8", "replace")) for line in lines)
    return tuple((one[1].upper(), one[2].strip()) for one in found if one is not None)


def _first(parameters: Parameters, code: str) -> str:
    return next((value for name, value in parameters if name == code), "")


def _split(value: str) -> list[str]:
    """At commas that are neither in brackets nor in quotes."""
    parts, depth, is_quoted, start = [], 0, False, 0
    for at, letter in enumerate(value):
        if letter == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and depth <= 0:
            parts.append(value[start:at])
            start = at + 1
    return [*parts, value[start:]]
