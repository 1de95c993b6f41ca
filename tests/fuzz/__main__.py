"""``python -m tests.fuzz TARGET --seconds N``: fuzz one parser, or ``all``.

With atheris installed it is led by coverage; without it, input is changed blindly, which is repeatable by
``--seed``. The status is 1 if anything was found; each finding is printed with its input in hexadecimal.
"""

import argparse
import importlib.util
import random
import sys
import time
import traceback

from tests.fuzz.corpus import CORPUS
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS

SLOW = 1.0
"""Seconds of CPU that no input may take."""


def main() -> int:
    """Fuzz what the command line says; how many targets broke their promise, at most 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("target", choices=[*TARGETS, "all"])
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    names = list(TARGETS) if chosen.target == "all" else [chosen.target]
    if len(names) == 1 and importlib.util.find_spec("atheris"):
        _with_coverage(names[0], chosen.seconds, chosen.seed)
    return min(1, sum(_blindly(name, chosen.seconds, chosen.seed) for name in names))


def _blindly(name: str, seconds: float, seed: int) -> int:
    """Run one target on changed input; how many different findings there were."""
    rng = random.Random(seed)
    target, corpus = TARGETS[name], CORPUS[name]
    findings: set[str] = set()
    runs, started = 0, time.monotonic()
    while time.monotonic() < started + seconds:
        data = mutated(rng, corpus)
        runs += 1
        spent = time.process_time()
        try:
            target(data)
        except Exception:  # noqa: BLE001 - whatever it is, it is the finding
            _report(findings, name, data, traceback.format_exc(limit=-3))
        if time.process_time() - spent > SLOW:
            _report(findings, name, data, f"more than {SLOW} s of CPU on input of {len(data)} bytes\n")
    rate = runs / (time.monotonic() - started)
    sys.stdout.write(f"{name}: {runs} runs, {rate:.0f} a second, {len(findings)} findings\n")
    return len(findings)


def _report(findings: set[str], name: str, data: bytes, what: str) -> None:
    if what not in findings:
        findings.add(what)
        sys.stdout.write(f"{name}: {what}input: {data.hex()}\n")


def _with_coverage(name: str, seconds: float, seed: int) -> None:
    """Let atheris fuzz; it ends the process."""
    import atheris

    atheris.instrument_all()
    for one in CORPUS[name]:
        TARGETS[name](one)
    options = [sys.argv[0], f"-max_total_time={int(seconds)}", f"-seed={seed}", "-max_len=20000"]
    atheris.Setup(options, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
