"""What can go wrong in the recorder.

RecorderError
├── TapError            a tap cannot be opened or went away
│   └── TapNotPermitted the process lacks the capability it needs
├── SpoolError          the spool cannot be used
│   ├── SpoolFull       no space left; nothing that was written is touched
│   └── SpoolDamaged    a spool file holds something that was never written to it
├── KeyFileError        a file with keys of TLS cannot be used
├── FinishError         a recording cannot be made from what was spooled
│   └── WrongKeys       the keys that were supplied do not open the call
├── BadCodec            what was supplied as a codec is none
└── BadKey              what was supplied as a key is none

``recorder.protocol.errors`` holds the tree of the parsers: malformed input never leaves the capture loop.
"""


class RecorderError(Exception):
    """Base of the tree; the text says what is wrong and what to do."""


class TapError(RecorderError):
    """A tap cannot be opened or went away."""


class TapNotPermitted(TapError):
    """The process lacks the capability that this tap needs."""


class SpoolError(RecorderError):
    """The spool cannot be used."""


class SpoolFull(SpoolError):
    """No space is left on the spool's file system."""


class SpoolDamaged(SpoolError):
    """A spool file holds bytes that no recorder wrote."""


class KeyFileError(RecorderError):
    """A file with keys of TLS cannot be used."""


class FinishError(RecorderError):
    """A recording cannot be made."""


class WrongKeys(FinishError):
    """The keys that were supplied do not open the call."""


class BadKey(RecorderError):
    """What was supplied as a key is none; the text never shows it."""


class BadCodec(RecorderError):
    """What was supplied as a codec is none that can be decoded."""
