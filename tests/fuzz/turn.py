"""One turn of one target in a process of its own: ``python -m tests.fuzz.turn TARGET SECONDS SEED FOLDER``.

With atheris installed it is led by coverage (libFuzzer ends the process, so its figures are read from what
it prints); without it, input is changed blindly. ``FOLDER`` holds ``corpus`` and ``findings``.
"""

import importlib.util
import random
import sys
import time
from pathlib import Path

LONGEST = 20_000
"""Bytes of an input."""
STUCK = 20
"""Seconds after which an input that does not come back ends the turn, and is kept."""


def guided(name: str, seconds: int, seed: int, folder: Path) -> None:
    """Let atheris fuzz; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["recorder", "storage"], enable_loader_override=False):
        from tests.fuzz.targets import TARGETS
    from tests.fuzz.mutation import TOKENS
    from tests.fuzz.watched import Watched

    words = folder / "words.dict"
    words.write_text("".join(map(_entry, TOKENS)))
    options = [
        f"-max_total_time={seconds}",
        f"-seed={seed + 1}",
        f"-max_len={LONGEST}",
        f"-timeout={STUCK}",
        # What atheris keeps of each input takes gigabytes; one allocation that large would be ours.
        "-rss_limit_mb=6000",
        "-malloc_limit_mb=1000",
        f"-artifact_prefix={folder / 'findings'}/",
        f"-dict={words}",
        "-print_final_stats=1",
        str(folder / "corpus"),
    ]
    atheris.Setup([sys.argv[0], *options], Watched(TARGETS[name], folder / "findings"))
    atheris.Fuzz()


def _entry(token: bytes) -> str:
    """A line of libFuzzer's dictionary."""
    escaped = "".join(f"\\x{one:02x}" for one in token)
    return f'"{escaped}"\n'


def blind(name: str, seconds: int, seed: int, folder: Path) -> None:
    """Change input at random, which is repeatable by the seed; says the runs as libFuzzer would."""
    from tests.fuzz import corpus_folder
    from tests.fuzz.mutation import mutated
    from tests.fuzz.targets import TARGETS
    from tests.fuzz.watched import Watched

    rng = random.Random(seed)
    watched = Watched(TARGETS[name], folder / "findings")
    corpus = corpus_folder.inputs(folder / "corpus")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        watched(mutated(rng, corpus, LONGEST))
    sys.stderr.write(f"stat::number_of_executed_units: {watched.runs}\n")


if __name__ == "__main__":
    _, chosen, span, number, where = sys.argv
    run = guided if importlib.util.find_spec("atheris") else blind
    run(chosen, int(span), int(number), Path(where))
