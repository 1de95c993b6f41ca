"""Reading the aligned variant of the packed encoding rules of ASN.1 (ITU-T X.691).

A structure is described by the types below, with the names that its specification gives, and read whole: a
SEQUENCE becomes a mapping of the components that are present, a CHOICE a pair of name and value. Extensions
that a description does not name are passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from recorder.protocol.errors import PerError

_MOST_ITEMS = 256
"""Items of a SEQUENCE OF; no call needs more."""


class Bits:
    """A position in an encoding; raises PerError behind its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._end = len(data) * 8

    def take(self, count: int) -> int:
        """The next bits as a number, the most significant first."""
        at, end = self._at, self._at + count
        if end > self._end:
            raise PerError(f"an encoding ends after {len(self._data)} bytes")
        self._at = end
        span = int.from_bytes(self._data[at // 8 : -(-end // 8)], "big")
        return span >> (-end % 8) & (1 << count) - 1

    def octets(self, count: int) -> bytes:
        """The next bytes, from the next whole one on."""
        self._at = -(-self._at // 8) * 8
        start = self._at // 8
        if start + count > len(self._data):
            raise PerError(f"an encoding ends after {len(self._data)} bytes")
        self._at += count * 8
        return self._data[start : start + count]

    def whole(self, low: int, high: int) -> int:
        """A constrained whole number (X.691, 10.5)."""
        values = high - low + 1
        if values <= 255:
            return low + self.take((values - 1).bit_length())
        if values <= 65536:
            return low + int.from_bytes(self.octets(1 if values == 256 else 2), "big")
        size = 1 + self.take((((values - 1).bit_length() + 7) // 8 - 1).bit_length())
        return low + int.from_bytes(self.octets(size), "big")

    def small(self) -> int:
        """A normally small non-negative whole number (X.691, 10.6)."""
        if not self.take(1):
            return self.take(6)
        return int.from_bytes(self.octets(self.length()), "big")

    def length(self) -> int:
        """A length without bounds (X.691, 10.9.3); from 16 K on it comes in fragments, which are not read."""
        (first,) = self.octets(1)
        if first < 0x80:
            return first
        if first >= 0xC0:
            raise PerError("an encoding in fragments")
        return (first & 0x3F) << 8 | self.octets(1)[0]

    def open(self) -> bytes:
        """The encoding of an open type (X.691, 10.2)."""
        return self.octets(self.length())


class Type(Protocol):
    """Anything that can be read."""

    def read(self, bits: Bits, /) -> Any:
        """The value that begins here. Raises PerError."""
        ...


class Component(NamedTuple):
    """A component of a SEQUENCE."""

    name: str
    type: Type
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """SEQUENCE (X.691, 18); ``extensions`` are in their order, None for those that do not matter."""

    components: tuple[Component, ...]
    is_extensible: bool = True
    extensions: tuple[Component | None, ...] = ()

    def read(self, bits: Bits) -> dict[str, Any]:
        """The components that are present, by name."""
        is_extended = bool(bits.take(1)) if self.is_extensible else False
        presence = {one.name: bits.take(1) for one in self.components if one.is_optional}
        values = {one.name: one.type.read(bits) for one in self.components if presence.get(one.name, 1)}
        if is_extended:
            for name, kind, encoding in self._extended(bits):
                values[name] = kind.read(Bits(encoding))
        return values

    def _extended(self, bits: Bits) -> list[tuple[str, Type, bytes]]:
        present = [bits.take(1) for _ in range(bits.small() + 1)]
        found = []
        for number, is_present in enumerate(present):
            if not is_present:
                continue
            encoding = bits.open()
            known = self.extensions[number] if number < len(self.extensions) else None
            if known is not None:
                found.append((known.name, known.type, encoding))
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """CHOICE (X.691, 22); an extension that is not described has the value None."""

    options: tuple[tuple[str, "Type"], ...]
    is_extensible: bool = True
    extensions: tuple[tuple[str, "Type"] | None, ...] = ()

    def read(self, bits: Bits) -> tuple[str, Any]:
        """Name and value of what was chosen."""
        if self.is_extensible and bits.take(1):
            number = bits.small()
            encoding = bits.open()
            known = self.extensions[number] if number < len(self.extensions) else None
            return (known[0], known[1].read(Bits(encoding))) if known is not None else ("", None)
        number = bits.whole(0, len(self.options) - 1)
        if number >= len(self.options):
            raise PerError(f"a choice has no option {number}")
        name, kind = self.options[number]
        return name, kind.read(bits)


@dataclass(frozen=True, slots=True)
class SequenceOf:
    """SEQUENCE OF without bounds (X.691, 19)."""

    item: Type

    def read(self, bits: Bits) -> list[Any]:
        """The items."""
        count = bits.length()
        if count > _MOST_ITEMS:
            raise PerError(f"{count} items are too many")
        return [self.item.read(bits) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Integer:
    """INTEGER with bounds (X.691, 12)."""

    low: int
    high: int

    def read(self, bits: Bits) -> int:
        """The number."""
        return bits.whole(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Boolean:
    """BOOLEAN (X.691, 11)."""

    def read(self, bits: Bits) -> bool:
        """Whether it is true."""
        return bool(bits.take(1))


@dataclass(frozen=True, slots=True)
class Null:
    """NULL (X.691, 23)."""

    def read(self, _: Bits) -> None:
        """Nothing is encoded."""


@dataclass(frozen=True, slots=True)
class OctetString:
    """OCTET STRING of ``low`` to ``high`` bytes, any number where ``high`` is 0 (X.691, 16)."""

    low: int = 0
    high: int = 0

    def read(self, bits: Bits) -> bytes:
        """The bytes."""
        if not self.high:
            return bits.open()
        if self.low == self.high <= 2:
            return bits.take(8 * self.high).to_bytes(self.high, "big")
        return bits.octets(bits.whole(self.low, self.high))


@dataclass(frozen=True, slots=True)
class ObjectIdentifier:
    """OBJECT IDENTIFIER in its basic encoding (X.691, 23)."""

    def read(self, bits: Bits) -> bytes:
        """The content octets of the basic encoding (ITU-T X.690, 8.19)."""
        return bits.open()


@dataclass(frozen=True, slots=True)
class Characters:
    """A string of ``low`` to ``high`` known-multiplier characters, ``width`` bits each (X.691, 27).

    ``alphabet`` gives the characters by their numbers; empty where the number is the character's own.
    """

    low: int
    high: int
    width: int
    alphabet: str = ""

    def read(self, bits: Bits) -> str:
        """The text; numbers beyond the alphabet are left out."""
        count = bits.whole(self.low, self.high)
        if self.high * self.width > 16:
            bits.octets(0)
        numbers = [bits.take(self.width) for _ in range(count)]
        if self.alphabet:
            return "".join(self.alphabet[one] for one in numbers if one < len(self.alphabet))
        units = b"".join(one.to_bytes(2, "big") for one in numbers)
        return units.decode("utf-16-be", "replace")


@dataclass(frozen=True, slots=True)
class Unread:
    """A type that is not described: where it is met, the structure around it cannot be read."""

    name: str

    def read(self, _: Bits) -> Any:
        """Raises PerError."""
        raise PerError(f"{self.name} is not read")


def sequence(
    *components: Component, extensions: tuple[Component | None, ...] = (), is_extensible: bool = True
) -> Sequence:
    """A SEQUENCE, extensible unless said otherwise."""
    return Sequence(components, is_extensible, extensions)


def optional(name: str, kind: Type) -> Component:
    """An OPTIONAL component."""
    return Component(name, kind, True)


def choice(
    options: Mapping[str, Type],
    extensions: tuple[tuple[str, Type] | None, ...] = (),
    *,
    is_extensible: bool = True,
) -> Choice:
    """A CHOICE, extensible unless said otherwise."""
    return Choice(tuple(options.items()), is_extensible, extensions)
