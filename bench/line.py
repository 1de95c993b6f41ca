"""A line of so many Mbit/s each way: the loopback of a network namespace of this process' own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

_WITHIN = "EARWITNESS_BENCH_NAMESPACE"
_BURST = "512k"
_QUANTUM = "200000"
"""Bytes that each way sends in its turn; what ``tc`` chooses for such rates it warns of."""


def within_namespace(module: str, arguments: Sequence[str]) -> None:
    """Run this program anew in a network namespace that ends with it, unless that is where it runs.

    Raises ``SystemExit`` where that cannot be.
    """
    if os.environ.get(_WITHIN):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    if os.geteuid() != 0:
        raise SystemExit("A line needs a network namespace: run this as root.")
    for program, package in (("unshare", "util-linux"), ("tc", "iproute2")):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing: apt-get install {package}")
    os.environ[_WITHIN] = "1"
    os.execvp("unshare", ["unshare", "--net", sys.executable, "-m", module, *arguments])


def shape(mbit: int, port: int) -> None:
    """Let what goes to the server at ``port`` and what comes from it have ``mbit`` Mbit/s each.

    Loopback has one queue for both: classes of it keep them apart by the port that they come from.
    """
    # What lay there before is the line of another server, or nothing.
    subprocess.run(["tc", "qdisc", "delete", "dev", "lo", "root"], check=False, capture_output=True)
    _tc("qdisc", "add", "dev", "lo", "root", "handle", "1:", "htb", "default", "10")
    for way in ("1:10", "1:20"):
        rate = ["rate", f"{mbit}mbit", "burst", _BURST, "cburst", _BURST, "quantum", _QUANTUM]
        _tc("class", "add", "dev", "lo", "parent", "1:", "classid", way, "htb", *rate)
    comes = ["match", "ip", "sport", str(port), "0xffff"]
    _tc("filter", "add", "dev", "lo", "parent", "1:", "protocol", "ip", "u32", *comes, "flowid", "1:20")


def _tc(*words: str) -> None:
    subprocess.run(["tc", *words], check=True)
