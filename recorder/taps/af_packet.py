"""The live tap: a Linux interface through an AF_PACKET ring that kernel and process share."""

import mmap
import select
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from recorder.batch import Batch
from recorder.errors import TapError
from recorder.protocol.connections import PORTS
from recorder.taps import packet_ring, packet_socket
from recorder.taps.bpf import Instruction, ranges, udp_filter
from recorder.taps.packet_ring import (
    BLOCK_FIRST,
    BLOCK_LENGTH,
    BLOCK_PACKETS,
    BLOCK_STATUS,
    KERNEL,
    USER,
    Block,
)

BLOCK_BYTES = 256 << 10
"""Room for the largest frame that offloads can make (64 KiB), and four times over."""
RETIRE_MS = 20
"""After which the kernel hands over a block that is not full: the latency of a quiet line."""
GATHER_SECONDS = 0.05
"""Between two batches: a batch costs the same to parse whether it holds one frame or a thousand."""
BATCH_BYTES = 8 << 20


@dataclass(slots=True)
class RingStatistics:
    """Since the tap was opened: ``passed`` the filter = ``delivered`` + ``dropped`` + still in the ring.

    ``truncated`` of the delivered were longer than the snap length.
    """

    passed: int = 0
    delivered: int = 0
    dropped: int = 0
    truncated: int = 0


class AfPacketTap:
    """Iterates batches of the interface's UDP and TCP signalling, both directions, until ``close``.

    When nothing comes for ``poll_seconds`` the batch is empty. ``Batch.dropped`` is what the ring had no room
    for. ``ring_bytes`` is rounded up to whole blocks.
    ``tcp_ports`` are those of signalling over TCP. ``program`` replaces the kernel filter; ``snap_length``
    is how much of a frame is kept. An interface that goes down is waited for; one that is removed ends the
    iteration with ``TapError``. Opening raises ``TapError`` for an interface that is missing or down,
    and ``TapNotPermitted``; both say what to do.
    """

    def __init__(
        self,
        interface: str,
        ring_bytes: int = 64 << 20,
        *,
        snap_length: int = 65535,
        tcp_ports: Sequence[int] = PORTS,
        program: Sequence[Instruction] | None = None,
        poll_seconds: float = 0.1,
        promiscuous: bool = True,
    ) -> None:
        self.interface = interface
        self.statistics = RingStatistics()
        self._poll_seconds = poll_seconds
        self._taken = 0.0
        self._blocks = max(2, -(-ring_bytes // BLOCK_BYTES))
        self._next = 0
        self._lock = threading.Lock()
        self._closed = False
        self._socket = packet_socket.open_socket(interface)
        try:
            hardware = packet_socket.hardware_type(self._socket, self.interface)
            if program is None:
                loopback = hardware == packet_socket.LOOPBACK
                program = udp_filter(
                    snap_length=snap_length, tcp_ports=ranges(tcp_ports), ignore_outgoing=loopback
                )
            self._open(program, promiscuous)
        except BaseException:
            self._socket.close()
            raise

    def _open(self, program: Sequence[Instruction], promiscuous: bool) -> None:
        sock = self._socket
        packet_socket.attach_filter(sock, program)
        packet_socket.make_ring(sock, BLOCK_BYTES, self._blocks, RETIRE_MS, packet_ring.RESERVE)
        self._map = mmap.mmap(sock.fileno(), BLOCK_BYTES * self._blocks)
        self._bytes = np.frombuffer(self._map, np.uint8)
        self._words = memoryview(self._map).cast("I")
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN | select.POLLERR)
        packet_socket.watch(sock, self.interface, promiscuous=promiscuous)

    def __iter__(self) -> Iterator[Batch]:
        while True:
            with self._lock:
                if self._closed:
                    return
                batch = self._next_batch()
            yield batch

    def _next_batch(self) -> Batch:
        begun = time.monotonic()
        early = self._taken + GATHER_SECONDS - begun
        if early > 0:
            time.sleep(min(early, self._poll_seconds))
        self._taken = time.monotonic()
        return self._take() or self._wait(begun + self._poll_seconds - self._taken)

    def _wait(self, seconds: float) -> Batch:
        for _, events in self._poll.poll(max(0.0, seconds * 1000)):
            if events & select.POLLERR:
                self._look_after_interface()
        return self._take() or packet_ring.empty(self._count())

    def _take(self) -> Batch | None:
        """Copy the blocks that are ready and give them back to the kernel; None if there are none."""
        ready = self._ready()
        if not ready:
            return None
        words = self._words
        starts = [block * BLOCK_BYTES for block in ready]
        lengths = [words[(start >> 2) + BLOCK_LENGTH] for start in starts]
        padded = [(length + 7) & ~7 for length in lengths]
        data = np.empty(sum(padded), np.uint8)
        blocks, at = [], 0
        for start, length in zip(starts, padded, strict=True):
            data[at : at + length] = self._bytes[start : start + length]
            word = start >> 2
            blocks.append(Block(at, words[word + BLOCK_PACKETS], words[word + BLOCK_FIRST]))
            words[word + BLOCK_STATUS] = KERNEL
            at += length
        self._next = (ready[-1] + 1) % self._blocks
        batch = packet_ring.unpack(data, blocks, self._count())
        self.statistics.delivered += len(batch)
        self.statistics.truncated += int(np.count_nonzero(batch.lengths < batch.wire_lengths))
        return batch

    def _ready(self) -> list[int]:
        """Blocks in their order that belong to us, at most one batch of them."""
        words, ready = self._words, []
        for step in range(min(self._blocks, BATCH_BYTES // BLOCK_BYTES)):
            block = (self._next + step) % self._blocks
            if not words[(block * BLOCK_BYTES >> 2) + BLOCK_STATUS] & USER:
                break
            ready.append(block)
        return ready

    def _count(self) -> int:
        """Take over the kernel's counters; frames dropped since the last time."""
        passed, dropped = packet_socket.statistics(self._socket)
        self.statistics.passed += passed
        self.statistics.dropped += dropped
        return dropped

    def _look_after_interface(self) -> None:
        """The socket has an error: its interface went down, or away. Reading the error clears it."""
        self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if not packet_socket.exists(self._socket, self.interface):
            raise TapError(f"interface {self.interface} was removed while it was being recorded")

    def close(self) -> None:
        """Give the ring back; may be called from another thread and more than once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._words.release()
            del self._bytes, self._words
            self._map.close()
            self._socket.close()

    def __enter__(self) -> "AfPacketTap":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
