"""The ways on which one INVITE goes at once (RFC 3261, 16.6): a proxy may fork it to several phones."""

from dataclasses import dataclass, field

from recorder.protocol.sip import SipMessage

MOST = 64
"""Branches remembered of one dialog."""
_COOKIE = "z9hG4bK"
"""Begins every branch that is unique (RFC 3261, 8.1.1.7)."""


@dataclass(frozen=True, slots=True)
class Hop:
    """Of an INVITE: how many Vias it has, one more behind each proxy, its CSeq, and the tag of its sender."""

    depth: int
    number: int
    tag: str


@dataclass(slots=True)
class Branches:
    """Who was asked on each branch, by the branch of the topmost Via.

    ``open`` are those that have no final answer yet, of which ``cancelled`` are to end; ``asked`` is the user
    of the Request-URI on every one. ``number`` is the CSeq of the newest attempt: a caller who is refused,
    asked for credentials or sent elsewhere may try again in the same call (RFC 3261, 8.1.3.5).
    """

    asked: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    hops: dict[str, Hop] = field(default_factory=dict)
    number: int = 0
    refused: dict[str, None] = field(default_factory=dict)
    """Branches with a final answer other than success, of which nothing else is known: the newest."""

    def begin(self, message: SipMessage, user: str) -> bool:
        """An INVITE that is no re-INVITE; whether it is new, and not the same one sent again."""
        branch, number = message.branch, message.cseq.number
        is_known = branch in self.asked and not number > self.number
        if is_known or not self._has_room():
            return False
        self.number = max(self.number, number)
        self.asked[branch] = user
        self.hops[branch] = Hop(len(message.headers("via")), number, message.from_.tag)
        self.open.add(branch)
        self.cancelled.discard(branch)
        return True

    def end(self, message: SipMessage) -> bool:
        """A final answer other than success; whether it leaves nobody who could still answer.

        What a proxy answers is final for all that it asked, whatever was not seen of that. An answer that is
        sent again says nothing of the attempt that came after it.
        """
        branch = message.branch
        is_known = bool(branch) and branch in self.asked
        if not is_known:
            self._refuse(branch)
        if branch not in self.open if is_known else message.cseq.number < self.number:
            return False
        self.open.discard(branch)
        return self._is_all(branch)

    def cancel(self, message: SipMessage) -> bool:
        """A CANCEL, which names the branch that it ends (RFC 3261, 9.1); whether it ends the call.

        A proxy cancels the phones that did not answer in time, or not first, and goes on with others.
        """
        branch = message.branch
        if branch in self.open:
            self.cancelled.add(branch)
        return self._is_all(branch)

    def is_acknowledged_for_itself(self, message: SipMessage) -> bool:
        """Whether an ACK is a transaction of its own, as that of a success is; else it has the branch of the
        INVITE (RFC 3261, 13.2.2.4 and 17.1.1.3). What is sent again for an attempt before tells nothing."""
        branch, number, tag = message.branch, message.cseq.number, message.from_.tag
        if not branch.startswith(_COOKIE) or branch in self.asked or branch in self.refused:
            return False
        return not any(hop.number > number and hop.tag == tag for hop in self.hops.values())

    def _refuse(self, branch: str) -> None:
        self.refused[branch] = None
        if len(self.refused) > MOST:
            del self.refused[next(iter(self.refused))]

    def _is_all(self, branch: str) -> bool:
        """Whether nobody else can answer where this branch cannot: other ones are behind it, are cancelled,
        or are those of an attempt before."""
        here = self.hops.get(branch)
        if here is None:
            return not branch or self.open <= {branch}
        others = self.open - self.cancelled - {branch}
        return all(_is_under(self.hops.get(other), here) for other in others)

    def _has_room(self) -> bool:
        """Whether one more can be remembered; of too many those go that were answered, the oldest first."""
        if len(self.asked) >= MOST:
            over = next((branch for branch in self.asked if branch not in self.open), None)
            if over is None:
                return False
            del self.asked[over]
            self.hops.pop(over, None)
        return True


def _is_under(hop: Hop | None, other: Hop) -> bool:
    if hop is None or hop.depth > other.depth:
        return True
    return hop.number < other.number and hop.tag == other.tag
