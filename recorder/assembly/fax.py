"""Whether both sides of a call want it to be a fax's (ITU-T T.38, D.2.3)."""

from dataclasses import dataclass

from recorder.assembly.happening import Happening
from storage.model import Side


@dataclass(slots=True)
class Fax:
    """``asker`` wants to send one and has no answer yet; a call stays a fax's until sound is described."""

    asker: Side | None = None
    is_agreed: bool = False

    def ask(self, side: Side, *, is_wanted: bool) -> None:
        """An offer of the side."""
        self.asker = side if is_wanted else None

    def settle(self, side: Side, now: int, *, is_wanted: bool) -> list[Happening]:
        """What the side answers, or what the call is from now on."""
        asker, self.asker = self.asker or side, None
        if self.is_agreed is is_wanted:
            return []
        self.is_agreed = is_wanted
        return [Happening(now, "fax", asker, {"by": "t38"})] if is_wanted else []
