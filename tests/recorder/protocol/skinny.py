"""SCCP (Skinny) messages as phones and call managers write them.

The layouts are those of the Wireshark dissector (``tools/SkinnyProtocolOptimized.xml``) and of ``chan_sccp``;
Cisco has published none.
"""

import struct
from ipaddress import IPv6Address, ip_address


def message(kind: int, fields: bytes = b"", version: int = 0) -> bytes:
    """A message with its head."""
    return struct.pack("<III", len(fields) + 4, version, kind) + fields


def numbers(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)


def place(text: str, version: int) -> bytes:
    """An address: 4 bytes, or from version 17 on 16 behind the family."""
    one = ip_address(text)
    if version < 17:
        return one.packed
    return numbers(int(isinstance(one, IPv6Address))) + one.packed.ljust(16, b"\0")


def register(device: str) -> bytes:
    fields = device.encode().ljust(16, b"\0") + numbers(0, 1) + bytes([192, 0, 2, 1]) + numbers(7, 5)
    return message(0x01, fields)


def keypad(key: int, line: int = 1, reference: int = 0) -> bytes:
    return message(0x03, numbers(key, line, reference))


def on_hook(reference: int = 0) -> bytes:
    return message(0x07, numbers(1, reference))


def off_hook(reference: int = 0) -> bytes:
    return message(0x06, numbers(1, reference))


def soft_key(event: int, reference: int = 0) -> bytes:
    return message(0x26, numbers(event, 1, reference))


def state(value: int, reference: int, version: int = 0) -> bytes:
    return message(0x111, numbers(value, 1, reference, 0, 4, 0), version)


def dialled(number: str, reference: int, version: int = 0) -> bytes:
    size = 25 if version >= 18 else 24
    return message(0x11D, number.encode().ljust(size, b"\0") + numbers(1, reference), version)


def call_info(
    reference: int, kind: int, caller: tuple[str, str], called: tuple[str, str], version: int = 0
) -> bytes:
    """Names and numbers, in fields of fixed length before version 11 and in texts of any length after."""
    (from_number, from_name), (to_number, to_name) = caller, called
    if version < 11:
        fields = b"".join(
            text.encode("latin-1").ljust(size, b"\0")
            for text, size in [(from_name, 40), (from_number, 24), (to_name, 40), (to_number, 24)]
        )
        fields += numbers(1, reference, kind) + bytes(2 * 64 + 8 + 4 * 24) + numbers(1, 1, 0)
        return message(0x8F, fields, version)
    texts = [from_number, to_number, to_number, "", "", "", "", "", from_name, to_name, "", ""]
    if version >= 16:
        texts.insert(1, "")
        texts += ["", ""]
    body = b"".join(text.encode() + b"\0" for text in texts)
    head = numbers(1, reference, kind, 0, 0, 1, 1, 0)
    return message(0x14A, (head + body).ljust(-(-len(head + body) // 4) * 4, b"\0"), version)


def cipher(algorithm: int = 0, key: bytes = b"", salt: bytes = b"") -> bytes:
    sizes = struct.pack("<IHH", algorithm, len(key), len(salt))
    return sizes + key.ljust(16, b"\0") + salt.ljust(16, b"\0") + numbers(0, 0)


def open_receive(
    reference: int,
    party: int,
    codec: int = 4,
    *,
    version: int = 0,
    parameters: bytes = bytes(4),
    secret: bytes = b"",
    events: int = 101,
) -> bytes:
    fields = numbers(reference, party, 20, codec, 0) + parameters + numbers(reference)
    fields += (secret or cipher()) + numbers(0, 0, events, 1)
    return message(0x105, fields, version)


def receives(
    party: int, where: tuple[str, int], *, reference: int = 0, version: int = 0, status: int = 0
) -> bytes:
    fields = numbers(status) + place(where[0], version) + numbers(where[1], party)
    return message(0x22, fields + (numbers(reference) if reference else b""), version)


def start_media(
    reference: int,
    party: int,
    where: tuple[str, int],
    codec: int = 4,
    *,
    version: int = 0,
    parameters: bytes = bytes(4),
    secret: bytes = b"",
    events: int = 101,
) -> bytes:
    fields = numbers(reference, party) + place(where[0], version) + numbers(where[1], 20, codec, 184, 0, 1)
    fields += parameters + numbers(reference) + (secret or cipher()) + numbers(0, 0, events, 1, 0, 0)
    return message(0x8A, fields, version)


def stop_media(reference: int, party: int) -> bytes:
    return message(0x8B, numbers(reference, party, reference, 0))


def close_receive(reference: int, party: int) -> bytes:
    return message(0x106, numbers(reference, party, reference, 0))
