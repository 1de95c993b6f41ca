"""Frames onto an interface a thousand at a time: the generator leaves the processor to the recorder."""

import ctypes
import os
import socket
import time

import numpy as np

from recorder.batch import Batch

MOST = 1024
"""Messages of one call (UIO_MAXIOV)."""
_LIBC = ctypes.CDLL(None, use_errno=True)
_AGAIN = (11, 105)


class BatchSink:
    """A raw packet socket that is fed by ``sendmmsg``; ``sent`` counts frames that the kernel took."""

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.bind((interface, 0))
        self.sent = self.waits = 0

    def write(self, batch: Batch) -> None:
        """Send every frame, in order."""
        count = len(batch)
        vectors = np.empty((count, 2), np.uint64)
        vectors[:, 0] = np.uint64(batch.data.ctypes.data) + batch.offsets.astype(np.uint64)
        vectors[:, 1] = batch.lengths
        # struct mmsghdr: name, its length, the vector, how many, control, its length, flags, bytes sent.
        messages = np.zeros((count, 8), np.uint64)
        messages[:, 2] = np.uint64(vectors.ctypes.data) + np.arange(count, dtype=np.uint64) * np.uint64(16)
        messages[:, 3] = 1
        at = 0
        while at < count:
            start = ctypes.c_void_p(messages.ctypes.data + 64 * at)
            done = _LIBC.sendmmsg(self._socket.fileno(), start, min(MOST, count - at), 0)
            if done < 0:
                error = ctypes.get_errno()
                if error not in _AGAIN:
                    raise OSError(error, os.strerror(error))
                self.waits += 1
                time.sleep(0.0005)
                continue
            at += done
        self.sent += count

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
