"""Somebody is asked to call somebody else (RFC 3515), with which a transfer begins."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from recorder.assembly.happening import Happening
from recorder.assembly.headers import number_of
from recorder.assembly.text import clean
from recorder.protocol.sip import SipMessage
from recorder.protocol.sip_values import NameAddr, Replaces, number
from storage.model import Side


@dataclass(frozen=True, slots=True)
class Referral:
    """The number that ``asker`` wants called. ``replaces`` is the Call-ID of the dialog that an attended
    transfer is to take the place of (RFC 3891)."""

    to: str
    asker: Side
    is_attended: bool = False
    replaces: str = ""

    @classmethod
    def wanted(cls, target: NameAddr, asker: Side) -> "Referral":
        """What a REFER to this target asks for."""
        replaces = Replaces.from_uri(target.uri)
        if replaces is None:
            return cls(number_of(target), asker)
        return cls(number_of(target), asker, is_attended=True, replaces=clean(replaces.call_id))

    def happening(self, now: int) -> Happening:
        """That it was asked for at ``now`` (ns)."""
        return Happening(now, "transfer", self.asker, {"to": self.to, "attended": self.is_attended})

    def turned(self, swap: Mapping[Side, Side]) -> "Referral":
        """The same with the sides named anew."""
        return replace(self, asker=swap[self.asker])


def progress(message: SipMessage) -> int:
    """The status with which the call that was asked for is answered, as a NOTIFY tells it (RFC 3515, 2.4.5);
    0 where it tells of none."""
    if message.content_type != "message/sipfrag":
        return 0
    return number(message.body[:12].decode("ascii", "replace").partition(" ")[2][:3])
