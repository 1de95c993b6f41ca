"""``earwitness bench``: the benchmarks of the checkout, one after the other."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from earwitness.errors import NotFound

FOLDER = Path(__file__).parents[2] / "bench"


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all when none is named.")] = None,
) -> None:
    """Measure speed; prints ratios, which mean the same on every machine."""
    known = {path.stem: path for path in sorted(FOLDER.glob("*.py"))}
    if not known:
        raise NotFound("There are no benchmarks here: they are in the source checkout, in bench/.")
    for name in names or known:
        if name not in known:
            raise NotFound(f"There is no benchmark {name}; there are {', '.join(known)}.")
        subprocess.run([sys.executable, str(known[name])], check=True)  # noqa: S603 - one of ours
