"""Writing what ``recorder.protocol.per`` reads: the aligned packed encoding rules of ITU-T X.691."""

from typing import Any

from recorder.protocol import per


class Writer:
    """Bits of an encoding."""

    def __init__(self) -> None:
        self.bits = ""

    def number(self, value: int, count: int) -> None:
        self.bits += f"{value:0{count}b}" if count else ""

    def octets(self, content: bytes) -> None:
        self.bits += "0" * (-len(self.bits) % 8)
        self.bits += "".join(f"{one:08b}" for one in content)

    def whole(self, value: int, low: int, high: int) -> None:
        """X.691, 10.5."""
        values = high - low + 1
        if values <= 255:
            self.number(value - low, (values - 1).bit_length())
        else:
            self.octets((value - low).to_bytes(1 if values == 256 else 2, "big"))

    def length(self, count: int) -> None:
        """X.691, 10.9.3."""
        self.octets(bytes([count]) if count < 128 else (0x8000 | count).to_bytes(2, "big"))

    def open(self, content: bytes) -> None:
        self.length(len(content))
        self.octets(content)

    def content(self) -> bytes:
        """The whole encoding, at least one byte."""
        bits = self.bits + "0" * (-len(self.bits) % 8) or "0" * 8
        return int(bits, 2).to_bytes(len(bits) // 8, "big")


def written(kind: Any, value: Any) -> bytes:
    """The encoding of a value of one of the types of ``per``, in the form in which it is read."""
    writer = Writer()
    write(writer, kind, value)
    return writer.content()


def write(writer: Writer, kind: Any, value: Any) -> None:
    match kind:
        case per.Sequence():
            _sequence(writer, kind, value)
        case per.Choice():
            _choice(writer, kind, value)
        case per.SequenceOf():
            writer.length(len(value))
            for item in value:
                write(writer, kind.item, item)
        case _:
            _simple(writer, kind, value)


def _simple(writer: Writer, kind: Any, value: Any) -> None:
    match kind:
        case per.Integer():
            writer.whole(value, kind.low, kind.high)
        case per.Boolean():
            writer.number(int(value), 1)
        case per.OctetString(high=0) | per.ObjectIdentifier():
            writer.open(value)
        case per.OctetString():
            writer.whole(len(value), kind.low, kind.high)
            writer.octets(value)
        case per.Characters():
            writer.whole(len(value), kind.low, kind.high)
            writer.octets(b"")
            for letter in value:
                number = kind.alphabet.index(letter) if kind.alphabet else ord(letter)
                writer.number(number, kind.width)


def _sequence(writer: Writer, kind: per.Sequence, value: dict[str, Any]) -> None:
    extended = [one is not None and one.name in value for one in kind.extensions]
    if kind.is_extensible:
        writer.number(int(any(extended)), 1)
    for one in kind.components:
        if one.is_optional:
            writer.number(int(one.name in value), 1)
    for one in kind.components:
        if one.name in value or not one.is_optional:
            write(writer, one.type, value.get(one.name))
    if any(extended):
        writer.number(len(extended) - 1, 7)
        for is_present in extended:
            writer.number(int(is_present), 1)
        for one in kind.extensions:
            if one is not None and one.name in value:
                writer.open(written(one.type, value[one.name]))


def _choice(writer: Writer, kind: per.Choice, value: tuple[str, Any]) -> None:
    name, content = value
    roots = [option for option, _ in kind.options]
    if kind.is_extensible:
        writer.number(int(name not in roots), 1)
    if name in roots:
        writer.whole(roots.index(name), 0, len(roots) - 1)
        write(writer, kind.options[roots.index(name)][1], content)
        return
    number, chosen = next(
        (number, one) for number, one in enumerate(kind.extensions) if one is not None and one[0] == name
    )
    writer.number(number, 7)
    writer.open(written(chosen[1], content))
