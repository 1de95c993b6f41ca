"""The hosts that a dialog's messages pass behind the first one, as far as the tap sees them."""

from dataclasses import dataclass

from recorder.assembly.mediaend import Address
from recorder.protocol.sip import SipMessage

MOST = 8
NOBODY: Address = (0, 0)
"""No host."""


@dataclass(slots=True)
class Route:
    """Where proxies sent an INVITE ``onward`` to, and where the answer came from."""

    onward: tuple[Address, ...] = ()
    answerer: Address = NOBODY

    def far(self, first: Address) -> Address:
        """The last host behind the ``first``: of several phones that were rung that of who answered."""
        hosts = self.onward or (first,)
        return self.answerer if self.answerer in hosts else hosts[-1]

    def follow(self, message: SipMessage, source: Address, host: Address, first: Address) -> None:
        """The message went from one host to another; an INVITE may go on from proxy to proxy, and to several
        phones, of which one answers."""
        if message.method != "INVITE":
            return
        if not message.is_request:
            if 200 <= message.status < 300 and self.answerer == NOBODY:
                self.answerer = source
            return
        if message.to.tag:
            return
        if host not in (first, *self.onward) and len(self.onward) < MOST:
            self.onward += (host,)
