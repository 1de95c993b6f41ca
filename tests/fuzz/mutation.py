"""Changing bytes at random, in the ways that break parsers."""

import random
from collections.abc import Callable, Sequence

NUMBERS = [
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\x10\0\0",
]
TOKENS = [
    b"\r\n",
    b"\n",
    b"\r\n ",
    b" ",
    b";",
    b",",
    b'"',
    b"<",
    b">",
    b"=",
    b":",
    b"@",
    b"%",
    b"\\",
    b"[",
    b"]",
    b"-",
]

Mutator = Callable[[random.Random, bytearray, Sequence[bytes]], None]


def _place(rng: random.Random, data: bytearray) -> int:
    return rng.randrange(len(data) + 1)


def flip(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Flip one bit."""
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def insert(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Put a number or a token somewhere."""
    at = _place(rng, data)
    data[at:at] = rng.choice(NUMBERS + TOKENS)


def overwrite(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Write a number over what stands somewhere."""
    new = rng.choice(NUMBERS) if rng.random() < 0.5 else rng.randbytes(rng.randrange(1, 5))
    at = _place(rng, data)
    data[at : at + len(new)] = new


def delete(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Take some bytes out."""
    at = _place(rng, data)
    del data[at : at + rng.choice([1, 2, 4, 20])]


def cut(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Drop the end."""
    del data[_place(rng, data) :]


def repeat(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Double some bytes, now and then very often."""
    at = _place(rng, data)
    data[at:at] = data[at : at + rng.randrange(1, 40)] * rng.choice([1, 1, 1, 1, 50])


def splice(rng: random.Random, data: bytearray, corpus: Sequence[bytes]) -> None:
    """Go on with the end of other input."""
    other = rng.choice(corpus)
    data[_place(rng, data) :] = other[rng.randrange(len(other) + 1) :]


MUTATORS: list[Mutator] = [flip, flip, insert, overwrite, overwrite, delete, cut, repeat, splice]


def mutated(rng: random.Random, corpus: Sequence[bytes], longest: int = 20_000) -> bytes:
    """One of the corpus, changed a few times."""
    data = bytearray(rng.choice(corpus))
    for _ in range(rng.choice([0, 1, 1, 2, 3, 5, 12])):
        rng.choice(MUTATORS)(rng, data, corpus)
    return bytes(data[:longest])
