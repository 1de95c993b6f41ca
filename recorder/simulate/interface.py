"""The simulated frames onto a real interface, as they are, through a raw packet socket."""

import errno
import socket
from collections.abc import Callable
from time import sleep
from types import TracebackType

from recorder.batch import Batch
from recorder.simulate.errors import InterfaceRefused

_RETRY_SECONDS = 0.0002
_RETRIES = 5000


class InterfaceSink:
    """Sends each frame of a batch at once, in order; whoever gives the batches keeps the time.

    ``sent`` counts frames that the kernel took; ``waits`` how often it had no room and was asked again.
    Raises ``InterfaceRefused`` where the process may not send there, and where the interface cannot.
    """

    def __init__(self, interface: str, wait: Callable[[float], object] = sleep) -> None:
        self.interface = interface
        self.sent = self.waits = 0
        self._wait = wait
        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        except PermissionError:
            raise InterfaceRefused(
                f"sending on {interface} needs the capability CAP_NET_RAW: run as root,"
                " or write to a file instead"
            ) from None
        try:
            self._socket.bind((interface, 0))
        except OSError as error:
            self._socket.close()
            raise self._refused(error) from error

    def write(self, batch: Batch) -> None:
        """Send every frame; returns when the kernel has them all."""
        view, send = batch.data.data, self._socket.send
        for offset, length in zip(batch.offsets.tolist(), batch.lengths.tolist(), strict=True):
            frame = view[offset : offset + length]
            try:
                send(frame)
            except OSError as error:
                self._insist(frame, error)
        self.sent += len(batch)

    def _insist(self, frame: memoryview, error: OSError) -> None:
        """A full queue empties soon; everything else is an error."""
        for _ in range(_RETRIES):
            if error.errno not in (errno.ENOBUFS, errno.EAGAIN):
                break
            self.waits += 1
            self._wait(_RETRY_SECONDS)
            try:
                self._socket.send(frame)
            except OSError as again:
                error = again
            else:
                return
        raise self._refused(error) from error

    def _refused(self, error: OSError) -> InterfaceRefused:
        hints = {
            errno.ENODEV: "there is no such interface",
            errno.ENETDOWN: f"it is down: bring it up with 'ip link set {self.interface} up'",
            errno.EMSGSIZE: "a frame is longer than its MTU: raise the MTU",
            errno.ENOBUFS: "its queue stayed full: send less, or lengthen it (txqueuelen)",
        }
        hint = hints.get(error.errno or 0, error.strerror or str(error))
        return InterfaceRefused(f"cannot send on {self.interface}: {hint}")

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def __enter__(self) -> "InterfaceSink":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
