"""Sets of connections that whole columns of segments are compared with."""

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray


class KeySet:
    """Numbers of 64 bits; of more than ``most`` the oldest are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys: OrderedDict[int, None] = OrderedDict()
        self._array: NDArray[np.uint64] | None = None

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: int) -> bool:
        return key in self._keys

    def add(self, key: int) -> None:
        """Put one in."""
        self._keys[key] = self._array = None
        if len(self._keys) > self._most:
            self._keys.popitem(last=False)

    def discard(self, key: int) -> None:
        """Take one out, if it is in."""
        if key in self._keys:
            del self._keys[key]
            self._array = None

    def among(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of the keys are in the set."""
        if self._array is None:
            self._array = np.array(list(self._keys), np.uint64)
        return np.isin(keys, self._array)
