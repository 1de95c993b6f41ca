"""What the parsers raise.

ProtocolError
├── SipError          a datagram that is no SIP message (RFC 3261)
├── SdpError          a body that is no session description (RFC 8866)
├── SdesError         a crypto attribute that gives no key (RFC 4568)
├── RtpError          a datagram that is no RTP packet (RFC 3550, 5.1)
├── RtcpError         a datagram without one readable RTCP packet (RFC 3550, 6)
├── HepError          a datagram that is no HEP3 mirror
├── TlsError          a TLS handshake that cannot be read (RFC 5246, RFC 8446)
├── SccpError         a message that is none of SCCP, or tells of no call
├── MgcpError         a datagram without one readable MGCP message (RFC 3435)
├── Q931Error         a message that is none of Q.931, or not whole
├── PerError          bytes that do not follow the structure they are read as (ITU-T X.691)
├── AddressError      text that is no IP address
└── CaptureFileError  a file that is neither pcap nor pcapng

Parsers of whole batches (``link``, ``ip``, ``udp``, ``classify``, ``rtp.parse``) raise none of these:
they count what they leave out. Messages carry no content of the packet beyond its first bytes.
"""


class ProtocolError(ValueError):
    """Input that does not follow its protocol."""


class SipError(ProtocolError):
    """A datagram that is no SIP message."""


class SdpError(ProtocolError):
    """A body that is no session description."""


class SdesError(ProtocolError):
    """A crypto attribute that gives no key."""


class RtpError(ProtocolError):
    """A datagram that is no RTP packet."""


class RtcpError(ProtocolError):
    """A datagram without one readable RTCP packet."""


class HepError(ProtocolError):
    """A datagram that is no HEP3 mirror."""


class TlsError(ProtocolError):
    """A TLS handshake that cannot be read."""


class SccpError(ProtocolError):
    """A message that is none of SCCP, or tells of no call."""


class MgcpError(ProtocolError):
    """A datagram without one readable MGCP message."""


class Q931Error(ProtocolError):
    """A message that is none of Q.931, or not whole."""


class PerError(ProtocolError):
    """Bytes that do not follow the structure they are read as."""


class AddressError(ProtocolError):
    """Text that is no IP address."""


class CaptureFileError(ProtocolError):
    """A file that is neither pcap nor pcapng, or of a variant that cannot be read."""
