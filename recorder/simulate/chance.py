"""Chance without a generator: bits that follow from a name or a number alone, and look like none."""

import zlib

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
Floats = NDArray[np.float64]


def scramble(values: U64) -> U64:
    """SplitMix64's finaliser: unrelated bits for each value."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def scramble_number(seed: int, name: str) -> int:
    """64 unrelated bits for each name under a seed."""
    value = (seed * 0x9E3779B97F4A7C15 + zlib.crc32(name.encode())) & 0xFFFFFFFFFFFFFFFF
    return int(scramble(np.array([value], np.uint64))[0])


def chance(streams: U64, numbers: U64, salt: int) -> Floats:
    """Uniform in [0, 1) for each stream and number."""
    return np.asarray((scramble(scramble(streams + np.uint64(salt)) ^ numbers) >> np.uint64(11)) * 2.0**-53)
