"""Where the blobs of a call lie on every archive target: ``YYYY/MM/DD/<call id>`` and what kind they are.

The date is that of the start of the call in UTC, so that a name can be told from the call alone.
"""

from datetime import UTC

from storage.model import Call


def audio_name(call: Call, suffix: str) -> str:
    """The audio; ``suffix`` is ``opus``, ``wav`` or ``flac``."""
    return f"{_stem(call)}.{suffix}"


def peaks_name(call: Call) -> str:
    """The waveform."""
    return f"{_stem(call)}.peaks.dat"


def media_name(call: Call) -> str:
    """The packets that were kept because some could not be opened."""
    return f"{_stem(call)}.media"


def sidecar_name(call: Call) -> str:
    """The description of the call and of its other blobs."""
    return f"{_stem(call)}.json"


def _stem(call: Call) -> str:
    return f"{call.start.astimezone(UTC).date().isoformat().replace('-', '/')}/{call.id}"
