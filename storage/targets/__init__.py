"""Archive targets: places that keep named blobs, all behind the contract of ``contract.Target``."""

from storage.targets.contract import Capabilities, Space, Stored, Target
from storage.targets.local import LocalTarget
from storage.targets.memory import MemoryTarget

__all__ = ["Capabilities", "LocalTarget", "MemoryTarget", "Space", "Stored", "Target"]
