"""The kernel's classic BPF machine in a few lines, for what the filters use of it."""

from collections.abc import Sequence

from recorder.taps.bpf import Instruction

PACKET_TYPE = 0xFFFFF004


def run(program: Sequence[Instruction], frame: bytes, packet_type: int = 0) -> int:
    """How many bytes of the frame pass; reading behind its end drops it."""
    accumulator = index = at = 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        try:
            if code == 0x30 and operand == PACKET_TYPE:
                accumulator = packet_type
            elif code == 0x30:
                accumulator = frame[operand]
            elif code in (0x28, 0x48):
                start = operand + (index if code == 0x48 else 0)
                accumulator = (frame[start] << 8) | frame[start + 1]
            elif code == 0xB1:
                index = (frame[operand] & 0xF) * 4
            elif code == 0x06:
                return operand
            else:
                at += if_true if _holds(code, accumulator, operand) else if_false
        except IndexError:
            return 0


def _holds(code: int, accumulator: int, operand: int) -> bool:
    return {
        0x15: accumulator == operand,
        0x25: accumulator > operand,
        0x35: accumulator >= operand,
        0x45: bool(accumulator & operand),
    }[code]
