"""The structured values of SIP header fields (RFC 3261, 20 and 25): addresses, parameters, lists.

Nothing here raises: what does not follow the grammar comes back as far as it was understood.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Self
from urllib.parse import unquote

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PARAMETER = re.compile(r';\s*([^=;\s]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"?|[^;]*))?', re.DOTALL)
# What is opened and never closed reaches to the end: looking for its end again and again would take
# time with the square of the length.
_LIST_PART = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^>]*>?|[^,"<]+|,', re.DOTALL)
_MAX_DIGITS = 10
_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


def number(text: str, default: int = 0) -> int:
    """A decimal number of at most ten digits; ``default`` for anything else."""
    digits = text.strip()
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) <= _MAX_DIGITS else default


def split_list(value: str) -> list[str]:
    """The elements of a comma-separated value; commas in quotes and angle brackets do not part."""
    if "," not in value:
        return [value]
    elements = [""]
    for part in _LIST_PART.findall(value):
        if part == ",":
            elements.append("")
        else:
            elements[-1] += part
    return [element.strip() for element in elements if element.strip()]


def parameters(text: str) -> dict[str, str]:
    """``;name=value;flag`` as a mapping of lower-case names; flags map to the empty string."""
    if ";" not in text:
        return {}
    if '"' in text:
        return {name.lower(): _unquoted(value) for name, value in _PARAMETER.findall(text)}
    found = {}
    for part in text.split(";")[1:]:
        name, _, value = part.partition("=")
        if name := name.strip():
            found[name.lower()] = value.strip()
    return found


def _unquoted(value: str) -> str:
    return _unescaped(value[1:].removesuffix('"')) if value.startswith('"') else value.strip()


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


class NameAddr(NamedTuple):
    """A name-addr or addr-spec: who is meant (RFC 3261, 20.10).

    ``user`` is unescaped and without password and telephone parameters; of a ``tel:`` URI it is the
    number. ``host`` is without port. ``params`` are the header's parameters, not the URI's.
    """

    display: str = ""
    uri: str = ""
    tag: str = ""
    user: str = ""
    host: str = ""
    params: Mapping[str, str] = _NO_PARAMETERS

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read ``"Jane" <sip:8001@host;transport=udp>;tag=1`` and the forms without brackets or name."""
        display, rest = "", value.strip()
        quoted = _QUOTED.match(rest)
        # A quote that nobody closed would hide the address (RFC 4475, 3.1.2.6).
        if quoted is not None and quoted.end() < len(rest):
            display, rest = _unescaped(quoted[1]), rest[quoted.end() :]
        before, bracket, after = rest.partition("<")
        if bracket:
            uri, _, tail = after.partition(">")
            display = display or before.strip().removeprefix('"')
        else:
            uri, semicolon, tail = rest.partition(";")
            tail = semicolon + tail
        params = parameters(tail) if tail else _NO_PARAMETERS
        uri = uri.strip()
        user, host = user_and_host(uri)
        return cls(display, uri, params.get("tag", ""), user, host, params)


def user_and_host(uri: str) -> tuple[str, str]:
    """The user and the host of a ``sip:``, ``sips:`` or ``tel:`` URI (RFC 3261, 19.1; RFC 3966)."""
    scheme, colon, rest = uri.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in ("sip", "sips", "tel"):
        return "", ""
    if scheme == "tel":
        return unquote(rest.partition(";")[0]), ""
    user, at, host = rest.partition("@")
    if not at:
        user, host = "", rest
    host = host.partition(";")[0].partition("?")[0]
    end = host.find("]") + 1 if host.startswith("[") else host.find(":")
    user = user.partition(":")[0].partition(";")[0]
    return unquote(user) if "%" in user else user, host[:end] if end > 0 else host


class Via(NamedTuple):
    """One hop of a request's path (RFC 3261, 20.42). ``port`` is 0 where none is given."""

    transport: str = ""
    host: str = ""
    port: int = 0
    params: Mapping[str, str] = _NO_PARAMETERS

    @property
    def branch(self) -> str:
        """The transaction (RFC 3261, 17)."""
        return self.params.get("branch", "")

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read ``SIP/2.0/UDP host:port;branch=…``."""
        head, semicolon, tail = value.partition(";")
        protocol, _, sent_by = head.strip().rpartition(" ")
        host, colon, port = sent_by.rpartition(":")
        if not colon or port.endswith("]"):
            host, port = sent_by, ""
        return cls(
            protocol.rpartition("/")[2].strip().upper(),
            host.strip(),
            number(port),
            parameters(semicolon + tail),
        )


class Replaces(NamedTuple):
    """The dialog that a new one takes the place of (RFC 3891)."""

    call_id: str
    to_tag: str = ""
    from_tag: str = ""

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read ``call-id;to-tag=…;from-tag=…``."""
        call_id, semicolon, tail = value.partition(";")
        params = parameters(semicolon + tail)
        return cls(call_id.strip(), params.get("to-tag", ""), params.get("from-tag", ""))

    @classmethod
    def from_uri(cls, uri: str) -> Self | None:
        """The Replaces header inside a Refer-To URI: ``sip:bob@host?Replaces=…``; None without one."""
        for part in uri.partition("?")[2].split("&"):
            name, _, value = part.partition("=")
            if name.lower() == "replaces" and value:
                return cls.parse(unquote(value))
        return None


class SessionId(NamedTuple):
    """The session that legs on both sides of a back-to-back agent share (RFC 7989); lower-case hex."""

    local: str
    remote: str = ""

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read ``local;remote=…``; the older form has no remote (RFC 7329)."""
        local, semicolon, tail = value.partition(";")
        return cls(local.strip().lower(), parameters(semicolon + tail).get("remote", "").lower())


class Reason(NamedTuple):
    """Why a request or an answer was sent (RFC 3326): ``protocol`` in upper case (``Q.850``, ``SIP``), and a
    cause of its numbers, 0 where none is given."""

    protocol: str
    cause: int = 0
    text: str = ""

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read ``Q.850;cause=17;text="User busy"``."""
        protocol, semicolon, tail = value.partition(";")
        params = parameters(semicolon + tail)
        return cls(protocol.strip().upper(), number(params.get("cause", "")), params.get("text", ""))
