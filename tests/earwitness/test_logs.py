"""Logs: structured, and numbers of callers masked."""

import json
import subprocess
import sys

PROGRAM = """
import logging, structlog
from earwitness.logs import configure
configure("info", "json", "capture")
structlog.get_logger().info("call from 13812348910", port=5060)
logging.getLogger("uvicorn").warning("plain %s", "line")
for name in ("asyncssh", "asyncssh.sftp", "botocore.credentials", "urllib3.connectionpool"):
    logging.getLogger(name).info("[conn=3] Connected to SSH server")
"""


def test_every_line_is_one_event_with_its_part() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    first, second = (json.loads(line) for line in done.stderr.splitlines())
    assert (first["event"], first["port"], first["part"]) == ("call from 138****8910", 5060, "capture")
    assert (second["event"], second["level"]) == ("plain line", "warning")
