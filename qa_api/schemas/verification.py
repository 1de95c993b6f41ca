"""Whether a call is as it was archived."""

from qa_api.schemas.wire import Reply
from storage.model import Seconds
from storage.seals.verdict import State


class Stretch(Reply):
    """A part of the recording, in seconds from its start."""

    start: Seconds
    end: Seconds


class FindingInfo(Reply):
    """One thing that is not as it should be; ``code`` as in ``earwitness verify``.

    ``file`` is the kind of blob (``opus``, ``json``), empty where it is none; ``segments`` how many of its
    segments differ, and ``parts`` those of the recording in which they lie, about.
    """

    code: str
    state: State
    file: str
    segments: int
    parts: tuple[Stretch, ...]


class TargetVerdict(Reply):
    """The answer for the copy on one target; ``number`` is that of its seal, 0 where it has none."""

    target: str
    state: State
    number: int
    findings: tuple[FindingInfo, ...]


class CallVerification(Reply):
    """The worst of the answers, and each of them; a target that holds no copy gives none."""

    state: State
    targets: tuple[TargetVerdict, ...]
