"""Where the list of calls and the page that shows it lie on a medium."""

FOLDER = "browse/"
MANIFEST = "browse/medium.js"
PAGE = "index.html"
ASSETS = "browse/page/"


def shard_name(day: str) -> str:
    """The shard of a day, ``2026-11-22``."""
    return f"{FOLDER}{day}.js"
