"""Keys in the bodies of SIP INFO requests: ``application/dtmf-relay`` and ``application/dtmf``.

No RFC describes them; the first has lines ``Signal=5`` and ``Duration=160``, the second the key alone.
"""

from recorder.keys import KEYS


def key(content_type: str, body: bytes) -> str:
    """The key that the body tells of; empty where it tells of none.

    ``content_type`` is in lower case without parameters. Some senders write a key as its event code
    (``Signal=11`` is #).
    """
    if content_type not in ("application/dtmf-relay", "application/dtmf", "audio/telephone-event"):
        return ""
    text = body[:256].decode("latin-1")
    for line in text.splitlines():
        name, separator, value = line.partition("=")
        if separator and name.strip().lower() == "signal":
            return _named(value)
    return "" if "=" in text else _named(text)


def _named(value: str) -> str:
    value = value.strip().upper()
    if len(value) == 1:
        return value if value in KEYS else ""
    if value.isascii() and value.isdigit() and len(value) == 2 and int(value) < len(KEYS):
        return KEYS[int(value)]
    return ""
