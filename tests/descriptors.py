"""What this process has open."""

from collections import Counter
from contextlib import suppress
from pathlib import Path


def descriptors() -> Counter[str]:
    """How often each file, socket and pipe is open, by what the kernel calls it.

    Of two such counts the later without the earlier is what was opened between them and is open still,
    whatever of earlier tests was closed meanwhile.
    """
    found: Counter[str] = Counter()
    for descriptor in Path("/proc/self/fd").iterdir():
        # That of the folder itself is closed by now.
        with suppress(FileNotFoundError):
            found[str(descriptor.readlink())] += 1
    return found
