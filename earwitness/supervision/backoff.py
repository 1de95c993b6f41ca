"""How long to wait before a crashed part is started again."""

from dataclasses import dataclass

FIRST = 0.5
LONGEST = 30.0
STEADY = 60.0
"""Seconds of running after which earlier crashes are forgotten."""


@dataclass(slots=True)
class Backoff:
    """Delays that double with each crash in a row, from half a second up to half a minute."""

    crashes: int = 0

    def crashed(self, ran: float) -> float:
        """Seconds to wait, after the part ran for ``ran`` seconds and ended by itself."""
        if ran >= STEADY:
            self.crashes = 0
        self.crashes += 1
        return float(min(FIRST * 2 ** (self.crashes - 1), LONGEST))
