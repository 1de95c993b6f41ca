"""``earwitness bench``: the benchmarks of the checkout, one after the other."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from earwitness.errors import NotFound

FOLDER = Path(__file__).parents[2] / "bench"
MAIN = '__name__ == "__main__"'
"""What a benchmark has, and a module that benchmarks share has not."""


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all when none is named.")] = None,
) -> None:
    """Measure speed; prints ratios, which mean the same on every machine."""
    known = [path.stem for path in sorted(FOLDER.glob("*.py")) if MAIN in path.read_text(encoding="utf-8")]
    if not known:
        raise NotFound("There are no benchmarks here: they are in the source checkout, in bench/.")
    for name in names or known:
        if name not in known:
            raise NotFound(f"There is no benchmark {name}; there are {', '.join(known)}.")
        command = [sys.executable, "-m", f"bench.{name}"]
        subprocess.run(command, cwd=FOLDER.parent, check=True)  # noqa: S603 - one of ours
