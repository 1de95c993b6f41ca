"""What makes a medium stand alone: what it is, a list of its calls, a page that shows and plays them."""

from storage.media.medium import About, describe, read_about
from storage.media.upkeep import Upkeep

__all__ = ["About", "Upkeep", "describe", "read_about"]
