"""Names of blobs as keys of a bucket."""

from dataclasses import dataclass

from storage.errors import BadName
from storage.targets.names import checked_folder, checked_name

LONGEST = 1024
"""Bytes of a key that S3 takes."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys are names behind ``prefix``, which is made of names and slashes: ``calls/berlin``."""

    prefix: str = ""

    def key(self, name: str) -> str:
        """The key of ``name``. Raises ``BadName``."""
        return self._checked(name, self._folder + checked_name(name))

    def starting(self, prefix: str) -> str:
        """What the keys of names that start with ``prefix`` start with. Raises ``BadName``."""
        checked_folder(prefix)
        return self._folder + prefix

    def name(self, key: str) -> str | None:
        """The name of ``key``; None for what a target would never be asked for."""
        name = key.removeprefix(self._folder)
        try:
            return checked_name(name)
        except BadName:
            return None

    @property
    def _folder(self) -> str:
        inner = self.prefix.strip("/")
        return f"{checked_name(inner)}/" if inner else ""

    def _checked(self, name: str, key: str) -> str:
        if len(key.encode()) > LONGEST:
            raise BadName(f"The name {name[:40]!r}… is longer than S3 takes together with {self.prefix!r}.")
        return key
