"""The ways on which one INVITE goes at once (RFC 3261, 16.6): a proxy may fork it to several phones."""

from dataclasses import dataclass, field

from recorder.protocol.sip import SipMessage

MOST = 64
"""Branches remembered of one dialog."""


@dataclass(slots=True)
class Branches:
    """Who was asked on each branch, by the branch of the topmost Via; ``own`` is the caller's.

    ``open`` are those that have no final answer yet, ``asked`` the user of the Request-URI on every one.
    ``number`` is the CSeq of the newest attempt: a caller who is refused, asked for credentials or sent
    elsewhere may try again in the same call (RFC 3261, 8.1.3.5).
    """

    own: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    number: int = 0

    def begin(self, message: SipMessage, user: str) -> bool:
        """An INVITE that is no re-INVITE; whether it is new, and not the same one sent again."""
        branch, number = message.branch, message.cseq.number
        is_retry = bool(self.asked) and number > self.number
        if (branch in self.asked and not is_retry) or not self._has_room():
            return False
        self.own = branch if is_retry else self.own or branch
        self.number = max(self.number, number)
        self.asked[branch] = user
        self.open.add(branch)
        return True

    def end(self, message: SipMessage) -> bool:
        """A final answer other than success; whether it leaves nobody who could still answer.

        What the caller itself is told is final, whatever was not seen of the other branches. An answer that
        is sent again says nothing of the attempt that came after it.
        """
        branch = message.branch
        is_known = bool(branch) and branch in self.asked
        if branch not in self.open if is_known else message.cseq.number < self.number:
            return False
        self.open.discard(branch)
        return branch in ("", self.own) or not self.open

    def cancel(self, message: SipMessage) -> bool:
        """A CANCEL, which names the branch that it ends (RFC 3261, 9.1); whether it ends the call.

        A proxy cancels the phones that did not answer in time, or not first, and goes on with others.
        """
        return message.branch in ("", self.own) or self.open <= {message.branch}

    def _has_room(self) -> bool:
        """Whether one more can be remembered; of too many those go that were answered, the oldest first."""
        if len(self.asked) >= MOST:
            over = next((branch for branch in self.asked if branch not in self.open), None)
            if over is None:
                return False
            del self.asked[over]
        return True
