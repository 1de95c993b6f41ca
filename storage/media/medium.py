"""``earwitness-medium.json``: by what a medium is known, and the key by which its seals are checked."""

from dataclasses import dataclass
from typing import Any

from storage.errors import NotStored
from storage.targets.contract import Target
from storage.targets.marker import FORMAT, LARGEST, MARKER, document_of, encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a medium says of itself. ``volume`` is its own name, ``target`` what the catalogue calls it,
    ``installation`` the id of the key that seals its calls, ``seal_key`` that public key (PEM)."""

    volume: str = ""
    target: str = ""
    installation: str = ""
    seal_key: str = ""
    encrypted: bool = False

    def document(self) -> dict[str, Any]:
        """The file as JSON values."""
        return {
            "format": FORMAT,
            "volume": self.volume,
            "target": self.target,
            "installation": self.installation,
            "encrypted": self.encrypted,
            "seal_key": self.seal_key,
        }


def describe(target: Target, about: About) -> bool:
    """Write what the medium is, where it does not say so yet; False where it does.

    The name in the marker of a disk that was prepared stays: by it the disk is found again.
    """
    found = _read(target)
    document = found | about.document() | {"volume": found.get("volume") or about.volume}
    if document == found:
        return False
    target.put(MARKER, encoded(document))
    return True


def read_about(target: Target) -> About:
    """What the medium says of itself; empty where it says nothing that can be read."""
    document = _read(target)
    return About(
        volume=str(document.get("volume", "")),
        target=str(document.get("target", "")),
        installation=str(document.get("installation", "")),
        seal_key=str(document.get("seal_key", "")),
        encrypted=document.get("encrypted") is True,
    )


def _read(target: Target) -> dict[str, Any]:
    try:
        return document_of(b"".join(target.get(MARKER, 0, LARGEST)))
    except NotStored:
        return {}
