"""What the header fields of a message tell of a call: who calls whom, in which session, and why not."""

from typing import Any

from recorder.assembly.text import clean
from recorder.protocol.sip import SipMessage
from recorder.protocol.sip_values import NameAddr

_ANONYMOUS = frozenset({"anonymous", "unavailable", "unknown", "restricted", ""})
_MOST_REASONS = 4


def identity(message: SipMessage) -> tuple[str, str]:
    """Number and name of the caller: From, unless it hides what the network asserts (RFC 3325), or what
    older equipment says in Remote-Party-ID."""
    who = message.from_
    if who.user.lower() in _ANONYMOUS:
        known = [*message.asserted_identities, message.remote_party, message.preferred_identity]
        who = next((one for one in known if one is not None and one.user.lower() not in _ANONYMOUS), who)
    return number_of(who), clean(who.display)


def why(message: SipMessage) -> dict[str, Any]:
    """What Reason says (RFC 3326): a cause of Q.850, or the status of SIP with which others were answered."""
    told: dict[str, Any] = {}
    for reason in message.reasons[:_MOST_REASONS]:
        name = {"Q.850": "q850", "SIP": "status"}.get(reason.protocol)
        if name and reason.cause and name not in told:
            told[name] = reason.cause
            if reason.text:
                told.setdefault("text", clean(reason.text))
    return told


def number_of(who: NameAddr) -> str:
    """The user part without its parameters (RFC 3966: ``+15551230001;phone-context=…``), else the host."""
    return clean(who.user.split(";")[0] or who.host)


def is_recording(message: SipMessage) -> bool:
    """Whether the dialog carries copies of a call to somebody who records it (RFC 7866, 6.1 and 7.2)."""
    contact = message.contact
    of_contact = contact is not None and ("+sip.src" in contact.params or "+sip.srs" in contact.params)
    return of_contact or "siprec" in message.headers("require")


def sessions(message: SipMessage) -> frozenset[str]:
    """The UUIDs of Session-ID that are known (RFC 7989, 5); the nil UUID is not."""
    session = message.session_id
    known = (session.local, session.remote) if session else ()
    return frozenset(clean(one) for one in known if one.strip("0"))
