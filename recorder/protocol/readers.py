"""Which signalling a TCP connection carries, and what cuts it into messages."""

from typing import Protocol

from recorder.protocol import hep, tpkt, websocket
from recorder.protocol.hep import HepStream
from recorder.protocol.received import H225, HEP, SCCP, SIP
from recorder.protocol.sccp_stream import SccpStream
from recorder.protocol.sip_stream import SipStream, starts_message
from recorder.protocol.tpkt import TpktStream
from recorder.protocol.websocket import WebSocketStream

SCCP_PORT = 2000
SCCP_PORTS = (SCCP_PORT, 2443)
"""In clear, and over TLS."""
H225_PORT = 1720
"""H.323 call signalling (IANA ``h323hostcall``); other ports are told by how a connection begins."""


class Reader(Protocol):
    """Cuts one direction of a connection into messages."""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that ``data`` completes."""
        ...

    def gap(self) -> list[bytes]:
        """Bytes are missing here; what of the message before can still be given."""
        ...

    def __len__(self) -> int:
        """Bytes that are held."""
        ...


def begins(content: bytes) -> bool:
    """Whether a connection that begins so is worth following, whatever its ports."""
    return _is_sip(content) or tpkt.starts_connection(content) or content.startswith(hep.MAGIC)


def chosen(ports: tuple[int, int], content: bytes) -> tuple[str, Reader]:
    """The protocol and a fresh reader for a direction between these ports that begins with ``content``."""
    if websocket.starts_handshake(content) or websocket.starts_frame(content):
        return SIP, WebSocketStream()
    if content.startswith(hep.MAGIC):
        return HEP, HepStream()
    if not starts_message(content):
        if any(port in SCCP_PORTS for port in ports):
            return SCCP, SccpStream()
        if H225_PORT in ports or tpkt.starts_connection(content):
            return H225, TpktStream()
    return SIP, SipStream()


def _is_sip(content: bytes) -> bool:
    return starts_message(content) or websocket.starts_connection(content) or websocket.starts_frame(content)
