"""What a medium says of its list of calls: which days there are, and how far the catalogue was followed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from storage.errors import DamagedShard, NotStored
from storage.media.names import MANIFEST
from storage.media.shard import arguments, script
from storage.model import rfc3339
from storage.targets.contract import Target

FORMAT = "earwitness browse 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """``days`` holds the number of calls by UTC date. ``changes`` is the position of the change feed that the
    list has come to, ``arrived`` the time and call of the last copy that it took in, ``compared`` when all of
    it was last compared with the catalogue, ``history`` to which history of the catalogue ``changes``
    belongs. ``key`` is the document of the lock, empty where the list is not encrypted; ``page`` tells the
    version of the page.
    """

    format: str = FORMAT
    volume: str = ""
    installation: str = ""
    history: str = ""
    updated: str = ""
    compared: str = ""
    page: str = ""
    changes: int = 0
    arrived: tuple[str, str] = ("", "")
    key: Mapping[str, Any] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        """How many calls are listed."""
        return sum(self.days.values())

    def encode(self, now: datetime) -> bytes:
        """The file, days newest first."""
        document = asdict(self) | {
            "updated": rfc3339(now),
            "days": dict(sorted(self.days.items(), reverse=True)),
        }
        return script("medium", json.dumps(document, ensure_ascii=False, indent=1))


def read_manifest(target: Target) -> Manifest | None:
    """The manifest on ``target``, None where there is none. Raises ``DamagedShard``."""
    try:
        data = b"".join(target.get(MANIFEST))
    except NotStored:
        return None
    try:
        (document,) = arguments("medium", data)
        if document.get("format") != FORMAT:
            raise DamagedShard(MANIFEST, f"its format is {document.get('format')!r}")
        known = {name: document[name] for name in Manifest.__dataclass_fields__ if name in document}
        return Manifest(**known | {"arrived": tuple(document["arrived"])})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DamagedShard(MANIFEST, str(error)) from error
