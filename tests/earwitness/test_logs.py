"""Logs: structured, and numbers of callers masked."""

import json
import subprocess
import sys

from earwitness.logs import mask

PROGRAM = """
import logging, structlog
from earwitness.logs import configure
from earwitness.settings import LoggingSettings
configure(LoggingSettings(), "capture")
structlog.get_logger().info("call from 13812348910", port=5060)
logging.getLogger("uvicorn").warning("plain %s", "line")
"""


def test_every_line_is_one_event_with_its_part() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    first, second = (json.loads(line) for line in done.stderr.splitlines())
    assert (first["event"], first["port"], first["part"]) == ("call from 138****8910", 5060, "capture")
    assert (second["event"], second["level"]) == ("plain line", "warning")


def test_only_telephone_numbers_are_masked() -> None:
    texts = {
        "+8613812348910": "+861****8910",
        "8001": "8001",
        "1795289146.34": "1795289146.34",
        "6f1f2c7e-0000-5000-8000-123456789012": "6f1f2c7e-0000-5000-8000-123456789012",
        "192.168.100.200:5060": "192.168.100.200:5060",
    }
    for text, shown in texts.items():
        assert mask(None, "info", {"event": text}) == {"event": shown}
