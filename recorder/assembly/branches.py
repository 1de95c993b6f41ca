"""The ways on which one INVITE goes at once (RFC 3261, 16.6): a proxy may fork it to several phones."""

from dataclasses import dataclass, field

from recorder.protocol.sip import SipMessage

MOST = 64
"""Branches remembered of one dialog."""


@dataclass(slots=True)
class Branches:
    """Who was asked on each branch, by the branch of the topmost Via; ``own`` is the caller's.

    ``open`` are those that have no final answer yet, ``asked`` the user of the Request-URI on every one.
    """

    own: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def begin(self, message: SipMessage, user: str) -> bool:
        """An INVITE that is no re-INVITE; whether it is new, and not the same one sent again."""
        branch = message.branch
        if branch in self.asked or len(self.asked) >= MOST:
            return False
        self.own = self.own or branch
        self.asked[branch] = user
        self.open.add(branch)
        return True

    def end(self, message: SipMessage) -> bool:
        """A final answer other than success; whether it leaves nobody who could still answer.

        What the caller itself is told is final, whatever was not seen of the other branches.
        """
        self.open.discard(message.branch)
        return message.branch in ("", self.own) or not self.open

    def cancel(self, message: SipMessage) -> bool:
        """A CANCEL, which names the branch that it ends (RFC 3261, 9.1); whether it ends the call.

        A proxy cancels the phones that did not answer in time, or not first, and goes on with others.
        """
        return message.branch in ("", self.own) or self.open <= {message.branch}
