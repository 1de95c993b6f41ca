"""Keys that SIP INFO tells of, each once: requests are sent again, on the next hop, and with credentials."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from recorder.protocol import keypress
from recorder.protocol.sip import SipMessage
from storage.model import Side


class Press(NamedTuple):
    """The key that a side told of last, the CSeq of that, and whether it was asked for credentials then."""

    key: str
    number: int
    is_challenged: bool = False


@dataclass(slots=True)
class Presses:
    """What each side told of last."""

    last: dict[Side, Press] = field(default_factory=dict)

    def told(self, message: SipMessage, sender: Side) -> str:
        """The key of an INFO, empty where it tells of none, or of one again (RFC 3261, 8.2.2 and 22.2)."""
        before = self.last.get(sender, Press("", 0))
        number = message.cseq.number
        key = keypress.key(message.content_type, message.body)
        if number <= before.number or not key:
            return ""
        self.last[sender] = Press(key, number)
        return "" if before.is_challenged and before.key == key else key

    def challenge(self, message: SipMessage, asker: Side) -> None:
        """What the side told of is to be told of again."""
        press = self.last.get(asker)
        if press is not None and press.number == message.cseq.number:
            self.last[asker] = press._replace(is_challenged=True)

    def turned(self, swap: Mapping[Side, Side]) -> "Presses":
        """The same with the sides named anew."""
        return Presses({swap[side]: press for side, press in self.last.items()})
