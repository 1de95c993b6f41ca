"""Where the blobs of a call lie on every archive target: ``YYYY/MM/DD/<call id>`` and what kind they are.

The date is that of the start of the call in UTC, so that a name can be told from the call alone.
"""

import re
from datetime import UTC

from storage.model import Call

_DAY = re.compile(r"\d{4}/\d\d/\d\d")
_NAME = re.compile(
    rf"(?P<stem>(?:(?P<short>{_DAY.pattern}/[^/]+)-[0-9a-f]{{8}}|{_DAY.pattern}/[^/]+))"
    r"\.(opus|wav|flac|peaks\.dat|media|json|key)"
)
_KINDS = r"(-[0-9a-f]{8})?\.(opus|wav|flac|peaks\.dat|media)"


def audio_name(call: Call, suffix: str) -> str:
    """The audio; ``suffix`` is ``opus``, ``wav`` or ``flac``."""
    return f"{stem(call)}.{suffix}"


def revised_name(call: Call, suffix: str, sha256: str) -> str:
    """Audio that takes the place of other audio: both are there until the catalogue knows the new one."""
    return f"{stem(call)}-{sha256[:8]}.{suffix}"


def peaks_name(call: Call) -> str:
    """The waveform of the recording, once that has its name in the archive."""
    own = stem(call)
    path = call.recording.path if call.recording else ""
    return f"{path.rsplit('.', 1)[0] if path.startswith(own) else own}.peaks.dat"


def replaceable(call: Call, name: str) -> bool:
    """Whether ``name`` is one that a file of this call may bear or have borne, other than its sidecar."""
    return bool(re.fullmatch(rf"{re.escape(stem(call))}{_KINDS}", name))


def stem(call: Call) -> str:
    """What all names of the call begin with."""
    return f"{call.start.astimezone(UTC).date().isoformat().replace('-', '/')}/{call.id}"


def media_name(call: Call) -> str:
    """The packets that were kept because some could not be opened."""
    return f"{stem(call)}.media"


def key_name(call: Call) -> str:
    """The wrapped data key of a call that is encrypted."""
    return f"{stem(call)}.key"


def description_name(call_id: str) -> str:
    """The name under which the description of an encrypted call is encrypted within its sidecar."""
    return f"{call_id}.call"


def key_names(name: str) -> tuple[str, ...]:
    """Under which names the key of the blob ``name`` may lie, the likeliest first; none for other blobs.

    There are two where the name ends as one of ``revised_name`` does, and ids of calls may end so too.
    """
    found = _NAME.fullmatch(name)
    if not found:
        return ()
    whole, short = found["stem"], found["short"]
    return (f"{whole}.key", *((f"{short}.key",) if short else ()))


def call_of(name: str) -> str:
    """The id of the call whose sidecar or key has this name; empty for other names."""
    folder, _, last = name.rpartition("/")
    own, _, kind = last.rpartition(".")
    return own if kind in {"json", "key"} and _DAY.fullmatch(folder) else ""


def lies_open(name: str) -> bool:
    """Whether a blob of an encrypted call lies in clear: its sidecar, in part, and its wrapped key do."""
    return name.endswith((".json", ".key"))


def sidecar_name(call: Call) -> str:
    """The description of the call and of its other blobs."""
    return f"{stem(call)}.json"
