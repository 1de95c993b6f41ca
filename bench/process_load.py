"""What processes take: processor time and memory, read from /proc while they run."""

import os
from dataclasses import dataclass, field
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident(pid: int) -> float:
    """Resident memory in MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / (1 << 20)


@dataclass(slots=True)
class Load:
    """Samples of one process; ``at`` are seconds since the first."""

    pid: int
    at: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def sample(self, now: float) -> None:
        """Look at the process, if it still is there."""
        try:
            cpu, memory = cpu_seconds(self.pid), resident(self.pid)
        except (FileNotFoundError, ProcessLookupError):
            return
        self.at.append(now)
        self.cpu.append(cpu)
        self.memory.append(memory)

    def share(self, start: float, end: float) -> float:
        """Cores taken on average between two times."""
        inside = [(at, cpu) for at, cpu in zip(self.at, self.cpu, strict=True) if start <= at <= end]
        if len(inside) < 2:
            return 0.0
        return (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0])
