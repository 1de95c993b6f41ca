"""SIP messages of one dialog, for tests of what follows it."""

from dataclasses import dataclass

from recorder.protocol.address import pack
from recorder.protocol.sip import SipMessage

CALLER = (pack("192.0.2.1"), 5060)
CALLED = (pack("192.0.2.2"), 5060)


def sdp(address: str = "192.0.2.1", port: int = 4000, *lines: str, protocol: str = "RTP/AVP 0") -> bytes:
    """A session description of one audio medium."""
    text = ["v=0", f"o=- 1 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0"]
    return "\r\n".join([*text, f"m=audio {port} {protocol}", *lines, ""]).encode()


@dataclass(frozen=True)
class Talk:
    """Makes the messages of a dialog between 8001 and 8002."""

    call_id: str = "one@test"
    caller: str = '"Ann" <sip:8001@test>;tag=a'
    called: str = "<sip:8002@test>"

    def request(
        self,
        method: str = "INVITE",
        body: bytes = b"",
        to_tag: str = "",
        from_called: bool = False,
        **more: str,
    ) -> SipMessage:
        """A request of the caller, or of the called party inside the dialog."""
        called = f"{self.called};tag={to_tag}" if to_tag else self.called
        ends = (called, self.caller) if from_called else (self.caller, called)
        uri = self.called.strip("<>")
        return SipMessage.request(method, uri, self._fields(method, *ends, body, **more), body)

    def response(self, status: int, body: bytes = b"", method: str = "INVITE", **more: str) -> SipMessage:
        """A response of the called party."""
        fields = self._fields(method, self.caller, f"{self.called};tag=b", body, **more)
        return SipMessage.response(status, "Reason", fields, body)

    def _fields(self, method: str, from_: str, to: str, body: bytes, **more: str) -> list[tuple[str, str]]:
        number = more.pop("CSeq", f"1 {method}")
        fields = [("Call-ID", self.call_id), ("From", from_), ("To", to), ("CSeq", number)]
        if body:
            fields.append(("Content-Type", "application/sdp"))
        return fields + [(name.replace("_", "-"), value) for name, value in more.items()]
